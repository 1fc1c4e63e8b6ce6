--- What a user of an official account is told in the response to a push.
--
-- The form of a reply in JSON is that of
-- https://developers.weixin.qq.com/miniprogram/dev/wxcloudservice/wxcloudrun/src/development/weixin/callback.html

local check = require "wxbot.call.schema.check"
local json = require "wxbot.codec.json"
local signature = require "wxbot.receive.signature"
local xml = require "wxbot.codec.xml"

local floor = math.floor
local concat, sort = table.concat, table.sort
local ipairs, next, pairs = ipairs, next, pairs
local tostring, type = tostring, type

local M = {}

M.source = "https://developers.weixin.qq.com/doc/subscription/guide/product/"
  .. "message/Passive_user_reply_message.html"

local MEDIA = { name = "MediaId", type = "string", required = true,
  doc = "Id of the material, temporary or permanent" }
local TITLE = { name = "Title", type = "string", doc = "Title" }
local DESCRIPTION = { name = "Description", type = "string",
  doc = "Description" }

--- What an answer can be: a table with one of these, by the documents' names.
M.fields = {
  { name = "text", type = "string",
    doc = "Text, as an answer that is a string; more than about 2,048 bytes "
      .. "were not seen to arrive" },
  { name = "image", type = "object", doc = "Picture", fields = { MEDIA } },
  { name = "voice", type = "object", doc = "Voice message",
    fields = { MEDIA } },
  { name = "video", type = "object", doc = "Video",
    fields = { MEDIA, TITLE, DESCRIPTION } },
  { name = "music", type = "object", doc = "Music", fields = { TITLE,
    DESCRIPTION, { name = "MusicUrl", type = "string", doc = "URL of it" },
    { name = "HQMusicUrl", type = "string",
      doc = "URL of a better recording, used with Wi-Fi" },
    { name = "ThumbMediaId", type = "string", required = true,
      doc = "Id of the material that is its picture" } } },
  { name = "news", type = "list", of = "object",
    doc = "Articles: 1 in answer to a message, up to 8 to an event", fields = {
      { name = "Title", type = "string", required = true, doc = "Title" },
      DESCRIPTION, { name = "PicUrl", type = "string",
        doc = "URL of a picture, JPEG or PNG, 360×200 or 200×200" },
      { name = "Url", type = "string", doc = "URL that it opens" } } },
  { name = "transfer_customer_service", type = "object",
    doc = "Customer service of the account takes over; not after an event",
    fields = { { name = "KfAccount", type = "string",
      doc = "The agent, name@account (default: any)" } } },
}

-- Kind -> its field, in a list of its own, as check wants it.
local ONE = {}
for _, field in ipairs(M.fields) do
  local required = {}
  for name, value in pairs(field) do
    required[name] = value
  end
  required.required = true
  ONE[field.name] = { required }
end

local MOST_TO_A_MESSAGE, MOST_TO_AN_EVENT = 1, 8

-- -------------------------------------------------------------------- checks

-- The kind of an answer, or why it has none.
local function kind_of(answer)
  local names = {}
  for name in pairs(answer) do
    if not ONE[name] then
      return nil, "unknown name " .. tostring(name)
    end
    names[#names + 1] = name
  end
  sort(names)
  if #names ~= 1 then
    return nil, "expected one of text, image, voice, video, music, news and "
      .. "transfer_customer_service, got "
      .. (#names > 0 and concat(names, ", ") or "none")
  end
  return names[1]
end

-- What is wrong with an answer in itself: a value, or the program.
local function look_at(kind, answer)
  local _, err, message = check.params("the answer", ONE[kind], answer)
  if not err and not message and ONE[kind][1].type == "object" then
    _, err, message = check.params("the answer: " .. kind, ONE[kind][1].fields,
      answer[kind])
    if err then
      err.message = kind .. "." .. err.message
    end
  end
  return err and err.message, message
end

-- What is wrong with it in answer to this push.
local function misplaced(kind, content, origin)
  local most = origin.is_event and MOST_TO_AN_EVENT or MOST_TO_A_MESSAGE
  if kind == "news" and #content > most then
    return ("news has %d articles: the platform takes %d in answer to %s")
      :format(#content, most, origin.is_event and "an event" or "a message")
  elseif kind == "transfer_customer_service" and origin.is_event then
    return "transfer_customer_service answers messages only, no event"
  elseif type(origin.account) ~= "string" then
    return "the push does not say which account it was sent to"
  end
end

-- --------------------------------------------------------------- what is sent

-- The element that holds what a kind has, where it is one.
local ELEMENT = { image = "Image", voice = "Voice", video = "Video",
  music = "Music", transfer_customer_service = "TransInfo" }

local function content_of(kind, content)
  if kind == "text" then
    return { Content = content }
  elseif kind == "news" then
    return { ArticleCount = #content, Articles = content }
  end
  return { [ELEMENT[kind]] = next(content) and content or nil }
end

-- The elements of each kind, after the four that all have; `item` stands in XML
-- only.
local function elements_of(kind)
  local inside = ONE[kind][1].fields
  local list = { { name = "ToUserName" }, { name = "FromUserName" },
    { name = "CreateTime" }, { name = "MsgType" } }
  if kind == "text" then
    list[5] = { name = "Content" }
  elseif kind == "news" then
    list[5] = { name = "ArticleCount" }
    list[6] = { name = "Articles", type = "list", of = "object",
      item_name = "item", fields = inside }
  else
    list[5] = { name = ELEMENT[kind], type = "object", fields = inside }
  end
  return list
end

local ELEMENTS = {}
for kind in pairs(ONE) do
  ELEMENTS[kind] = elements_of(kind)
end

local ENVELOPE = { { name = "Encrypt" }, { name = "MsgSignature" },
  { name = "TimeStamp" }, { name = "Nonce" } }

local function encode(format, fields, values)
  if format == "json" then
    return json.encode(values, fields)
  end
  return xml.encode(fields, values)
end

-- The envelope around a text: signed with the nonce of the push.
local function seal(context, origin, text, now)
  local sealed, message = context.key:encrypt(text)
  if not sealed then
    return nil, message
  end
  return encode(origin.format, ENVELOPE, { Encrypt = sealed, TimeStamp = now,
    Nonce = origin.nonce, MsgSignature = signature.of{ context.token,
      ("%d"):format(now), origin.nonce, sealed } })
end

--- Writes a reply.
---@param context wxbot.receive.Context
---@param origin table { format, nonce, is_event, account, userid, is_plain } of the push
---@param answer string|table
---@return string|nil body
---@return string|nil type "xml" | "json"; with body nil, why it cannot be sent
---@return string|nil message an argument error, with both nil
function M.write(context, origin, answer)
  answer = type(answer) == "string" and { text = answer } or answer
  local kind, message = kind_of(answer)
  if not kind then
    return nil, nil, "the answer: " .. message
  end
  local reason
  reason, message = look_at(kind, answer)
  reason = not message and (reason or misplaced(kind, answer[kind], origin))
  if reason or message then
    return nil, reason or nil, message
  end
  local now, values = floor(context.clock()), content_of(kind, answer[kind])
  values.ToUserName, values.FromUserName = origin.userid, origin.account
  values.CreateTime, values.MsgType = now, kind
  local body
  body, reason = encode(origin.format, ELEMENTS[kind], values)
  if body and not origin.is_plain then
    body, reason = seal(context, origin, body, now)
  end
  return body, body and origin.format or reason
end

return M
