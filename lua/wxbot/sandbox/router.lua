--- Takes a request to its endpoint: finds it, asks its service whether the
-- caller is believed, and has its answer written.

local causes = require "wxbot.sandbox.causes"
local endpoints = require "wxbot.api"
local explain = require "wxbot.sandbox.explain"
local faults = require "wxbot.sandbox.faults"
local paths = require "wxbot.sandbox.explain.paths"
local responses = require "wxbot.util.response"
local secrets = require "wxbot.sandbox.secrets"
local services = require "wxbot.sandbox.service"
local texts = require "wxbot.util.text"
local url = require "wxbot.codec.url"
local warnings = require "wxbot.sandbox.warnings"

local ipairs, pairs, require = ipairs, pairs, require
local pcall, setmetatable, tostring, type = pcall, setmetatable, tostring, type

local M = {}

-- ------------------------------------------------------------------- routing

-- Path templates as patterns: a credential is one segment, the last; a part of
-- the request is another.
local patterns = setmetatable({}, { __index = function(known, endpoint)
  known[endpoint] = "^" .. endpoint.path:gsub("[%-.]", "%%%0")
    :gsub("{[a-z_]+}", "([^/]+)") .. "$"
  return known[endpoint]
end })

local function route(path)
  for _, endpoint in ipairs(endpoints.all) do
    local first, second = path:match(patterns[endpoint])
    if first then
      return endpoint, url.unescape(second or first),
        second and url.unescape(first)
    end
  end
end

-- ----------------------------------------------------------------- answering

local function answer_fields(endpoint)
  if not endpoint.payload then
    return endpoint.response
  end
  local fields = { { name = "code" }, { name = endpoint.payload,
    type = "object", fields = endpoint.response }, { name = "msg" } }
  for _, field in ipairs(endpoint.envelope or {}) do
    fields[#fields + 1] = field
  end
  return fields
end

-- What answers an endpoint, a function (platform, params) -> answer | nil, code,
-- text; nil, and why, where nothing does.
local function answering(endpoint)
  local loaded, found = pcall(require, "wxbot.sandbox.answer." .. endpoint.name)
  if loaded and type(found) == "function" then
    return found
  end
  return nil, loaded and "the module returns no function"
    or tostring(found):match("^[^\n]*"):gsub(":$", "")
end

--- Names the endpoints that a sandbox has no answer for, and says why.
---@return table[] missing { name, why }
function M.unanswered()
  local missing = {}
  for _, endpoint in ipairs(endpoints.all) do
    local found, why = answering(endpoint)
    missing[#missing + 1] = not found and { endpoint.name, why } or nil
  end
  return missing
end

local function hider(platform)
  return function(text)
    return secrets.hide(platform, text)
  end
end

-- Notes on a response why it is one: `reason` is what a check gave.
local function because(platform, call, response, reason)
  return causes.note(response, explain(platform, call, reason), response.code,
    hider(platform))
end

local function refuse(platform, call, code, reason, text)
  local service = services[call.endpoint.service]
  local response = service.failure(platform, code, text)
  response.code = code
  return because(platform, call, response, reason)
end

-- The parameters of a call; nil, the code and why, where they cannot be read.
-- Some endpoints take a body that says nothing for no parameters: what it is
-- they then give for the reason of what is missing.
local function params_of(platform, endpoint, call)
  local wire = require("wxbot.call.wire." .. endpoint.wire)
  local text = wire.in_url and call.query or call.body
  local params, code, reason, opened = wire.decode_request(endpoint, text,
    call.headers, platform)
  call.opened = opened
  if not params and not code then
    local unreadable = services[endpoint.service].unreadable
    code = unreadable and unreadable(text)
    params, call.unread = not code and {} or nil, reason
  end
  if params and endpoint.path_field then
    params[endpoint.path_field] = call.part
  end
  for _, field in ipairs(params and endpoint.request or {}) do
    if field.location == "query" then
      params[field.name] = (url.decode_form(call.query) or {})[field.name]
    end
  end
  call.params = not call.unread and params or nil
  return params, code, reason
end

local function unanswered(platform, call, why)
  local name = call.endpoint.name
  return because(platform, call, responses.text(501,
    ("501 the sandbox has no answer for %s: %s"):format(name, why)),
    { "unanswered", name })
end

-- Wires of a JSON object that holds the parameters and nothing else.
local IN_JSON = { json = true, json_or_form = true, v2 = true, v2_query = true }

local function answer(platform, endpoint, call)
  local run, why = answering(endpoint)
  if not run then
    return unanswered(platform, call, why)
  end
  local params, code, reason, text = params_of(platform, endpoint, call)
  local result
  if params then
    if reason and not call.unread then
      platform.warn(reason[1], reason[2])
    end
    result, code, reason, text = run(platform, params)
  end
  if not result then
    return refuse(platform, call, code, call.unread or reason, text)
  end
  local service = services[endpoint.service]
  if service.complete then
    service.complete(platform, result)
  end
  local wire = require("wxbot.call.wire." .. endpoint.wire)
  local response = responses.json(200,
    wire.encode_answer(answer_fields(endpoint), result, platform))
  if reason then
    return because(platform, call, response, reason)
  elseif IN_JSON[endpoint.wire] then
    warnings.members(platform.warn, endpoint.request, params)
  end
  return response
end

-- A request of a method that the endpoint has not.
local function misplaced(platform, call, method)
  local endpoint = call.endpoint
  local wanted = endpoint.method or "POST"
  local reason = { texts.lower(wanted) == method and "method_case" or "method",
    method, wanted }
  local service = services[endpoint.service]
  if service.misplaced and not endpoint.method then
    return refuse(platform, call, service.misplaced, reason)
  end
  return because(platform, call, responses.text(405, "405 method not allowed"),
    reason)
end

local function lower_headers(headers)
  local lower = {}
  for name, value in pairs(headers or {}) do
    lower[texts.lower(name)] = tostring(value)
  end
  return lower
end

local function nowhere(platform, call, path)
  return because(platform, call, responses.text(404, "404 page not found"),
    paths.reason(path))
end

local function unread(platform, call, most)
  return because(platform, call, responses.text(413,
    "413 request entity too large"), { "body_too_long", most })
end

-- The response to a fault that was asked for; nil where it is only late.
local function break_off(platform, call, fault)
  if fault.code then
    return refuse(platform, call, fault.code, "injected", fault.message)
  elseif faults.answers(fault) then
    return because(platform, call, faults.response(fault), "injected")
  end
end

local function respond(platform, call)
  local endpoint = call.endpoint
  local service = services[endpoint.service]
  platform.content:settle()
  platform.request_id = call.headers.request_id or ""
  local code, reason = service.refusal(platform, endpoint, call)
  local fault = platform.faults:take(endpoint)
  local response = fault and break_off(platform, call, fault)
  if not response and code then
    response = refuse(platform, call, code, reason)
  end
  response = response or answer(platform, endpoint, call)
  response.delay = fault and fault.delay
  return response
end

--- Answers a request as the platform would. Beside what goes over the wire the
-- response names the endpoint, holds what was decrypted, and says why it is a
-- refusal: code, cause_id, cause, cure, values.
---@param platform table
---@param request table { method, url, headers, body, too_long = bytes that it may have, where it has more and was not read }
---@return table response { status, headers, body; delay = seconds that it is late, cut = true: nothing comes }
---@return table call headers (lower-case names), opened: the body as it was decrypted, with what is secret
function M.handle(platform, request)
  local path, query = url.split(request.url)
  local endpoint, token, part = route(path)
  platform.warned = nil -- of one that waits for a receiver
  local call = { endpoint = endpoint, token = token, part = part,
    query = query, headers = lower_headers(request.headers),
    body = request.body or "" }
  if not endpoint then
    return nowhere(platform, call, path), call
  end
  local method = request.method or "POST"
  local response
  if request.too_long then
    response = unread(platform, call, request.too_long)
  elseif method ~= (endpoint.method or "POST") then
    response = misplaced(platform, call, method)
  else
    response = respond(platform, call)
  end
  response.warnings = platform.warned
    and warnings.take(platform, hider(platform))
  response.endpoint = endpoint.name
  response.decrypted = call.opened and secrets.hide(platform, call.opened)
  return response, call
end

return M
