--- Something of each user, of whom the newest are kept.
--
-- They live in two tables. When the young one is half of what may be kept it
-- becomes the old one, and the old one is dropped whole.

local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable

local M = {}

local Users = {}
Users.__index = Users

local function one()
  return 1
end

--- Nobody yet.
---@param most number how much is kept in all; of the newest at least half of it
---@param weight (fun(value: any): number)|nil how much of that a value is (default 1)
---@return table users count: how many there are
function M.new(most, weight)
  return setmetatable({ half = most / 2, weight = weight or one, count = 0,
    young = {}, young_count = 0, young_weight = 0, old = {}, old_count = 0 },
    Users)
end

-- Makes the young ones the old ones.
local function age(users)
  local dropped = users.old_count
  users.old, users.old_count = users.young, users.young_count
  users.young, users.young_count, users.young_weight = {}, 0, 0
  users.count = users.count - dropped
  return dropped
end

--- What there is of a user.
---@return any value
function Users:get(userid)
  local value = self.young[userid]
  if value == nil then
    return self.old[userid]
  end
  return value
end

--- Takes out what there is of a user, to be changed or forgotten.
---@return any value
function Users:take(userid)
  local value = self.young[userid]
  if value ~= nil then
    self.young[userid], self.young_count = nil, self.young_count - 1
    self.young_weight = self.young_weight - self.weight(value)
  else
    value = self.old[userid]
    if value == nil then
      return nil
    end
    self.old[userid], self.old_count = nil, self.old_count - 1
  end
  self.count = self.count - 1
  return value
end

--- Keeps something of a user, in place of what there was. Nobody is newer then.
---@param userid string
---@param value any not changed while it is here
---@return integer dropped how many were forgotten for that
function Users:put(userid, value)
  self:take(userid)
  local dropped, weight = 0, self.weight(value)
  if self.young_count > 0 and self.young_weight + weight > self.half then
    dropped = age(self)
  end
  self.young[userid], self.young_count = value, self.young_count + 1
  self.young_weight, self.count = self.young_weight + weight, self.count + 1
  return dropped
end

--- Some of them: the newest half first, in no order.
---@param most integer
---@return string[] userids
function Users:some(most)
  local list = {}
  for _, users in ipairs{ self.young, self.old } do
    for userid in pairs(users) do
      if #list == most then
        return list
      end
      list[#list + 1] = userid
    end
  end
  return list
end

--- Gives all, those first that would be forgotten first.
---@param give fun(userid: string, value: any)
function Users:each(give)
  for _, users in ipairs{ self.old, self.young } do
    for userid, value in pairs(users) do
      give(userid, value)
    end
  end
end

--- Has another value in the place of each.
---@param change fun(value: any): any gives one of the same weight
function Users:change(change)
  for _, users in ipairs{ self.old, self.young } do
    for userid, value in pairs(users) do
      users[userid] = change(value)
    end
  end
end

return M
