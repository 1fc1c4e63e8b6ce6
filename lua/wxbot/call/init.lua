--- The one path that every call takes.
--
-- encode -> attempts (retry, deadline) -> transport -> decode -> shape.
-- Parameters arrive checked.
--
-- A call looks at the clock when it begins and after all that may wait: `now`
-- is the last look. To encode and to decode takes no time that counts.

local access_token = require "wxbot.call.access_token"
local errors = require "wxbot.util.errors"
local http_date = require "wxbot.codec.http_date"
local prepare = require "wxbot.call.prepare"
local quota = require "wxbot.call.quota"
local redact = require "wxbot.call.redact"
local request = require "wxbot.call.request"
local response_of = require "wxbot.call.response"
local supersede = require "wxbot.call.supersede"

local error, pcall, type = error, pcall, type

local M = {}

---@class wxbot.Call
---@field endpoint table description
---@field wire table how its body travels
---@field params table
---@field body string|nil the parameters, encoded
---@field attempt integer attempts so far
---@field now number when the clock was last looked at
---@field deadline number
---@field max_attempts { left: integer }|nil shared by calls
---@field renew nil|fun(context: wxbot.Context, call: wxbot.Call): table|nil, wxbot.Error|nil params with a new signature
---@field asker table|nil what `renew` signs
---@field keys string[]|nil what it sets, where a newer call supersedes it
---@field failure wxbot.Error|nil of the last attempt
---@field access_token string|nil of the last attempt
---@field rejected string|nil access token that the platform refused
---@field admitted integer|boolean|nil what the circuit breaker said

-- ------------------------------------------------------------- one attempt

-- What a transport of somebody else's may get wrong.
local function response_error(response, max_body)
  if type(response) ~= "table" or type(response.status) ~= "number"
      or type(response.body) ~= "string" then
    return errors.new{ kind = "protocol", code = "transport", message =
      "the transport must return { status, headers, body }" }
  elseif #response.body > max_body then
    return errors.new{ kind = "limit", code = "body", sent = true,
      message = ("the answer is larger than %d bytes"):format(max_body) }
  end
  response.headers = response.headers or {}
end

-- Sends the request: a result or an error, and the response, if it is one.
local function exchange(context, call)
  -- While the call waits nobody keeps the request.
  local response, err = context.transport:request(request.of(context, call))
  if response == nil then
    return nil, errors.from(err)
  end
  err = response_error(response,
    call.endpoint.max_body or request.MAX_BODY)
  if err then
    return nil, err
  end
  local result
  result, err = response_of.read(context, call, response)
  return result, err, response
end

--- What `on_call` is told of an attempt; no secret is in it.
---@class wxbot.Attempt
---@field endpoint string
---@field attempt integer from 1
---@field status integer|nil of the answer; nil: there is none
---@field milliseconds number
---@field bytes integer of the answer's body
---@field kind string|nil of the error, if it failed
---@field code integer|string|nil of the error
---@field date integer|nil unix seconds by the server's clock (Date), if it said so: with the code 1005 it tells a wrong clock from a wrong key

local function tell(context, call, err, response, started)
  context.on_call{
    endpoint = call.endpoint.name,
    attempt = call.attempt,
    status = response and response.status or nil,
    milliseconds = (call.now - started) * 1000,
    bytes = response and #response.body or 0,
    kind = err and err.kind or nil,
    code = err and err.code or nil,
    date = response and http_date.read(response.headers.date) or nil,
  }
end

-- What a call ends with that may try no more: what failed last says more than
-- that.
local function no_more(call, kind, code, message)
  return call.failure or errors.new{ kind = kind, code = code, sent = false,
    message = message }
end

local function no_time_left(call)
  return no_more(call, "timeout", "timeout",
    "there is no time left for the call")
end

-- A bot may be closed while a call waits.
local function attempt(context, call)
  local endpoint, policy = call.endpoint, context.retry
  local token, result, err, response
  if context.closed then
    return nil, request.closed(context)
  elseif endpoint.query or endpoint.header then
    token, err = access_token.of(context, call)
    -- To get a token may have taken a while: then this was no attempt.
    if not err and call.now >= call.deadline then
      call.attempt = call.attempt - 1
      err = no_time_left(call)
    end
  end
  if not err and policy.breaker then
    err, call.admitted = policy:refusal(endpoint.service, call.now)
  end
  if err then
    return nil, err
  end
  local started = context.on_call and context.now()
  call.access_token = token
  result, err, response = exchange(context, call)
  if err then
    redact.call_error(call, err)
    quota.note(context, endpoint, err)
  end
  if err or context.on_call or policy.breaker then
    call.now = context.now()
    policy:note(endpoint.service, call.admitted, err, call.now)
  end
  if token then
    access_token.report(context, token, err)
  end
  if context.on_call then
    tell(context, call, err, response, started)
  end
  return result, err
end

-- ------------------------------------------------------------ several of them

-- Notes what an attempt left behind at the platform.
local function note(call, err)
  call.failure = err
  call.unknown = call.unknown or err.sent == nil
  call.answered = call.answered or err.sent == true
end

local function spend(max_attempts)
  max_attempts.left = max_attempts.left - 1
  return max_attempts.left >= 0
end

-- A last attempt that was not sent does not take back an earlier one that
-- was, or may have been.
local function sent_of(call, err)
  if err.sent ~= false then
    return err.sent
  elseif call.unknown then
    return nil
  end
  return call.answered == true
end

local function fail(call, err)
  err.sent = sent_of(call, err)
  err.endpoint = err.endpoint or call.endpoint.name
  err.attempts = call.attempt
  redact.call_error(call, err)
  return nil, err
end

local function attempts(context, call)
  local max_attempts = call.max_attempts
  local result, err, again, why
  repeat
    if call.now >= call.deadline then
      return fail(call, no_time_left(call))
    elseif max_attempts and not spend(max_attempts) then
      return fail(call, no_more(call, "limit", "max_attempts",
        "all attempts that it may take are made"))
    end
    call.attempt = call.attempt + 1
    result, err = attempt(context, call)
    if result then
      return result
    end
    note(call, err)
    local plan, seconds = context.retry:plan(err, call.endpoint.repeats,
      call.attempt)
    again, why = prepare[plan](context, call, seconds)
  until not again
  return fail(call, why or err)
end

-- Notes that it is over, too: a fiber of a loop may be cancelled in the middle.
local function attempts_noted(context, call)
  local endpoint = call.endpoint
  if endpoint.supersedes then
    supersede.begin(context, call)
  end
  local ok, result, err = pcall(attempts, context, call)
  if endpoint.supersedes then
    supersede.finish(context, call)
  end
  if not ok then
    context.retry:forget(endpoint.service, call.admitted)
    error(result, 0)
  end
  return result, err
end

local function run(context, call)
  local endpoint, err = call.endpoint, request.begin(context, call)
  err = err or context.quota and quota.pending(context, endpoint)
  if err then
    return fail(call, err)
  end
  context.retry.calls = context.retry.calls + 1
  if endpoint.supersedes or context.retry.breaker then
    return attempts_noted(context, call)
  end
  return attempts(context, call)
end

---@class wxbot.CallOptions
---@field timeout number|nil seconds for all attempts
---@field deadline number|nil the same, by the clock of the transport
---@field max_attempts { left: integer }|nil shared by calls
---@field renew nil|fun(context: wxbot.Context, call: wxbot.Call): table|nil, wxbot.Error|nil
---@field asker table|nil

local NONE = {}

--- Makes a call.
---@param context wxbot.Context
---@param endpoint table description
---@param params table checked by schema
---@param options wxbot.CallOptions|nil
---@return table|nil result
---@return wxbot.Error|nil err
function M.run(context, endpoint, params, options)
  options = options or NONE
  local now = context.now()
  -- A tail call: while the call waits nobody keeps the options.
  return run(context, {
    endpoint = endpoint, params = params, attempt = 0, now = now,
    deadline = options.deadline or now + (options.timeout or context.timeout),
    max_attempts = options.max_attempts, renew = options.renew,
    asker = options.asker,
    -- No error may show these; the bot may be closed when there is one.
    token = context.token, aes_key = context.aes_key,
    access = context.access_token,
  })
end

return M
