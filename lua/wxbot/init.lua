--- wxbot: talk with the WeChat conversation platform.
--
-- This module is what `require "wxbot"` returns. It loads lua-cjson and
-- wxbot.core; everything else loads when it is first used.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local late = require "wxbot.util.late"
local private = require "wxbot.util.class"

local error, require, type = error, require, type

local M = { _VERSION = "0.1.0" }

--- Makes a bot.
---@param options table|nil appid, token, aes_key, access_token, base_url, timeout, transport, retry, sign, on_call, clock
---@return wxbot.Bot|nil bot
---@return wxbot.Error|nil err
function M.new(options)
  local bot, err = require "wxbot.client.bot".new(options)
  return bot, err
end

--- HS256 tokens: jwt.encode(claims, secret), jwt.decode(token, secret).
M.jwt = require "wxbot.codec.jwt"

local function check_string(name, value, what)
  if type(value) ~= "string" then
    error(("%s: %s must be a string (got %s)"):format(name, what,
      type(value)), 3)
  end
end

---@class wxbot.Crypt
local Crypt, crypts = private.class("crypt")

local MAX_APPID = 1024

--- Encrypts a message.
---@param text string
---@param random16 string|nil 16 bytes, for tests; drawn when nil
---@return string|nil base64
---@return wxbot.Error|nil err kind "limit": beyond what can be sealed at once
function Crypt:encrypt(text, random16)
  local key = crypts:of(self, "encrypt")
  check_string("crypt:encrypt", text, "text")
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
  check_string("crypt:decrypt", base64, "base64")
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

--- Makes a key for messages as the platform encrypts them (WXBizMsgCrypt).
---@param aes_key string EncodingAESKey, 43 characters
---@param appid string the bot's APPID; a message for another is refused
---@return wxbot.Crypt|nil crypt
---@return wxbot.Error|nil err kind "invalid"
function M.msgcrypt(aes_key, appid)
  check_string("wxbot.msgcrypt", aes_key, "aes_key")
  check_string("wxbot.msgcrypt", appid, "appid")
  if #appid > MAX_APPID then
    return errors.invalid("appid is too long", "value")
  end
  local key, message = core.msgcrypt(aes_key, appid)
  if not key then
    return errors.invalid("aes_key: " .. message, "aes_key")
  end
  return crypts:new(key)
end

--- The signature of a pushed message (msg_signature).
---@param token string
---@param timestamp string
---@param nonce string
---@param encrypt string
---@return string hex SHA-1 of the sorted parts, lower case
function M.signature(token, timestamp, nonce, encrypt)
  check_string("wxbot.signature", token, "token")
  check_string("wxbot.signature", timestamp, "timestamp")
  check_string("wxbot.signature", nonce, "nonce")
  check_string("wxbot.signature", encrypt, "encrypt")
  return core.hex_encode(core.sha1(require "wxbot.receive.signature".sorted{
    token, timestamp, nonce, encrypt }))
end

--- Makes a client of the second generation of the platform's interfaces.
---@param options table|nil appid, token, aes_key, account, store, base_url, timeout, transport, retry, on_call, clock
---@return wxbot.V2|nil client
---@return wxbot.Error|nil err
function M.v2(options)
  local client, err = require "wxbot.client.v2".new(options)
  return client, err
end

--- Makes a transport over libcurl. What it cannot open now it opens with the
--- first call that finds a descriptor left; the others say that there is none.
---@param options table|nil { ca_file, proxy, max_connections }
---@return table|nil transport
---@return wxbot.Error|nil err kind "unavailable": libcurl cannot be loaded
function M.curl(options)
  local curl, err = late "wxbot.transport.curl"
  local transport = curl and curl.new(options, 2)
  return transport, err
end

--- Makes a transport over the cosockets of nginx; inside nginx only.
---@param options table|nil { ca_id, server_name, pool_size, idle_timeout }
---@return table transport
function M.resty(options)
  local transport = require "wxbot.transport.resty".new(options, 2)
  return transport
end

--- Reads the body of the request at hand, wherever nginx has put it; inside
-- nginx only.
---@param seconds number|nil how long all of it may take; by default each piece as long as client_body_timeout says
---@return string|nil body "" if there is none
---@return wxbot.Error|nil err kind "timeout" or "unavailable"
function M.resty_body(seconds)
  local body, err = require "wxbot.transport.resty.body".read(seconds, 2)
  return body, err
end

--- Makes a loop: many calls at once, by coroutines; a transport. As with
--- wxbot.curl, calls say what could not be opened.
---@param options wxbot.LoopOptions|nil { max_connections, ca_file, proxy, on_error }
---@return wxbot.Loop|nil loop
---@return wxbot.Error|nil err kind "unavailable": libcurl cannot be loaded
function M.loop(options)
  local loops, err = late "wxbot.transport.loop"
  local loop = loops and loops.new(options, 2)
  return loop, err
end

--- Makes a source of an access token, to be given to wxbot.new.
---@param options table appid, secret, kind, store, base_url, timeout, transport, clock, on_refresh
---@return wxbot.AccessToken|nil source
---@return wxbot.Error|nil err
function M.access_token(options)
  local source, err = require "wxbot.auth".new(options, 2)
  return source, err
end

--- Makes an embedded platform: a transport that needs no network.
---@param options table|nil see README, Sandbox
---@return wxbot.Sandbox|nil sandbox
---@return wxbot.Error|nil err
function M.sandbox(options)
  local sandbox, err = require "wxbot.sandbox".new(options)
  return sandbox, err
end

--- Makes a receiver of pushes.
---@param options table kind = "kefu" | "official_account" | "service", appid, token, aes_key, …
---@return wxbot.Receiver|nil receiver
---@return wxbot.Error|nil err kind "invalid"
function M.receiver(options)
  local receiver, err = require "wxbot.receive".new(options, 2)
  return receiver, err
end

return M
