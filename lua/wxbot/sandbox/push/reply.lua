--- What a receiver replied to a push of an official account, looked at as the
-- platform does.
-- https://developers.weixin.qq.com/doc/subscription/guide/product/message/Passive_user_reply_message.html

local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local parse = require "wxbot.receive.parse"
local signature = require "wxbot.receive.signature"

local ipairs, pairs, tonumber, type = ipairs, pairs, tonumber, type

local M = {}

-- What the user reads instead of a reply that is wrong.
local UNAVAILABLE = "the user reads 该公众号暂时无法提供服务，请稍后再试: "

-- The platform's own numbers of what can be wrong with an envelope.
local BAD_SIGNATURE, BAD_XML, BAD_APPID, BAD_CIPHER = -40001, -40002, -40005,
  -40007

-- How many bytes of a text were seen to arrive; no document says so.
local LONG_TEXT = 2048

-- Articles in answer to a message, to an event.
local ONE_ARTICLE, MOST_ARTICLES = 1, 8

local CAPS = { bytes = 65536, depth = 16, elements = 256, strict = true }

local function wrong(message, code)
  return nil, UNAVAILABLE .. message, code or "reply"
end

-- -------------------------------------------------------------------- layers

local function values_of(text, format)
  if json.is_object(text) ~= (format == "json") then
    return wrong(format == "json" and "it is no JSON, but the push was"
      or "it is no XML, but the push was", BAD_XML)
  end
  local values, root
  if format == "json" then
    values = json.decode(text)
  else
    root = parse.xml(text, CAPS)
    values = root and parse.values(root)
  end
  if not values then
    return wrong(format == "json" and "it is no JSON that can be read"
      or "it is no <xml> that can be read", BAD_XML)
  end
  return values
end

-- Whose key it is sealed with: without an appid it opens what is for others.
local function open(account, sealed)
  local mine = core.msgcrypt(account.aes_key, account.appid)
  local any = core.msgcrypt(account.aes_key)
  local text, is_readable = mine:decrypt(sealed), any:decrypt(sealed) ~= nil
  mine:close()
  any:close()
  if not text and is_readable then
    return wrong("what is encrypted ends in another appid", BAD_APPID)
  elseif not text then
    return wrong("it does not decrypt with the EncodingAESKey", BAD_CIPHER)
  end
  return text
end

local function open_envelope(account, outside)
  local time, nonce = parse.text(outside.TimeStamp), outside.Nonce
  if type(outside.Encrypt) ~= "string" or type(nonce) ~= "string" or not time
      or type(outside.MsgSignature) ~= "string" then
    return wrong("an encrypted reply has Encrypt, MsgSignature, TimeStamp and "
      .. "Nonce", BAD_XML)
  elseif not signature.is_of(outside.MsgSignature, signature.sorted{
      account.token, time, nonce, outside.Encrypt }) then
    return wrong("its MsgSignature is not that of Encrypt by the Token",
      BAD_SIGNATURE)
  end
  local text, message, code = open(account, outside.Encrypt)
  return text, message, code
end

-- What is inside, whether it was encrypted or not.
local function inside_of(account, body, push)
  local values, message, code = values_of(body, push.format)
  if not values then
    return nil, message, code
  elseif values.Encrypt == nil then
    if push.mode == "encrypted" then
      return wrong("it is not encrypted, but the account is set so")
    end
    return values
  elseif push.mode == "plain" then
    return wrong("it is encrypted, but the account is not set so")
  end
  local text
  text, message, code = open_envelope(account, values)
  if not text then
    return nil, message, code
  end
  values, message, code = values_of(text, push.format)
  return values, message, code, true
end

-- ------------------------------------------------------------------ messages

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

-- Names an element that is missing.
local function missing(values, where, names)
  for _, name in ipairs(names) do
    if not is_text(type(values) == "table" and values[name]) then
      return where .. name .. " is missing"
    end
  end
end

-- Articles as a list: XML has them in item, JSON in the list itself.
local function articles_of(values)
  local list = type(values.Articles) == "table" and values.Articles or {}
  list = list.item or list
  return list[1] and list or { list }
end

local KINDS = {}

function KINDS.text(values)
  return values.Content, missing(values, "", { "Content" })
end

for kind, element in pairs{ image = "Image", voice = "Voice",
    video = "Video" } do
  KINDS[kind] = function(values)
    return values[element], missing(values[element], element .. ".",
      { "MediaId" })
  end
end

function KINDS.music(values)
  return values.Music, missing(values.Music, "Music.", { "ThumbMediaId" })
end

function KINDS.news(values, push)
  local list = articles_of(values)
  local most = push.msgtype == "event" and MOST_ARTICLES or ONE_ARTICLE
  if tonumber(values.ArticleCount) ~= #list then
    return nil, "ArticleCount is not the number of the articles"
  elseif #list > most then
    return nil, ("%d articles, at most %d in answer to %s"):format(#list, most,
      push.msgtype == "event" and "an event" or "a message")
  end
  for _, article in ipairs(list) do
    local message = missing(article, "Articles: ", { "Title" })
    if message then
      return nil, message
    end
  end
  return list
end

function KINDS.transfer_customer_service(values, push)
  if push.msgtype == "event" then
    return nil, "no customer service can be called by an event"
  end
  return type(values.TransInfo) == "table" and values.TransInfo or {}
end

local function is_exchanged(values, push)
  return values.ToUserName == push.userid
    and values.FromUserName == push.account
end

local function warnings_of(kind, content)
  if kind == "text" and #content > LONG_TEXT then
    return { { id = "long_text", text = ("the text has %d bytes; more than "
      .. "%d were not seen to arrive"):format(#content, LONG_TEXT) } }
  end
  return {}
end

local function message_of(values, push)
  local kind = values.MsgType
  if not is_exchanged(values, push) then
    return wrong("ToUserName and FromUserName are not those of the push, "
      .. "exchanged")
  elseif not (parse.text(values.CreateTime) or ""):find("^[0-9]+$") then
    return wrong("CreateTime is no number of seconds")
  elseif not KINDS[kind] then
    return wrong("its MsgType is none that a reply can have")
  end
  local content, message = KINDS[kind](values, push)
  if message then
    return wrong(message)
  end
  return { kind = kind, [kind] = content, warnings = warnings_of(kind, content) }
end

--- Reads what a receiver answered.
---@param account table { token, aes_key, appid }
---@param body string
---@param push table what was pushed: userid, account, msgtype, mode, format
---@return table|nil reply { kind, text | image | … as receiver:reply takes it, encrypted, warnings = { { id, text } } }; nil: none
---@return string|nil message what is wrong with it
---@return integer|string|nil code
function M.read(account, body, push)
  if body == "success" or body == "" then
    return nil
  end
  local values, message, code, encrypted = inside_of(account, body, push)
  if not values then
    return nil, message, code
  end
  local reply
  reply, message, code = message_of(values, push)
  if reply then
    reply.encrypted = encrypted or false
  end
  return reply, message, code
end

return M
