--- The one path that every call takes.
--
-- encode -> attempts (retry, deadline) -> transport -> decode -> shape.
-- Parameters arrive checked. A `state` is a bot's private side: credentials,
-- keys, transport, policies (see wxbot.client.bot).

local ascii = require "wxbot.util.text"
local codes = require "wxbot.api.errcode"
local envelope = require "wxbot.call.envelope"
local errors = require "wxbot.util.errors"
local late = require "wxbot.util.late"
local redact = require "wxbot.call.redact"
local repair = require "wxbot.codec.repair"
local retry = require "wxbot.call.retry"
local rich = require "wxbot.call.rich"
local shapes = require "wxbot.call.schema.shape"
local url = require "wxbot.codec.url"

local error, ipairs, pcall = error, ipairs, pcall
local tonumber, tostring, type = tonumber, tostring, type
local concat = table.concat
local escape = url.escape

local M = {}

local CONNECT_TIMEOUT = 3
-- Bytes of an answer, unless the endpoint is known to have longer ones.
local MAX_BODY = 1024 * 1024
local NONE = {}

-- What a status may come from.
local HINTS = { [404] = ": check token and base_url",
  [413] = ": the request is too large",
  [501] = ": it has no answer for this endpoint" }

-- ----------------------------------------------------------------- outward

local wires = {} -- by name

local function lacking(state, endpoint)
  if state.closed then
    return errors.new{ kind = "closed", sent = false,
      message = state.name .. " is closed" }
  end
  local missing
  for _, name in ipairs(endpoint.needs) do
    if not state[name] then
      missing = missing or {}
      missing[#missing + 1] = name
    end
  end
  if missing then
    return errors.new{ kind = "invalid", code = "credentials", sent = false,
      message = ("needs %s: give it to %s"):format(concat(missing, ", "),
        state.made_by) }
  end
  local err
  if not wires[endpoint.wire] then
    wires[endpoint.wire], err = late("wxbot.call.wire." .. endpoint.wire)
  end
  return err
end

local function encode(state, endpoint, params)
  local body, message = wires[endpoint.wire].encode_request(endpoint,
    params, state)
  if not body then
    return nil, errors.new{ kind = "invalid", code = "value", sent = false,
      message = message }
  end
  return body
end

local function fill_address(state, endpoint, params)
  return state.base_url[endpoint.service]
    .. endpoint.path:gsub("{([a-z_]+)}", function(name)
      return escape(name == endpoint.path_field and params[name] or state[name])
    end)
end

-- Without a field of the request in it, it stays the same as long as the bot
-- lives.
local function address_of(state, endpoint, params)
  if endpoint.path_field then
    return fill_address(state, endpoint, params)
  end
  local address = state.addresses[endpoint]
  if not address then
    address = fill_address(state, endpoint, params)
    state.addresses[endpoint] = address
  end
  return address
end

local function url_of(state, call, access_token)
  local endpoint = call.endpoint
  local address = address_of(state, endpoint, call.params)
  call.address, call.base = address, state.base_url[endpoint.service]
  if endpoint.query then
    return address .. "?access_token=" .. escape(access_token)
  elseif wires[endpoint.wire].in_url then
    return address .. "?" .. call.body
  end
  return address
end

-- What must not reach an error of this call. It is put together when there is
-- one, of what the call noted when it began: the bot may be closed meanwhile.
local function first_secrets(call)
  local endpoint, params = call.endpoint, call.params
  local secrets = { call.token, call.aes_key,
    type(call.access) == "string" and call.access or "", urls = {} }
  if call.address and endpoint.path:find("{token}", 1, true) then
    secrets.urls[1] = { call.address, call.base .. endpoint.path }
  end
  for _, field in ipairs(endpoint.request) do
    secrets[#secrets + 1] = field.sensitive and params[field.name] or nil
  end
  return secrets
end

local function add_secret(secrets, secret)
  for _, known in ipairs(secrets) do
    if known == secret then
      return
    end
  end
  secrets[#secrets + 1] = secret
end

-- Takes out of an error what nobody is to see.
local function clean(call, err)
  local secret = call.body and wires[call.endpoint.wire].secret
  local secrets = call.secrets or first_secrets(call)
  call.secrets = secrets
  -- Those that a repeat may have got anew.
  add_secret(secrets, call.params.signature)
  add_secret(secrets, secret and secret(call.body) or nil)
  add_secret(secrets, call.access_token)
  redact.error(err, secrets)
end

-- Whatever became of the token's own call, this one was not sent.
local function token_failure(err)
  if errors.is(err) then
    err = errors.copy(err)
    err.sent = false
    return err
  end
  return errors.new{ kind = "unavailable", code = "access_token",
    sent = false, message = "no access token: "
    .. tostring(err or "the function returned none") }
end

-- The access token of an attempt; a function is told which one was rejected
-- and how many seconds are left.
local function access_token_of(state, call)
  local source = state.access_token
  if not (call.endpoint.query or call.endpoint.header) then
    return nil
  elseif type(source) == "string" then
    return source
  end
  local token, err = source(call.rejected, call.deadline - state.now())
  if type(token) ~= "string" or token == "" or token:find("[%z\1-\31\127]") then
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
  if status >= 200 and status <= 299 then
    return nil
  end
  local passes = status == 429 or status >= 500
  return errors.new{ kind = passes and "unavailable" or "protocol",
    status = status,
    retry_after = passes and ascii.number(headers["retry-after"]) or nil,
    message = ("the platform answered with status %s%s"):format(status,
      HINTS[status] or "") }
end

local function unreadable(why)
  return errors.new{ kind = "protocol", message =
    "the answer could not be read: " .. why }
end

-- What an answer that is none, or a byte order mark alone, says. Whoever was
-- asked to do something, and says nothing, may have done it.
local function unanswered(endpoint, body, why)
  if body:gsub("^\239\187\191", ""):find("[^ \t\r\n]") then
    return unreadable(body:find("^[ \t\r\n]*<") and "it looks like HTML"
      or why)
  end
  local err = unreadable("it is empty")
  err.code = "empty"
  if endpoint.repeats ~= "always" then
    err.message =
      "the platform took it and said nothing: it may have been done"
  end
  return err
end

-- An answer that says neither yes nor no confirms nothing.
local function unconfirmed(endpoint, answer)
  for _, name in ipairs(endpoint.requires_any or NONE) do
    if answer[name] ~= nil then
      return nil
    end
  end
  return endpoint.requires_any
    and "it has no " .. concat(endpoint.requires_any, " or ")
end

local function shape(endpoint, answer, repaired)
  local why = unconfirmed(endpoint, answer)
  if why then
    return nil, unreadable(why)
  end
  local result = answer
  if endpoint.payload then
    result = envelope.unwrap(answer, endpoint.payload, endpoint.payload_optional)
    if not result then
      return nil, unreadable(endpoint.payload .. " is missing")
    end
    shapes.object(endpoint.envelope or {}, result)
  end
  shapes.object(endpoint.response, result)
  local lacks = shapes.missing(endpoint.response, result)
  if lacks then
    return nil, unreadable(lacks .. " is missing")
  end
  result.repaired = repaired or nil
  if endpoint.dialogue then
    rich.add(result, result.answer, result.answer_type, result.more_info,
      result.msg)
  end
  return result
end

-- A code that is not the platform's does not make an answer of a gateway in
-- between the platform's.
local function failure_of(endpoint, answer, status, response)
  local own = wires[endpoint.wire].failure
  local failure = own and own(endpoint, answer, status, response.body)
    or answer and envelope.failure(answer)
  if failure and (codes[failure.code] or status ~= 429 and status < 500) then
    return failure
  end
  return status_failure(status, response.headers)
end

-- What a transport of somebody else's may get wrong.
local function response_fault(response, max_body)
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

-- What is described of an answer as it comes. What its data have may stand
-- beside them, too.
local function fields_of(endpoint)
  if not endpoint.payload then
    return endpoint.response
  end
  local all = { { name = endpoint.payload, type = "object",
    fields = endpoint.response } }
  for _, fields in ipairs{ endpoint.envelope or NONE, endpoint.response } do
    for _, field in ipairs(fields) do
      all[#all + 1] = field
    end
  end
  return all
end

local function interpret(state, endpoint, response)
  local status = status_of(response)
  local answer, marked = wires[endpoint.wire].decode_answer(response.body,
    state)
  local result, repaired, odd
  if answer and marked then
    repaired, odd = repair.values(fields_of(endpoint), answer)
  end
  local err = failure_of(endpoint, answer, status, response)
  if not err and not answer then
    err = unanswered(endpoint, response.body, marked)
  elseif not err and odd then
    err = unreadable(odd .. " holds what no text may hold")
  elseif not err then
    result, err = shape(endpoint, answer, repaired)
  end
  if err then
    err.status, err.sent = status, true
  end
  return result, err
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

-- What a transport is asked for.
local function request_of(state, call, token, started)
  local endpoint, wire = call.endpoint, wires[call.endpoint.wire]
  local headers = wire.headers and wire.headers(state, call.body, token) or {}
  headers["content-type"] = wire.content_type
  return {
    method = endpoint.method or "POST",
    url = url_of(state, call, token),
    headers = headers,
    body = not wire.in_url and call.body or nil,
    timeout = call.deadline - started,
    connect_timeout = CONNECT_TIMEOUT,
    max_body = endpoint.max_body or MAX_BODY,
    idempotent = endpoint.repeats ~= "never",
  }
end

local function is_late(state, call)
  return state.now() >= call.deadline
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

-- Tells who gave an access token what the platform thinks of it, where it said
-- so and the giver wants to hear.
local function report_token(state, token, err)
  local outcome = err and retry.outcome(err)
  if token and state.report_token
      and (not err or err.kind == "platform" and outcome ~= "busy") then
    state.report_token(token, outcome ~= "credential")
  end
end

local function attempt(state, call)
  local endpoint = call.endpoint
  local token, result, response
  -- A bot may be closed while a call waits, for its access token too.
  local err = lacking(state, endpoint)
  if err then
    return nil, err
  end
  token, err = access_token_of(state, call)
  err = err or lacking(state, endpoint)
  if err then
    return nil, err
  end
  -- To get a token may have taken a while: then this was no attempt.
  if is_late(state, call) then
    call.attempt = call.attempt - 1
    return nil, no_time_left(call)
  end
  local started = state.now()
  err, call.admitted = state.retry:refusal(endpoint.service, started)
  if err then
    return nil, err
  end
  call.access_token = token
  response, err = state.transport:request(
    request_of(state, call, token, started))
  if response == nil then
    err = errors.from(err)
  else
    err = response_fault(response, endpoint.max_body or MAX_BODY)
    if err then
      response = nil
    else
      result, err = interpret(state, endpoint, response)
    end
  end
  if err then
    clean(call, err)
  end
  state.retry:note(endpoint.service, call.admitted, err, state.now())
  report_token(state, token, err)
  report(state, call, response, err, started)
  return result, err
end

-- What a call sets: one key, or one for each element of a list (each user and
-- kind of tag). A newer call that sets one of them too makes a repeat of this
-- one wrong.
local function settings_of(endpoint, params)
  local setting = endpoint.supersedes
  if not setting then
    return nil
  end
  local parts = { endpoint.name }
  for i, name in ipairs(setting) do
    parts[i + 1] = ("%d:%s"):format(#params[name], params[name])
  end
  local prefix, keys = concat(parts, " ") .. " ", {}
  if not setting.each then
    return { prefix }
  end
  for i, element in ipairs(params[setting.each]) do
    keys[i] = prefix .. element
  end
  return keys
end

local function claim(state, call)
  for _, key in ipairs(call.settings or NONE) do
    state.settings[key] = call
  end
end

local function release(state, call)
  for _, key in ipairs(call.settings or NONE) do
    if state.settings[key] == call then
      state.settings[key] = nil
    end
  end
end

-- Two calls that set the same to the same do not contradict each other.
local function agrees(endpoint, params, others)
  for _, field in ipairs(endpoint.request) do
    if field.name ~= endpoint.supersedes.each
        and params[field.name] ~= others[field.name] then
      return false
    end
  end
  return true
end

local function is_newest(state, call)
  for _, key in ipairs(call.settings or NONE) do
    local newest = state.settings[key]
    if newest ~= call and not (newest
        and agrees(call.endpoint, call.params, newest.params)) then
      return false
    end
  end
  return true
end

local function pause(state, call, err)
  if not state.transport.sleep then
    return false
  end
  local seconds = state.retry:delay(err, call.attempt)
  if not seconds or state.now() + seconds >= call.deadline then
    return false
  end
  state.retry:spend()
  local _, why = state.transport:sleep(seconds)
  if why then
    return false, errors.from(why)
  end
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
  if call.rejected or not call.access_token
      or type(state.access_token) ~= "function" then
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
    local paused, why = pause(state, call, err)
    return paused and is_newest(state, call), why
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

local function finish(call, err)
  err.sent = sent_of(call, err)
  err.endpoint = err.endpoint or call.endpoint.name
  err.attempts = call.attempt
  clean(call, err)
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
      return finish(call, err)
    end
    call.body = body
    local result
    repeat
      if is_late(state, call) then
        return finish(call, no_time_left(call))
      elseif not spend(call) then
        return finish(call, no_more(call, "limit", "budget",
          "the budget of attempts is used up"))
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
        return finish(call, why or err)
      end
    until call.params ~= params
  end
end

---@class wxbot.CallOptions
---@field timeout number|nil seconds for all attempts
---@field budget { left: integer }|nil bound on attempts, shared by calls
---@field renew nil|fun(): table|nil, wxbot.Error|nil params with a new signature

--- Makes a call.
---@param state table a bot's private side
---@param endpoint table description
---@param params table checked by schema
---@param options wxbot.CallOptions|nil
---@return table|nil result
---@return wxbot.Error|nil err
function M.run(state, endpoint, params, options)
  options = options or {}
  local call = {
    endpoint = endpoint,
    params = params,
    attempt = 0,
    deadline = state.now() + (options.timeout or state.timeout),
    budget = options.budget,
    renew = options.renew,
    settings = settings_of(endpoint, params),
    token = state.token or "",
    aes_key = state.aes_key or "",
    access = state.access_token,
  }
  local result
  local err = lacking(state, endpoint)
  if err then
    return finish(call, err)
  end
  state.retry:begin()
  claim(state, call)
  -- A task of a loop may be cancelled in the middle.
  local ok
  ok, result, err = pcall(attempts, state, call)
  release(state, call)
  if not ok then
    state.retry:forget(endpoint.service, call.admitted)
    error(result, 0)
  end
  return result, err
end

return M
