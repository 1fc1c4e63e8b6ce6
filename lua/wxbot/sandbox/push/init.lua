--- Pushes, as the platform sends them to a receiver.
--
-- A kind is a module of its name here:
--
--   fields     what Sandbox:push takes for it, beside M.common
--   says       the field that holds what a person says
--   request    makes the request: (platform, push) -> { method, url, headers,
--              body } | nil, message. It completes `push`, a copy: what was not
--              given stands there afterwards. platform.time() is when it
--              happened, platform.sent_at when it is sent
--   read_reply opens the answer, where one is an answer to somebody (optional):
--              (platform, response, push) -> reply | nil, message, code. Without
--              a message nothing was replied

local check = require "wxbot.call.schema.check"
local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"
local list = require "wxbot.api.fields".list

local ipairs, pairs, require, type = ipairs, pairs, require, type
local setmetatable = setmetatable
local concat = table.concat

local M = {}

--- The kinds, in the order in which they are told of.
M.kinds = { "kefu", "official_account", "service", "third_party" }

-- A slip of the hand is not sent for ever.
local MAX_TIMES = 100

--- What Sandbox:push takes for every kind.
M.common = {
  { name = "url", type = "string",
    doc = "URL of the receiver (default: the callback of the kind)" },
  { name = "kind", type = "string", enum = M.kinds,
    doc = "What is pushed (default kefu)" },
  { name = "transport", type = "object", doc = "What reaches the receiver (default libcurl)" },
  { name = "timeout", type = "number", doc = "Seconds (default 5)" },
  { name = "late", type = "number", min = 0,
    doc = "Seconds since it happened (default 0)" },
  { name = "times", type = "integer", min = 1, max = MAX_TIMES,
    doc = "How often the same is sent (default once)" },
}

--- The kinds' own fields, and all that Sandbox:push takes, by kind.
M.own, M.fields = {}, {}

local modules, fields = {}, M.fields
for _, kind in ipairs(M.kinds) do
  modules[kind] = require("wxbot.sandbox.push." .. kind)
  M.own[kind] = modules[kind].fields
  fields[kind] = list(M.common, M.own[kind])
end

--- The field of a kind that holds what a person says.
---@param kind string
---@return string
function M.says(kind)
  return modules[kind].says
end

-- A value that is none of those that a field can have.
local function odd_value(list_of_fields, push)
  for _, field in ipairs(list_of_fields) do
    local value, fits = push[field.name], not field.enum
    for _, allowed in ipairs(field.enum or {}) do
      fits = fits or value == nil or value == allowed
    end
    if not fits then
      return ("%s must be one of %s"):format(field.name,
        concat(field.enum, ", "))
    end
  end
end

--- Finds a programming mistake in what Sandbox:push is given.
---@param what string what the message begins with
---@param push any
---@return string|nil message
function M.argument_error(what, push)
  local kind = type(push) == "table" and push.kind or "kefu"
  local all = fields[kind] or M.common
  local message = fields[kind] and check.argument_error(what, all, push)
  local odd = not message and odd_value(all, type(push) == "table" and push
    or {})
  return message or odd and what .. ": " .. odd or nil
end

-- The platform as it was at a time: a push tells when something happened, and is
-- signed when it is sent.
local function as_of(platform, at, sent_at)
  return setmetatable({ time = function() return at end, sent_at = sent_at },
    { __index = platform })
end

-- What is wrong with the values that all kinds have.
local function common_reason(push)
  if not push.url then
    return "url is missing: there is no callback of the kind " .. push.kind
  elseif (push.times or 1) < 1 or (push.times or 1) > MAX_TIMES then
    return ("times must be from 1 to %d"):format(MAX_TIMES)
  elseif (push.late or 0) < 0 then
    return "late must not be negative"
  end
end

--- The request that the platform makes.
---@param platform table
---@param push table without an argument error
---@param at number|nil unix seconds, when it happened (default: now)
---@return table|nil request
---@return table|string sent the push, complete; with nil, why there cannot be one
function M.request(platform, push, at)
  local kind, sent = push.kind or "kefu", {}
  for name, value in pairs(fields_of.with_ids(fields[kind], push)) do
    sent[name] = value
  end
  sent.kind = kind
  sent.url = sent.url or (platform.callbacks or {})[kind]
  local request, message = nil, common_reason(sent)
  if not message then
    local sent_at = platform.time() - (push.late or 0)
    request, message = modules[kind].request(
      as_of(platform, at or sent_at, sent_at), sent)
  end
  if not request then
    return nil, message
  end
  request.timeout, request.connect_timeout = push.timeout or 5, 3
  request.max_body = 65536
  return request, sent
end

-- What the receiver replied, where its answer is one.
local function reply_of(platform, response, sent)
  local read = modules[sent.kind].read_reply
  if not read or response.status ~= 200 then
    return nil
  end
  local reply, message, code = read(platform, response, sent)
  return reply, message and errors.new{ kind = "protocol",
    code = code or "reply", status = response.status, sent = true,
    message = message } or nil
end

--- Sends a push.
---@param platform table
---@param request table of M.request
---@param sent table of M.request
---@return table|nil response of several the last
---@return any err as the transport returns it; of a reply that is wrong, kind "protocol"
---@return table|nil reply the first: what comes again is answered with none
function M.send(platform, request, sent)
  local transport = sent.transport or require "wxbot.transport.default"
  local response, err, reply, wrong
  for _ = 1, sent.times or 1 do
    response, err = transport:request(request)
    if not response then
      return nil, err
    elseif not reply and not wrong then
      reply, wrong = reply_of(platform, response, sent)
    end
  end
  return response, wrong, reply
end

return M
