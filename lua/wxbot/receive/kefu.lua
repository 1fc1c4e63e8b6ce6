--- Customer-service pushes: what users, the bot and agents say.
-- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/recivemsg
--
-- `{"encrypted": "…"}`, not signed: that it decrypts and ends in the bot's
-- APPID is all that speaks for it.

local by_name = require "wxbot.endpoint".by_name
local core = require "wxbot.core"
local json = require "wxbot.json"
local read = require "wxbot.receive.read"
local schema = require "wxbot.schema"

local ipairs, type = ipairs, type

local M = { needs = { "appid", "aes_key" }, done = "" }

M.summary = "Customer service: what users, the bot and agents say"
M.source = "https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/recivemsg"

local CHANNELS
for _, field in ipairs(by_name.sendmsg.request) do
  CHANNELS = field.name == "channel" and field.names or CHANNELS
end

-- The message, besides kind and createtime (unix seconds). What is empty or
-- was not sent is absent; other elements keep their names.
M.fields = {
  { name = "userid", type = "string", required = true,
    doc = "The user; the openid of sendmsg" },
  { name = "appid", type = "string",
    doc = "Account or mini program; absent where the platform sends the TOKEN" },
  { name = "content", type = "object", doc = "What was said", fields = {
    { name = "msg", type = "string", doc = "Text; JSON if it was a structure" },
    { name = "msgtype", type = "string", doc = "text, …" },
  } },
  { name = "event", type = "string",
    doc = "userEnter, userQuit, customerStuffEnter, customerStuffQuit" },
  { name = "from", type = "integer", names = { [0] = "user", "bot", "agent" },
    doc = "Who speaks" },
  { name = "status", type = "integer", doc = "Not documented by the platform" },
  { name = "kfstate", type = "integer",
    names = { [0] = "asking", "personserving", "complete", "needperson" },
    doc = "0 the bot answers, 1 an agent does, 2 done, 3 an agent is wanted" },
  { name = "channel", type = "integer", names = CHANNELS,
    doc = "To give back to sendmsg" },
  { name = "msgtype", type = "string", doc = "As in content" },
  { name = "assessment", type = "integer",
    names = { [0] = "none", "very_dissatisfied", "dissatisfied", "average",
      "satisfied", "very_satisfied" }, doc = "The user's rating" },
  { name = "waiterid", type = "string", doc = "The agent" },
  { name = "waitername", type = "string", doc = "The agent's name" },
  { name = "waiteravatar", type = "string", doc = "URL of the agent's avatar" },
  { name = "customer_info", type = "object", doc = "The agent of the console who "
      .. "entered or left", fields = {
    { name = "name", type = "string", doc = "The agent's name" },
    { name = "avatar", type = "string", doc = "URL of the agent's avatar" },
    { name = "openid", type = "string", doc = "The agent's openid" },
  } },
}

M.open = read.open

-- Two messages of one moment that say the same are one message.
local function saying(values)
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
  return read.key(parts)
end

-- On the web the platform gives the TOKEN for an appid: a secret, which sendmsg
-- does without there.
local function is_token(state, values)
  if state.token then
    return values.appid == state.token
  end
  return values.channel == "7"
end

local function message_of(state, values)
  values.customer_info, values.customerInfo = values.customerInfo, nil
  if is_token(state, values) then
    values.appid = nil
  end
  values.createtime = read.seconds(values.createtime)
  values.kind = "kefu"
  return schema.shape(M.fields, values)
end

-- While the address is being configured something without a message may come:
-- nothing at all, or an object that has no `encrypted`. Whoever refuses it may
-- not be able to configure the address.
local function is_empty(body, text)
  return text == "" or type(body) == "table" and body.encrypted == nil
    and json.is_object(text)
end

--- Reads one push.
---@param state table
---@param request table
---@return table|false|nil message false: good, but nothing to hand over
---@return string detail why there is no message
---@return string|nil said key of what the message says
function M.handle(state, request)
  if request.method ~= "POST" then
    return nil, "method"
  end
  local body = json.decode(request.body)
  if is_empty(body, request.body) then
    return false, "", "empty"
  elseif type(body) ~= "table" or type(body.encrypted) ~= "string" then
    return nil, "json"
  end
  local text = state.key:decrypt(body.encrypted)
  if not text then
    return nil, "decrypt"
  end
  local root = read.xml(text, state.caps)
  local values = root and read.values(root)
  if not values or type(values.userid) ~= "string" then
    return nil, "xml"
  end
  local said, message = saying(values), message_of(state, values)
  if state.windowed and not read.near(state, message.createtime) then
    return nil, "stale"
  end
  return message, core.sha256(body.encrypted), said
end

return M
