--- The response of a call: the result that it brings, or the error.

local texts = require "wxbot.util.text"
local codes = require "wxbot.api.errcode"
local envelope = require "wxbot.call.envelope"
local errors = require "wxbot.util.errors"
local repair = require "wxbot.codec.repair"
local rich = require "wxbot.call.rich"
local shapes = require "wxbot.call.schema.shape"

local concat, ipairs, tonumber = table.concat, ipairs, tonumber

local M = {}

local NONE = {}

-- What a status may come from.
local HINTS = { [404] = ": check token and base_url",
  [413] = ": the request is too large",
  [501] = ": it has no answer for this endpoint" }

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
    retry_after = passes and texts.number(headers["retry-after"]) or nil,
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
  if texts.without_mark(body):find("[^ \t\r\n]") then
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
    shapes.object(endpoint.envelope or NONE, result)
  end
  local missing = shapes.answer(endpoint.response, result)
  if missing then
    return nil, unreadable(missing .. " is missing")
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
local function failure_of(call, answer, status, response)
  local own = call.wire.failure
  local failure = own and own(call.endpoint, answer, status, response.body)
    or answer and envelope.failure(answer)
  if failure and (codes[failure.code] or status ~= 429 and status < 500) then
    return failure
  end
  return status_failure(status, response.headers)
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

--- Reads a response.
---@param context wxbot.Context
---@param call wxbot.Call
---@param response table { status, headers, body }
---@return table|nil result
---@return wxbot.Error|nil err
function M.read(context, call, response)
  local endpoint, status = call.endpoint, status_of(response)
  local answer, marked = call.wire.decode_answer(response.body, context)
  local result, repaired, odd
  if answer and marked then
    repaired, odd = repair.values(fields_of(endpoint), answer)
  end
  local err = failure_of(call, answer, status, response)
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

return M
