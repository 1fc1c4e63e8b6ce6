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

---@class wxbot.token.Source
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

--- Makes a keeper of it.
---@param keeper wxbot.token.Source is kept
---@return wxbot.token.Source keeper
function M.new(keeper)
  keeper.key_of_trouble = keeper.key .. ":failure"
  keeper.key_aside = not keeper.exclusive and keeper.key .. ":aside" or nil
  keeper.refused = {} -- token -> until when it could be in the store
  return keeper
end

-- ------------------------------------------------------------------ failures

local function unavailable(code, message)
  return errors.new{ kind = "unavailable", code = code, sent = false,
    message = message }
end

local function closed_failure(keeper)
  return errors.new{ kind = "closed", code = "closed", sent = false,
    message = keeper.state.name .. " is closed" }
end

local function store_failure(keeper, message)
  message = tostring(message):gsub("[%z\1-\31\127]+", " ")
  local _, at = message:find(keeper.secret or message, 1, true)
  return unavailable("store", "the store of access tokens failed"
    .. (at and "" or ": " .. redact.beginning(message, 200)))
end

-- --------------------------------------------------------------- the store

local function is_usable(keeper, record)
  return record ~= nil and not keeper.refused[record.token]
    and keeper.state.clock() < record.expires - MARGIN
end

local function is_fresh(keeper, record)
  return is_usable(keeper, record)
    and keeper.state.clock() < record.renew
end

local function look(keeper, key)
  return records.read((stored(keeper.store, "get", key)))
end

-- What was put in the store without the lock, unless what the lock guards has
-- been put there since.
local function aside(keeper, record)
  local other = look(keeper, keeper.key_aside)
  if other and record and other.issued <= record.issued then
    return nil
  end
  return other
end

-- What another has put in the store since, if need be without the lock. One
-- that is to be renewed serves meanwhile.
local function shared(keeper)
  local record = look(keeper, keeper.key)
  if keeper.key_aside and not is_usable(keeper, record) then
    record = aside(keeper, record)
  end
  if is_usable(keeper, record) and not is_usable(keeper, keeper.current) then
    keeper.current, keeper.was_refused = record, nil
  end
  return is_fresh(keeper, record) and record or nil
end

-- The failure that a further attempt has to wait for.
local function pending(keeper)
  return troubles.pending(keeper.trouble, keeper.state.clock())
end

-- What another has put in the store since: a token, or a failure that a further
-- attempt has to wait for. A token is put before what its refusal will mean.
local function another(keeper)
  local trouble = troubles.read((stored(keeper.store, "get",
    keeper.key_of_trouble)))
  keeper.trouble = trouble or keeper.trouble
  local record = shared(keeper)
  return record, not record and pending(keeper) or nil
end

-- Puts a value that has no fetch behind it; who is late need not. `may` looks
-- at the record that is there.
local function put(keeper, key, value, life, may)
  local generation = stored(keeper.store, "lock", key, 1)
  if generation then
    if not may or may(look(keeper, key)) then
      stored(keeper.store, "put", key, value, generation, life)
    end
    stored(keeper.store, "unlock", key, generation)
  end
end

local function note_trouble(keeper, trouble)
  keeper.trouble = trouble
  put(keeper, keeper.key_of_trouble, troubles.write(trouble),
    troubles.life(trouble, keeper.state.clock()))
end

local function note_failure(keeper, err)
  local trouble = troubles.after(keeper.trouble, err, keeper.state.clock())
  if err.code == "store" then
    keeper.trouble = trouble
  else
    note_trouble(keeper, trouble)
  end
end

-- Where one was refused, or could not be had, the next has to prove itself.
local function note_success(keeper)
  if keeper.was_refused or keeper.trouble and keeper.trouble.failures > 0 then
    note_failure(keeper, troubles.refused())
  end
  keeper.was_refused = nil
end

-- Takes what was refused out of the store, and what is older, so that it is
-- served to nobody until another can be had.
local function withdraw(keeper, refused)
  put(keeper, keeper.key, "-", 1, function(record)
    return record and record.token == refused.token
  end)
  if keeper.key_aside then
    put(keeper, keeper.key_aside, "-", 1, function(record)
      return record and record.issued <= refused.issued
    end)
  end
end

-- Hands over what was fetched; where a newer one was put meanwhile, that is
-- taken instead. Who holds the lock may be dead: what was fetched without it
-- is put aside, for the others need not fetch as well.
local function share(keeper, record, generation)
  local value, life = records.write(record), record.expires - record.issued
  if not generation then
    put(keeper, keeper.key_aside, value, life)
  elseif stored(keeper.store, "put", keeper.key, value, generation, life)
      == false then
    local newer = look(keeper, keeper.key)
    record = is_usable(keeper, newer) and newer or record
  end
  return record
end

-- ---------------------------------------------------------------- fetching

local function record_from(keeper, answer)
  local token, life = answer.access_token, answer.expires_in or keeper.life
  if not token:find("^[A-Za-z0-9_.~+/=-]+$") or life <= MARGIN then
    return nil, errors.new{ kind = "protocol", sent = true,
      endpoint = keeper.endpoint.name,
      message = "the answer holds no access token that can be used" }
  end
  local now = floor(keeper.state.clock())
  -- It may insist on one that it refused.
  keeper.refused[token] = nil
  return records.new(token, now, now + min(life, LONGEST_LIFE))
end

-- What has no time says nothing about the platform.
local function is_hurried(err, hurry)
  return err.kind == "timeout" and hurry.is_brief
end

local function fetch(keeper, hurry, generation)
  local state = keeper.state
  local record
  local answer, err = call.run(state, keeper.endpoint, keeper.params,
    { timeout = min(state.timeout, hurry.ends - state.now()) })
  if answer then
    record, err = record_from(keeper, answer)
  end
  if record then
    record = share(keeper, record, generation)
    note_success(keeper)
  elseif not is_hurried(err, hurry) and not state.closed then
    note_failure(keeper, err)
  end
  return record, err
end

local function fetch_locked(keeper, generation, hurry)
  -- Another may have been faster between the look and the lock.
  local record, err = another(keeper)
  if not record and not err then
    record, err = fetch(keeper, hurry, generation)
  end
  return record, err
end

-- Store -> key -> who holds the lock in this process.
local locks = setmetatable({}, { __mode = "k" })

-- With the lock; it is given back whatever happens.
local function fetch_alone(keeper, generation, hurry)
  local store, key = keeper.store, keeper.key
  local lock = { generation = generation, over = false, watched = false }
  locks[store] = locks[store] or {}
  locks[store][key] = lock
  holders.begin(lock)
  local ok, record, err = pcall(fetch_locked, keeper, generation, hurry)
  holders.finish(lock)
  stored(store, "unlock", key, generation)
  if not ok then
    error(record, 0)
  end
  return record, err
end

-- Gives back the lock of who was gone in the middle.
local function free_lock(keeper)
  local lock = locks[keeper.store] and locks[keeper.store][keeper.key]
  if lock and not lock.over and holders.is_gone(lock) then
    lock.over = true
    stored(keeper.store, "unlock", keeper.key, lock.generation)
  end
end

-- Waits a little longer each time; an error when it cannot.
local function pause(keeper, waiting)
  local transport = keeper.state.transport
  if not transport.sleep then
    return unavailable("access_token",
      "another fetches the access token, and the transport has no sleep")
  end
  waiting.step = min(0.25, (waiting.step or 0.01) * 1.5)
  local _, why = transport:sleep(waiting.step)
  return why and errors.from(why)
end

local function lock_life(keeper)
  return LOCK_LIFE * keeper.state.timeout
end

-- Another is at it, and there is a token meanwhile.
local function postponed(keeper)
  local current = keeper.current
  if not is_usable(keeper, current) then
    return nil
  end
  current.renew = keeper.state.clock() + LATER
  return current
end

-- How long another's token is waited for. Where a further fetch does no harm
-- that is not longer than a fetch takes, and leaves the time for it.
local function patience(keeper, hurry)
  local left = hurry.ends - keeper.state.now()
  return keeper.exclusive and min(left, WAIT * lock_life(keeper))
    or min(left / 2, BRIEF)
end

-- Another holds the lock: its token is waited for, unless there is one that
-- is still valid. A holder that died delays by the life of its lock, but where
-- a further fetch does no harm; nor does a store that fails there.
local function renew_shared(keeper, hurry)
  local state, waiting, err = keeper.state, {}
  local ends = state.now() + patience(keeper, hurry)
  repeat
    local record, trouble = another(keeper)
    if record or trouble then
      return record, trouble
    end
    local generation, why = stored(keeper.store, "lock", keeper.key,
      lock_life(keeper))
    if generation then
      return fetch_alone(keeper, generation, hurry)
    elseif generation == nil then
      err = store_failure(keeper, why)
    elseif postponed(keeper) then
      return keeper.current
    else
      free_lock(keeper)
      err = pause(keeper, waiting)
    end
  until err or state.now() >= ends or state.closed
  if state.closed then
    return nil, closed_failure(keeper)
  elseif not keeper.exclusive then
    return fetch(keeper, hurry)
  elseif err and err.code == "store" then
    note_failure(keeper, err)
  end
  return nil, err or unavailable("lock",
    "another has been fetching the access token for too long")
end

-- ------------------------------------------------------------------ renewal

local function tell(keeper, record, err)
  if keeper.told and not keeper.state.closed then
    keeper.told(record, err)
  end
end

-- Keeps a record; true if its token is another than before.
local function adopt(keeper, record)
  if keeper.state.closed then
    return false
  end
  local changed = not keeper.current or keeper.current.token ~= record.token
  keeper.current, keeper.was_refused = record, nil
  return changed
end

-- Runs for all who share the store, once at a time.
local function renew(keeper, hurry)
  local record, err = renew_shared(keeper, hurry)
  if not record or adopt(keeper, record) then
    tell(keeper, record, err)
  end
  return record, err
end

local function life_of_renewal(keeper)
  return WAIT * lock_life(keeper) + keeper.state.timeout
end

-- How long a renewal may take; `is_brief`: hardly a fetch.
local function hurry_of(keeper, seconds)
  return { ends = keeper.state.now() + seconds,
    is_brief = seconds < keeper.state.timeout / 2 }
end

local function begin(keeper)
  local life = life_of_renewal(keeper)
  return turn.begin(keeper.state, keeper.store, keeper.key, life, renew,
    keeper, hurry_of(keeper, life))
end

-- The token is due but valid: nobody waits for its renewal where somebody
-- else can do it, and otherwise one call does, briefly.
local function renew_ahead(keeper, seconds)
  local state = keeper.state
  if turn.is_shared(state, keeper.store, keeper.key) then
    return
  elseif turn.has_background(state) then
    begin(keeper)
    return
  end
  seconds = min(BRIEF, (seconds or 2 * BRIEF) / 2)
  local hurry = hurry_of(keeper, seconds)
  hurry.is_brief = false -- the next call shall not wait again
  turn.share(state, keeper.store, keeper.key, life_of_renewal(keeper), renew,
    keeper, hurry)
end

-- There is no token to be served: it is waited for.
local function renew_now(keeper, seconds)
  local state = keeper.state
  if turn.has_background(state) then
    begin(keeper)
  end
  seconds = seconds or life_of_renewal(keeper)
  local record, err = turn.share(state, keeper.store, keeper.key, seconds,
    renew, keeper, hurry_of(keeper, seconds))
  return record, err
end

-- Another keeper of this process may not know what this one was refused, or may
-- be closed while it fetches for both.
local function renewed(keeper, seconds)
  local record, err = renew_now(keeper, seconds)
  if not keeper.state.closed and (err and err.kind == "closed"
      or record and not is_usable(keeper, record)) then
    record, err = renew_now(keeper, seconds)
  end
  if is_usable(keeper, record) then
    adopt(keeper, record)
  end
  return err
end

local function obtain(keeper, seconds)
  local err = pending(keeper)
  if not err and is_usable(keeper, keeper.current)
      and not is_fresh(keeper, keeper.current) then
    renew_ahead(keeper, seconds)
    err = pending(keeper)
  end
  -- That may have taken the last of its time.
  if is_usable(keeper, keeper.current) then
    return keeper.current
  elseif err then
    -- Another may have had more luck.
    err = select(2, another(keeper))
  end
  if not err and not is_usable(keeper, keeper.current) then
    err = renewed(keeper, seconds)
  end
  if is_usable(keeper, keeper.current) then
    return keeper.current
  end
  return nil, err or troubles.refused()
end

-- Remembers what was refused for as long as the store may hold it: where the
-- token that followed could not be put, that is longer than it was the current
-- one. One that is older than the token at hand tells nothing about it.
local function refuse(keeper, token)
  local now, current, refused = keeper.state.clock(), keeper.current,
    keeper.refused
  if current and current.token ~= token or refused[token] then
    return
  end
  for other, ends in pairs(refused) do
    if ends <= now then
      refused[other] = nil
    end
  end
  refused[token] = current and current.expires or now + LONGEST_LIFE
  keeper.was_refused = true
  if current and pending(keeper) then
    withdraw(keeper, current)
  end
end

-- The first time that a token is accepted, by whomever.
local function accept(keeper, token)
  local settled = troubles.settled(keeper.trouble)
  if settled and keeper.current and keeper.current.token == token
      and is_usable(keeper, keeper.current) then
    note_trouble(keeper, settled)
  end
end

-- ------------------------------------------------------------------- methods

--- The access token.
---@param keeper wxbot.token.Source
---@param rejected string|nil the one that the platform has just refused
---@param seconds number|nil to wait at most for one that must be fetched
---@return string|nil token
---@return wxbot.Error|nil err
function M.get(keeper, rejected, seconds)
  if rejected then
    refuse(keeper, rejected)
  end
  local record, err
  if not keeper.state.closed then
    record, err = obtain(keeper, seconds)
  end
  if keeper.state.closed then
    return nil, closed_failure(keeper)
  elseif record then
    return record.token
  end
  return nil, errors.copy(err)
end

--- Takes note of what the platform thinks of a token.
---@param keeper wxbot.token.Source
---@param token string
---@param accepted boolean false: it was refused
function M.report(keeper, token, accepted)
  if accepted then
    accept(keeper, token)
  elseif not keeper.state.closed then
    refuse(keeper, token)
  end
end

--- Forgets secret and token.
---@param keeper wxbot.token.Source
function M.close(keeper)
  keeper.secret, keeper.current, keeper.trouble = nil, nil, nil
  keeper.params, keeper.refused = {}, {}
  keeper.state.closed = true
end

return M
