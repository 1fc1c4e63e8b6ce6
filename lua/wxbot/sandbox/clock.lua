--- How far the clock of a platform is ahead of the real one.

local setmetatable = setmetatable

local M = {}

local Clock = {}
Clock.__index = Clock

---@param note fun(record: table) hears of each change
function M.new(note)
  return setmetatable({ skipped = 0, note = note }, Clock)
end

--- Moves it.
---@param seconds number
function Clock:skip(seconds)
  self.skipped = self.skipped + seconds
  self.note{ skipped = self.skipped }
end

--- Does what a record says.
---@param record table { skipped }
function Clock:apply(record)
  self.skipped = record.skipped
end

--- Gives records that make the same of a new one.
---@param emit fun(record: table)
function Clock:snapshot(emit)
  if self.skipped ~= 0 then
    emit{ skipped = self.skipped }
  end
end

return M
