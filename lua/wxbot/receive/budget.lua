--- How often a source may fail before nothing more of it is looked at.
--
-- Sources are remembered in two generations, so that somebody with many
-- addresses does not fill the memory.

local setmetatable = setmetatable

local M = {}

local GENERATION = 10000

---@class wxbot.Budget
local Budget = {}
Budget.__index = Budget

local function entry_of(budget, source)
  local entry = budget.young[source] or budget.old[source]
  if entry and entry.since + budget.seconds > budget.clock()
      and entry.since <= budget.clock() then
    return entry
  end
end

--- Tells whether a source has used up its failures.
---@param source string|nil nil: never
---@return boolean
function Budget:spent(source)
  local entry = source and entry_of(self, source)
  return entry ~= nil and entry ~= false and entry.count >= self.limit
end

--- Counts a failure.
---@param source string|nil nil: not counted
function Budget:count(source)
  if not source then
    return
  end
  local entry = entry_of(self, source)
  if not entry then
    entry = { count = 0, since = self.clock() }
  end
  entry.count = entry.count + 1
  if not self.young[source] then
    self.size = self.size + 1
    if self.size > GENERATION then
      self.old, self.young, self.size = self.young, {}, 1
    end
  end
  self.young[source] = entry
end

--- Makes a budget: `limit` failures in `seconds`.
---@param limit number
---@param seconds number
---@param clock fun(): number
---@return wxbot.Budget
function M.new(limit, seconds, clock)
  return setmetatable({
    limit = limit, seconds = seconds, clock = clock,
    young = {}, old = {}, size = 0,
  }, Budget)
end

return M
