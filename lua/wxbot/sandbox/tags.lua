--- Tags of users, as the embedded platform keeps them.

local ipairs, setmetatable = ipairs, setmetatable

local M = {}

local Tags = {}
Tags.__index = Tags

--- An empty store.
function M.new()
  return setmetatable({ users = {}, count = 0 }, Tags)
end

local function same_kind(tag, other)
  return tag.appid == other.appid and tag.category == other.category
end

-- Most users have one tag: they share the record of their batch. Further
-- tags make a list of their own.
local function add(kept, tag)
  local list = { tag }
  for _, other in ipairs(kept.appid and { kept } or kept) do
    if not same_kind(tag, other) then
      list[#list + 1] = other
    end
  end
  return #list == 1 and tag or list
end

--- Sets a tag for users; one of the same appid and category is replaced.
---@param params table appid, category, label, desc
---@param openids string[]
function Tags:set(params, openids)
  local tag = { appid = params.appid, category = params.category,
    label = params.label, desc = params.desc }
  local users = self.users
  for _, openid in ipairs(openids) do
    local kept = users[openid]
    users[openid] = kept and add(kept, tag) or tag
    self.count = self.count + (kept and 0 or 1)
  end
end

--- The tags of a user, newest first.
---@return table[] tags { appid, category, label, desc }
function Tags:of(openid)
  local kept = self.users[openid] or {}
  local list = {}
  for i, tag in ipairs(kept.appid and { kept } or kept) do
    list[i] = { appid = tag.appid, category = tag.category,
      label = tag.label, desc = tag.desc }
  end
  return list
end

return M
