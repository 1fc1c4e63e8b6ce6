--- Following a task or a publication until it has ended.

local ascii = require "wxbot.util.text"
local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local retry = require "wxbot.call.retry"
local fields_of = require "wxbot.call.schema.fields"

local min = math.min

local M = {}

-- How to follow each endpoint. Intervals and timeouts in seconds. An account
-- may query publications as few as 100 times a day, hence the budget.
M.kinds = {
  task_fetch = {
    what = "task", id = "task_id", state = "state",
    pending = { [0] = true, [1] = true }, success = 2,
    interval = 1, max_interval = 15, timeout = 600, max_attempts = 200,
    reason = "msg",
  },
  v2_fetch = {
    what = "task", id = "task_id", state = "state",
    pending = { [1] = true }, success = 2,
    interval = 1, max_interval = 15, timeout = 600, max_attempts = 200,
    reason = "msg",
  },
  v2_progress = {
    what = "publishing for", id = "env", state = "status",
    pending = { [3] = true }, success = 1,
    interval = 1, max_interval = 15, timeout = 600, max_attempts = 200,
  },
  publish_progress = {
    what = "publishing by", id = "managerid", state = "status",
    pending = { [3] = true }, success = 1,
    interval = 1, max_interval = 15, timeout = 600, max_attempts = 200,
  },
  freepublish_get = {
    what = "publication", id = "publish_id", state = "publish_status",
    pending = { [1] = true }, success = 0,
    interval = 2, max_interval = 120, timeout = 1800, max_attempts = 50,
  },
}

-- The last query comes so long before the end, seconds, to have an answer
-- in time.
local RESERVE = 1

-- A query may fail this many times in a row, each with its own repeats.
local MAX_FAILURES = 3
local PASSING = { transport = true, timeout = true, unavailable = true }
-- Too many calls in a minute: not to be repeated at once, but the next query
-- comes later.
local TOO_FAST = 45011

local function is_passing(err)
  return PASSING[err.kind] or err.code == TOO_FAST
    or retry.outcome(err) == "busy"
end

local function failed(kind, params, answer)
  local name = answer[kind.state .. "_name"]
  local reason = kind.reason and answer[kind.reason]
  local message = ("%s %s ended with %s"):format(kind.what, params[kind.id],
    name == "unknown" and "a state that is not documented: "
      .. answer[kind.state] or name:gsub("_", " "))
  if reason and reason ~= "" then
    message = message .. ": " .. reason
  end
  return nil, errors.new{ kind = "platform", code = name, sent = true,
    message = message, result = answer }
end

local LIMITS = {
  timeout = { kind = "timeout", code = "wait", unit = "seconds" },
  max_attempts = { kind = "limit", code = "budget", unit = "queries" },
}

-- What a wait ends with that may ask no more; if its last query failed, that.
local function out_of(name, kind, params, last, err)
  if err then
    err.result = last
    return nil, err
  end
  local limit, progress = LIMITS[name], last.progress
  return nil, errors.new{ kind = limit.kind, code = limit.code, result = last,
    message = ("%s %s has not ended after %s %s: its state is %s%s"):format(
      kind.what, params[kind.id], ascii.of_number(params[name] or kind[name]), limit.unit,
      last[kind.state .. "_name"],
      progress and (" (" .. progress .. " %)") or "") }
end

-- nil: ask again; otherwise what the wait ends with.
local function judge(kind, params, answer, err, failures, last)
  if answer and kind.pending[answer[kind.state]] then
    return nil
  elseif answer and answer[kind.state] == kind.success then
    return { answer }
  elseif answer then
    return { failed(kind, params, answer) }
  elseif is_passing(err) and failures < MAX_FAILURES then
    return nil
  end
  err.result = last
  return { nil, err }
end

--- Follows until the end.
---@param state table a bot's private side
---@param name string endpoint
---@param params table its parameters and timeout, interval, max_interval, max_attempts, on_progress
---@param options table { timeout = seconds of one query }
---@return table|nil result
---@return wxbot.Error|nil err with result: the last known state
function M.run(state, name, params, options)
  local kind, endpoint = M.kinds[name], by_name[name]
  local timeout = params.timeout or kind.timeout
  local interval = params.interval or kind.interval
  local longest = params.max_interval or kind.max_interval
  local budget = { left = params.max_attempts or kind.max_attempts }
  local deadline = state.now() + timeout
  local request = fields_of.pick(endpoint.request, params)
  local failures, last = 0, nil
  while true do
    local answer, err = call.run(state, endpoint, request, {
      timeout = min(options.timeout or state.timeout,
        deadline - state.now()),
      budget = budget,
    })
    last, failures = answer or last, answer and 0 or failures + 1
    if answer and params.on_progress then
      params.on_progress(answer)
    end
    local ended = judge(kind, params, answer, err, failures, last)
    if ended then
      return ended[1], ended[2]
    elseif budget.left <= 0 then
      return out_of("max_attempts", kind, params, last, err)
    end
    local pause = min(interval, deadline - min(RESERVE, timeout / 10)
      - state.now())
    if pause <= 0 then
      return out_of("timeout", kind, params, last, err)
    end
    local _, why = state.transport:sleep(pause)
    if why then
      err = errors.from(why)
      err.endpoint, err.result = err.endpoint or name, last
      return nil, err
    elseif state.now() >= deadline then
      return out_of("timeout", kind, params, last, err)
    end
    interval = min(interval * 1.5, longest)
  end
end

--- What a method that follows an endpoint runs.
---@param name string endpoint
---@return fun(state: table, params: table, options: table): table|nil, wxbot.Error|nil
function M.following(name)
  return function(state, params, options)
    return M.run(state, name, params, options)
  end
end

return M
