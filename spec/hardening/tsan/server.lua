-- The server of calls.lua: it answers with what it is sent.
local start = require "spec.server.start"

local server = start.scripted{ { { "echo" }, { "again" } }, quiet = true }

return server.url, start.stop_all
