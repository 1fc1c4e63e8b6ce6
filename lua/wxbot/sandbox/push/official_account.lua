--- Messages and events of an official account, as the platform pushes them: in
-- the clear, encrypted, or both (the compatible mode), as XML or JSON.
-- https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html

local by_name = require "wxbot.api".by_name
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local list = require "wxbot.api.fields".list
local reply = require "wxbot.sandbox.push.reply"
local signature = require "wxbot.receive.signature"
local url = require "wxbot.codec.url"
local xml = require "wxbot.codec.xml"

local floor = math.floor
local ipairs, pairs, type = ipairs, pairs, type
local sort = table.sort

local M = { says = "content" }

--- The account of a push that names none.
M.account = "gh_1234567890ab"

--- What Sandbox:push takes.
M.fields = {
  { name = "userid", type = "string", id = true, required = true,
    doc = "The user" },
  { name = "content", type = "string", doc = "Text of a text message" },
  { name = "msgtype", type = "string",
    doc = "Type of the message (default text, with event: event)" },
  { name = "event", type = "string", doc = "subscribe, CLICK, …" },
  { name = "elements", type = "object",
    doc = "What the message has besides, by the platform's names: "
      .. "{ MediaId = … }, { EventKey = … }" },
  { name = "account", type = "string",
    doc = "The account (default " .. M.account .. ")" },
  { name = "msgid", type = "string", id = true,
    doc = "Id of the message (default: a new one; events have none)" },
  { name = "createtime", type = "integer", doc = "Unix seconds (default: now)" },
  { name = "mode", type = "string", enum = { "encrypted", "compatible", "plain" },
    doc = "How the account is set (default encrypted)" },
  { name = "format", type = "string", enum = { "xml", "json" },
    doc = "xml (default) or json" },
}

-- ------------------------------------------------------------------ the text

-- Elements that are described elsewhere.
local DESCRIBED = { PublishEventInfo = by_name.freepublish_get.response }

-- Fields of whatever somebody gave, in a stable order.
local function fields_of(values)
  local fields = {}
  for name, value in pairs(values) do
    local is_list = type(value) == "table" and value[1] ~= nil
    local inside = is_list and value[1] or value
    fields[#fields + 1] = { name = name, type = is_list and "list" or nil,
      item_name = is_list and "item" or nil,
      fields = DESCRIBED[name]
        or type(inside) == "table" and fields_of(inside) or nil }
  end
  sort(fields, function(a, b) return core.less(a.name, b.name) end)
  return fields
end

local function elements_of(push)
  local fields = { { name = "ToUserName" }, { name = "FromUserName" },
    { name = "CreateTime" }, { name = "MsgType" }, { name = "Event" },
    { name = "Content" } }
  local values = { ToUserName = push.account, FromUserName = push.userid,
    CreateTime = push.createtime, MsgType = push.msgtype, Event = push.event,
    Content = push.content }
  for _, field in ipairs(fields_of(push.elements or {})) do
    if not values[field.name] then
      fields[#fields + 1] = field
      values[field.name] = push.elements[field.name]
    end
  end
  fields[#fields + 1] = { name = "MsgId" }
  values.MsgId = push.msgid
  return fields, values
end

local function encode(push, fields, values)
  if push.format == "json" then
    return json.encode(values, fields)
  end
  return xml.encode(fields, values)
end

-- Six digits that nobody can guess.
local function digits()
  local a, b, c = core.random(3):byte(1, 3)
  return ("%06d"):format((a * 65536 + b * 256 + c) % 1000000)
end

local function complete(platform, push)
  local now = floor(platform.time())
  push.account = push.account or M.account
  push.createtime = push.createtime or now
  push.msgtype = push.msgtype or push.event and "event" or "text"
  push.mode, push.format = push.mode or "encrypted", push.format or "xml"
  push.timestamp = ("%d"):format(floor(platform.sent_at))
  push.nonce = digits()
  if not push.msgid and push.msgtype ~= "event" then
    push.msgid = now * 1000000 + digits()
  end
end

-- ---------------------------------------------------------------- the request

-- What the account is known by: the appid that is inside what is sealed.
local function appid_of(platform)
  return platform.account
end

local function seal(platform, text)
  local key = core.msgcrypt(platform.aes_key, appid_of(platform))
  local sealed = key:encrypt(text)
  key:close()
  return sealed
end

-- The body, and its Encrypt if it has one.
local function body_of(platform, push)
  local fields, values = elements_of(push)
  local text, message = encode(push, fields, values)
  if not text then
    return nil, message
  elseif push.mode == "plain" then
    return text
  end
  local sealed = seal(platform, text)
  if push.mode == "encrypted" then
    fields = { { name = "ToUserName" } }
    values = { ToUserName = push.account }
  end
  values.Encrypt = sealed
  text, message = encode(push, list(fields, { { name = "Encrypt" } }), values)
  return text, text and sealed or message
end

local function query_of(platform, push, sealed)
  local function sign(extra)
    return signature.of{ platform.token, push.timestamp, push.nonce, extra }
  end
  local query = { { "signature", sign() }, { "timestamp", push.timestamp },
    { "nonce", push.nonce }, { "openid", push.userid } }
  if sealed then
    query[#query + 1] = { "encrypt_type", "aes" }
    query[#query + 1] = { "msg_signature", sign(sealed) }
  end
  return url.encode(query)
end

--- The request that the platform makes.
---@param platform table
---@param push table as described by fields; completed
---@return table|nil request
---@return string|nil message why there cannot be one
function M.request(platform, push)
  complete(platform, push)
  local body, sealed = body_of(platform, push)
  if not body then
    return nil, sealed
  end
  return {
    method = "POST", url = push.url
      .. (push.url:find("?", 1, true) and "&" or "?")
      .. query_of(platform, push, sealed),
    headers = { ["content-type"] = push.format == "json" and "application/json"
      or "text/xml" },
    body = body,
  }
end

--- Opens the reply.
---@param platform table
---@param response table
---@param push table completed
---@return table|nil reply nil: nothing was replied, or with a message it is wrong
---@return string|nil message
---@return integer|string|nil code
function M.read_reply(platform, response, push)
  local found, message, code = reply.read({ token = platform.token,
    aes_key = platform.aes_key, appid = appid_of(platform) }, response.body,
    push)
  return found, message, code
end

return M
