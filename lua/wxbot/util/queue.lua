--- Things in the order in which they came.

local M = {}

--- An empty queue.
function M.new()
  return { first = 1, last = 0 }
end

--- Adds something at the end.
---@param item any not nil
function M.push(list, item)
  list.last = list.last + 1
  list[list.last] = item
end

--- Takes out what came first; nil when there is nothing.
---@return any item
function M.pop(list)
  local item = list[list.first]
  if item ~= nil then
    list[list.first] = nil
    list.first = list.first + 1
  end
  return item
end

return M
