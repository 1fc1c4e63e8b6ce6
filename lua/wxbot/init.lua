--- wxbot: talk with the WeChat conversation platform.
--
-- This module is what `require "wxbot"` returns. It loads wxbot.core;
-- everything else loads when it is first used.

local late = require "wxbot.util.late"

local error, ipairs, require, type = error, ipairs, require, type

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

--- Makes a key for messages as the platform encrypts them (WXBizMsgCrypt).
---@param aes_key string EncodingAESKey, 43 characters
---@param appid string the bot's APPID; a message for another is refused
---@return wxbot.Crypt|nil crypt
---@return wxbot.Error|nil err kind "invalid"
function M.msgcrypt(aes_key, appid)
  local crypt, err = require "wxbot.codec.msgcrypt".new(aes_key, appid, 2)
  return crypt, err
end

--- The signature of a pushed message (msg_signature).
---@param token string
---@param timestamp string
---@param nonce string
---@param encrypt string
---@return string hex SHA-1 of the sorted parts, lower case
function M.signature(token, timestamp, nonce, encrypt)
  local parts = { token, timestamp, nonce, encrypt }
  for i, name in ipairs{ "token", "timestamp", "nonce", "encrypt" } do
    if type(parts[i]) ~= "string" then
      error(("wxbot.signature: %s must be a string (got %s)"):format(name,
        type(parts[i])), 2)
    end
  end
  return (require "wxbot.receive.signature".of(parts))
end

--- Makes a client of the second version of the platform's interfaces.
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
---@param options table|nil { proxy, ca_id, server_name, pool_size, idle_timeout }
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
---@param options wxbot.access_token.Options
---@return wxbot.AccessToken|nil source
---@return wxbot.Error|nil err
function M.access_token(options)
  local source, err = require "wxbot.auth".new(options, 2)
  return source, err
end

--- Makes an embedded platform: a transport that needs no network.
---@param options table|nil see docs/reference.md, wxbot.sandbox
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

--- Makes an inbox: it keeps what a receiver takes until it has been handled.
---@param options table receiver; path, fsync, or command
---@return wxbot.Inbox|nil inbox
---@return wxbot.Error|nil err kind "unavailable"
---@return string|nil warning of a Redis that can lose what it was told
function M.inbox(options)
  local inbox, err, warning = require "wxbot.receive.inbox".new(options, 2)
  return inbox, err, warning
end

return M
