--- Following a task or a publication until it has ended.

local texts = require "wxbot.util.text"
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"
local retry = require "wxbot.call.retry"

local ipairs, pairs = ipairs, pairs
local max, min = math.max, math.min

local M = {}

-- Seconds, and queries, where a waiter does not say otherwise.
local USUAL = { interval = 1, max_interval = 15, timeout = 600,
  max_attempts = 200 }

local DOCS = {
  { "timeout", "number", "Seconds to wait at most" },
  { "interval", "number", "Seconds before the second query" },
  { "max_interval", "number", "Longest pause, seconds" },
  { "max_attempts", "integer", "Queries at most, repeats included" },
}

local function usual(waiter, name)
  return waiter[name] or USUAL[name]
end

--- Fields of the method that the endpoint has not.
---@param endpoint table
---@return table[] own
function M.fields(endpoint)
  local own = {}
  for i, doc in ipairs(DOCS) do
    own[i] = { name = doc[1], type = doc[2], exclusive_min = 0,
      doc = ("%s (default %d)"):format(doc[3], usual(endpoint.waiter, doc[1])) }
  end
  own[#own + 1] = { name = "on_progress", type = "function",
    doc = "Called with each answer" }
  return own
end

--- It pauses between its queries.
function M.sleeps()
  return true
end

-- The last query comes so long before the end, seconds, to have an answer
-- in time.
local RESERVE = 1

-- A query may fail this many times in a row, each with its own repeats.
local MAX_FAILURES = 3
-- A quota that lasts no longer is waited for, whatever the time that is left.
local MINUTE = 60

local function failed(waiter, params, answer)
  local name = answer[waiter.state .. "_name"]
  local reason = waiter.reason and answer[waiter.reason]
  local message = ("%s %s ended with %s"):format(waiter.what,
    params[waiter.id], name == "unknown"
      and "a state that is not documented: " .. answer[waiter.state]
      or name:gsub("_", " "))
  if reason and reason ~= "" then
    message = message .. ": " .. reason
  end
  return nil, errors.new{ kind = "platform", code = name, sent = true,
    message = message, result = answer }
end

local LIMITS = {
  timeout = { kind = "timeout", code = "wait", unit = "seconds" },
  max_attempts = { kind = "limit", code = "max_attempts", unit = "queries" },
}

-- What a wait ends with that may ask no more; if its last query failed, that.
local function out_of(name, run, err)
  local last, waiter = run.last, run.waiter
  if err then
    err.result = last
    return nil, err
  end
  local limit, progress = LIMITS[name], last.progress
  return nil, errors.new{ kind = limit.kind, code = limit.code, result = last,
    message = ("%s %s has not ended after %s %s: its state is %s%s"):format(
      waiter.what, run.params[waiter.id], texts.of_number(run[name]),
      limit.unit, last[waiter.state .. "_name"],
      progress and (" (" .. progress .. " %)") or "") }
end

local function is_pending(waiter, state)
  for _, pending in ipairs(waiter.pending) do
    if state == pending then
      return true
    end
  end
  return false
end

-- Seconds until a quota that is used up is so no more: nobody need ask before.
local function until_quota(run, err)
  return err and err.quota_ends and err.quota_ends - run.context.clock() or 0
end

-- May the next query have an answer, and is there time for one?
local function is_passing(run, err)
  return run.failures < MAX_FAILURES
    and retry.prospect(err, run.endpoint.repeats) == "later"
    and until_quota(run, err) <= max(run.deadline - run.context.now(), MINUTE)
end

-- Asks once. Has it ended, and with what?
local function query(run, options)
  local waiter, context = run.waiter, run.context
  local answer, err = call.run(context, run.endpoint, run.request, {
    timeout = min(options.timeout or context.timeout,
      run.deadline - context.now()),
    max_attempts = run.attempts,
  })
  run.last, run.failures = answer or run.last, answer and 0 or run.failures + 1
  if answer and run.params.on_progress then
    run.params.on_progress(answer)
  end
  if answer and is_pending(waiter, answer[waiter.state])
      or err and is_passing(run, err) then
    return false, nil, err
  elseif answer and answer[waiter.state] == waiter.success then
    return true, answer
  elseif answer then
    return true, failed(waiter, run.params, answer)
  end
  err.result = run.last
  return true, nil, err
end

-- Sleeps; what the wait ends with if that cannot be.
local function pause(run, seconds)
  local _, why = run.context.transport:sleep(seconds)
  local err = why and errors.from(why)
  if err then
    err.endpoint, err.result = err.endpoint or run.endpoint.name, run.last
  end
  return err
end

--- Follows until the end.
---@param context wxbot.Context
---@param endpoint table with a waiter
---@param params table of its request; timeout, interval, max_interval, max_attempts, on_progress
---@param options table { timeout = seconds of one query }
---@return table|nil result
---@return wxbot.Error|nil err with result: the last known state
function M.run(context, endpoint, params, options)
  local waiter = endpoint.waiter
  local run = { context = context, endpoint = endpoint, waiter = waiter,
    params = params, request = fields_of.pick(endpoint.request, params),
    failures = 0 }
  for name in pairs(USUAL) do
    run[name] = params[name] or usual(waiter, name)
  end
  run.attempts = { left = run.max_attempts }
  run.deadline = context.now() + run.timeout
  local interval = run.interval
  while true do
    local ended, answer, err = query(run, options)
    if ended then
      return answer, err
    elseif run.attempts.left <= 0 then
      return out_of("max_attempts", run, err)
    end
    local seconds = min(max(interval, until_quota(run, err)), run.deadline
      - min(RESERVE, run.timeout / 10) - context.now())
    if seconds <= 0 then
      return out_of("timeout", run, err)
    end
    local why = pause(run, seconds)
    if why then
      return nil, why
    elseif context.now() >= run.deadline then
      return out_of("timeout", run, err)
    end
    interval = min(interval * 1.5, run.max_interval)
  end
end

return M
