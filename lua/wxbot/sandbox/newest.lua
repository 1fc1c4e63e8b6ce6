--- Things with an id, of which the newest are kept.

local max = math.max
local ipairs, setmetatable = ipairs, setmetatable
local remove = table.remove

local M = {}

-- So many.
local KEPT = 5000

local Newest = {}
Newest.__index = Newest

--- None yet; by_id has them by their ids, order in the order in which they came.
function M.new()
  return setmetatable({ by_id = {}, order = {}, serial = 0 }, Newest)
end

--- Adds one.
---@param item table with an id
---@return table|nil old the one that there is no room for
function Newest:add(item)
  self.by_id[item.id] = item
  self.order[#self.order + 1] = item
  local old = #self.order > KEPT and remove(self.order, 1) or nil
  -- Another may have been given its id since.
  if old and self.by_id[old.id] == old then
    self.by_id[old.id] = nil
  end
  return old
end

--- Takes one out, if it is there.
---@param id any
---@return table|nil item
function Newest:take(id)
  local item = id ~= nil and self.by_id[id] or nil
  for i, other in ipairs(item and self.order or {}) do
    if other == item then
      remove(self.order, i)
      self.by_id[id] = nil
      break
    end
  end
  return item
end

--- An id that nobody has given to another.
---@param prefix string
---@return string id
function Newest:next_id(prefix)
  local id
  repeat
    self.serial = self.serial + 1
    id = ("%s%08d"):format(prefix, self.serial)
  until not self.by_id[id]
  return id
end

--- The newest, newest first.
---@param most integer
---@param show fun(item: table): any what is given of each
---@return any[]
function Newest:list(most, show)
  local list, order = {}, self.order
  for i = #order, max(1, #order - most + 1), -1 do
    list[#list + 1] = show(order[i])
  end
  return list
end

return M
