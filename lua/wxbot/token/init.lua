--- Keeps an access token: fetches it, shares it, renews it ahead of its end.
--
-- One fetch at a time for an account in a process. With `classic`, whose every
-- fetch ends the token before it, a lock of the store makes that one fetch at
-- a time for all who share the store; the generation of the lock keeps a slow
-- holder from overwriting a newer token.
--
-- A token that is still valid is served whatever becomes of its renewal: that
-- runs in a thread of its own where the host has them (a task of a loop, a
-- timer of nginx), elsewhere in the one call that finds it due.

local client = require "wxbot.client"
local call = require "wxbot.call"
local endpoints = require "wxbot.endpoint"
local errors = require "wxbot.error"
local memory = require "wxbot.token.memory"
local private = require "wxbot.private"
local records = require "wxbot.token.record"
local redact = require "wxbot.redact"
local stored = require "wxbot.stored"
local troubles = require "wxbot.token.trouble"
local turn = require "wxbot.turn"

local floor, min = math.floor, math.min
local error, ipairs, pairs, pcall = error, ipairs, pairs, pcall
local tostring, type = tostring, type

local M = {}

---@class wxbot.Token
local Token, keepers = private.class("token", "keeper of the access token")

-- Shared by the keepers that were given none.
local default_store = memory.new()

local OPTIONS = {
  { name = "appid", type = "string", required = true,
    doc = "appid of the account, wx…" },
  { name = "secret", type = "string", required = true,
    doc = "AppSecret of the account" },
  { name = "kind", type = "string", values = { "stable", "classic" },
    doc = "which interface is asked" },
  { name = "store", type = "object", doc = "where tokens are shared" },
  { name = "base_url", type = "string", or_type = "object",
    doc = "where the services are" },
  { name = "timeout", type = "number", doc = "seconds of a fetch" },
  { name = "transport", type = "object", doc = "what reaches the network" },
  { name = "clock", type = "function", doc = "returns unix seconds" },
  { name = "on_refresh", type = "function", doc = "told of every renewal" },
}

local ENDPOINTS = { stable = "stable_token", classic = "token" }

local MARGIN = 60          -- seconds before its end a token is given up
local LOCK_LIFE = 3        -- times the timeout of a fetch
local WAIT = 2             -- lives of a lock: a dead holder's, and the next one
local LONGEST_LIFE = 86400 -- seconds, whatever an answer claims
local BRIEF = 3            -- seconds of a renewal that a call has to wait for
local LATER = 1            -- seconds until a look at another's renewal

-- ------------------------------------------------------------------- making

local function misuse_of(options)
  local message = client.misuse("wxbot.token", OPTIONS, options)
  if message then
    return message
  end
  for _, name in ipairs{ "get", "lock", "unlock", "put" } do
    local store = options.store
    if store and type(store[name]) ~= "function" then
      return "wxbot.token: store must have a method " .. name
    end
  end
end

local function keeper_from(options, state)
  local kind = options.kind or "stable"
  local key = records.key(options.appid, kind, options.secret)
  return {
    appid = options.appid, secret = options.secret, kind = kind,
    key = key, key_of_trouble = key .. ":failure",
    key_aside = kind == "stable" and key .. ":aside" or nil,
    endpoint = endpoints.by_name[ENDPOINTS[kind]],
    store = options.store or default_store, state = state,
    on_refresh = options.on_refresh, refused = {},
  }
end

--- Makes a keeper of an access token.
---@param options table see README, Access tokens
---@param level integer|nil of the caller, for the position of a mistake
---@return wxbot.Token|nil keeper
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options, level)
  local message = misuse_of(options)
  if message then
    error(message, (level or 1) + 1)
  end
  local state, err = client.state(OPTIONS, options, keepers.noun)
  if not state then
    return nil, err
  end
  return keepers:new(keeper_from(options, state))
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
  message = tostring(message):gsub("%c+", " ")
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
    keeper.current = record
  end
  return is_fresh(keeper, record) and record or nil
end

-- The failure that a further attempt has to wait for.
local function pending(keeper)
  return troubles.pending(keeper.trouble, keeper.state.clock())
end

-- The same, another's as well.
local function shared_failure(keeper)
  local trouble = troubles.read((stored(keeper.store, "get", keeper.key_of_trouble)))
  keeper.trouble = trouble or keeper.trouble
  return pending(keeper)
end

-- Puts a value that has no fetch behind it; who is late need not.
local function put(keeper, key, value, life)
  local generation = stored(keeper.store, "lock", key, 1)
  if generation then
    stored(keeper.store, "put", key, value, generation, life)
    stored(keeper.store, "unlock", key, generation)
  end
end

local function note_failure(keeper, err)
  local now = keeper.state.clock()
  keeper.trouble = troubles.after(keeper.trouble, err, now)
  if err.code ~= "store" then
    put(keeper, keeper.key_of_trouble, troubles.write(keeper.trouble),
      troubles.life(keeper.trouble, now))
  end
end

local function note_success(keeper)
  if keeper.trouble then
    put(keeper, keeper.key_of_trouble, "-", 1)
  end
  keeper.trouble, keeper.insisted = nil, nil
end

-- Hands over what was fetched; where a newer one was put meanwhile, that is
-- taken instead.
local function share(keeper, record, generation)
  local done = stored(keeper.store, "put", keeper.key, records.write(record),
    generation, record.expires - record.issued)
  if done == false then
    local newer = look(keeper, keeper.key)
    record = is_usable(keeper, newer) and newer or record
  end
  return record
end

-- ---------------------------------------------------------------- fetching

local function record_from(keeper, answer)
  local token, life = answer.access_token, answer.expires_in
  if not token:find("^[%w_.~+/=-]+$") or life <= MARGIN then
    return nil, errors.new{ kind = "protocol", sent = true,
      endpoint = keeper.endpoint.name,
      message = "the answer holds no access token that can be used" }
  elseif keeper.refused[token] and keeper.insisted ~= token then
    -- A later attempt believes it.
    keeper.insisted = token
    return nil, unavailable("access_token",
      "the platform gives out the access token that it refuses")
  end
  local now = floor(keeper.state.clock())
  keeper.refused[token] = nil
  return records.new(token, now, now + min(life, LONGEST_LIFE))
end

-- What has no time says nothing about the platform.
local function is_hurried(err, hurry)
  return err.kind == "timeout" and hurry.is_brief
end

local function fetch(keeper, hurry)
  local state = keeper.state
  local record
  local answer, err = call.run(state, keeper.endpoint, {
    grant_type = "client_credential", appid = keeper.appid,
    secret = keeper.secret,
  }, { timeout = min(state.timeout, hurry.ends - state.now()) })
  if answer then
    record, err = record_from(keeper, answer)
  end
  if record then
    note_success(keeper)
  elseif not is_hurried(err, hurry) and not state.closed then
    note_failure(keeper, err)
  end
  return record, err
end

local function fetch_locked(keeper, generation, hurry)
  -- Another may have been faster between the look and the lock.
  local record = shared(keeper)
  local err = not record and shared_failure(keeper) or nil
  if not record and not err then
    record, err = fetch(keeper, hurry)
    record = record and share(keeper, record, generation)
  end
  return record, err
end

-- With the lock; it is given back whatever happens.
local function fetch_alone(keeper, generation, hurry)
  local ok, record, err = pcall(fetch_locked, keeper, generation, hurry)
  stored(keeper.store, "unlock", keeper.key, generation)
  if not ok then
    error(record, 0)
  end
  return record, err
end

-- Waits a little longer each time; nil, err when it cannot.
local function pause(keeper, waiting)
  local transport = keeper.state.transport
  if not transport.sleep then
    return nil, unavailable("access_token",
      "another fetches the access token, and the transport has no sleep")
  end
  waiting.step = min(0.25, (waiting.step or 0.01) * 1.5)
  local _, why = transport:sleep(waiting.step)
  if why then
    return nil, errors.from(why)
  end
  return true
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

-- Another holds the lock: its token is waited for, unless there is one that
-- is still valid. A holder that died delays by the life of its lock.
local function renew_classic(keeper, hurry)
  local state, waiting = keeper.state, {}
  local ends = min(hurry.ends, state.now() + WAIT * lock_life(keeper))
  repeat
    local record = shared(keeper)
    local err = not record and shared_failure(keeper)
    if record or err then
      return record, err
    end
    local generation, why = stored(keeper.store, "lock", keeper.key,
      lock_life(keeper))
    if generation then
      return fetch_alone(keeper, generation, hurry)
    elseif generation == nil then
      err = store_failure(keeper, why)
      note_failure(keeper, err)
      return nil, err
    end
    record = postponed(keeper)
    if record then
      return record
    end
    local paused
    paused, err = pause(keeper, waiting)
    if not paused then
      return nil, err
    end
  until state.now() >= ends or state.closed
  return nil, state.closed and closed_failure(keeper) or unavailable("lock",
    "another has been fetching the access token for too long")
end

-- Who holds the lock may be dead: the others need not fetch as well.
local function share_aside(keeper, record)
  put(keeper, keeper.key_aside, records.write(record),
    record.expires - record.issued)
end

-- Two fetches do no harm here, nor does a store that fails.
local function renew_stable(keeper, hurry)
  local record = shared(keeper)
  local err = not record and shared_failure(keeper)
  if record or err then
    return record, err
  end
  local generation = stored(keeper.store, "lock", keeper.key, lock_life(keeper))
  if generation then
    return fetch_alone(keeper, generation, hurry)
  elseif generation == false then
    record = postponed(keeper)
  end
  if not record then
    record, err = fetch(keeper, hurry)
    if record then
      share_aside(keeper, record)
    end
  end
  return record, err
end

-- ------------------------------------------------------------------ renewal

local function report(keeper, record, err)
  if keeper.on_refresh and not keeper.state.closed then
    keeper.on_refresh{ appid = keeper.appid, kind = keeper.kind,
      expires_at = record and record.expires, err = err }
  end
end

-- Keeps a record; true if its token is another than before.
local function adopt(keeper, record)
  if keeper.state.closed then
    return false
  end
  local changed = not keeper.current or keeper.current.token ~= record.token
  keeper.current, keeper.trouble = record, nil
  return changed
end

-- Runs for all who share the store, once at a time.
local function renew(keeper, hurry)
  local way = keeper.kind == "classic" and renew_classic or renew_stable
  local record, err = way(keeper, hurry)
  if record then
    if adopt(keeper, record) then
      report(keeper, record)
    end
  else
    report(keeper, nil, err)
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

-- Another keeper of this process may not know what this one was refused.
local function renewed(keeper, seconds)
  local record, err = renew_now(keeper, seconds)
  if record and not is_usable(keeper, record) then
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
    shared(keeper)
  else
    err = renewed(keeper, seconds)
  end
  if is_usable(keeper, keeper.current) then
    return keeper.current
  end
  return nil, err or unavailable("access_token",
    "the platform refuses the access token that was just fetched")
end

-- Remembers what was refused for as long as the store may hold it: where the
-- token that followed could not be put, that is longer than it was the current
-- one.
local function refuse(keeper, token)
  local now, refused = keeper.state.clock(), keeper.refused
  for other, ends in pairs(refused) do
    if ends <= now then
      refused[other] = nil
    end
  end
  refused[token] = keeper.current and keeper.current.expires
    or now + LONGEST_LIFE
end

-- ------------------------------------------------------------------- methods

--- The access token.
---@param rejected string|nil the one that the platform has just refused
---@param seconds number|nil to wait at most for one that must be fetched
---@return string|nil token
---@return wxbot.Error|nil err
function Token:get(rejected, seconds)
  local keeper = keepers:of(self, "get")
  if rejected ~= nil and type(rejected) ~= "string" then
    error("keeper:get: rejected must be a string (got "
      .. type(rejected) .. ")", 2)
  elseif seconds ~= nil and type(seconds) ~= "number" then
    error("keeper:get: seconds must be a number (got "
      .. type(seconds) .. ")", 2)
  end
  -- One that is older than the token at hand tells nothing about it.
  if rejected and (not keeper.current or keeper.current.token == rejected) then
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

--- Forgets secret and token; every later call is an error of kind "closed".
-- Transport and store are left as they are: they may serve others. A fetch
-- that is under way still puts its token in the store.
function Token:close()
  local keeper = keepers:of(self, "close")
  keeper.secret, keeper.current, keeper.trouble = nil, nil, nil
  keeper.refused, keeper.insisted = {}, nil
  keeper.state.closed = true
end

Token.__close = Token.close

function Token:__tostring()
  local keeper = keepers:of(self, "tostring")
  return "wxbot.token (" .. keeper.appid
    .. (keeper.state.closed and ", closed" or "") .. ")"
end

return M
