--- Ids of material and of drafts.

local core = require "wxbot.core"

local M = {}

--- A new one: 64 characters, as the platform's have. None begins as a flag of a
--- command does.
---@return string
function M.new()
  return (core.base64url_encode(core.random(48)):gsub("^%-", "A"))
end

return M
