--- What has been handed over, remembered in a shared dictionary of nginx, so
-- that all workers know of it.
--
-- `safe_add`: a dictionary that is full says so. `add` would quietly throw out
-- what has not expired yet, and its duplicates would pass.

local error, setmetatable, type = error, setmetatable, type

local M = {}

---@class wxbot.SharedSeen
local Shared = { __name = "wxbot.seen" }
Shared.__index = Shared

--- Remembers a key, unless it is remembered.
---@param key string
---@param seconds number
---@return boolean|nil first
---@return string|nil message with nil: why it could not be remembered
function Shared:add(key, seconds)
  local ok, message = self.dict:safe_add(key, true, seconds)
  if ok then
    return true
  elseif message == "exists" then
    return false
  end
  return nil, message
end

--- Forgets a key.
---@param key string
function Shared:delete(key)
  self.dict:delete(key)
end

--- Makes a store in a shared dictionary. About 128 bytes a key are needed, and
-- two keys a message: 10 MB are enough for 40,000 messages in ten minutes.
---@param dict table ngx.shared.NAME, of `lua_shared_dict NAME 10m;`
---@return wxbot.SharedSeen
function M.new(dict)
  if type(dict) ~= "table" or not dict.safe_add then
    error("wxbot.receive.shared: expected a dictionary, ngx.shared.NAME, that "
      .. "nginx.conf declares in http {}: lua_shared_dict NAME 10m;", 2)
  end
  return setmetatable({ dict = dict }, Shared)
end

return M
