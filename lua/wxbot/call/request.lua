--- The request of a call: what a transport is asked for.

local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"
local late = require "wxbot.util.late"
local url = require "wxbot.codec.url"

local concat, ipairs = table.concat, ipairs
local escape = url.escape

local M = {}

local CONNECT_TIMEOUT = 3

--- Bytes of an answer, unless the endpoint is known to have longer ones.
M.MAX_BODY = 1024 * 1024

local wires = {} -- by name

--- The error of a call of what is closed.
---@param context wxbot.Context
---@return wxbot.Error
function M.closed(context)
  return errors.new{ kind = "closed", sent = false,
    message = context.name .. " is closed" }
end

-- The error of a call that needs what the context has not.
local function missing_error(context, endpoint)
  local missing
  for i = 1, #endpoint.needs do
    local name = endpoint.needs[i]
    if not context[name] then
      missing = missing or {}
      missing[#missing + 1] = name
    end
  end
  return missing and errors.new{ kind = "invalid", code = "credentials",
    sent = false, message = ("needs %s: give it to %s"):format(
      concat(missing, ", "), context.made_by) }
end

--- Encodes the parameters of a call.
---@param context wxbot.Context
---@param call wxbot.Call gets its body
---@return wxbot.Error|nil err kind "invalid"
function M.encode(context, call)
  local body, message = call.wire.encode_request(call.endpoint, call.params,
    context)
  call.body = body or call.body
  return not body and errors.new{ kind = "invalid", code = "value",
    sent = false, message = message } or nil
end

--- Finds how the body of a call travels, and encodes its parameters.
---@param context wxbot.Context
---@param call wxbot.Call gets its wire and its body
---@return wxbot.Error|nil err it cannot be made
function M.begin(context, call)
  local endpoint = call.endpoint
  local err = context.closed and M.closed(context)
    or missing_error(context, endpoint)
  if not err and not wires[endpoint.wire] then
    wires[endpoint.wire], err = late("wxbot.call.wire." .. endpoint.wire)
  end
  call.wire = wires[endpoint.wire]
  return err or M.encode(context, call)
end

-- Without a field of the request in it, it stays the same as long as the bot
-- lives.
local function address_of(context, endpoint, params)
  local address = context.addresses[endpoint]
  if not address then
    address = context.base_url[endpoint.service]
      .. endpoint.path:gsub("{([a-z_]+)}", function(name)
        return escape(name == endpoint.path_field and params[name]
          or context[name])
      end)
    context.addresses[endpoint] = not endpoint.path_field and address or nil
  end
  return address
end

-- What of the request stands in the query, behind the access token.
local function arguments(endpoint, params)
  local names, text = fields_of.names[endpoint.request], ""
  for _, name in ipairs(names.outside) do
    if names.field[name].location == "query" and params[name] ~= nil then
      text = ("%s&%s=%s"):format(text, name, escape(params[name]))
    end
  end
  return text
end

--- What a transport is asked for.
---@param context wxbot.Context
---@param call wxbot.Call
---@return wxbot.transport.Request
function M.of(context, call)
  local endpoint, wire, token = call.endpoint, call.wire, call.access_token
  local headers = wire.headers and wire.headers(context, call.body, token)
    or {}
  headers["content-type"] = headers["content-type"] or wire.content_type
  local address = address_of(context, endpoint, call.params)
  call.address, call.base = address, context.base_url[endpoint.service]
  if endpoint.query then
    address = address .. "?" .. endpoint.query .. "=" .. escape(token)
      .. arguments(endpoint, call.params)
  elseif wire.in_url then
    address = address .. "?" .. call.body
  end
  return {
    method = endpoint.method or "POST",
    url = address,
    headers = headers,
    body = not wire.in_url and call.body or nil,
    timeout = call.deadline - call.now,
    connect_timeout = CONNECT_TIMEOUT,
    max_body = endpoint.max_body or M.MAX_BODY,
    idempotent = endpoint.repeats ~= "never",
  }
end

return M
