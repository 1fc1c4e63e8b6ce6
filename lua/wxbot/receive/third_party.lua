--- Pushes to a third-party platform: its verify ticket, and which accounts have
-- authorised it. Sealed and signed as those of an official account, for the
-- component's appid; no user and no MsgType is in them.
-- https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/
-- ThirdParty/token/component_verify_ticket.html, authorize_event.html

local core = require "wxbot.core"
local official = require "wxbot.receive.official"
local parse = require "wxbot.receive.parse"

local M = { needs = { "appid", "token", "aes_key" }, done = "success" }

M.summary = "What happens to a third-party platform: its ticket, and accounts "
  .. "that authorise it"
M.source = "https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms"
  .. "/2.0/api/ThirdParty/token/authorize_event.html"

local NAMES = {
  AppId = "component_appid", CreateTime = "createtime", InfoType = "infotype",
  ComponentVerifyTicket = "ticket", AuthorizerAppid = "authorizer_appid",
  AuthorizationCode = "authorization_code",
  AuthorizationCodeExpiredTime = "authorization_code_expires",
  PreAuthCode = "pre_auth_code",
}

-- The message, besides kind and createtime (unix seconds); other elements
-- keep their names.
M.fields = {
  { name = "infotype", type = "string", required = true,
    doc = "component_verify_ticket, authorized, updateauthorized, unauthorized, …" },
  { name = "component_appid", type = "string",
    doc = "Appid of the third-party platform" },
  { name = "ticket", type = "string",
    doc = "With component_verify_ticket: the ticket, good for 12 hours" },
  { name = "authorizer_appid", type = "string",
    doc = "The account that authorises, or withdraws" },
  { name = "authorization_code", type = "string",
    doc = "With authorized and updateauthorized: what query_auth takes" },
  { name = "authorization_code_expires", type = "integer",
    doc = "When it ends, unix seconds" },
  { name = "pre_auth_code", type = "string",
    doc = "The code of the link that was followed" },
}

local FIELDS = parse.described(M.fields)

-- The documents say seconds; what comes is a time. A life is no time.
local LONGEST_LIFE = 86400

local function message_of(values, marked)
  local message, odd = parse.message("third_party", FIELDS,
    parse.renamed(values, NAMES), marked)
  local ends = message and message.authorization_code_expires
  if ends and ends <= LONGEST_LIFE and message.createtime then
    message.authorization_code_expires = message.createtime + ends
  end
  return message, odd
end

-- There is no MsgId. What is known says what it is about; the rest is one push
-- only if all of it is the same.
local function content_key(message, _, text)
  local about = message.ticket or message.authorizer_appid
  return parse.key{ "third_party", message.component_appid or false,
    message.infotype, message.createtime and ("%d"):format(message.createtime)
      or false, message.authorizer_appid or false,
    message.authorization_code or message.ticket or false,
    not about and core.sha256(text) or false }
end

local READER = { required = "InfoType", message_of = message_of,
  content_key = content_key }

M.open = official.open

--- Finds out who signed a push.
function M.authenticate(context, request)
  if request.method ~= "POST" then
    return parse.refused("method")
  end
  return official.authenticate(context, request)
end

--- Parses one push.
function M.parse(context, push)
  if push.is_plain then
    return parse.refused("plain")
  end
  return official.parse_sealed(context, push, READER)
end

return M
