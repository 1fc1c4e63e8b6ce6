--- Customer-service pushes: what users, the bot and agents say.
-- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/recivemsg
--
-- `{"encrypted": "…"}`, not signed: that it decrypts and ends in the bot's
-- APPID is all that speaks for it.

local by_name = require "wxbot.api".by_name
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local parse = require "wxbot.receive.parse"
local rich = require "wxbot.call.rich"

local ipairs, type = ipairs, type
local refused = parse.refused

local M = { needs = { "appid", "aes_key" }, done = "" }

M.summary = "Customer service: what users, the bot and agents say"
M.source = "https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/recivemsg"

local CHANNELS
for _, field in ipairs(by_name.sendmsg.request) do
  CHANNELS = field.name == "channel" and field.enum_names or CHANNELS
end

-- The message, besides kind and createtime (unix seconds). What is empty or
-- was not sent is absent; other elements keep their names.
M.fields = {
  { name = "userid", type = "string", required = true,
    doc = "The user; the openid of sendmsg" },
  { name = "appid", type = "string",
    doc = "Account or mini program; absent where the platform sends the TOKEN" },
  { name = "content", type = "object", doc = "What was said", fields = {
    { name = "msg", type = "string", text = true,
      doc = "Text; JSON if it was a structure" },
    { name = "msgtype", type = "string", doc = "text, …" },
  } },
  { name = "event", type = "string",
    doc = "userEnter, userQuit: the user came, left; customerStuffEnter, "
      .. "customerStuffQuit: an agent of the console did" },
  { name = "from", type = "integer", enum_names = { [0] = "user", "bot", "agent" },
    doc = "Who speaks" },
  { name = "status", type = "integer", doc = "Not documented by the platform" },
  { name = "kfstate", type = "integer",
    enum_names = { [0] = "asking", "personserving", "complete", "needperson" },
    doc = "0 the bot answers, 1 an agent does, 2 done, 3 an agent is wanted" },
  { name = "channel", type = "integer", enum_names = CHANNELS,
    doc = "To give back to sendmsg" },
  { name = "msgtype", type = "string", doc = "As in content" },
  { name = "assessment", type = "integer",
    enum_names = { [0] = "none", "very_dissatisfied", "dissatisfied", "average",
      "satisfied", "very_satisfied" }, doc = "The user's rating" },
  { name = "waiterid", type = "string", doc = "The agent" },
  { name = "waitername", type = "string", text = true,
    doc = "The agent's name" },
  { name = "waiteravatar", type = "string", text = true,
    doc = "URL of the agent's avatar" },
  { name = "customer_info", type = "object", doc = "The agent of the console who "
      .. "entered or left", fields = {
    { name = "name", type = "string", text = true, doc = "The agent's name" },
    { name = "avatar", type = "string", text = true,
      doc = "URL of the agent's avatar" },
    { name = "openid", type = "string", doc = "The agent's openid" },
  } },
}

local FIELDS = parse.described(M.fields)
for _, field in ipairs(rich.fields) do
  M.fields[#M.fields + 1] = field
end

M.open = parse.open

-- Two messages of one moment that say the same are one message. Marks are left
-- in: what differs only in what is repaired is not the same.
local function content_key(values)
  if type(values.createtime) ~= "string" then
    return nil
  end
  local content = type(values.content) == "table" and values.content or {}
  local parts = { "kefu" }
  for i, value in ipairs{ values.userid, values.createtime,
      values.event or false, values.from or false, values.kfstate or false,
      values.assessment or false, content.msgtype or false,
      content.msg or false } do
    parts[i + 1] = type(value) == "table" and json.encode(value) or value
  end
  return parse.key(parts)
end

-- On the web the platform gives the TOKEN for an appid: a secret, which sendmsg
-- does without there.
local function is_token(context, values)
  if context.token then
    return values.appid == context.token
  end
  return values.channel == "7"
end

local function message_of(context, values, marked)
  values.customer_info, values.customerInfo = values.customerInfo, nil
  if is_token(context, values) then
    values.appid = nil
  end
  local message, odd = parse.message("kefu", FIELDS, values, marked)
  if not message then
    return nil, odd
  end
  local content = message.content or {}
  rich.add(message, content.msg, content.msgtype)
  message.text = message.text ~= "" and message.text or nil
  return message
end

-- While the address is being configured something without a message may come:
-- nothing at all, or an object that has no `encrypted`. Whoever refuses it may
-- not be able to configure the address.
local function is_empty(body, text)
  return text == "" or type(body) == "table" and body.encrypted == nil
    and json.is_object(text)
end

--- Opens what the platform has sealed.
function M.authenticate(context, request)
  if request.method ~= "POST" then
    return refused("method")
  end
  local body = json.decode(request.body, true)
  if is_empty(body, request.body) then
    return { tag = "empty", body = "" }
  elseif type(body) ~= "table" or type(body.encrypted) ~= "string" then
    return refused("json")
  end
  local text = context.key:decrypt(body.encrypted)
  if not text then
    return refused("decrypt")
  end
  return { tag = "push", text = text, sealed = body.encrypted }
end

--- Parses it.
function M.parse(context, push)
  local root, marked = parse.xml(push.text, context.caps)
  local values = root and parse.tidy(parse.values(root))
  if not values or type(values.userid) ~= "string" then
    return refused("xml")
  end
  local key = content_key(values)
  local message, odd = message_of(context, values, marked)
  if not message then
    return refused("xml", odd)
  elseif context.windowed and not parse.near(context, message.createtime) then
    return refused("stale")
  end
  return { tag = "message", message = message,
    sealed = core.sha256(push.sealed), content_key = key }
end

return M
