--- Pushes of an official account, in the encrypted mode: an envelope whose
-- msg_signature covers the time, a nonce and the ciphertext.
-- https://developers.weixin.qq.com/doc/offiaccount/Publish/Callback_on_finish.html
-- https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
--
-- What the signature does not cover is not believed: of the envelope only
-- Encrypt is read, and for whom it is said to be. In the compatible mode all of
-- the message stands beside it in the clear. It is XML or, where the account is
-- set so, JSON, outside and inside alike; both are signed in the same way.

local by_name = require "wxbot.api".by_name
local core = require "wxbot.core"
local echo = require "wxbot.receive.echo"
local envelope = require "wxbot.receive.envelope"
local parse = require "wxbot.receive.parse"
local reply = require "wxbot.receive.reply"
local signature = require "wxbot.receive.signature"

local huge, min = math.huge, math.min
local ipairs, pairs, tonumber, type = ipairs, pairs, tonumber, type
local refused = parse.refused

local M = { needs = { "appid", "token", "aes_key" }, done = "success",
  answer_within = 4 } -- the platform waits for 5

M.summary = "Messages and events of an official account; at the end of a "
  .. "publication also what bot:freepublish_get gives"
M.source = "https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html"

-- The platform's names of what every kind of push has.
local COMMON = {
  ToUserName = "account", FromUserName = "userid", CreateTime = "createtime",
  MsgType = "msgtype", Event = "event", MsgId = "msgid", Content = "content",
}

-- The message, besides kind and createtime (unix seconds); other elements
-- keep their names.
M.fields = {
  { name = "account", type = "string", doc = "The official account (gh_…)" },
  { name = "userid", type = "string", doc = "Openid of the user" },
  { name = "msgtype", type = "string", doc = "text, image, event, …" },
  { name = "event", type = "string", doc = "Name of the event; at the end of a "
    .. "publication PUBLISHJOBFINISH, from some accounts FREEPUBLISHJOBFINISH" },
  { name = "msgid", type = "string", doc = "Id of the message; events have none" },
  { name = "content", type = "string", text = true,
    doc = "Text of a text message" },
}

-- What is documented as a list, in whichever event it stands. One element looks
-- like none.
local LISTS = { item = true, List = true, AroundBeacon = true }

-- Two spellings of one event are about.
local FINISHED = { PUBLISHJOBFINISH = true, FREEPUBLISHJOBFINISH = true }

local FIELDS = parse.described(M.fields)
FIELDS[#FIELDS + 1] = { name = "PublishEventInfo", type = "object",
  fields = by_name.freepublish_get.response }

-- How old a message may be under a time that is good. The signature covers time
-- and nonce run together: a nonce of ten digits may stand for the time, years
-- later. Messages are sent late, but not by that much.
local AGE = 86400

--- Takes the key and the token of the configuration.
---@return true|nil, wxbot.Error|nil
function M.open(context, options)
  -- As deep as JSON may be, and as many elements as there are bytes for.
  context.envelope = { bytes = context.caps.bytes, depth = 32, elements = huge,
    strict = true, tolerant = true }
  return context.plain or parse.open(context, options)
end

-- In the clear only time and nonce are signed: it is the configuration that says
-- whether that is enough.
local function authenticate_plain(context, query, body)
  local text = signature.text(context, query)
  if not signature.is_of(query.signature, text) then
    return refused("signature")
  end
  return { tag = "push", format = envelope.format_of(body), outside = {},
    text = body, signed_text = text, timestamp = query.timestamp }
end

local function authenticate_push(context, query, body)
  local format, outside, is_plain = envelope.read(body, context.envelope)
  if is_plain then
    if signature.is_of(query.signature, signature.text(context, query)) then
      return { tag = "push", is_plain = true }
    end
    return refused("plain")
  elseif not outside then
    return refused(format.name)
  end
  local text = signature.text(context, query, outside.Encrypt)
  if not signature.is_of(query.msg_signature, text) then
    return refused("signature")
  end
  return { tag = "push", format = format, outside = outside,
    signed_text = text, timestamp = query.timestamp, nonce = query.nonce }
end

-- ------------------------------------------------------------------- messages

local function add_publication(message)
  local info = message.PublishEventInfo
  message.PublishEventInfo = nil
  for name, value in pairs(info or {}) do
    if message[name] == nil then
      message[name] = value
    end
  end
end

local function message_of(values, marked)
  local message, odd = parse.message("official_account", FIELDS,
    parse.renamed(values, COMMON), marked)
  if message and FINISHED[message.event] then
    add_publication(message)
  end
  return message, odd
end

-- For whom a message is, as an account and as a platform of third parties say.
local RECIPIENTS = { "ToUserName", "AppId" }

-- What is empty outside is absent, as it is inside.
local function is_for(outside, values)
  for _, name in ipairs(RECIPIENTS) do
    local said = outside[name]
    if said ~= nil and said ~= "" and said ~= values[name] then
      return false
    end
  end
  return true
end

local function content_key(message, values, text)
  if message.msgid then
    return parse.key{ "msgid", message.account or false, message.userid,
      message.msgid }
  end
  return parse.key{ "event", message.account or false, message.userid,
    parse.text(values.CreateTime) or false, message.event or false,
    core.sha256(text) }
end

-- For how many seconds a push could be sent again. Its signature is over one
-- run of characters, of which any ten digits may be said to be the time, with
-- the rest for a nonce; rarely are others than its own a time near to it.
local function replayable(context, text, createtime)
  local limit, latest = createtime + AGE, 0
  for digits in text:gmatch("[0-9]+") do
    for i = 1, #digits - 9 do
      local time = tonumber(digits:sub(i, i + 9))
      if time > latest and time - context.window <= limit then
        latest = time
      end
    end
  end
  return min(latest + context.window, limit) + 1 - context.clock()
end

-- The values of an opened push, and whether there are marks in them; nil: they
-- are not of one, or for somebody else.
local function values_of(context, push, text, required)
  local values, marked = push.format.message(text, context.caps)
  values = values and parse.tidy(values, LISTS)
  if push.text and values then
    values.Encrypt = nil -- in the compatible mode it stands beside
  end
  if values and type(values[required]) == "string"
      and is_for(push.outside, values) then
    return values, marked
  end
end

-- What a reply must know.
local function origin_of(push, values)
  return { format = push.format.name, nonce = push.nonce,
    is_plain = push.text ~= nil, is_event = values.MsgType == "event",
    account = values.ToUserName, userid = values.FromUserName }
end

--- Parses a push that is sealed and signed in this way, of whichever kind.
---@param context wxbot.receive.Context
---@param push table as `authenticate` gives it
---@param reader table required: the element that each has; message_of(values, marked) -> message | nil, odd; content_key(message, values, text)
---@return table result
function M.parse_sealed(context, push, reader)
  if not parse.fresh(context, push.timestamp) then
    return refused("stale")
  end
  local text = push.text or context.key:decrypt(push.outside.Encrypt)
  if not text then
    return refused("decrypt")
  end
  local values, marked = values_of(context, push, text, reader.required)
  if not values then
    return refused(push.format.name)
  end
  local message, odd = reader.message_of(values, marked)
  if not message then
    return refused(push.format.name, odd)
  elseif not parse.near(context, message.createtime, AGE) then
    return refused("stale")
  end
  return { tag = "message", message = message,
    sealed = core.sha256(push.outside.Encrypt or text),
    origin = origin_of(push, values),
    content_key = reader.content_key(message, values, text),
    seconds = replayable(context, push.signed_text, message.createtime) }
end

--- Finds out who signed a push, or the check of the address.
function M.authenticate(context, request)
  local query = parse.query(request.query)
  if not query then
    return refused("query")
  elseif request.method == "GET" then
    return echo.authenticate(context, query)
  elseif request.method ~= "POST" then
    return refused("method")
  end
  return (context.plain and authenticate_plain or authenticate_push)(context,
    query, request.body)
end

M.reply = reply.write

local READER = { required = "FromUserName", message_of = message_of,
  content_key = content_key }

--- Parses one push, or answers the check of the address.
function M.parse(context, push)
  if push.echo then
    return echo.parse(context, push)
  elseif push.is_plain then
    return refused("plain")
  end
  return M.parse_sealed(context, push, READER)
end

return M
