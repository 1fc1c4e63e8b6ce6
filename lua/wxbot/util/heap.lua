--- Things with a time, the earliest first (a binary heap).
--
-- Every change costs in proportion to the logarithm of their number. An
-- entry is what `add` returned: { at = seconds, value = anything }.

local setmetatable = setmetatable

local M = {}

local Heap = {}
Heap.__index = Heap

--- An empty heap.
function M.new()
  return setmetatable({ size = 0 }, Heap)
end

local function put(heap, i, entry)
  heap[i] = entry
  entry.place = i
end

-- Finds the entry its place, from i on.
local function sift(heap, i, entry)
  local up = (i - i % 2) / 2
  while up >= 1 and heap[up].at > entry.at do
    put(heap, i, heap[up])
    i, up = up, (up - up % 2) / 2
  end
  local child = 2 * i
  while child <= heap.size do
    if child < heap.size and heap[child + 1].at < heap[child].at then
      child = child + 1
    end
    if heap[child].at >= entry.at then
      break
    end
    put(heap, i, heap[child])
    i, child = child, 2 * child
  end
  put(heap, i, entry)
end

--- Adds a value.
---@param at number
---@param value any
---@return table entry
function Heap:add(at, value)
  local entry = { at = at, value = value }
  self.size = self.size + 1
  sift(self, self.size, entry)
  return entry
end

--- Takes an entry out; nothing happens if it is not there any more.
---@param entry table
function Heap:remove(entry)
  local place = entry.place
  if not place then
    return
  end
  local last = self[self.size]
  self[self.size] = nil
  self.size = self.size - 1
  entry.place = nil
  if last ~= entry then
    sift(self, place, last)
  end
end

--- The entry with the earliest time, left in its place; nil when empty.
---@return table|nil entry
function Heap:first()
  return self[1]
end

return M
