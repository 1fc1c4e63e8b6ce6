--- How far the clock of this machine is from the platform's.

local abs, floor = math.abs, math.floor
local ipairs = ipairs

local M = {}

-- Seconds that do not matter: an answer takes some, too.
local TOLERATED = 60

-- A unit is used from twice as much on.
local UNITS = { { 86400, "days" }, { 3600, "hours" }, { 60, "minutes" },
  { 1, "seconds" } }

--- Compares the clocks.
---@param own number unix seconds by this machine's
---@param theirs integer unix seconds by the platform's
---@return string|nil off "30 minutes behind the platform's"; nil: it is right
function M.difference(own, theirs)
  local seconds = abs(own - theirs)
  if seconds <= TOLERATED then
    return nil
  end
  for _, unit in ipairs(UNITS) do
    if seconds >= 2 * unit[1] then
      return ("%d %s %s the platform's"):format(floor(seconds / unit[1] + 0.5),
        unit[2], own < theirs and "behind" or "ahead of")
    end
  end
end

return M
