--- Takes a request through a receiver: who sent it, what it says, whether it came
-- before, and what it is answered.
--
-- A kind is a module: `open(context, options)` takes the configuration,
-- `authenticate(context, request)` and `parse(context, push)` are steps. Each
-- step gives a result, a table with a `tag`:
--
--   refused   reason; field: the one that is to blame, if it is one
--   empty     body of the response: there is nothing to act on
--   echo      body of the response: the address is being configured
--   push      what the kind has authenticated, for its own `parse`
--   message   message, and what tells duplicates: sealed, content_key (or nil),
--             seconds for which it could be sent again (or nil); origin: what
--             a reply must know of the push
--
-- A kind whose response is an answer has `reply(context, origin, answer)`, which
-- gives the body and its type ("xml", "json", "text"); nil and why the answer
-- cannot be sent; or nil, nil and an argument error. `answer_within` are the
-- seconds that are left for it.

local duplicates = require "wxbot.receive.duplicates"
local refused = require "wxbot.receive.parse".refused
local responses = require "wxbot.util.response"

local pcall, setmetatable = pcall, setmetatable

local M = {}

local function respond(status, body, make)
  local response = (make or responses.text)(status, body)
  response.headers["x-content-type-options"] = "nosniff"
  return response
end

--- The response that replies to a push.
---@param context wxbot.receive.Context
---@param origin table|nil of the push
---@param answer string|table
---@return table|nil response
---@return string|nil message why it cannot be written
---@return string|nil mistake an argument error
function M.reply(context, origin, answer)
  local body, kind, mistake = context.kind.reply(context, origin, answer)
  if not body then
    return nil, kind, mistake
  end
  return respond(200, body, responses[kind])
end

--- What says that a push has arrived, and nothing to who waits for a reply.
---@return table response
function M.acknowledge(context)
  if context.kind.done then
    return respond(200, context.kind.done)
  end
  return (M.reply(context, nil, ""))
end

-- A hook that fails must not show in the response.
local function report(context, request, reason, field)
  if context.on_failure then
    pcall(context.on_failure, reason, {
      kind = context.kind_name, method = request.method,
      source = request.source, bytes = #request.body, field = field,
    })
  end
end

-- By the tag of a result: gives a response, a message and a note.
local FINISH = {}

function FINISH.refused(context, request, result)
  report(context, request, result.reason, result.field)
  return respond(403, "refused"), nil, "refused"
end

-- There is nothing to refuse; but a host that lost the body would look empty.
function FINISH.empty(context, request, result)
  report(context, request, "empty")
  return respond(200, result.body), nil, "empty"
end

function FINISH.echo(_, _, result)
  return respond(200, result.body), nil, "echo"
end

-- The platform sends again what is not kept.
local function try_again(context, request, err)
  report(context, request, "inbox")
  return respond(503, "503 try again\n"), nil, "inbox", err
end

function FINISH.message(context, request, result)
  local keys = duplicates.keys(context, result)
  local first, lost
  if context.keep then
    first, lost = context.keep(result.message, keys, request)
  else
    first, lost = duplicates.claim(context.store, keys)
  end
  if first == nil then
    return try_again(context, request, lost)
  elseif not first then
    return M.acknowledge(context), nil, "duplicate"
  elseif lost then
    report(context, request, "store")
  end
  context.handed[result.message] = { keys = keys, origin = result.origin }
  return M.acknowledge(context), result.message
end

-- Only strangers use up the failures of a source: what has authenticated never
-- counts, whatever is wrong with it afterwards.
local function result_of(context, request)
  if context.failures:is_over(request.source) then
    return refused("too_many_failures")
  elseif #request.body > context.caps.bytes then
    -- Not looked at, so that it is nobody's failure.
    return refused("too_large")
  end
  local result = context.kind.authenticate(context, request)
  if result.tag == "refused" then
    context.failures:count(request.source)
  elseif result.tag == "push" then
    return context.kind.parse(context, result)
  end
  return result
end

--- Handles one request.
---@param context wxbot.receive.Context
---@param request table checked; with a body
---@return table response
---@return table|nil message
---@return string|nil note
---@return wxbot.Error|nil err with the note "inbox"
function M.handle(context, request)
  local result = result_of(context, request)
  return FINISH[result.tag](context, request, result)
end

-- A time that was good is off by a part of a second where it was rounded.
local ROUNDED = 1

--- Reads again a request that gave a message before, whenever that was.
---@param context wxbot.receive.Context
---@param request table { method, query, body }
---@param at number unix seconds: when it came
---@return table|nil message
---@return string|nil reason with nil
function M.read_again(context, request, at)
  local that_time = setmetatable({ window = context.window + ROUNDED,
    clock = function() return at end }, { __index = context })
  local kind = context.kind
  local result = kind.authenticate(that_time, request)
  if result.tag == "push" then
    result = kind.parse(that_time, result)
  end
  if result.tag ~= "message" then
    return nil, result.reason or result.tag
  end
  context.handed[result.message] = { keys = {}, origin = result.origin }
  return result.message
end

return M
