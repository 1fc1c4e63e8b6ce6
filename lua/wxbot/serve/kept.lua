--- The store of a receiver for a third-party platform: in memory, and in a file, so
-- that the ticket and the refresh tokens are there when it starts again.

local journals = require "wxbot.util.journal"
local json = require "wxbot.codec.json"
local memory = require "wxbot.store.memory"

local pairs, time = pairs, os.time
local tostring, type = tostring, type

local M = {}

-- The version of what stands in the records.
local VERSION = 1

-- What a record says: a key, its value and when that ends.
local function reader(kept)
  return function(record)
    local value = json.decode(record)
    if type(value) ~= "table" or type(value.key) ~= "string"
        or type(value.value) ~= "string" or type(value.ends) ~= "number" then
      return nil, "it cannot be read"
    end
    kept[value.key] = value
    return true
  end
end

local function put(store, value)
  local left = value.ends - time()
  if left > 0 then
    local generation = store:lock(value.key, 1)
    store:put(value.key, value.value, generation, left)
    store:unlock(value.key, generation)
  end
end

-- Only what has not ended.
local function rewrite(journal, kept)
  local now = time()
  return journal:rewrite(function(emit)
    for _, value in pairs(kept) do
      if value.ends > now then
        emit(json.encode(value))
      end
    end
  end)
end

--- Opens the store.
---@param path string
---@param owner string the platform's appid
---@return table|nil store
---@return wxbot.Error|nil err
function M.open(path, owner)
  local kept = {}
  local journal, err = journals.open({ path = path, kind = "wxbot-tokens",
    version = VERSION, owner = owner }, reader(kept))
  if not journal then
    return nil, err
  end
  local store = memory.new()
  for _, value in pairs(kept) do
    put(store, value)
  end
  local put_in_memory = store.put
  function store:put(key, value, generation, ttl)
    local done, why = put_in_memory(self, key, value, generation, ttl)
    if done then
      kept[key] = { key = key, value = value, ends = time() + ttl }
      done, why = journal:append(json.encode(kept[key]))
    end
    if done and journal:has_grown() then
      rewrite(journal, kept)
    end
    return done, why and tostring(why)
  end
  return store
end

return M
