--- The one path that every call takes.
--
-- encode -> attempts (retry, deadline) -> transport -> decode -> shape.
-- Parameters arrive checked. A `state` is a bot's private side: credentials,
-- keys, transport, policies (see wxbot.bot).

local envelope = require "wxbot.envelope"
local errors = require "wxbot.error"
local retry = require "wxbot.retry"
local schema = require "wxbot.schema"

local ipairs, pairs, require = ipairs, pairs, require
local setmetatable = setmetatable
local tonumber, tostring, type = tonumber, tostring, type
local concat = table.concat

local M = {}

local CONNECT_TIMEOUT = 3
local MAX_BODY = 1024 * 1024

-- ----------------------------------------------------------------- outward

local function lacking(state, endpoint)
  local missing = {}
  for _, name in ipairs(endpoint.needs) do
    if not state[name] then
      missing[#missing + 1] = name
    end
  end
  if #missing > 0 then
    return errors.new{ kind = "invalid", code = "credentials", sent = false,
      message = ("needs %s: give it to wxbot.new"):format(
        concat(missing, ", ")) }
  end
end

local wires = setmetatable({}, { __index = function(loaded, name)
  local wire = require("wxbot.wire." .. name)
  loaded[name] = wire
  return wire
end })

local function encode(state, endpoint, params)
  local body, message = wires[endpoint.wire].encode_request(endpoint, params, state.crypt)
  if not body then
    return nil, errors.new{ kind = "invalid", code = "value", sent = false,
      message = message }
  end
  return body
end

local function percent(char)
  return ("%%%02X"):format(char:byte())
end

--- Percent-encodes everything but unreserved characters.
---@param text string
---@return string
function M.escape(text)
  return (text:gsub("[^%w_.~-]", percent))
end

-- The part that stays the same as long as the bot lives.
local function address_of(state, endpoint)
  local address = state.addresses[endpoint]
  if not address then
    address = state.base_url[endpoint.service]
      .. endpoint.path:gsub("{(%w+)}", function(name)
        return M.escape(state[name])
      end)
    state.addresses[endpoint] = address
  end
  return address
end

local function url_of(state, endpoint, access_token)
  local address = address_of(state, endpoint)
  if endpoint.query then
    return address .. "?access_token=" .. M.escape(access_token)
  end
  return address
end

-- Credentials never reach a message, whoever wrote the message.
local function redact(state, text, access_token)
  local secrets = { state.token or "", state.aes_key or "",
    access_token or "" }
  for _, secret in ipairs(secrets) do
    if #secret > 3 then
      local pattern = secret:gsub("%p", "%%%0")
      text = text:gsub(pattern, "***")
    end
  end
  return text
end

local function token_failure(err)
  if errors.is(err) then
    return err
  end
  return errors.new{ kind = "unavailable", code = "access_token",
    sent = false, message = "no access token: "
    .. tostring(err or "the function returned none") }
end

-- The access token of an attempt; a function is told which one was rejected.
local function access_token_of(state, endpoint, rejected)
  local source = state.access_token
  if not endpoint.query then
    return nil
  elseif type(source) == "string" then
    return source
  end
  local token, err = source(rejected)
  if type(token) ~= "string" or token == "" or token:find("%c") then
    return nil, token_failure(err)
  end
  return token
end

-- ------------------------------------------------------------------ inward

-- Some failures are a plain text with status 200.
local function status_of(response)
  local said = response.body:match("^Error request, response status: (%d%d%d)")
  return tonumber(said) or response.status
end

local function status_failure(status, headers)
  if status == 429 or status >= 500 then
    return errors.new{ kind = "unavailable", status = status,
      retry_after = headers["retry-after"],
      message = "the platform answered with status " .. status }
  elseif status < 200 or status > 299 then
    return errors.new{ kind = "protocol", status = status,
      message = ("the platform answered with status %d%s"):format(status,
        status == 404 and ": check token and base_url" or "") }
  end
end

local function unreadable(body, why)
  if body == "" then
    why = "it is empty"
  elseif body:find("^%s*<") then
    why = "it looks like HTML"
  end
  return errors.new{ kind = "protocol", message =
    "the answer could not be read: " .. why }
end

local function shape(endpoint, answer)
  local result = answer
  if endpoint.data then
    result = envelope.unwrap(answer, endpoint.data)
    if not result then
      return nil, unreadable("{", endpoint.data .. " is missing")
    end
    schema.shape(endpoint.envelope, result)
  end
  schema.shape(endpoint.response, result)
  local lacks = schema.lacking(endpoint.response, result)
  if lacks then
    return nil, unreadable("{", lacks .. " is missing")
  end
  return result
end

-- What a transport of somebody else's may get wrong.
local function response_fault(response)
  if type(response) ~= "table" or type(response.status) ~= "number"
      or type(response.body) ~= "string" then
    return errors.new{ kind = "protocol", code = "transport", message =
      "the transport must return { status, headers, body }" }
  elseif #response.body > MAX_BODY then
    return errors.new{ kind = "limit", code = "body", sent = true,
      message = ("the answer is larger than %d bytes"):format(MAX_BODY) }
  end
  response.headers = response.headers or {}
end

local function interpret(endpoint, response)
  local status = status_of(response)
  local answer, why = wires[endpoint.wire].decode_answer(response.body)
  local err = answer and envelope.failure(answer)
    or status_failure(status, response.headers)
  local result
  if not err and not answer then
    err = unreadable(response.body, why)
  elseif not err then
    result, err = shape(endpoint, answer)
  end
  if err then
    err.status, err.sent = status, true
  end
  return result, err
end

-- A transport of somebody else's may return any kind of error.
local function transport_failure(err)
  if errors.is(err) then
    return err
  elseif type(err) == "table" and type(err.kind) == "string" then
    local copy = {}
    for name, value in pairs(err) do
      copy[name] = value
    end
    copy.message = tostring(copy.message or copy.kind)
    return errors.new(copy)
  end
  return errors.new{ kind = "transport", message = tostring(err or
    "the transport failed without saying why") }
end

-- ---------------------------------------------------------------- attempts

local function report(state, call, response, err, started)
  if state.on_call then
    state.on_call{
      endpoint = call.endpoint.name,
      attempt = call.attempt,
      status = response and response.status or nil,
      milliseconds = (state.now() - started) * 1000,
      bytes = response and #response.body or 0,
      kind = err and err.kind or nil,
      code = err and err.code or nil,
    }
  end
end

local function attempt(state, call)
  local endpoint, started = call.endpoint, state.now()
  local token, result, response
  local err
  token, err = access_token_of(state, endpoint, call.rejected)
  if err then
    return nil, err
  end
  call.access_token = token
  response, err = state.transport:request{
    method = "POST",
    url = url_of(state, endpoint, token),
    headers = { ["content-type"] = call.content_type },
    body = call.body,
    timeout = call.deadline - started,
    connect_timeout = CONNECT_TIMEOUT,
    max_body = MAX_BODY,
    idempotent = endpoint.repeats ~= "act",
  }
  if response == nil then
    err = transport_failure(err)
  else
    err = response_fault(response)
    if err then
      response = nil
    else
      result, err = interpret(endpoint, response)
    end
  end
  report(state, call, response, err, started)
  return result, err
end

-- A newer call for the same thing makes a repeat of this one wrong.
local function setting_key(endpoint, params)
  if not endpoint.setting then
    return nil
  end
  local parts = { endpoint.name }
  for i, name in ipairs(endpoint.setting) do
    parts[i + 1] = ("%d:%s"):format(#params[name], params[name])
  end
  return concat(parts, " ")
end

local function is_newest(state, call)
  return call.setting == nil or state.settings[call.setting] == call
end

local function pause(state, call, err)
  if not state.transport.sleep then
    return false
  end
  local seconds = state.retry:delay(err, call.attempt)
  if not seconds or state.now() + seconds >= call.deadline then
    return false
  end
  state.transport:sleep(seconds)
  return true
end

local function new_signature(call)
  if not call.renew or call.renewed then
    return false
  end
  call.renewed = true
  local params, err = call.renew()
  if params then
    call.params = params
    return true
  end
  return false, err
end

local function new_token(state, call)
  if call.rejected or type(state.access_token) ~= "function" then
    return false
  end
  call.rejected = call.access_token
  return true
end

-- Prepares what the table of repeats allows; false: the failure is final.
local function prepare_repeat(state, call, err)
  local verdict = retry.verdict(err, call.endpoint.repeats)
  if verdict == "sign" then
    return new_signature(call)
  elseif verdict == "token" then
    return new_token(state, call)
  elseif verdict == "again" then
    return pause(state, call, err)
  elseif verdict == "newest" and is_newest(state, call) then
    return pause(state, call, err) and is_newest(state, call)
  end
  return false
end

-- Notes what an attempt left behind at the platform.
local function note(call, err)
  call.failure = err
  call.unknown = call.unknown or err.sent == nil
  call.answered = call.answered or err.sent == true
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

local function finish(state, call, err)
  err.sent = sent_of(call, err)
  err.endpoint = err.endpoint or call.endpoint.name
  err.attempts = call.attempt
  err.message = redact(state, err.message, call.access_token)
  return nil, err
end

local function spend(call)
  local budget = call.budget
  if not budget then
    return true
  end
  budget.left = budget.left - 1
  return budget.left >= 0
end

local function attempts(state, call)
  while true do
    local body, err = encode(state, call.endpoint, call.params)
    if not body then
      return finish(state, call, err)
    end
    call.body = body
    local result
    repeat
      if not spend(call) then
        return finish(state, call, call.failure or errors.new{
          kind = "limit", code = "budget", sent = false,
          message = "the budget of attempts is used up" })
      end
      call.attempt = call.attempt + 1
      result, err = attempt(state, call)
      if result then
        return result
      end
      note(call, err)
      local params = call.params
      local again, why = prepare_repeat(state, call, err)
      if not again then
        return finish(state, call, why or err)
      end
    until call.params ~= params
  end
end

--- Makes a call.
---@param state table a bot's private side
---@param endpoint table description
---@param params table checked by schema
---@param options table|nil { timeout = seconds for all attempts, budget = { left = attempts }, renew = function() -> params with a new signature | nil, err }
---@return table|nil result
---@return wxbot.Error|nil err
function M.run(state, endpoint, params, options)
  options = options or {}
  local call = {
    endpoint = endpoint,
    params = params,
    attempt = 0,
    content_type = wires[endpoint.wire].content_type,
    deadline = state.now() + (options.timeout or state.timeout),
    budget = options.budget,
    renew = options.renew,
    setting = setting_key(endpoint, params),
  }
  local err = lacking(state, endpoint)
  if err then
    return finish(state, call, err)
  end
  state.retry:begin()
  if call.setting then
    state.settings[call.setting] = call
  end
  local result
  result, err = attempts(state, call)
  if is_newest(state, call) and call.setting then
    state.settings[call.setting] = nil
  end
  return result, err
end

return M
