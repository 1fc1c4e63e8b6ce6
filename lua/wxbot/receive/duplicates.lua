--- What has been handed over already: the platform repeats what is not answered
-- in time, and anybody may repeat what he has seen.

local core = require "wxbot.core"
local pcall_method = require "wxbot.util.pcall_method"

local ipairs, max = ipairs, math.max

local M = {}

--- How long a message is remembered: one that was signed as far in the future
--- as is believed is good for two windows.
---@param window number seconds
---@return number seconds
function M.memory(window)
  return max(600, 2 * window + 1)
end

-- Not longer than 55 bytes: a shared dictionary of nginx takes twice the room
-- for more.
local function key_of(text)
  return "wxbot:" .. core.base64url_encode(core.sha256(text))
end

--- The keys of a message, each with the seconds for which it is remembered.
--- Several receivers may share a store. Never of the nonce: whoever replays a
--- message can choose another.
---@param context wxbot.receive.Context
---@param result table { sealed, content_key, seconds } of a message
---@return table[] keys
function M.keys(context, result)
  local prefix = context.kind_name .. ":" .. (context.appid or "") .. ":"
  return {
    { key_of(prefix .. result.sealed),
      max(context.memory, result.seconds or 0) },
    result.content_key and { key_of(prefix .. result.content_key),
      context.memory },
  }
end

--- Claims all keys, or none but those that are good for longer than what told a
--- duplicate. A store that cannot remember, or forgets something for it, lets the
--- message through: twice is better than never.
---@param store table with the methods add and delete
---@param keys table[]
---@return boolean first false: a duplicate
---@return boolean|nil lost the store could not remember all of it
function M.claim(store, keys)
  local lost = false
  for i, key in ipairs(keys) do
    local first, reason = pcall_method(store, "add", key[1], "1", key[2])
    if first == false then
      for j = 1, i - 1 do
        if keys[j][2] <= key[2] then
          pcall_method(store, "delete", keys[j][1])
        end
      end
      return false
    end
    lost = lost or not first or reason ~= nil
  end
  return true, lost
end

--- Forgets keys.
function M.forget(store, keys)
  for _, key in ipairs(keys) do
    store:delete(key[1])
  end
end

return M
