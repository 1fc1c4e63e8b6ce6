--- The store of a receiver for a third-party platform: in memory, and in a file,
-- so that the ticket and the refresh tokens are there when it starts again. One
-- process has the file.

local json = require "wxbot.codec.json"
local memory = require "wxbot.store.memory"
local posix = require "wxbot.serve.posix"

local io_open, pairs, time, type = io.open, pairs, os.time, type

local M = {}

local VERSION = 1

-- What a file holds: key -> { value, when it ends }; nil, and why, if it is none
-- of ours.
local function read(path)
  local file = io_open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  if not text or text == "" then
    return {}
  end
  local kept = json.decode(text)
  if type(kept) ~= "table" or kept.wxbot_kept ~= VERSION
      or type(kept.values) ~= "table" then
    return nil, path .. " was not written by wxbot receive"
  end
  return kept.values
end

local function put(store, key, value, ends)
  local generation = store:lock(key, 1)
  store:put(key, value, generation, ends - time())
  store:unlock(key, generation)
end

local function write(path, values)
  local now = time()
  for key, kept in pairs(values) do
    values[key] = kept[2] > now and kept or nil
  end
  return posix.replace_file(path, json.encode{ wxbot_kept = VERSION,
    values = values })
end

--- Opens the store.
---@param path string
---@return table|nil store
---@return string|nil message
function M.open(path)
  local values, message = read(path)
  if not values then
    return nil, message
  elseif not write(path, values) then
    return nil, path .. " cannot be written"
  end
  local store = memory.new()
  for key, kept in pairs(values) do
    put(store, key, kept[1], kept[2])
  end
  local put_in_memory = store.put
  function store:put(key, value, generation, ttl)
    local done, why = put_in_memory(self, key, value, generation, ttl)
    if done then
      values[key] = { value, time() + ttl }
      if not write(path, values) then
        return nil, path .. " cannot be written"
      end
    end
    return done, why
  end
  return store
end

return M
