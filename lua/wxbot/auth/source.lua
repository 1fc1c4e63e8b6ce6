--- A source of an access token: serves it, and has it renewed ahead of its end.
--
-- A token that is still valid is served whatever becomes of its renewal: that
-- runs in a thread of its own where the host has them (a fiber of a loop, a
-- timer of nginx), elsewhere in the one call that finds it due.
--
-- A token is refused when another was given out meanwhile: then the next one is
-- fetched at once. One that is refused before it was ever accepted is followed
-- by a backoff, as is a fetch that failed: see wxbot.auth.backoff.

local backoffs = require "wxbot.auth.backoff"
local errors = require "wxbot.util.errors"
local fetch = require "wxbot.auth.fetch"
local quotas = require "wxbot.auth.quota"
local shared = require "wxbot.auth.shared"
local singleflight = require "wxbot.util.singleflight"
local waiters = require "wxbot.util.waiter"

local min, pairs = math.min, pairs

local is_fresh, is_usable = shared.is_fresh, shared.is_usable

local M = {}

local BRIEF = 3        -- seconds of a renewal that a call has to wait for
local MEMORY = 86400   -- seconds for which a refusal is known at least

---@class wxbot.TokenSource
---@field context table of who calls the platform
---@field endpoint table that gives out the tokens
---@field params table what it is asked
---@field life number|nil seconds of a token whose answer does not tell
---@field exclusive boolean every fetch ends the token before it
---@field secret string kept out of what a store says
---@field store table
---@field key string
---@field quota wxbot.Quota
---@field told nil|fun(record: table|nil, err: wxbot.Error|nil) of every renewal

--- Makes a source.
---@param source wxbot.TokenSource is kept
---@return wxbot.TokenSource source
function M.new(source)
  source.backoff_key = shared.backoff_key(source.key)
  source.unlocked_key = not source.exclusive and source.key .. ":unlocked"
    or nil
  source.quota = quotas.new(source)
  source.refused = {} -- token -> until when it could be in the store
  return source
end

-- ------------------------------------------------------------------ renewals

-- Keeps a record; true if its token is another than before.
local function adopt(source, record)
  if source.context.closed then
    return false
  end
  local changed = not source.current or source.current.token ~= record.token
  source.current, source.was_refused = record, nil
  return changed
end

-- Runs for all who share the store, once at a time.
local function renew(source, deadline)
  local record, err = fetch.renew(source, deadline)
  if (not record or adopt(source, record)) and source.told
      and not source.context.closed then
    source.told(record, err)
  end
  return record, err
end

local function deadline_of(source, seconds)
  return { ends = source.context.now() + seconds,
    is_brief = seconds < source.context.timeout / 2 }
end

-- Has it renewed in the background, where the host has one.
local function begin(source)
  if not waiters.has_background(source.context.transport) then
    return false
  end
  local life = fetch.life(source)
  singleflight.start(source.context, source.store, source.key, life, renew,
    source, deadline_of(source, life))
  return true
end

-- The token is due but valid: nobody waits for its renewal where somebody
-- else can do it, and otherwise one call does, briefly.
local function renew_ahead(source, seconds)
  local context, store, key = source.context, source.store, source.key
  if singleflight.is_running(context, store, key) or begin(source) then
    return
  end
  local deadline = deadline_of(source, min(BRIEF, (seconds or 2 * BRIEF) / 2))
  deadline.is_brief = false -- the next call shall not wait again
  singleflight.run(context, store, key, fetch.life(source), renew, source,
    deadline)
end

-- There is no token to be served: it is waited for. Twice, where another source
-- of this process did not know what this one was refused, or was closed while
-- it fetched for both.
local function renew_now(source, seconds)
  local context, err = source.context, nil
  seconds = seconds or fetch.life(source)
  for _ = 1, 2 do
    begin(source)
    local record
    record, err = singleflight.run(context, source.store, source.key, seconds,
      renew, source, deadline_of(source, seconds))
    if is_usable(source, record) then
      adopt(source, record)
      return nil
    elseif context.closed or err and err.kind ~= "closed" then
      return err
    end
  end
  return err
end

-- "fresh": a token is served; "due": it is, and is to be renewed; "backoff":
-- there is none, and it must not be fetched yet; "missing": it is fetched.
local function status_of(source)
  local err = shared.pending(source)
  if is_usable(source, source.current) then
    return (err or is_fresh(source, source.current)) and "fresh" or "due"
  end
  return err and "backoff" or "missing", err
end

local function obtain(source, seconds)
  local status, err = status_of(source)
  if status == "due" then
    renew_ahead(source, seconds)
    status, err = status_of(source) -- that may have taken the last of its time
  end
  if status == "backoff" then
    shared.read(source) -- another may have had more luck
    status, err = status_of(source)
  end
  if status == "missing" then
    err = renew_now(source, seconds)
  end
  if is_usable(source, source.current) then
    return source.current
  end
  return nil, err or backoffs.refused()
end

-- ---------------------------------------------------------------- refusals

-- Remembers what was refused for as long as the store may hold it: where the
-- token that followed could not be put, that is longer than it was the current
-- one. One that is older than the token at hand tells nothing about it.
local function refuse(source, token)
  local now, current, refused = source.context.clock(), source.current,
    source.refused
  if current and current.token ~= token or refused[token] then
    return
  end
  for other, ends in pairs(refused) do
    if ends <= now then
      refused[other] = nil
    end
  end
  refused[token] = current and current.expires or now + MEMORY
  source.was_refused = true
  if current and shared.pending(source) then
    shared.withdraw(source, current)
  end
end

-- The first time that a token is accepted, by whomever.
local function accept(source, token)
  local settled = backoffs.settled(source.backoff)
  if settled and source.current and source.current.token == token
      and is_usable(source, source.current) then
    shared.back_off(source, settled)
  end
end

-- ------------------------------------------------------------------- methods

--- The access token.
---@param source wxbot.TokenSource
---@param rejected string|nil the one that the platform has just refused
---@param seconds number|nil to wait at most for one that must be fetched
---@return string|nil token
---@return wxbot.Error|nil err
function M.get(source, rejected, seconds)
  if rejected then
    refuse(source, rejected)
  end
  local record, err
  if not source.context.closed then
    record, err = obtain(source, seconds)
  end
  if source.context.closed then
    return nil, errors.closed(source.context.name)
  elseif record then
    return record.token
  end
  return nil, errors.copy(err)
end

--- Takes note of what the platform thinks of a token.
---@param source wxbot.TokenSource
---@param token string
---@param accepted boolean false: it was refused
function M.report(source, token, accepted)
  if accepted then
    accept(source, token)
  elseif not source.context.closed then
    refuse(source, token)
  end
end

--- Forgets secret and token.
---@param source wxbot.TokenSource
function M.close(source)
  source.secret, source.current, source.backoff = nil, nil, nil
  source.params, source.refused = {}, {}
  source.context.closed = true
end

return M
