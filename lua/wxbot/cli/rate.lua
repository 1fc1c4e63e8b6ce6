--- How many of something there are in a second, of late.

local setmetatable = setmetatable

local M = {}

-- Seconds of a look back, at least; at most twice as many.
local WINDOW = 10

---@class wxbot.cli.Rate
local Rate = {}
Rate.__index = Rate

--- A rate.
---@param now number seconds
---@param count number
---@return wxbot.cli.Rate
function M.new(now, count)
  local point = { now, count }
  return setmetatable({ before = point, point = point }, Rate)
end

--- The rate up to now.
---@param now number
---@param count number
---@return number a second
function Rate:of(now, count)
  if now - self.point[1] >= WINDOW then
    self.before, self.point = self.point, { now, count }
  end
  local seconds = now - self.before[1]
  return seconds > 0 and (count - self.before[2]) / seconds or 0
end

return M
