--- What the sources of an account share in their store: its access token, and
--- the backoff that a further fetch has to wait for.
--
-- A token is put by who holds the lock. Where a further fetch does no harm, an
-- unlocked copy is put by who fetched without it, since the holder may be dead.
-- Every function that shares takes a wxbot.TokenSource first.

local backoffs = require "wxbot.auth.backoff"
local core = require "wxbot.core"
local pcall_method = require "wxbot.util.pcall_method"
local records = require "wxbot.auth.record"

local NONE, read, write = records.NONE, records.read, records.write

local M = {}

-- ------------------------------------------------------------------- names

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

--- The name under which a store keeps the backoff.
---@param key string of M.key
---@return string
function M.backoff_key(key)
  return key .. ":failure"
end

-- ---------------------------------------------------------------- judging

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
---@param may nil|fun(kept: any): boolean looks at the value that is there
---@return boolean|nil done false: `may` said no; nil: another has the lock, or the store failed
---@return any message of a store that failed
function M.put(source, key, value, life, may)
  local store = source.store
  local generation, message = pcall_method(store, "lock", key, 1)
  if not generation then
    return nil, message
  end
  local done = not may or may((pcall_method(store, "get", key)))
  if done then
    done, message = pcall_method(store, "put", key, value, generation, life)
  end
  pcall_method(store, "unlock", key, generation)
  return done, message
end

local put = M.put

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
  local value, life = NONE, 1
  if refused.refresh then
    value, life = write(records.without_token(refused.refresh, refused.issued))
  end
  put(source, source.key, value, life, function(kept)
    local record = read(kept)
    return record and record.token == refused.token
  end)
  if source.unlocked_key then
    put(source, source.unlocked_key, NONE, 1, function(kept)
      local record = read(kept)
      return record and record.issued <= refused.issued
    end)
  end
end

--- The refresh token that is kept.
---@return string|nil refresh
---@return any message of a store that failed
function M.refresh_token(source)
  local value, message = pcall_method(source.store, "get", source.key)
  local record = read(value)
  return record and record.refresh, message
end

--- Has all forget token and refresh token.
---@param generation integer of the lock
function M.forget(source, generation)
  source.current = nil
  pcall_method(source.store, "put", source.key, NONE, generation, 1)
end

--- Puts what was fetched; where a newer one was put meanwhile, that is taken.
---@param record wxbot.TokenRecord
---@param generation integer|nil of the lock; nil: fetched without it
---@return wxbot.TokenRecord record
---@return any message of a store that failed
function M.publish(source, record, generation)
  local value, life = write(record)
  if not generation then
    put(source, source.unlocked_key, value, life)
    return record
  end
  local done, message = pcall_method(source.store, "put", source.key, value,
    generation, life)
  if done == false then
    local newer = look(source, source.key)
    record = M.is_usable(source, newer) and newer or record
  end
  return record, done == nil and (message or "it says nothing") or nil
end

return M
