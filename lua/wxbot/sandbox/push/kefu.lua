--- Customer-service pushes, as the platform sends them to a callback address.
-- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/recivemsg

local core = require "wxbot.core"
local demo = require "wxbot.sandbox.demo"
local check = require "wxbot.call.schema.check"
local fields_of = require "wxbot.call.schema.fields"
local xml = require "wxbot.codec.xml"

local floor = math.floor

local M = {}

local CONTENT = {
  { name = "msg", type = "string" }, { name = "msgtype", type = "string" },
}

local CUSTOMER = {
  { name = "name", type = "string", doc = "The agent's name" },
  { name = "avatar", type = "string", doc = "URL of the agent's avatar" },
  { name = "openid", type = "string", id = true, doc = "The agent's openid" },
}

-- The elements of the document, in the order of the platform's example.
local ELEMENTS = {
  { name = "userid", type = "string" }, { name = "appid", type = "string" },
  { name = "content", type = "object", fields = CONTENT },
  { name = "event", type = "string" }, { name = "from", type = "integer" },
  { name = "kfstate", type = "integer" },
  { name = "channel", type = "integer" },
  { name = "assessment", type = "integer" },
  { name = "customerInfo", type = "object", fields = CUSTOMER },
  { name = "createtime", type = "string" },
}

local WEB_H5 = 7

M.says = "msg"

--- What Sandbox:push takes.
M.fields = {
  { name = "userid", type = "string", id = true, required = true,
    doc = "The user" },
  { name = "msg", type = "string", doc = "What was said" },
  { name = "msgtype", type = "string", doc = "Type of msg (default text)" },
  { name = "event", type = "string", doc = "userEnter, userQuit, …" },
  { name = "from", type = "integer", doc = "0 user (default), 1 bot, 2 agent" },
  { name = "kfstate", type = "integer", doc = "0 asking (default) … 3 needperson" },
  { name = "channel", type = "integer", doc = "Where the user talks (default 7, web H5)" },
  { name = "appid", type = "string",
    doc = "The account (default: the TOKEN on channel 7, the sandbox's "
      .. "account elsewhere)" },
  { name = "assessment", type = "integer", doc = "Stars that the user gave, 0 none … 5" },
  { name = "customer_info", type = "object", fields = CUSTOMER,
    doc = "The agent of customerStuffEnter and customerStuffQuit" },
  { name = "createtime", type = "integer", doc = "Unix milliseconds (default: now)" },
}

local function document(platform, push)
  local channel = push.channel or WEB_H5
  return xml.encode(ELEMENTS, {
    userid = push.userid, appid = push.appid
      or channel == WEB_H5 and platform.token
      or platform.account or demo.account,
    content = push.msg and { msg = push.msg,
      msgtype = push.msgtype or "text" } or nil,
    event = push.event, from = push.from or 0, kfstate = push.kfstate or 0,
    channel = channel, assessment = push.assessment,
    customerInfo = push.customer_info
      and fields_of.with_ids(CUSTOMER, push.customer_info),
    createtime = ("%.0f"):format(push.createtime
      or floor(platform.time() * 1000)),
  })
end

--- The request that the platform makes.
---@param platform table
---@param push table as described by fields
---@return table|nil request
---@return string|nil message why there cannot be one
function M.request(platform, push)
  local message = push.customer_info and check.argument_error("customer_info",
    CUSTOMER, push.customer_info)
  local text
  if not message then
    text, message = document(platform, push)
  end
  if not text then
    return nil, message
  end
  local key = core.msgcrypt(platform.aes_key, platform.appid)
  local sealed = key:encrypt(text)
  key:close()
  return {
    method = "POST", url = push.url,
    headers = { ["content-type"] = "application/json" },
    body = '{"encrypted":"' .. sealed .. '"}',
  }
end

return M
