--- A receiver of pushes: takes a request that some host has read, gives the
-- response to send, and the message if there is one to act on.
--
-- Which kind of push is expected is configuration; nothing in a request can
-- choose a weaker check. Whatever is wrong, the response is the same. A kind
-- first finds out who sent a request, then reads it: only what fails in the
-- first step is a stranger's failure.

local core = require "wxbot.core"
local budget = require "wxbot.receive.budget"
local errors = require "wxbot.util.errors"
local private = require "wxbot.util.class"
local parse = require "wxbot.receive.parse"
local check = require "wxbot.call.schema.check"
local responses = require "wxbot.util.response"
local seen = require "wxbot.receive.seen"
local stored = require "wxbot.util.pcall_method"

local error, ipairs, pairs, pcall = error, ipairs, pairs, pcall
local require = require
local max, setmetatable, time, type = math.max, setmetatable, os.time, type

--- What all messages have; each kind has more.
local M = { fields = parse.fields }

-- How long a message is remembered, in seconds. One that was signed as far in
-- the future as is believed is good for two windows.
local function memory_of(window)
  return max(600, 2 * window + 1)
end

--- The kinds of pushes, and the modules that read them.
M.kinds = {
  kefu = "wxbot.receive.kefu",
  official_account = "wxbot.receive.official",
  service = "wxbot.receive.service",
}

--- What a receiver is made of.
M.options = {
  { name = "kind", type = "string", required = true,
    doc = "Which pushes come: kefu, official_account or service" },
  { name = "appid", type = "string", doc = "The bot's or account's APPID" },
  { name = "token", type = "string", doc = "What signatures are made with" },
  { name = "aes_key", type = "string", doc = "EncodingAESKey" },
  { name = "seen", type = "object", doc = "Store of what was handed over, with "
    .. "the methods add(key, seconds) and delete(key); in memory" },
  { name = "window", type = "number", doc = "Seconds that a signed time may be "
    .. "off (300); kefu: that createtime may be, any without it" },
  { name = "max_body", type = "number", doc = "Bytes (65536)" },
  { name = "clock", type = "function", doc = "Returns unix seconds" },
  { name = "on_failure", type = "function",
    doc = "Told of every refusal: reason, { kind, method, source, bytes, field }" },
  { name = "failures", type = "object", fields = {
    { name = "limit", type = "number", doc = "Failures of a source (20)" },
    { name = "seconds", type = "number", doc = "In this time (60)" },
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
local Receiver, receivers = private.class("receiver")

function Receiver.__tostring(receiver)
  local state = receivers.sides[receiver]
  return ("wxbot.receiver (%s)"):format(state and state.kind_name or "closed")
end

-- ---------------------------------------------------------------- responses

local function respond(status, body, make)
  local response = (make or responses.text)(status, body)
  response.headers["x-content-type-options"] = "nosniff"
  return response
end

-- A hook that fails must not show in the response.
local function report(state, reason, request, field)
  if state.on_failure then
    pcall(state.on_failure, reason, {
      kind = state.kind_name, method = request.method,
      source = request.source, bytes = #request.body, field = field,
    })
  end
end

local function refused(state, reason, request, field)
  report(state, reason, request, field)
  return respond(403, "refused"), nil, "refused"
end

-- There is nothing to refuse; but a host that lost the body would look empty.
local function answered(state, body, note, request)
  if note == "empty" then
    report(state, note, request)
  end
  return respond(200, body), nil, note
end

-- An answer of the service interface.
local function answer_response(state, answer)
  local body, message = state.kind.reply(state, answer)
  if not body then
    return nil, message
  end
  return respond(200, body, not state.key and responses.json or nil)
end

-- What says that a push has arrived. To a question it says nothing, until the
-- caller sends what receiver:reply gives instead.
local function done(state)
  if state.kind.reply then
    return (answer_response(state, ""))
  end
  return respond(200, state.kind.done)
end

-- --------------------------------------------------------------- duplicates

-- Not longer than 55 bytes: a shared dictionary of nginx takes twice the room
-- for more.
local function key_of(text)
  return "wxbot:" .. core.base64url_encode(core.sha256(text))
end

-- The keys of a message, each with the seconds for which it is remembered.
-- Several receivers may share a store. Never of the nonce: whoever replays a
-- message can choose another.
local function keys_of(state, keys)
  local prefix = state.kind_name .. ":" .. (state.appid or "") .. ":"
  return {
    { key_of(prefix .. keys.sealed), max(state.memory, keys.seconds or 0) },
    keys.said and { key_of(prefix .. keys.said), state.memory },
  }
end

-- Claims all keys, or none but those that are good for longer than what told a
-- duplicate. A store that cannot remember, or forgets something for it, lets the
-- message through: twice is better than never.
local function claim(state, keys, request)
  local lost = false
  for i, key in ipairs(keys) do
    local first, trouble = stored(state.seen, "add", key[1], key[2])
    if first == false then
      for j = 1, i - 1 do
        if keys[j][2] <= key[2] then
          stored(state.seen, "delete", keys[j][1])
        end
      end
      return false
    end
    lost = lost or not first or trouble ~= nil
  end
  if lost then
    report(state, "store", request)
  end
  return true
end

local function handle(state, request)
  if state.budget:spent(request.source) then
    return refused(state, "budget", request)
  elseif #request.body > state.caps.bytes then
    -- Not looked at, so that it is nobody's failure.
    return refused(state, "too_large", request)
  end
  local push, detail, note = state.kind.authenticate(state, request)
  if push == nil then
    state.budget:count(request.source)
    return refused(state, detail, request)
  elseif push == false then
    return answered(state, detail, note, request)
  end
  local message, keys, about = state.kind.read(state, push)
  if message == nil then
    return refused(state, keys, request, about)
  elseif message == false then
    return answered(state, keys, about, request)
  end
  keys = keys_of(state, keys)
  if not claim(state, keys, request) then
    return done(state), nil, "duplicate"
  end
  state.handed[message] = keys
  return done(state), message
end

-- A lost body looks like an empty one, which is answered as if it were read.
local NO_BODY = "receiver:handle: body is missing: a POST has one, be it empty; "
  .. "nginx puts a body longer than client_body_buffer_size into a file, and "
  .. "ngx.req.get_body_data() is nil then: wxbot.resty_body() reads it"

--- Handles one request.
---@param request table { method, query = raw or table, headers, body, source = address of the peer or nil }
---@return table response { status, headers, body }
---@return table|nil message what came; nil when there is nothing to act on
---@return string|nil note with no message: "duplicate", "echo", "empty", "refused"
function Receiver:handle(request)
  local state = receivers:of(self, "handle")
  local misuse = check.argument_error("receiver:handle", M.request, request)
  if not misuse and request.method == "POST" and request.body == nil then
    misuse = NO_BODY
  end
  if misuse then
    error(misuse, 2)
  end
  local taken, message, note = handle(state, { method = request.method,
    query = request.query, body = request.body or "",
    source = request.source })
  return taken, message, note
end

--- Lets the platform's next try of a message through: its handler failed. Once:
-- saying so again does nothing.
---@param message table as `handle` gave it
function Receiver:forget(message)
  local state = receivers:of(self, "forget")
  local keys = type(message) == "table" and state.handed[message]
  if not keys then
    error("receiver:forget: expected a message of this receiver", 2)
  end
  for _, key in ipairs(keys) do
    state.seen:delete(key[1])
  end
  state.handed[message] = {}
end

--- The response that answers a question of the service interface.
---@param answer string|table text, or an answer in the platform's form
---@return table|nil response
---@return wxbot.Error|nil err
function Receiver:reply(answer)
  local state = receivers:of(self, "reply")
  if not state.kind.reply then
    error("receiver:reply: only the kind service is answered in the response;"
      .. " use sendmsg", 2)
  elseif type(answer) ~= "string" and type(answer) ~= "table" then
    error("receiver:reply: expected a string or a table, got "
      .. type(answer), 2)
  end
  local made, message = answer_response(state, answer)
  if not made then
    return errors.invalid("the answer: " .. message, "value")
  end
  return made
end

--- Wipes the key.
function Receiver:close()
  local state = receivers:shut(self)
  if state and state.key then
    state.key:close()
  end
end

Receiver.__close = Receiver.close

-- ------------------------------------------------------------------- making

local function misuse_of(options)
  local message = check.argument_error("wxbot.receiver", M.options, options)
  if message then
    return message
  end
  if not M.kinds[options.kind] then
    return "wxbot.receiver: kind must be kefu, official_account or service"
  end
  local store = options.seen
  if store and (type(store.add) ~= "function"
      or type(store.delete) ~= "function") then
    return "wxbot.receiver: seen must have the methods add and delete"
  end
  local failures = options.failures or {}
  for name, value in pairs{ window = options.window,
      max_body = options.max_body, ["failures.limit"] = failures.limit,
      ["failures.seconds"] = failures.seconds } do
    if value <= 0 then
      return "wxbot.receiver: " .. name .. " must be greater than 0"
    end
  end
end

local function new_state(options)
  local clock = options.clock or time
  local failures = options.failures or {}
  local window = options.window or 300
  return {
    kind_name = options.kind, kind = require(M.kinds[options.kind]),
    appid = options.appid, token = options.token, clock = clock,
    window = window, windowed = options.window ~= nil,
    memory = memory_of(window),
    caps = { bytes = options.max_body or 65536, depth = 16, elements = 256,
      strict = true, tolerant = true },
    seen = options.seen or seen.new{ clock = clock },
    budget = budget.new(failures.limit or 20, failures.seconds or 60, clock),
    on_failure = options.on_failure,
    handed = setmetatable({}, { __mode = "k" }),
  }
end

-- An empty credential is none that a setting forgot: with an empty token
-- anybody could sign.
local function check_credentials(kind, options)
  for _, name in ipairs(kind.needs) do
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
---@param options table kind, appid, token, aes_key, seen, window, max_body, clock, on_failure, failures
---@param level integer where misuse is raised
---@return wxbot.Receiver|nil receiver
---@return wxbot.Error|nil err kind "invalid"
function M.new(options, level)
  local misuse = misuse_of(options)
  if misuse then
    error(misuse, level + 1)
  end
  local state = new_state(options)
  local ok, err = check_credentials(state.kind, options)
  if ok then
    ok, err = state.kind.open(state, options)
  end
  if not ok then
    return nil, err
  end
  return receivers:new(state)
end

return M
