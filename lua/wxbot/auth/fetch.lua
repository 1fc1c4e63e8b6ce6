--- Fetches an access token, once at a time for all who share a store, as long
--- as that works and no holder of its lock dies.
--
-- Where every fetch ends the token before it (an exclusive source) that holds
-- without exception. Elsewhere a further fetch does no harm: a holder that died,
-- and a store that fails, delay nobody for long.

local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local holders = require "wxbot.util.holder"
local pcall_method = require "wxbot.util.pcall_method"
local records = require "wxbot.auth.record"
local redact = require "wxbot.call.redact"
local shared = require "wxbot.auth.shared"
local waiters = require "wxbot.util.waiter"

local error, pcall = error, pcall
local floor, huge, min = math.floor, math.huge, math.min
local setmetatable, tostring = setmetatable, tostring

local M = {}

local MAX_LIFE = 86400     -- seconds, whatever an answer claims
local LOCK_LIFE = 3        -- times the timeout of a fetch
local LOCKS = 2            -- lives of a lock: a dead holder's, and the next one
local BRIEF = 3            -- seconds of waiting for another's fetch
local LATER = 1            -- seconds until a look at another's renewal

---@class wxbot.Deadline of a renewal
---@field ends number by the clock of the transport
---@field is_brief boolean that leaves hardly the time of a fetch

--- The error of a store that failed.
---@param message any as the store says it
---@return nil
---@return wxbot.Error
function M.store_failure(source, message)
  message = tostring(message):gsub("[%z\1-\31\127]+", " ")
  local _, at = message:find(source.secret or message, 1, true)
  return errors.unavailable("store", "the store of access tokens failed"
    .. (at and "" or ": " .. redact.beginning(message, 200)))
end

-- ----------------------------------------------------------------- the fetch

--- Makes a record of what was answered.
---@param token string
---@param life number seconds
---@param refresh string|nil
---@return wxbot.TokenRecord|nil record
---@return wxbot.Error|nil err
function M.record(source, token, life, refresh)
  if not token:find("^[A-Za-z0-9_.~+/=@-]+$") or life <= shared.MARGIN
      or refresh and not refresh:find("^[A-Za-z0-9_.~+/=@-]+$") then
    return nil, errors.new{ kind = "protocol", sent = true,
      endpoint = source.endpoint.name,
      message = "the answer holds no access token that can be used" }
  end
  local now = floor(source.context.clock())
  -- The platform may insist on one that it refused.
  source.refused[token] = nil
  return records.new(token, now, now + min(life, MAX_LIFE), refresh)
end

-- What a source asks that does not say how.
local function ask(source, deadline)
  local answer, err = call.run(source.context, source.endpoint, source.params,
    { deadline = deadline })
  if not answer then
    return nil, err
  end
  return M.record(source, answer.access_token, answer.expires_in or source.life)
end

-- Where a refresh token was changed, and cannot be kept, the record is not used.
local function publish(source, record, generation)
  local published, message = shared.publish(source, record, generation)
  if message and record.is_changed then
    return M.store_failure(source, message)
  end
  return published
end

local function fetch(source, deadline, generation)
  local context, now = source.context, source.context.now()
  local record, err = (source.ask or ask)(source,
    min(now + context.timeout, deadline.ends), generation)
  if record then
    record, err = publish(source, record, generation)
  end
  if record then
    shared.fetched(source)
  elseif not context.closed
      -- Too little time says nothing about the platform.
      and not (err.kind == "timeout" and deadline.is_brief) then
    shared.failed(source, err)
  end
  return record, err
end

local function fetch_locked(source, deadline, generation)
  -- Another may have been faster between the look and the lock.
  local record, err = shared.read(source)
  if not record and not err then
    record, err = fetch(source, deadline, generation)
  end
  return record, err
end

-- ------------------------------------------------------------------ the lock

-- Seconds after which a lock is free again.
local function lock_life(source)
  return LOCK_LIFE * source.context.timeout
end

--- Seconds that a renewal takes at most.
function M.life(source)
  return LOCKS * lock_life(source) + source.context.timeout
end

-- Store -> key -> who holds its lock in this process.
local holders_of = setmetatable({}, { __mode = "k" })

-- With the lock; it is given back whatever happens.
local function run_locked(source, generation, deadline)
  local store, key, now = source.store, source.key, source.context.now
  local holder = { generation = generation, ends = now() + lock_life(source) }
  holders_of[store] = holders_of[store] or {}
  holders_of[store][key] = holder
  holders.begin(holder, now)
  local ok, record, err = pcall(fetch_locked, source, deadline, generation)
  holders.finish(holder)
  pcall_method(store, "unlock", key, generation)
  if not ok then
    error(record, 0)
  end
  return record, err
end

-- Gives back the lock of who vanished in this process.
local function free_lock(source)
  local holder = (holders_of[source.store] or {})[source.key]
  if holder and not holder.over
      and holders.is_gone(holder, source.context.now()) then
    holder.over = true
    pcall_method(source.store, "unlock", source.key, holder.generation)
  end
end

-- Waits a little longer each time; an error when it cannot.
local function pause(source, waiter, ends)
  if not source.context.transport.sleep then
    local _, err = errors.unavailable("access_token",
      "another fetches the access token, and the transport has no sleep")
    return err
  end
  return waiters.pause(source.context, waiter, waiter, ends)
end

-- ---------------------------------------------------------------- a renewal

-- Another renews the token: what is still valid is served meanwhile.
local function serve_stale(source)
  local current = source.current
  if shared.is_usable(source, current) then
    current.renew = source.context.clock() + LATER
    return current
  end
end

-- How long another's token is waited for. Where a further fetch does no harm
-- that is not longer than a fetch takes, and leaves the time for it.
local function patience(source, deadline)
  local left = deadline.ends - source.context.now()
  return source.exclusive and min(left, LOCKS * lock_life(source))
    or min(left / 2, BRIEF)
end

-- What to do next for a token: it is there, or must not be fetched now; it is
-- fetched with the lock; the lock cannot be had, or is another's.
local function look(source)
  local record, err = shared.read(source)
  if record or err then
    return "settled", record, err
  end
  local generation, why = pcall_method(source.store, "lock", source.key,
    lock_life(source))
  if generation then
    return "locked", generation
  elseif generation == nil then
    return "failed", M.store_failure(source, why)
  end
  record = serve_stale(source)
  return record and "settled" or "held", record
end

-- Nobody's token was had in time.
local function give_up(source, deadline, err)
  if source.context.closed then
    return nil, errors.closed(source.context.name)
  elseif not source.exclusive then
    return fetch(source, deadline)
  elseif err and err.code == "store" then
    shared.failed(source, err)
  end
  if err then
    return nil, err
  end
  return errors.unavailable("lock",
    "another has been fetching the access token for too long")
end

--- Renews the token: waits for what another fetches, or fetches.
---@param deadline wxbot.Deadline
---@return wxbot.TokenRecord|nil record
---@return wxbot.Error|nil err
function M.renew(source, deadline)
  local context = source.context
  local waiter = { ends = huge, step = 0.01, longest = 0.25 }
  local ends = context.now() + patience(source, deadline)
  local status, value, err
  repeat
    status, value, err = look(source)
    if status == "settled" then
      return value, err
    elseif status == "locked" then
      return run_locked(source, value, deadline)
    elseif status == "held" then
      free_lock(source)
      err = pause(source, waiter, ends)
    end
  until err or context.now() >= ends or context.closed
  return give_up(source, deadline, err)
end

return M
