--- A receiver of pushes: takes a request that some host has read, gives the
-- response to send, and the message if there is one to act on.
--
-- Which kind of push is expected is configuration; nothing in a request can
-- choose a weaker check. Whatever is wrong, the response is the same. A kind
-- first finds out who sent a request (`authenticate`), then reads it (`parse`):
-- only what fails in the first step is a stranger's failure.

local check = require "wxbot.call.schema.check"
local duplicates = require "wxbot.receive.duplicates"
local errors = require "wxbot.util.errors"
local handler = require "wxbot.receive.handle"
local limiter = require "wxbot.receive.limiter"
local memory = require "wxbot.store.memory"
local options_of = require "wxbot.call.schema.options"
local parse = require "wxbot.receive.parse"
local classes = require "wxbot.util.class"

local error, ipairs, require = error, ipairs, require
local setmetatable, time, type = setmetatable, os.time, type

--- What all messages have; each kind has more.
local M = { fields = parse.fields }

--- The kinds of pushes, and the modules that read them.
M.kinds = {
  kefu = "wxbot.receive.kefu",
  official_account = "wxbot.receive.official",
  service = "wxbot.receive.service",
  third_party = "wxbot.receive.third_party",
}

--- What a receiver is made of.
M.options = {
  { name = "kind", type = "string", required = true,
    doc = "Which pushes come: kefu, official_account, service or third_party" },
  { name = "appid", type = "string", doc = "The bot's or account's APPID" },
  { name = "token", type = "string", doc = "What signatures are made with" },
  { name = "aes_key", type = "string", doc = "EncodingAESKey" },
  { name = "plain", type = "boolean",
    doc = "official_account: pushes come in the clear, as those of test accounts "
      .. "do, and so go replies; only time and nonce are signed" },
  { name = "store", type = "object", methods = { "add", "delete" },
    doc = "Where what was handed over is remembered; in memory" },
  { name = "window", type = "number", exclusive_min = 0,
    doc = "Seconds that a signed time may be off (default 300); kefu: that createtime "
      .. "may be, any without it" },
  { name = "max_body", type = "number", exclusive_min = 0,
    doc = "Bytes (default 65536)" },
  { name = "clock", type = "function", doc = "Returns unix seconds" },
  { name = "on_failure", type = "function",
    doc = "Told of every refusal: reason, { kind, method, source, bytes, field }" },
  { name = "failures", type = "object", fields = {
    { name = "limit", type = "number", exclusive_min = 0,
      doc = "Failures of a source (default 20)" },
    { name = "seconds", type = "number", exclusive_min = 0,
      doc = "In this time (default 60)" },
  }, doc = "After how many failures a source is not listened to" },
}

--- What Receiver:handle takes.
M.request = {
  { name = "method", type = "string", required = true, doc = "GET, POST" },
  { name = "query", type = "string", or_type = "object",
    doc = "Raw, or a table of names and values" },
  { name = "headers", type = "object", doc = "Not looked at" },
  { name = "body", type = "string",
    doc = "As it came; a POST has one, be it empty" },
  { name = "source", type = "string", doc = "Address of the peer" },
}

---@class wxbot.Receiver
local Receiver, receivers = classes.class("receiver")

function Receiver.__tostring(receiver)
  local context = receivers.hidden[receiver]
  return ("wxbot.receiver (%s)"):format(context and context.kind_name or "closed")
end

-- A lost body looks like an empty one, which is answered as if it were read.
local NO_BODY = ": body is missing: a POST has one, be it empty; nginx puts a "
  .. "body longer than client_body_buffer_size into a file, and "
  .. "ngx.req.get_body_data() is nil then: wxbot.resty_body() reads it"

--- A request as kinds read it. An argument error raises where the method was
--- called.
---@param method string its name
---@param request table as described by M.request
---@return table request { method, query, body, source }
function M.checked(method, request)
  local reason = check.argument_error(method, M.request, request)
  if not reason and request.method == "POST" and request.body == nil then
    reason = method .. NO_BODY
  end
  if reason then
    error(reason, 3)
  end
  return { method = request.method, query = request.query,
    body = request.body or "", source = request.source }
end

--- Handles one request.
---@param request table { method, query = raw or table, headers, body, source = address of the peer or nil }
---@return table response { status, headers, body }
---@return table|nil message what came; nil when there is nothing to act on
---@return string|nil note with no message: "duplicate", "echo", "empty", "refused"
function Receiver:handle(request)
  local context = receivers:of(self, "handle")
  local response, message, note = handler.handle(context,
    M.checked("receiver:handle", request))
  return response, message, note
end

-- What is kept of a message that was handed over; not of one that is another
-- receiver's.
local function handed_of(context, message, complaint)
  local handed = type(message) == "table" and context.handed[message]
  if not handed then
    error(complaint, 3)
  end
  return handed
end

--- Lets the platform's next try of a message through: its handler failed. Once:
-- saying so again does nothing.
---@param message table as `handle` gave it
function Receiver:forget(message)
  local context = receivers:of(self, "forget")
  local handed = handed_of(context, message,
    "receiver:forget: expected a message of this receiver")
  duplicates.forget(context.store, handed.keys)
  handed.keys = {}
end

--- The response that replies to a message, instead of the one that `handle` gave:
-- of an account within 5 s, of a question to a service within 2. Kefu pushes have
-- none: there bot:sendmsg speaks to the user.
---@param message table as `handle` gave it
---@param answer string|table|nil text; official_account: also one of wxbot.receive.reply.fields; service: the platform's form; nil: says nothing
---@return table|nil response { status, headers, body }
---@return wxbot.Error|nil err kind "invalid"
function Receiver:reply(message, answer)
  local context = receivers:of(self, "reply")
  if not context.kind.reply then
    error("receiver:reply: pushes of the kind " .. context.kind_name
      .. " are not answered in the response; use sendmsg", 2)
  end
  local origin = handed_of(context, message, "receiver:reply: expected a message "
    .. "of this receiver, and the answer to it").origin
  if answer == nil then
    return handler.acknowledge(context), nil
  elseif type(answer) ~= "string" and type(answer) ~= "table" then
    error("receiver:reply: the answer must be a string or a table, got "
      .. type(answer), 2)
  end
  local response, reason, mistake = handler.reply(context, origin, answer)
  if mistake then
    error("receiver:reply: " .. mistake, 2)
  elseif not response then
    return errors.invalid("the answer: " .. reason, "value")
  end
  return response
end

--- Wipes the key.
function Receiver:close()
  local context = receivers:shut(self)
  if context and context.key then
    context.key:close()
  end
end

Receiver.__close = Receiver.close

--- What an open receiver hides, for who is made of one; nil: it is none.
---@return wxbot.receive.Context|nil
function M.context_of(receiver)
  return receivers.hidden[receiver] or nil
end

-- ------------------------------------------------------------------- making

local function argument_error(options)
  local message = options_of.argument_error("wxbot.receiver", M.options,
    options)
  if not message and not M.kinds[options.kind] then
    message = "wxbot.receiver: kind must be kefu, official_account, service or "
      .. "third_party"
  elseif not message and options.plain
      and options.kind ~= "official_account" then
    message = "wxbot.receiver: plain is for the kind official_account only"
  end
  return message
end

---@class wxbot.receive.Context
---@field kind table the module of the kind
---@field kind_name string
---@field appid string|nil
---@field token string|nil
---@field key table|nil opens what is sealed
---@field plain boolean|nil nothing is
---@field clock fun(): number unix seconds
---@field window number seconds that a signed time may be off
---@field windowed boolean the window was given
---@field memory number seconds for which a message is remembered
---@field caps table of what is read
---@field store table of what was handed over
---@field failures wxbot.FailureLimiter
---@field on_failure function|nil
---@field has_store boolean the store was given
---@field keep nil|fun(message: table, keys: table[], request: table): any, any of an inbox: keeps a push, as its `put`
---@field handed table<table, table> messages to { keys, origin }

local function new_context(options)
  local clock = options.clock or time
  local failures = options.failures or {}
  local window = options.window or 300
  return {
    kind_name = options.kind, kind = require(M.kinds[options.kind]),
    appid = options.appid, token = options.token, clock = clock,
    plain = options.plain,
    window = window, windowed = options.window ~= nil,
    memory = duplicates.memory(window),
    caps = { bytes = options.max_body or 65536, depth = 16, elements = 256,
      strict = true, tolerant = true },
    store = options.store or memory.new{ clock = clock },
    has_store = options.store ~= nil,
    failures = limiter.new(failures.limit or 20, failures.seconds or 60, clock),
    on_failure = options.on_failure,
    handed = setmetatable({}, { __mode = "k" }),
  }
end

-- An empty credential is none that a setting forgot: with an empty token
-- anybody could sign.
local function check_credentials(kind, options)
  for _, name in ipairs(options.plain and { "token" } or kind.needs) do
    if not options[name] then
      return errors.invalid(("%s is needed for the kind %s"):format(name,
        options.kind), name)
    end
  end
  for _, name in ipairs{ "appid", "token", "aes_key" } do
    if options[name] == "" then
      return errors.invalid(name .. " must not be empty", name)
    end
  end
  return true
end

--- Makes a receiver.
---@param options table kind, appid, token, aes_key, plain, store, window, max_body, clock, on_failure, failures
---@param level integer where an argument error is raised
---@return wxbot.Receiver|nil receiver
---@return wxbot.Error|nil err kind "invalid"
function M.new(options, level)
  local reason = argument_error(options)
  if reason then
    error(reason, level + 1)
  end
  local context = new_context(options)
  local ok, err = check_credentials(context.kind, options)
  if ok then
    ok, err = context.kind.open(context, options)
  end
  if not ok then
    return nil, err
  end
  return receivers:new(context)
end

return M
