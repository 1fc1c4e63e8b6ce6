--- What the sources of an account share in their store: its access token, and
--- the backoff that a further fetch has to wait for.
--
-- A token is put by who holds the lock. Where a further fetch does no harm, an
-- unlocked copy is put by who fetched without it, since the holder may be dead.
-- Every function that shares takes a wxbot.TokenSource first.

local backoffs = require "wxbot.auth.backoff"
local core = require "wxbot.core"
local pcall_method = require "wxbot.util.pcall_method"

local min, tonumber, type = math.min, tonumber, type

local M = {}

-- ----------------------------------------------------------------- records

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

--- Makes a record of a token.
---@param token string
---@param issued number unix seconds
---@param expires number
---@return wxbot.TokenRecord
function M.record(token, issued, expires)
  local life = expires - issued
  return { token = token, issued = issued, expires = expires,
    renew = issued + AHEAD * life + min(SPREAD, JITTER * life) * random() }
end

local function write(record)
  return ("%d %d %s"):format(record.issued, record.expires, record.token)
end

-- The record that a store kept; what is no string is none.
local function read(value)
  value = type(value) == "string" and value or ""
  local issued, expires, token = value:match("^(%d+) (%d+) (%S+)$")
  return token and M.record(token, tonumber(issued), tonumber(expires))
end

--- Seconds before its end a token is given up.
M.MARGIN = 60

--- May a token be served?
---@param record wxbot.TokenRecord|nil
---@return boolean
function M.is_usable(source, record)
  return record ~= nil and not source.refused[record.token]
    and source.context.clock() < record.expires - M.MARGIN
end

--- May a token be served that is not to be renewed yet?
---@param record wxbot.TokenRecord|nil
---@return boolean
function M.is_fresh(source, record)
  return M.is_usable(source, record)
    and source.context.clock() < record.renew
end

-- ------------------------------------------------------------------ reading

local function look(source, key)
  return read((pcall_method(source.store, "get", key)))
end

-- The unlocked copy, unless what the lock guards is at least as new.
local function unlocked_copy(source, record)
  local copy = look(source, source.unlocked_key)
  if copy and record and copy.issued <= record.issued then
    return nil
  end
  return copy
end

-- The token that another has put, if it is fresh. One that is to be renewed
-- serves meanwhile.
local function read_token(source)
  local record = look(source, source.key)
  if source.unlocked_key and not M.is_usable(source, record) then
    record = unlocked_copy(source, record)
  end
  if M.is_usable(source, record)
      and not M.is_usable(source, source.current) then
    source.current, source.was_refused = record, nil
  end
  return M.is_fresh(source, record) and record or nil
end

--- The failure that a further attempt has to wait for, as far as is known.
---@return wxbot.Error|nil err
function M.pending(source)
  return backoffs.pending(source.backoff, source.context.clock())
end

--- What another has put since: a token, or a backoff. A token is put before
--- what its refusal will mean.
---@return wxbot.TokenRecord|nil record a fresh one
---@return wxbot.Error|nil err of the backoff
function M.read(source)
  source.backoff = backoffs.read((pcall_method(source.store, "get",
    source.backoff_key))) or source.backoff
  local record = read_token(source)
  return record, not record and M.pending(source) or nil
end

-- ------------------------------------------------------------------ writing

--- Puts a value that has no fetch behind it; who is late need not.
---@param key string
---@param value string
---@param life number seconds
---@param may nil|fun(record: wxbot.TokenRecord|nil): boolean looks at what is there
function M.put(source, key, value, life, may)
  local store = source.store
  local generation = pcall_method(store, "lock", key, 1)
  if generation then
    if not may or may(look(source, key)) then
      pcall_method(store, "put", key, value, generation, life)
    end
    pcall_method(store, "unlock", key, generation)
  end
end

--- Has all wait for a backoff.
---@param backoff wxbot.Backoff
function M.back_off(source, backoff)
  source.backoff = backoff
  M.put(source, source.backoff_key, backoffs.write(backoff),
    backoffs.life(backoff, source.context.clock()))
end

--- Notes that a fetch was of no avail.
---@param err wxbot.Error
function M.failed(source, err)
  local backoff = backoffs.after(source.backoff, err, source.context.clock())
  if err.code == "store" then
    source.backoff = backoff
  else
    M.back_off(source, backoff)
  end
end

--- Notes that a token was fetched. Where one was refused, or could not be had,
--- the next has to prove itself.
function M.fetched(source)
  if source.was_refused or source.backoff and source.backoff.failures > 0 then
    M.failed(source, backoffs.refused())
  end
  source.was_refused = nil
end

--- Takes a token that was refused out of the store, and what is older, so that
--- it is served to nobody until another can be had.
---@param refused wxbot.TokenRecord
function M.withdraw(source, refused)
  M.put(source, source.key, "-", 1, function(record)
    return record and record.token == refused.token
  end)
  if source.unlocked_key then
    M.put(source, source.unlocked_key, "-", 1, function(record)
      return record and record.issued <= refused.issued
    end)
  end
end

--- Puts what was fetched; where a newer one was put meanwhile, that is taken.
---@param record wxbot.TokenRecord
---@param generation integer|nil of the lock; nil: fetched without it
---@return wxbot.TokenRecord record
function M.publish(source, record, generation)
  local value, life = write(record), record.expires - record.issued
  if not generation then
    M.put(source, source.unlocked_key, value, life)
  elseif pcall_method(source.store, "put", source.key, value, generation, life)
      == false then
    local newer = look(source, source.key)
    record = M.is_usable(source, newer) and newer or record
  end
  return record
end

return M
