--- Keeps an access token: fetches it, shares it, renews it ahead of its end.
--
-- One fetch at a time for all who share a store, as long as that works and no
-- holder of its lock dies; where every fetch ends the token before it that
-- holds without exception, and the generation of the lock keeps a slow holder
-- from overwriting a newer token.
--
-- A token that is still valid is served whatever becomes of its renewal: that
-- runs in a thread of its own where the host has them (a task of a loop, a
-- timer of nginx), elsewhere in the one call that finds it due.
--
-- A token is refused when another was given out meanwhile: then the next one is
-- fetched at once. One that is refused before it was ever accepted is trouble
-- like a fetch that failed: see wxbot.auth.trouble.

local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local holders = require "wxbot.util.holder"
local records = require "wxbot.auth.record"
local redact = require "wxbot.call.redact"
local stored = require "wxbot.util.pcall_method"
local troubles = require "wxbot.auth.backoff"
local turn = require "wxbot.util.turn"

local floor, min = math.floor, math.min
local error, pairs, pcall = error, pairs, pcall
local select, setmetatable = select, setmetatable
local tostring = tostring

local M = {}

local MARGIN = 60          -- seconds before its end a token is given up
local LOCK_LIFE = 3        -- times the timeout of a fetch
local WAIT = 2             -- lives of a lock: a dead holder's, and the next one
local LONGEST_LIFE = 86400 -- seconds, whatever an answer claims
local BRIEF = 3            -- seconds of a renewal that a call has to wait for
local LATER = 1            -- seconds until a look at another's renewal

---@class wxbot.TokenSource
---@field state table the private side of what calls the platform
---@field endpoint table that gives out the tokens
---@field params table what it is asked
---@field life number|nil seconds of a token whose answer does not tell
---@field exclusive boolean every fetch ends the token before it
---@field secret string kept out of what a store says
---@field store table
---@field key string
---@field told nil|fun(record: table|nil, err: wxbot.Error|nil) of every renewal

--- The option that is a store.
M.STORE = { name = "store", type = "object",
  methods = { "get", "lock", "unlock", "put" },
  doc = "where access tokens are shared" }

--- Makes a source of it.
---@param source wxbot.TokenSource is kept
---@return wxbot.TokenSource source
function M.new(source)
  source.key_of_trouble = source.key .. ":failure"
  source.key_aside = not source.exclusive and source.key .. ":aside" or nil
  source.refused = {} -- token -> until when it could be in the store
  return source
end

-- ------------------------------------------------------------------ failures

local function unavailable(code, message)
  return errors.new{ kind = "unavailable", code = code, sent = false,
    message = message }
end

local function closed_failure(source)
  return errors.new{ kind = "closed", code = "closed", sent = false,
    message = source.state.name .. " is closed" }
end

local function store_failure(source, message)
  message = tostring(message):gsub("[%z\1-\31\127]+", " ")
  local _, at = message:find(source.secret or message, 1, true)
  return unavailable("store", "the store of access tokens failed"
    .. (at and "" or ": " .. redact.beginning(message, 200)))
end

-- --------------------------------------------------------------- the store

local function is_usable(source, record)
  return record ~= nil and not source.refused[record.token]
    and source.state.clock() < record.expires - MARGIN
end

local function is_fresh(source, record)
  return is_usable(source, record)
    and source.state.clock() < record.renew
end

local function look(source, key)
  return records.read((stored(source.store, "get", key)))
end

-- What was put in the store without the lock, unless what the lock guards has
-- been put there since.
local function aside(source, record)
  local other = look(source, source.key_aside)
  if other and record and other.issued <= record.issued then
    return nil
  end
  return other
end

-- What another has put in the store since, if need be without the lock. One
-- that is to be renewed serves meanwhile.
local function shared(source)
  local record = look(source, source.key)
  if source.key_aside and not is_usable(source, record) then
    record = aside(source, record)
  end
  if is_usable(source, record) and not is_usable(source, source.current) then
    source.current, source.was_refused = record, nil
  end
  return is_fresh(source, record) and record or nil
end

-- The failure that a further attempt has to wait for.
local function pending(source)
  return troubles.pending(source.trouble, source.state.clock())
end

-- What another has put in the store since: a token, or a failure that a further
-- attempt has to wait for. A token is put before what its refusal will mean.
local function another(source)
  local trouble = troubles.read((stored(source.store, "get",
    source.key_of_trouble)))
  source.trouble = trouble or source.trouble
  local record = shared(source)
  return record, not record and pending(source) or nil
end

-- Puts a value that has no fetch behind it; who is late need not. `may` looks
-- at the record that is there.
local function put(source, key, value, life, may)
  local generation = stored(source.store, "lock", key, 1)
  if generation then
    if not may or may(look(source, key)) then
      stored(source.store, "put", key, value, generation, life)
    end
    stored(source.store, "unlock", key, generation)
  end
end

local function note_trouble(source, trouble)
  source.trouble = trouble
  put(source, source.key_of_trouble, troubles.write(trouble),
    troubles.life(trouble, source.state.clock()))
end

local function note_failure(source, err)
  local trouble = troubles.after(source.trouble, err, source.state.clock())
  if err.code == "store" then
    source.trouble = trouble
  else
    note_trouble(source, trouble)
  end
end

-- Where one was refused, or could not be had, the next has to prove itself.
local function note_success(source)
  if source.was_refused or source.trouble and source.trouble.failures > 0 then
    note_failure(source, troubles.refused())
  end
  source.was_refused = nil
end

-- Takes what was refused out of the store, and what is older, so that it is
-- served to nobody until another can be had.
local function withdraw(source, refused)
  put(source, source.key, "-", 1, function(record)
    return record and record.token == refused.token
  end)
  if source.key_aside then
    put(source, source.key_aside, "-", 1, function(record)
      return record and record.issued <= refused.issued
    end)
  end
end

-- Hands over what was fetched; where a newer one was put meanwhile, that is
-- taken instead. Who holds the lock may be dead: what was fetched without it
-- is put aside, for the others need not fetch as well.
local function share(source, record, generation)
  local value, life = records.write(record), record.expires - record.issued
  if not generation then
    put(source, source.key_aside, value, life)
  elseif stored(source.store, "put", source.key, value, generation, life)
      == false then
    local newer = look(source, source.key)
    record = is_usable(source, newer) and newer or record
  end
  return record
end

-- ---------------------------------------------------------------- fetching

local function record_from(source, answer)
  local token, life = answer.access_token, answer.expires_in or source.life
  if not token:find("^[A-Za-z0-9_.~+/=-]+$") or life <= MARGIN then
    return nil, errors.new{ kind = "protocol", sent = true,
      endpoint = source.endpoint.name,
      message = "the answer holds no access token that can be used" }
  end
  local now = floor(source.state.clock())
  -- It may insist on one that it refused.
  source.refused[token] = nil
  return records.new(token, now, now + min(life, LONGEST_LIFE))
end

-- What has no time says nothing about the platform.
local function is_hurried(err, hurry)
  return err.kind == "timeout" and hurry.is_brief
end

local function fetch(source, hurry, generation)
  local state = source.state
  local record
  local answer, err = call.run(state, source.endpoint, source.params,
    { timeout = min(state.timeout, hurry.ends - state.now()) })
  if answer then
    record, err = record_from(source, answer)
  end
  if record then
    record = share(source, record, generation)
    note_success(source)
  elseif not is_hurried(err, hurry) and not state.closed then
    note_failure(source, err)
  end
  return record, err
end

local function fetch_locked(source, generation, hurry)
  -- Another may have been faster between the look and the lock.
  local record, err = another(source)
  if not record and not err then
    record, err = fetch(source, hurry, generation)
  end
  return record, err
end

-- Store -> key -> who holds the lock in this process.
local locks = setmetatable({}, { __mode = "k" })

-- With the lock; it is given back whatever happens.
local function fetch_alone(source, generation, hurry)
  local store, key = source.store, source.key
  local lock = { generation = generation, over = false, watched = false }
  locks[store] = locks[store] or {}
  locks[store][key] = lock
  holders.begin(lock)
  local ok, record, err = pcall(fetch_locked, source, generation, hurry)
  holders.finish(lock)
  stored(store, "unlock", key, generation)
  if not ok then
    error(record, 0)
  end
  return record, err
end

-- Gives back the lock of who was gone in the middle.
local function free_lock(source)
  local lock = locks[source.store] and locks[source.store][source.key]
  if lock and not lock.over and holders.is_gone(lock) then
    lock.over = true
    stored(source.store, "unlock", source.key, lock.generation)
  end
end

-- Waits a little longer each time; an error when it cannot.
local function pause(source, waiting)
  local transport = source.state.transport
  if not transport.sleep then
    return unavailable("access_token",
      "another fetches the access token, and the transport has no sleep")
  end
  waiting.step = min(0.25, (waiting.step or 0.01) * 1.5)
  local _, why = transport:sleep(waiting.step)
  return why and errors.from(why)
end

local function lock_life(source)
  return LOCK_LIFE * source.state.timeout
end

-- Another is at it, and there is a token meanwhile.
local function postponed(source)
  local current = source.current
  if not is_usable(source, current) then
    return nil
  end
  current.renew = source.state.clock() + LATER
  return current
end

-- How long another's token is waited for. Where a further fetch does no harm
-- that is not longer than a fetch takes, and leaves the time for it.
local function patience(source, hurry)
  local left = hurry.ends - source.state.now()
  return source.exclusive and min(left, WAIT * lock_life(source))
    or min(left / 2, BRIEF)
end

-- Another holds the lock: its token is waited for, unless there is one that
-- is still valid. A holder that died delays by the life of its lock, but where
-- a further fetch does no harm; nor does a store that fails there.
local function renew_shared(source, hurry)
  local state, waiting, err = source.state, {}
  local ends = state.now() + patience(source, hurry)
  repeat
    local record, trouble = another(source)
    if record or trouble then
      return record, trouble
    end
    local generation, why = stored(source.store, "lock", source.key,
      lock_life(source))
    if generation then
      return fetch_alone(source, generation, hurry)
    elseif generation == nil then
      err = store_failure(source, why)
    elseif postponed(source) then
      return source.current
    else
      free_lock(source)
      err = pause(source, waiting)
    end
  until err or state.now() >= ends or state.closed
  if state.closed then
    return nil, closed_failure(source)
  elseif not source.exclusive then
    return fetch(source, hurry)
  elseif err and err.code == "store" then
    note_failure(source, err)
  end
  return nil, err or unavailable("lock",
    "another has been fetching the access token for too long")
end

-- ------------------------------------------------------------------ renewal

local function tell(source, record, err)
  if source.told and not source.state.closed then
    source.told(record, err)
  end
end

-- Keeps a record; true if its token is another than before.
local function adopt(source, record)
  if source.state.closed then
    return false
  end
  local changed = not source.current or source.current.token ~= record.token
  source.current, source.was_refused = record, nil
  return changed
end

-- Runs for all who share the store, once at a time.
local function renew(source, hurry)
  local record, err = renew_shared(source, hurry)
  if not record or adopt(source, record) then
    tell(source, record, err)
  end
  return record, err
end

local function life_of_renewal(source)
  return WAIT * lock_life(source) + source.state.timeout
end

-- How long a renewal may take; `is_brief`: hardly a fetch.
local function hurry_of(source, seconds)
  return { ends = source.state.now() + seconds,
    is_brief = seconds < source.state.timeout / 2 }
end

local function begin(source)
  local life = life_of_renewal(source)
  return turn.begin(source.state, source.store, source.key, life, renew,
    source, hurry_of(source, life))
end

-- The token is due but valid: nobody waits for its renewal where somebody
-- else can do it, and otherwise one call does, briefly.
local function renew_ahead(source, seconds)
  local state = source.state
  if turn.is_shared(state, source.store, source.key) then
    return
  elseif turn.has_background(state) then
    begin(source)
    return
  end
  seconds = min(BRIEF, (seconds or 2 * BRIEF) / 2)
  local hurry = hurry_of(source, seconds)
  hurry.is_brief = false -- the next call shall not wait again
  turn.share(state, source.store, source.key, life_of_renewal(source), renew,
    source, hurry)
end

-- There is no token to be served: it is waited for.
local function renew_now(source, seconds)
  local state = source.state
  if turn.has_background(state) then
    begin(source)
  end
  seconds = seconds or life_of_renewal(source)
  local record, err = turn.share(state, source.store, source.key, seconds,
    renew, source, hurry_of(source, seconds))
  return record, err
end

-- Another source of this process may not know what this one was refused, or may
-- be closed while it fetches for both.
local function renewed(source, seconds)
  local record, err = renew_now(source, seconds)
  if not source.state.closed and (err and err.kind == "closed"
      or record and not is_usable(source, record)) then
    record, err = renew_now(source, seconds)
  end
  if is_usable(source, record) then
    adopt(source, record)
  end
  return err
end

local function obtain(source, seconds)
  local err = pending(source)
  if not err and is_usable(source, source.current)
      and not is_fresh(source, source.current) then
    renew_ahead(source, seconds)
    err = pending(source)
  end
  -- That may have taken the last of its time.
  if is_usable(source, source.current) then
    return source.current
  elseif err then
    -- Another may have had more luck.
    err = select(2, another(source))
  end
  if not err and not is_usable(source, source.current) then
    err = renewed(source, seconds)
  end
  if is_usable(source, source.current) then
    return source.current
  end
  return nil, err or troubles.refused()
end

-- Remembers what was refused for as long as the store may hold it: where the
-- token that followed could not be put, that is longer than it was the current
-- one. One that is older than the token at hand tells nothing about it.
local function refuse(source, token)
  local now, current, refused = source.state.clock(), source.current,
    source.refused
  if current and current.token ~= token or refused[token] then
    return
  end
  for other, ends in pairs(refused) do
    if ends <= now then
      refused[other] = nil
    end
  end
  refused[token] = current and current.expires or now + LONGEST_LIFE
  source.was_refused = true
  if current and pending(source) then
    withdraw(source, current)
  end
end

-- The first time that a token is accepted, by whomever.
local function accept(source, token)
  local settled = troubles.settled(source.trouble)
  if settled and source.current and source.current.token == token
      and is_usable(source, source.current) then
    note_trouble(source, settled)
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
  if not source.state.closed then
    record, err = obtain(source, seconds)
  end
  if source.state.closed then
    return nil, closed_failure(source)
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
  elseif not source.state.closed then
    refuse(source, token)
  end
end

--- Forgets secret and token.
---@param source wxbot.TokenSource
function M.close(source)
  source.secret, source.current, source.trouble = nil, nil, nil
  source.params, source.refused = {}, {}
  source.state.closed = true
end

return M
