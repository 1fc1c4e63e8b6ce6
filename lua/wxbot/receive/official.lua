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
local json = require "wxbot.codec.json"
local parse = require "wxbot.receive.parse"

local huge, min = math.huge, math.min
local ipairs, pairs, tonumber, type = ipairs, pairs, tonumber, type

local M = { needs = { "appid", "token", "aes_key" }, done = "success" }

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
---@param state table
---@param options table
---@return true|nil
---@return wxbot.Error|nil err
function M.open(state, options)
  -- As deep as JSON may be, and as many elements as there are bytes for.
  state.envelope = { bytes = state.caps.bytes, depth = 32, elements = huge,
    strict = true, tolerant = true }
  return parse.open(state, options)
end

-- What a signature is made of; nil: a part is missing.
local function signed_text(state, query, extra)
  if type(query.timestamp) == "string" and type(query.nonce) == "string" then
    return parse.sorted{ state.token, query.timestamp, query.nonce, extra }
  end
end

local function is_signed(claimed, text)
  return text ~= nil and parse.same(claimed, core.sha1(text))
end

-- ------------------------------------------------------------- the echo check

local function is_echo(text)
  return type(text) == "string" and #text <= 512
    and text:find("^[A-Za-z0-9_=+/-]+$") ~= nil
end

-- The plain check does not cover echostr, so that it may be anybody's text:
-- it is only ever given back as harmless characters.
local function authenticate_echo(state, query)
  local text, sealed = query.echostr, query.msg_signature ~= nil
  if not is_echo(text) then
    return nil, "echo"
  elseif not is_signed(sealed and query.msg_signature or query.signature,
      signed_text(state, query, sealed and text or nil)) then
    return nil, "signature"
  end
  return { echo = text, is_sealed = sealed, timestamp = query.timestamp }
end

local function read_echo(state, push)
  local text = push.echo
  if push.is_sealed then
    text = state.key:decrypt(text)
    if not text then
      return nil, "decrypt"
    end
  end
  if not is_echo(text) then
    return nil, "echo"
  elseif not parse.fresh(state, push.timestamp) then
    return nil, "stale"
  end
  return false, text, "echo"
end

-- ------------------------------------------------------------------ envelopes

-- Formats give the values of a document by name. Their names are also the
-- reasons of refusals.
local XML = { name = "xml" }
local JSON = { name = "json" }

-- What a reader of text between elements could take for something.
local function is_blank(node)
  return not node.text:find("[^ \t\r\n]")
end

function XML.envelope(text, caps)
  local root = parse.xml(text, caps)
  return root and is_blank(root) and parse.values(root) or nil
end

function XML.message(text, caps)
  local root, marked = parse.xml(text, caps)
  return root and parse.values(root), marked
end

function JSON.message(text)
  local values, marked = json.decode(text, true)
  if type(values) == "table" then
    return values, marked
  end
end

JSON.envelope = JSON.message

local function format_of(body)
  return json.is_object(body) and JSON or XML
end

-- How often a name comes, at any depth.
local function count(values, name)
  local n = values[name] ~= nil and 1 or 0
  for _, value in pairs(values) do
    n = n + (type(value) == "table" and count(value, name) or 0)
  end
  return n
end

-- Exactly one Encrypt in all of it, a text right below the root.
local function is_envelope(outside)
  return type(outside.Encrypt) == "string" and count(outside, "Encrypt") == 1
end

-- Pushes of accounts without encryption: test accounts have none.
local function is_plain(outside)
  return type(outside.FromUserName) == "string"
    and type(outside.MsgType) == "string" and count(outside, "Encrypt") == 0
end

local function authenticate_push(state, query, body)
  local format = format_of(body)
  local outside = format.envelope(body, state.envelope)
  if outside and is_plain(outside) then
    if is_signed(query.signature, signed_text(state, query)) then
      return { is_plain = true }
    end
    return nil, "plain"
  elseif not outside or not is_envelope(outside) then
    return nil, format.name
  end
  local text = signed_text(state, query, outside.Encrypt)
  if not is_signed(query.msg_signature, text) then
    return nil, "signature"
  end
  return { format = format, outside = outside, signed_text = text,
    timestamp = query.timestamp }
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

local function saying(message, values, text)
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
local function replayable(state, text, createtime)
  local limit, latest = createtime + AGE, 0
  for digits in text:gmatch("%d+") do
    for i = 1, #digits - 9 do
      local time = tonumber(digits:sub(i, i + 9))
      if time > latest and time - state.window <= limit then
        latest = time
      end
    end
  end
  return min(latest + state.window, limit) + 1 - state.clock()
end

local function read_push(state, push)
  local sealed, name = push.outside.Encrypt, push.format.name
  if not parse.fresh(state, push.timestamp) then
    return nil, "stale"
  end
  local text = state.key:decrypt(sealed)
  if not text then
    return nil, "decrypt"
  end
  local values, marked = push.format.message(text, state.caps)
  values = values and parse.tidy(values, LISTS)
  if not values or type(values.FromUserName) ~= "string"
      or not is_for(push.outside, values) then
    return nil, name
  end
  local message, odd = message_of(values, marked)
  if not message then
    return nil, name, odd
  elseif not parse.near(state, message.createtime, AGE) then
    return nil, "stale"
  end
  return message, { sealed = core.sha256(sealed),
    said = saying(message, values, text),
    seconds = replayable(state, push.signed_text, message.createtime) }
end

--- Finds out who signed a push, or the echo check.
---@param state table
---@param request table
---@return table|nil push
---@return string|nil detail why it is refused
function M.authenticate(state, request)
  local query = parse.query(request.query)
  if not query then
    return nil, "query"
  elseif request.method == "GET" then
    return authenticate_echo(state, query)
  elseif request.method ~= "POST" then
    return nil, "method"
  end
  return authenticate_push(state, query, request.body)
end

--- Reads one push, or answers the echo check.
---@param state table
---@param push table
---@return table|false|nil message false: answered, nothing to hand over
---@return table|string keys with false the answer, with nil why it is refused
---@return string|nil note with false; with nil the field that is to blame
function M.read(state, push)
  if push.echo then
    return read_echo(state, push)
  elseif push.is_plain then
    return nil, "plain"
  end
  return read_push(state, push)
end

return M
