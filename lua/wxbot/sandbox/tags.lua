--- Tags of users, as the embedded platform keeps them.

local users_of = require "wxbot.sandbox.users"

local concat = table.concat
local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable

local M = {}

--- Users who have a tag. Beyond that those are forgotten who were tagged before
--- all others, half as many at once.
M.MOST = 1000000

-- Tags of one user: the newest.
local OF_ONE = 100

-- Users of one record of a snapshot.
local TOGETHER = 500

local Tags = {}
Tags.__index = Tags

--- An empty store.
---@param note fun(record: table) hears of each change
function M.new(note)
  return setmetatable({ users = users_of.new(M.MOST), note = note }, Tags)
end

local function same_kind(tag, other)
  return tag.appid == other.appid and tag.category == other.category
end

-- Most users have one tag: they share the record of their batch. Further
-- tags make a list of their own.
local function add(kept, tag)
  local list = { tag }
  for _, other in ipairs(kept.appid and { kept } or kept) do
    if not same_kind(tag, other) and #list < OF_ONE then
      list[#list + 1] = other
    end
  end
  return #list == 1 and tag or list
end

--- Sets a tag for users; one of the same appid and category is replaced.
---@param params table appid, category, label, desc
---@param openids string[]
---@return integer forgotten users for whom there is no room any more
function Tags:set(params, openids)
  local tag = { appid = params.appid, category = params.category,
    label = params.label, desc = params.desc }
  local forgotten = self:apply{ tag = tag, openids = openids }
  self.note{ tag = tag, openids = openids }
  return forgotten
end

--- Does what a record says.
---@param record table { tag, openids }
---@return integer forgotten
function Tags:apply(record)
  local users, tag, forgotten = self.users, record.tag, 0
  for _, openid in ipairs(record.openids) do
    local kept = users:get(openid)
    forgotten = forgotten + users:put(openid, kept and add(kept, tag) or tag)
  end
  return forgotten
end

-- One after another, oldest first: the newest of a user is put first.
local function emit_list(openid, list, emit)
  for i = #list, 1, -1 do
    emit{ tag = list[i], openids = { openid } }
  end
end

-- Tags of one key are alike; NUL is in none.
local function key_of(tag)
  return concat({ tag.appid, tag.category, tag.label, tag.desc }, "\0")
end

--- Gives records that make the same of an empty store.
---@param emit fun(record: table)
function Tags:snapshot(emit)
  local together = {}
  self.users:each(function(openid, kept)
    if kept.appid then
      local key = key_of(kept)
      local group = together[key] or { tag = kept, openids = {} }
      together[key], group.openids[#group.openids + 1] = group, openid
      if #group.openids == TOGETHER then
        emit(group)
        together[key] = nil
      end
    else
      emit_list(openid, kept, emit)
    end
  end)
  for _, group in pairs(together) do
    emit(group)
  end
end

--- How many users have a tag.
---@return integer
function Tags:count()
  return self.users.count
end

--- Users who have a tag, in no order.
---@param most integer
---@return string[] openids
function Tags:openids(most)
  return self.users:some(most)
end

--- The tags of a user, newest first.
---@return table[] tags { appid, category, label, desc }
function Tags:of(openid)
  local kept = self.users:get(openid) or {}
  local list = {}
  for i, tag in ipairs(kept.appid and { kept } or kept) do
    list[i] = { appid = tag.appid, category = tag.category,
      label = tag.label, desc = tag.desc }
  end
  return list
end

return M
