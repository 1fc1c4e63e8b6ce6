--- Takes a request to its endpoint: finds it, asks its service whether the
-- caller is believed, and has its answer written.

local texts = require "wxbot.util.text"
local endpoints = require "wxbot.api"
local faults = require "wxbot.sandbox.faults"
local responses = require "wxbot.util.response"
local services = require "wxbot.sandbox.service"
local url = require "wxbot.codec.url"

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

-- The parameters of a call; nil, and the code, where they cannot be read.
local function params_of(platform, endpoint, call)
  local wire = require("wxbot.call.wire." .. endpoint.wire)
  local text = wire.in_url and call.query or call.body
  local params, code = wire.decode_request(endpoint, text, call.headers,
    platform)
  if not params and not code then
    local unreadable = services[endpoint.service].unreadable
    code = unreadable and unreadable(text)
    params = not code and {} or nil
  end
  if params and endpoint.path_field then
    params[endpoint.path_field] = call.part
  end
  for _, field in ipairs(params and endpoint.request or {}) do
    if field.location == "query" then
      params[field.name] = (url.decode_form(call.query) or {})[field.name]
    end
  end
  return params, code
end

local function answer(platform, endpoint, call)
  local service = services[endpoint.service]
  local run, why = answering(endpoint)
  if not run then
    return responses.text(501, ("501 the sandbox has no answer for %s: %s")
      :format(endpoint.name, why))
  end
  local params, code, text = params_of(platform, endpoint, call)
  local result
  if params then
    result, code, text = run(platform, params)
  end
  if not result then
    return service.failure(platform, code, text)
  end
  if service.complete then
    service.complete(platform, result)
  end
  local wire = require("wxbot.call.wire." .. endpoint.wire)
  return responses.json(200, wire.encode_answer(answer_fields(endpoint),
    result, platform))
end

-- A request of a method that the endpoint has not.
local function misplaced(platform, endpoint)
  local service = services[endpoint.service]
  if service.misplaced and not endpoint.method then
    return service.failure(platform, service.misplaced)
  end
  return responses.text(405, "405 method not allowed")
end

local function lower_headers(headers)
  local lower = {}
  for name, value in pairs(headers or {}) do
    lower[texts.lower(name)] = tostring(value)
  end
  return lower
end

--- Answers a request as the platform would.
---@param platform table
---@param request table { method, url, headers, body }
---@return table response { status, headers, body; delay = seconds that it is late, cut = true: nothing comes }
function M.handle(platform, request)
  local path, query = url.split(request.url)
  local endpoint, token, part = route(path)
  if not endpoint then
    return responses.text(404, "404 page not found")
  elseif (request.method or "POST") ~= (endpoint.method or "POST") then
    return misplaced(platform, endpoint)
  end
  platform.content:settle()
  local service = services[endpoint.service]
  local call = { token = token, part = part, query = query,
    headers = lower_headers(request.headers), body = request.body or "" }
  platform.request_id = call.headers.request_id or ""
  local code, text = service.refusal(platform, endpoint, call), nil
  local fault = platform.faults:take(endpoint)
  local response
  if fault and fault.code then
    code, text = fault.code, fault.message
  end
  if fault and not fault.code and faults.answers(fault) then
    response = faults.response(fault)
  elseif code then
    response = service.failure(platform, code, text)
  else
    response = answer(platform, endpoint, call)
  end
  response.delay = fault and fault.delay
  return response
end

return M
