--- Lengths of time as people write them.

local errors = require "wxbot.util.errors"
local texts = require "wxbot.util.text"

local floor = math.floor

local M = {}

local UNITS = { s = 1, m = 60, h = 3600 }

--- Seconds of 90, 90s, 30m, 2h.
---@param flag string
---@param text string
---@return number|nil seconds
---@return wxbot.Error|nil err
function M.read(flag, text)
  local number, unit = text:match("^([0-9.]+)([smh]?)$")
  number = texts.number(number or "")
  if not number or number > 1e6 then
    return errors.invalid(flag .. " must be a time as 90s, 30m or 2h", "usage")
  end
  return number * (UNITS[unit] or 1)
end

--- "40 s", "12 min", "3 h 20 min"
---@param seconds number
---@return string
function M.text(seconds)
  if seconds < 100 then
    return ("%d s"):format(floor(seconds + 0.5))
  end
  local minutes = floor(seconds / 60 + 0.5)
  if minutes < 100 then
    return ("%d min"):format(minutes)
  end
  return ("%d h %d min"):format(floor(minutes / 60), minutes % 60)
end

return M
