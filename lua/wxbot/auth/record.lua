--- An access token with its times, as the callers of an account share it.

local core = require "wxbot.core"

local min, tonumber, type = math.min, tonumber, type

local M = {}

local AHEAD = 0.8   -- part of its life after which a token is renewed …
local JITTER = 0.08 -- … earlier or later by this part of it …
-- … and by so many seconds at most: a classic token that another has renewed
-- goes on working for five minutes.
local SPREAD = 120

-- Uniform in [-1, 1].
local function random()
  local high, low = core.random(2):byte(1, 2)
  return (high * 256 + low) / 32767.5 - 1
end

---@class wxbot.TokenRecord
---@field token string
---@field issued number unix seconds
---@field expires number
---@field renew number when it is to be renewed; every reader's own

-- How much of a digest tells secrets apart; it tells nothing about them.
local DIGITS = 16

--- The name under which a store keeps an account's. Whoever does not know the
--- secret must not be served by who does, nor hold up others by failing.
---@param appid string
---@param kind string
---@param secret string
---@param user string|nil whose tokens differ within the account
---@return string
function M.key(appid, kind, secret, user)
  local digest = core.base64url_encode(core.hmac_sha256(secret,
    appid .. (user and "\n" .. user or "")))
  return ("wxbot:{%s}:%s:%s"):format(appid, kind, digest:sub(1, DIGITS))
end

--- Makes a record.
---@param token string
---@param issued number unix seconds
---@param expires number
---@return wxbot.TokenRecord
function M.new(token, issued, expires)
  local life = expires - issued
  return { token = token, issued = issued, expires = expires,
    renew = issued + AHEAD * life + min(SPREAD, JITTER * life) * random() }
end

--- What a store keeps.
---@param record wxbot.TokenRecord
---@return string
function M.write(record)
  return ("%d %d %s"):format(record.issued, record.expires, record.token)
end

--- The record that a store kept.
---@param value any what is no string is none
---@return wxbot.TokenRecord|nil
function M.read(value)
  value = type(value) == "string" and value or ""
  local issued, expires, token = value:match("^(%d+) (%d+) (%S+)$")
  return token and M.new(token, tonumber(issued), tonumber(expires))
end

return M
