--- What may be repeated, how often and when: one table for every call.

local breaker = require "wxbot.call.breaker"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local options_of = require "wxbot.call.schema.options"

local min = math.min
local setmetatable = setmetatable

local M = {}

-- Outcome of an attempt -> may the endpoint's calls be repeated -> the plan.
-- "always" looks, "unless_newer" sets a value (its newest call wins), "never" does
-- something that must not happen twice.
--   again    repeat
--   newest   repeat, unless a newer call has set the same since
--   sign     get a new signature, once
--   token    get a new access token, once
--   final    the caller decides
local RULES = {
  not_sent    = { always = "again", unless_newer = "newest", never = "again" },
  refused     = { always = "final", unless_newer = "final",  never = "final" },
  unknown     = { always = "again", unless_newer = "newest", never = "final" },
  limited     = { always = "again", unless_newer = "newest", never = "again" },
  unavailable = { always = "again", unless_newer = "newest", never = "final" },
  busy        = { always = "again", unless_newer = "newest", never = "final" },
  signature   = { always = "final", unless_newer = "final",  never = "sign" },
  credential  = { always = "token", unless_newer = "token",  never = "token" },
  final       = { always = "final", unless_newer = "final",  never = "final" },
}

local PLATFORM = { [-1] = "busy", [1005] = "signature",
  [40001] = "credential", [40014] = "credential", [42001] = "credential",
  sign = "credential", [210201] = "busy", [210205] = "busy",
  [1003001] = "busy", [1110001] = "busy" }

-- 503 is also the answer to a badly sealed body, which no repeat mends.
local MAX_REPEATS_503 = 2
local MAX_RETRY_AFTER = 60

-- Codes of a handshake that ended before it came to certificates: of libcurl
-- and of wxbot.transport.resty.
local HANDSHAKE = { curl_35 = true, handshake = true }

--- Sorts a failure into the rows of the table above.
---@param err wxbot.Error
---@return string outcome
function M.outcome(err)
  if err.kind == "platform" then
    return PLATFORM[err.detail or err.code] or "final"
  elseif err.kind == "tls" then
    return err.sent == false and HANDSHAKE[err.code] and "not_sent"
      or "refused"
  elseif err.status == 407 then -- a proxy may lock out who asks again
    return "final"
  elseif err.status == 429 then
    return "limited"
  elseif err.kind == "unavailable" and err.status then
    return "unavailable"
  elseif err.kind == "transport" or err.kind == "timeout" then
    return err.sent == false and "not_sent" or "unknown"
  end
  return "final"
end

-- Outcomes that pass by themselves.
local PASSING = { not_sent = true, unknown = true, limited = true,
  unavailable = true, busy = true }

-- Was nothing done, by the status?
local function has_refused(err)
  return err.status ~= nil and err.status >= 400 and err.status < 500
end

-- Has something in between answered, as where one first has to log in?
local function is_odd(err)
  return err.kind == "protocol" and err.status ~= nil and not has_refused(err)
end

--- What can be hoped of a call that has failed with all its repeats.
---@param err wxbot.Error
---@param repeats string of its endpoint
---@return string prospect "later": it passes, and the call may be made again; "unknown": it may have been done, so that it may not; "final"
function M.prospect(err, repeats)
  local outcome = M.outcome(err)
  local plan = RULES[outcome][repeats]
  if plan == "again" or plan == "newest" or err.quota_ends
      or err.kind == "unavailable" and err.sent == false
      or repeats ~= "never" and is_odd(err) then
    return "later"
  elseif repeats == "never" and err.sent ~= false
      and (PASSING[outcome] or err.kind ~= "platform")
      and not has_refused(err) then
    return "unknown"
  end
  return "final"
end

-- Uniform in [0, 1). Not math.random, which starts alike in every process
-- under LuaJIT.
local function random()
  local high, low = core.random(2):byte(1, 2)
  return (high * 256 + low) / 65536
end

---@class wxbot.RetryPolicy
---@field calls integer that have begun; whoever begins one counts it
---@field left number repeats in the bucket
local Policy = {}
Policy.__index = Policy

--- The `retry` option.
M.OPTIONS = {
  { name = "attempts", type = "number", min = 0, default = 3,
    doc = "Attempts of a call" },
  { name = "base", type = "number", min = 0, default = 0.2,
    doc = "Longest pause before the first repeat, seconds; it doubles" },
  { name = "cap", type = "number", min = 0, default = 5,
    doc = "Longest pause of all, seconds" },
  { name = "bucket", type = "number", min = 0, default = 10,
    doc = "Repeats that the bot has to spend" },
  { name = "refill", type = "number", min = 0, default = 0.1,
    doc = "Repeats that each call adds to them" },
  { name = "breaker", type = "object", or_type = "boolean",
    fields = breaker.OPTIONS,
    doc = "true: calls of a service that is down fail at once" },
  { name = "random", type = "function", default = random,
    doc = "Returns a number from 0 to below 1" },
}

--- Makes a policy: attempts and delays, and a bucket that bounds repeats.
---@param options table|boolean|nil { attempts, base, cap (seconds), bucket, refill, breaker, random } | false for one attempt
---@return wxbot.RetryPolicy policy
function M.new(options)
  local policy = options_of.complete(M.OPTIONS, options)
  policy.breaker = policy.breaker
    and options_of.complete(breaker.OPTIONS, policy.breaker)
  if options == false then
    policy.attempts = 1
  end
  -- Every call earns a part of a repeat.
  policy.calls, policy.paid = 0, 0
  policy.left = policy.bucket
  policy.breakers = {} -- by service, made when they are first asked
  return setmetatable(policy, Policy)
end

-- The breaker of a service; nil unless one was asked for.
local function breaker_of(policy, service)
  if policy.breaker and not policy.breakers[service] then
    policy.breakers[service] = breaker.new(policy.breaker)
  end
  return policy.breakers[service]
end

--- Says no to an attempt that a breaker spares.
---@param service string
---@param now number seconds
---@return wxbot.Error|nil
---@return integer|boolean|nil admitted what `note` wants to be told
function Policy:refusal(service, now)
  local found = breaker_of(self, service)
  local admitted = found and found:admits(now)
  if admitted == false then
    return errors.new{ kind = "unavailable", code = "breaker", sent = false,
      message = "too many calls have failed; the next one is tried later" }
  end
  return nil, admitted
end

local ABSENT = { transport = true, timeout = true, unavailable = true }

--- Notes how an attempt ended.
---@param service string
---@param admitted integer|boolean|nil from `refusal`
---@param err wxbot.Error|nil
---@param now number seconds
function Policy:note(service, admitted, err, now)
  local found = breaker_of(self, service)
  if found then
    found:note(admitted, err ~= nil and ABSENT[err.kind] == true, now)
  end
end

--- Notes that an attempt will not end: its fiber was cancelled.
---@param service string
---@param admitted integer|boolean|nil from `refusal`
function Policy:forget(service, admitted)
  local found = breaker_of(self, service)
  if found then
    found:forget(admitted)
  end
end

-- Full jitter: anywhere between nothing and the doubled ceiling.
local function backoff(policy, attempt)
  return policy.random() * min(policy.cap, policy.base * 2 ^ (attempt - 1))
end

--- Takes a repeat that is going to be made from the bucket.
function Policy:spend()
  self.left = self.left - 1
end

-- Seconds before the next attempt; nil: there is none.
local function delay(policy, err, attempt)
  local after, calls = err.retry_after, policy.calls
  policy.left = min(policy.bucket,
    policy.left + policy.refill * (calls - policy.paid))
  policy.paid = calls
  if attempt >= policy.attempts or policy.left < 1
      or err.status == 503 and attempt > MAX_REPEATS_503
      or after and after > MAX_RETRY_AFTER then
    return nil
  elseif after and after >= 0 then
    return after
  end
  return backoff(policy, attempt)
end

--- What follows a failed attempt.
---@param err wxbot.Error
---@param repeats string "always" | "unless_newer" | "never": of the endpoint
---@param attempt integer the attempt that failed, from 1
---@return string plan "final" | "again" | "newest" | "sign" | "token"
---@return number|nil seconds to wait before, of "again" and "newest"
function Policy:plan(err, repeats, attempt)
  local plan = RULES[M.outcome(err)][repeats]
  if plan ~= "again" and plan ~= "newest" then
    return plan
  end
  local seconds = delay(self, err, attempt)
  return seconds and plan or "final", seconds
end

return M
