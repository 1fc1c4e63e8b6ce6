--- Messages as the platform encrypts them (WXBizMsgCrypt).

local classes = require "wxbot.util.class"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"

local error, type = error, type

local M = {}

---@class wxbot.Crypt
local Crypt, crypts = classes.class("crypt")

local MAX_APPID = 1024

local function check_string(name, value, what, level)
  if type(value) ~= "string" then
    error(("%s: %s must be a string (got %s)"):format(name, what,
      type(value)), level + 2)
  end
end

--- Encrypts a message.
---@param text string
---@param random16 string|nil 16 bytes, for tests; drawn when nil
---@return string|nil base64
---@return wxbot.Error|nil err kind "limit": beyond what can be sealed at once
function Crypt:encrypt(text, random16)
  local key = crypts:of(self, "encrypt")
  check_string("crypt:encrypt", text, "text", 1)
  if random16 ~= nil and (type(random16) ~= "string" or #random16 ~= 16) then
    error("crypt:encrypt: random16 must be a string of 16 bytes", 2)
  end
  local sealed, message, code = key:encrypt(text, random16)
  if not sealed then
    return nil, errors.new{ kind = "limit", code = code, message = message }
  end
  return sealed
end

--- Decrypts a message. Whatever is wrong with it, the error is the same.
---@param base64 string
---@return string|nil text
---@return wxbot.Error|nil err kind "crypto"
function Crypt:decrypt(base64)
  local key = crypts:of(self, "decrypt")
  check_string("crypt:decrypt", base64, "base64", 1)
  local text, message, code = key:decrypt(base64)
  if not text then
    return nil, errors.new{ kind = "crypto", code = code, message = message }
  end
  return text
end

--- Wipes the key.
function Crypt:close()
  local key = crypts:shut(self)
  if key then
    key:close()
  end
end

Crypt.__close = Crypt.close

--- Makes a key, as wxbot.msgcrypt.
---@param aes_key string EncodingAESKey, 43 characters
---@param appid string the bot's APPID; a message for another is refused
---@param level integer 1: the caller's line, for an argument error
---@return wxbot.Crypt|nil crypt
---@return wxbot.Error|nil err kind "invalid"
function M.new(aes_key, appid, level)
  check_string("wxbot.msgcrypt", aes_key, "aes_key", level)
  check_string("wxbot.msgcrypt", appid, "appid", level)
  if #appid > MAX_APPID then
    return errors.invalid("appid is too long", "value")
  end
  local key, message = core.msgcrypt(aes_key, appid)
  if not key then
    return errors.invalid("aes_key: " .. message, "aes_key")
  end
  return crypts:new(key)
end

return M
