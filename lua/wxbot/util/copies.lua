--- Copies of tables.

local ipairs, pairs = ipairs, pairs

local M = {}

--- A table with the same members.
---@param value table
---@return table
function M.of(value)
  local copied = {}
  for name, member in pairs(value) do
    copied[name] = member
  end
  return copied
end

--- A list of copies of its elements.
---@param list table[]
---@return table[]
function M.each(list)
  local copied = {}
  for i, element in ipairs(list) do
    copied[i] = M.of(element)
  end
  return copied
end

return M
