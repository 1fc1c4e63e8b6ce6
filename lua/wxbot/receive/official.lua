--- Pushes of an official account, in the encrypted mode: an envelope whose
-- msg_signature covers the time, a nonce and the ciphertext.
-- https://developers.weixin.qq.com/doc/offiaccount/Publish/Callback_on_finish.html
-- https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
--
-- What the signature does not cover is not believed: of the envelope only
-- Encrypt is read. It is XML or, where the account is set so, JSON, outside and
-- inside alike; both are signed in the same way.

local by_name = require "wxbot.endpoint".by_name
local core = require "wxbot.core"
local json = require "wxbot.json"
local read = require "wxbot.receive.read"
local schema = require "wxbot.schema"

local ipairs, next, pairs, type = ipairs, next, pairs, type

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
  { name = "event", type = "string", doc = "Name of the event" },
  { name = "msgid", type = "string", doc = "Id of the message; events have none" },
  { name = "content", type = "string", doc = "Text of a text message" },
}

-- Two spellings of one event are about.
local FINISHED = { PUBLISHJOBFINISH = true, FREEPUBLISHJOBFINISH = true }

local PUBLICATION = by_name.freepublish_get.response

-- How old a message may be under a time that is good. The signature covers time
-- and nonce run together: a nonce of ten digits may stand for the time, years
-- later. Messages are sent late, but not by that much.
local AGE = 86400

local ENVELOPE = { depth = 4, elements = 16, strict = true }

--- Takes the key and the token of the configuration.
---@param state table
---@param options table
---@return true|nil
---@return wxbot.Error|nil err
function M.open(state, options)
  state.envelope = { bytes = state.caps.bytes, depth = ENVELOPE.depth,
    elements = ENVELOPE.elements, strict = true }
  return read.open(state, options)
end

local function signed(state, query, claimed, extra)
  if type(query.timestamp) ~= "string" or type(query.nonce) ~= "string" then
    return false
  end
  return read.same(claimed, read.sorted_sha1{ state.token, query.timestamp,
    query.nonce, extra })
end

-- ------------------------------------------------------------- the echo check

local function is_echo(text)
  return type(text) == "string" and #text <= 512
    and text:find("^[A-Za-z0-9_=+/-]+$") ~= nil
end

-- The plain check does not cover echostr, so that it may be anybody's text:
-- it is only ever given back as harmless characters.
local function echo(state, query)
  local text = query.echostr
  if not is_echo(text) then
    return nil, "echo"
  elseif query.msg_signature ~= nil then
    if not signed(state, query, query.msg_signature, text) then
      return nil, "signature"
    end
    text = state.key:decrypt(text)
    if not text then
      return nil, "decrypt"
    end
  elseif not signed(state, query, query.signature) then
    return nil, "signature"
  end
  if not is_echo(text) then
    return nil, "echo"
  elseif not read.fresh(state, query.timestamp) then
    return nil, "stale"
  end
  return false, text, "echo"
end

-- ------------------------------------------------------------------- messages

-- What a reader of text between elements could take for something.
local function is_blank(node)
  return not node.text:find("[^ \t\r\n]")
end

local function count(node, name)
  local n = 0
  for _, child in ipairs(node) do
    n = n + (child.name == name and 1 or 0) + count(child, name)
  end
  return n
end

local function child_of(root, name)
  for _, child in ipairs(root) do
    if child.name == name then
      return child
    end
  end
end

-- A format reads envelopes (the ciphertext and the account, as far as they are
-- what they must be) and messages (their values by name). Its name is also the
-- reason of a refusal.
local XML = { name = "xml" }
local JSON = { name = "json" }

-- Exactly one Encrypt in all of it, right below the root and without elements
-- inside.
function XML.envelope(state, text)
  local root = read.xml(text, state.envelope)
  local node = root and child_of(root, "Encrypt")
  if node and is_blank(root) and not node[1] and count(root, "Encrypt") == 1 then
    local account = child_of(root, "ToUserName")
    return node.text, account and account.text
  end
end

function XML.values(state, text)
  local root = read.xml(text, state.caps)
  return root and read.values(root)
end

-- Texts and nothing else; a name that came twice has been refused.
function JSON.envelope(_, text)
  local members = json.decode(text)
  for _, value in pairs(members or {}) do
    if type(value) ~= "string" then
      return nil
    end
  end
  if members and members.ToUserName then
    return members.Encrypt, members.ToUserName
  end
end

function JSON.values(_, text)
  local values = json.decode(text)
  return type(values) == "table" and read.without_empty(values) or nil
end

local function format_of(body)
  return json.is_object(body) and JSON or XML
end

local function add_publication(message, info)
  if type(info) ~= "table" then
    return
  end
  local detail = info.article_detail
  local item = type(detail) == "table" and detail.item
  if type(item) == "table" and not item[1] and next(item) then
    detail.item = { item }
  end
  schema.shape(PUBLICATION, info)
  for name, value in pairs(info) do
    if message[name] == nil then
      message[name] = value
    end
  end
end

local function message_of(values)
  local message = read.renamed(values, COMMON)
  message.createtime = read.seconds(read.text(values.CreateTime))
  message.kind = "official_account"
  schema.shape(M.fields, message)
  if FINISHED[message.event] then
    message.PublishEventInfo = nil
    add_publication(message, values.PublishEventInfo)
  end
  return message
end

local function saying(message, values, text)
  if message.msgid then
    return read.key{ "msgid", message.account or false, message.msgid }
  end
  return read.key{ "event", message.account or false, message.userid or false,
    read.text(values.CreateTime) or false, message.event or false,
    core.sha256(text) }
end

-- What comes here was signed: nobody guesses.
local function open_message(state, format, sealed, account)
  local text = state.key:decrypt(sealed)
  if not text then
    return nil, "decrypt", "signed"
  end
  local values = format.values(state, text)
  if not values or type(values.FromUserName) ~= "string"
      or account and account ~= values.ToUserName then
    return nil, format.name, "signed"
  end
  local message = message_of(values)
  if message.createtime and not read.near(state, message.createtime, AGE) then
    return nil, "stale"
  end
  return message, core.sha256(sealed), saying(message, values, text)
end

--- Reads one push, or answers the echo check.
---@param state table
---@param request table
---@return table|false|nil message false: answered, nothing to hand over
---@return string detail why there is no message, or the answer, or a key
---@return string|nil said key of what the message says; without one, "signed"
--- if whoever sent it knows the token
function M.handle(state, request)
  local query = read.query(request.query)
  if not query then
    return nil, "query"
  elseif request.method == "GET" then
    return echo(state, query)
  elseif request.method ~= "POST" then
    return nil, "method"
  end
  local format = format_of(request.body)
  local sealed, account = format.envelope(state, request.body)
  if not sealed then
    return nil, format.name
  elseif not signed(state, query, query.msg_signature, sealed) then
    return nil, "signature"
  elseif not read.fresh(state, query.timestamp) then
    return nil, "stale"
  end
  return open_message(state, format, sealed, account)
end

return M
