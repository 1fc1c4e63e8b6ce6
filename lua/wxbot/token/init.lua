--- Keeps an access token: fetches it, shares it, renews it ahead of its end.
--
-- One fetch at a time for an account in a process. With `classic`, whose every
-- fetch ends the token before it, a lock of the store makes that one fetch at
-- a time for all who share the store; the generation of the lock keeps a slow
-- holder from overwriting a newer token. A token that is still valid is served
-- whatever becomes of its renewal.

local client = require "wxbot.client"
local call = require "wxbot.call"
local core = require "wxbot.core"
local endpoints = require "wxbot.endpoint"
local errors = require "wxbot.error"
local memory = require "wxbot.token.memory"

local floor, min = math.floor, math.min
local error, ipairs, pairs, pcall = error, ipairs, pairs, pcall
local setmetatable, tonumber, tostring = setmetatable, tonumber, tostring
local type = type

local M = {}

---@class wxbot.Token
local Token = { __name = "wxbot.token" }
Token.__index = Token
Token.__metatable = "wxbot.token"

-- The private side of every keeper, where no walk through its fields leads.
local keepers = setmetatable({}, { __mode = "k" })

-- The renewals under way: store -> key -> flight.
local flights = setmetatable({}, { __mode = "k" })

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
local AHEAD = 0.8          -- part of its life after which it is renewed …
local JITTER = 0.1         -- … earlier or later by this part of that
local LOCK_LIFE = 3        -- times the timeout of a fetch
local MAX_BACKOFF = 60     -- seconds
local LONGEST_LIFE = 86400 -- seconds, whatever an answer claims
local QUOTA = 45009        -- the day's calls are used up …
local DAY, ZONE = 86400, 8 * 3600 -- … until midnight at UTC+8

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
  return {
    appid = options.appid, secret = options.secret, kind = kind,
    key = ("wxbot:{%s}:%s"):format(options.appid, kind),
    endpoint = endpoints.by_name[ENDPOINTS[kind]],
    store = options.store or default_store, state = state,
    on_refresh = options.on_refresh, failures = 0, refused = {},
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
  local state, err = client.state(OPTIONS, options)
  if not state then
    return nil, err
  end
  local keeper = setmetatable({}, Token)
  keepers[keeper] = keeper_from(options, state)
  return keeper
end

-- ------------------------------------------------------------------ records

-- Uniform in [-1, 1].
local function random()
  local high, low = core.random(2):byte(1, 2)
  return (high * 256 + low) / 32767.5 - 1
end

local function record_of(token, issued, expires)
  return { token = token, issued = issued, expires = expires,
    renew = issued + (expires - issued) * AHEAD * (1 + JITTER * random()) }
end

local function write(record)
  return ("%d %d %s"):format(record.issued, record.expires, record.token)
end

local function read(value)
  local issued, expires, token = (value or ""):match("^(%d+) (%d+) (%S+)$")
  return token and record_of(token, tonumber(issued), tonumber(expires))
end

local function is_usable(keeper, record)
  return record ~= nil and not keeper.refused[record.token]
    and keeper.state.clock() < record.expires - MARGIN
end

local function is_fresh(keeper, record)
  return is_usable(keeper, record)
    and keeper.state.clock() < record.renew
end

-- ----------------------------------------------------------------- failures

local function unavailable(code, message)
  return errors.new{ kind = "unavailable", code = code, sent = false,
    message = message }
end

local function store_failure(keeper, message)
  message = tostring(message):gsub("%c+", " ")
  local _, at = message:find(keeper.secret, 1, true)
  return unavailable("store", "the store of access tokens failed"
    .. (at and "" or ": " .. message:sub(1, 200)))
end

-- Everybody gets an error of their own: a call completes it.
local function copy_of(err)
  local copy = {}
  for name, value in pairs(err) do
    copy[name] = value
  end
  return errors.new(copy)
end

local function end_of_day(now)
  return floor((now + ZONE) / DAY + 1) * DAY - ZONE
end

local function note_failure(keeper, err)
  local state = keeper.state
  keeper.failures = keeper.failures + 1
  keeper.err = err
  keeper.again = state.now() + min(MAX_BACKOFF, 2 ^ (keeper.failures - 1))
  if err.code == QUOTA then
    keeper.next_day = end_of_day(state.clock())
  end
end

local function note_success(keeper, record)
  keeper.failures, keeper.err, keeper.again = 0, nil, nil
  keeper.next_day, keeper.insisted, keeper.refused = nil, nil, {}
  keeper.current = record
end

-- The failure that a further attempt has to wait for.
local function pending_failure(keeper)
  local state = keeper.state
  if keeper.err and (state.now() < keeper.again
      or state.clock() < (keeper.next_day or 0)) then
    return keeper.err
  end
end

-- ----------------------------------------------------------------- fetching

local function record_from(keeper, answer)
  local life = answer.expires_in
  if not answer.access_token:find("^[%w_.~+/=-]+$") or life <= 0 then
    return nil, errors.new{ kind = "protocol", sent = true,
      endpoint = keeper.endpoint.name,
      message = "the answer holds no access token that can be used" }
  elseif keeper.refused[answer.access_token]
      and keeper.insisted ~= answer.access_token then
    -- A later attempt believes it.
    keeper.insisted = answer.access_token
    return nil, unavailable("access_token",
      "the platform gives out the access token that it refuses")
  end
  local now = floor(keeper.state.clock())
  return record_of(answer.access_token, now, now + min(life, LONGEST_LIFE))
end

local function fetch(keeper)
  local answer, err = call.run(keeper.state, keeper.endpoint, {
    grant_type = "client_credential", appid = keeper.appid,
    secret = keeper.secret })
  if not answer then
    return nil, err
  end
  return record_from(keeper, answer)
end

-- Hands over what was fetched; where a newer one was put meanwhile, that is
-- taken instead.
local function share(keeper, record, generation)
  local store, key = keeper.store, keeper.key
  local stored = store:put(key, write(record), generation,
    record.expires - record.issued)
  if stored == false then
    local newer = read(store:get(key))
    record = is_usable(keeper, newer) and newer or record
  end
  return record
end

-- What another has put in the store since. One that is to be renewed serves
-- meanwhile.
local function shared(keeper)
  local record = read((keeper.store:get(keeper.key)))
  if is_usable(keeper, record) and not is_usable(keeper, keeper.current) then
    keeper.current = record
  end
  return is_fresh(keeper, record) and record or nil
end

local function fetch_locked(keeper, generation)
  -- Another may have been faster between the look and the lock.
  local record, err = shared(keeper), nil
  if not record then
    record, err = fetch(keeper)
    record = record and share(keeper, record, generation)
  end
  return record, err
end

-- With the lock; it is given back whatever happens.
local function fetch_alone(keeper, generation)
  local ok, record, err = pcall(fetch_locked, keeper, generation)
  keeper.store:unlock(keeper.key, generation)
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
    return nil, errors.is(why) and why or unavailable("access_token",
      "waiting for the access token failed")
  end
  return true
end

local function lock_life(keeper)
  return LOCK_LIFE * keeper.state.timeout
end

-- Another holds the lock: its token is waited for, unless there is one that
-- is still valid. A holder that died delays by the life of its lock.
local function renew_classic(keeper)
  local state, waiting = keeper.state, {}
  local ends = state.now() + lock_life(keeper) + state.timeout
  repeat
    local record = shared(keeper)
    if record then
      return record
    end
    local generation, why = keeper.store:lock(keeper.key, lock_life(keeper))
    if generation then
      return fetch_alone(keeper, generation)
    elseif generation == nil then
      return nil, store_failure(keeper, why)
    elseif is_usable(keeper, keeper.current) then
      return keeper.current
    end
    local paused, err = pause(keeper, waiting)
    if not paused then
      return nil, err
    end
  until state.now() >= ends
  return nil, unavailable("lock",
    "another has been fetching the access token for too long")
end

-- Two fetches do no harm here, nor does a store that fails.
local function renew_stable(keeper)
  local record = shared(keeper)
  if record then
    return record
  end
  local generation = keeper.store:lock(keeper.key, lock_life(keeper))
  if generation then
    return fetch_alone(keeper, generation)
  elseif generation == false
      and is_usable(keeper, keeper.current) then
    return keeper.current
  end
  return fetch(keeper)
end

-- ------------------------------------------------------------------ renewal

local function report(keeper, record, err)
  if keeper.on_refresh then
    keeper.on_refresh{ appid = keeper.appid, kind = keeper.kind,
      expires_at = record and record.expires, err = err }
  end
end

-- The flight that others wait for; one whose holder vanished (a thread that
-- was killed) is over at its end.
local function flight_of(keeper)
  local flying = flights[keeper.store]
  local flight = flying and flying[keeper.key]
  return flight and not flight.over and keeper.state.now() < flight.ends
    and flight or nil
end

local function take_off(keeper)
  local state = keeper.state
  flights[keeper.store] = flights[keeper.store] or {}
  local flight = { ends = state.now() + lock_life(keeper)
    + 2 * state.timeout }
  flights[keeper.store][keeper.key] = flight
  return flight
end

local function land(keeper, flight)
  flight.over = true
  if flights[keeper.store][keeper.key] == flight then
    flights[keeper.store][keeper.key] = nil
  end
end

-- Renews in this coroutine.
local function renew(keeper)
  local flight = take_off(keeper)
  local ok, record, err = pcall(keeper.kind == "classic" and renew_classic
    or renew_stable, keeper)
  flight.record, flight.err = ok and record or nil, ok and err or nil
  land(keeper, flight)
  if not ok then
    error(record, 0)
  elseif record then
    local changed = not keeper.current
      or keeper.current.token ~= record.token
    note_success(keeper, record)
    if changed then
      report(keeper, record)
    end
  else
    note_failure(keeper, err)
    report(keeper, nil, err)
  end
  return record, err
end

-- Waits for the renewal of another coroutine.
local function await(keeper, flight)
  local waiting = {}
  while not flight.over and keeper.state.now() < flight.ends do
    local paused, err = pause(keeper, waiting)
    if not paused then
      return nil, err
    end
  end
  if is_usable(keeper, flight.record) then
    keeper.current = flight.record
    return flight.record
  end
  return nil, flight.err or unavailable("access_token",
    "the one who fetched the access token was stopped")
end

-- A usable token without waiting, where there is one.
local function at_hand(keeper)
  local current = keeper.current
  if is_fresh(keeper, current) then
    return current
  elseif is_usable(keeper, current)
      and (pending_failure(keeper) or flight_of(keeper)) then
    return current
  end
end

local function obtain(keeper)
  local record = at_hand(keeper)
  if record then
    return record
  end
  local err, flight = pending_failure(keeper), flight_of(keeper)
  if err then
    record = shared(keeper)
    keeper.current = record or keeper.current
  elseif flight then
    record, err = await(keeper, flight)
  else
    record, err = renew(keeper)
  end
  if not record and is_usable(keeper, keeper.current) then
    record = keeper.current
  end
  return record, err
end

-- ------------------------------------------------------------------- methods

--- The access token.
---@param rejected string|nil the one that the platform has just refused
---@return string|nil token
---@return wxbot.Error|nil err
function Token:get(rejected)
  local keeper = keepers[self]
  if not keeper then
    error("get: call it with a colon: keeper:get()", 2)
  elseif rejected ~= nil and type(rejected) ~= "string" then
    error("keeper:get: rejected must be a string (got "
      .. type(rejected) .. ")", 2)
  end
  if rejected then
    keeper.refused[rejected] = true
  end
  local record, err = obtain(keeper)
  if record then
    return record.token
  end
  return nil, copy_of(err)
end

function Token:__tostring()
  return "wxbot.token (" .. keepers[self].appid .. ")"
end

return M
