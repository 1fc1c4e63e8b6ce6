--- A store of small values in a dictionary that the workers of nginx share
--- (wxbot.store.memory says what a store is).
--
-- Each generation writes a key of its own and readers take the newest, so a
-- slow holder of the lock has nothing to overwrite. The dictionary must be
-- large enough: for what is put nginx drops old entries of a full one, a lock
-- as well. What is added drops none: a full dictionary says so.

local max = math.max
local error, setmetatable, type = error, setmetatable, type

local M = {}

local Shared = {}
Shared.__index = Shared

-- Below this the lock may go to another between a look and a deletion.
local CLOSE_TO_END = 0.5

--- Makes a store. A value takes about 128 bytes: 10 MB are enough for 80,000.
---@param dictionary table ngx.shared.NAME, of `lua_shared_dict NAME 10m;`
---@return table store
function M.new(dictionary)
  if type(dictionary) ~= "table" or not dictionary.incr then
    error("wxbot.store.shdict: expected a dictionary, ngx.shared.NAME, that "
      .. "nginx.conf declares in http {}: lua_shared_dict NAME 10m;", 2)
  end
  return setmetatable({ dictionary = dictionary }, Shared)
end

-- The value of the newest generation that has written one, and its number.
-- `hint` names one that has written, not always the newest.
local function newest(dictionary, key)
  local hint = dictionary:get(key .. ":hint")
  local granted = dictionary:get(key .. ":granted")
  for generation = granted or 0, hint or 1, -1 do
    local value = dictionary:get(key .. ":" .. generation)
    if value then
      return value, generation
    end
  end
  return nil, 0
end

function Shared:get(key)
  return newest(self.dictionary, key) or self.dictionary:get(key) or nil
end

function Shared:add(key, value, ttl)
  local added, why = self.dictionary:safe_add(key, value, ttl)
  if added or why == "exists" then
    return added
  end
  return nil, why
end

function Shared:delete(key)
  self.dictionary:delete(key)
end

function Shared:lock(key, ttl)
  local dictionary = self.dictionary
  local added, why = dictionary:add(key .. ":lock", 0, ttl)
  if not added then
    if why == "exists" then
      return false
    end
    return nil, why
  end
  local generation
  -- A full dictionary may have dropped the count: go on behind what was put.
  generation, why = dictionary:incr(key .. ":granted", 1,
    dictionary:get(key .. ":hint") or 0)
  if not generation then
    return nil, why
  end
  dictionary:replace(key .. ":lock", generation, ttl)
  return generation
end

function Shared:unlock(key, generation)
  local dictionary, name = self.dictionary, key .. ":lock"
  local left = dictionary:ttl(name)
  if dictionary:get(name) ~= generation or not left
      or left < CLOSE_TO_END then
    return false
  end
  dictionary:delete(name)
  return true
end

function Shared:put(key, value, generation, ttl)
  local dictionary = self.dictionary
  local _, written = newest(dictionary, key)
  -- What was put and is over was newer all the same.
  if generation < max(written, dictionary:get(key .. ":hint") or 0) then
    return false
  end
  local stored, why = dictionary:set(key .. ":" .. generation, value, ttl)
  if stored then
    stored, why = dictionary:set(key .. ":hint", generation)
  end
  if not stored then
    return nil, why
  end
  return true
end

return M
