-- Without this a mistake in a description goes unseen, since client and sandbox
-- share it.
--
-- Frozen bytes of every endpoint, written from the documents: a mistake that
-- client and sandbox share, because they read one description, shows here.

local endpoints = require "wxbot.api"
local goldens = require "spec.support.golden"
local specify = dofile "spec/support/golden_bytes.lua"

for _, endpoint in ipairs(endpoints.all) do
  specify(endpoint, goldens.of(endpoint))
end
