--- Records of access tokens, and how a store keeps them.

local core = require "wxbot.core"

local min, tonumber, type = math.min, tonumber, type

local M = {}

local AHEAD = 0.8   -- part of its life after which a token is renewed …
local JITTER = 0.08 -- … earlier or later by this part of it …
-- … and by so many seconds at most: a classic token that another has renewed
-- goes on working for five minutes.
local SPREAD = 120

-- Seconds for which a refresh token is kept: as long as it is used at all. It
-- has no end of its own.
local REFRESH_LIFE = 365 * 86400

--- Stands for an access token that there is not.
M.NONE = "-"

---@class wxbot.TokenRecord
---@field token string
---@field issued number unix seconds
---@field expires number
---@field renew number when it is to be renewed; every reader's own
---@field refresh string|nil what the next one is fetched with, where that is a token too
---@field is_changed boolean|nil `refresh` is another than the one that was kept

-- Uniform in [-1, 1].
local function random()
  local high, low = core.random(2):byte(1, 2)
  return (high * 256 + low) / 32767.5 - 1
end

--- Makes a record of a token.
---@param token string
---@param issued number unix seconds
---@param expires number
---@param refresh string|nil
---@return wxbot.TokenRecord
function M.new(token, issued, expires, refresh)
  local life = expires - issued
  return { token = token, issued = issued, expires = expires,
    refresh = refresh,
    renew = issued + AHEAD * life + min(SPREAD, JITTER * life) * random() }
end

--- Makes a record of a refresh token alone.
---@param refresh string
---@param issued number unix seconds
---@return wxbot.TokenRecord
function M.without_token(refresh, issued)
  return M.new(M.NONE, issued, issued, refresh)
end

--- What a store keeps of a record.
---@param record wxbot.TokenRecord
---@return string value
---@return number life seconds for which it does
function M.write(record)
  return ("%d %d %s%s"):format(record.issued, record.expires, record.token,
    record.refresh and " " .. record.refresh or ""),
    record.refresh and REFRESH_LIFE or record.expires - record.issued
end

--- The record that a store kept.
---@param value any what is no string is none
---@return wxbot.TokenRecord|nil
function M.read(value)
  value = type(value) == "string" and value or ""
  local issued, expires, token, refresh = value
    :match("^(%d+) (%d+) (%S+) (%S+)$")
  if not token then
    issued, expires, token = value:match("^(%d+) (%d+) (%S+)$")
  end
  return token and M.new(token, tonumber(issued), tonumber(expires), refresh)
end

return M
