--- What happens to a third-party platform, as it is pushed to it: the ticket, and
-- that an account authorises or withdraws. Whatever is pushed has happened:
-- tokens and codes are good, or not, from then on.
-- https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/
-- ThirdParty/token/component_verify_ticket.html, authorize_event.html

local core = require "wxbot.core"
local signature = require "wxbot.receive.signature"
local url = require "wxbot.codec.url"
local xml = require "wxbot.codec.xml"

local floor = math.floor

local M = { says = "infotype" }

local TICKET = "component_verify_ticket"
local AUTHORIZES = { authorized = true, updateauthorized = true }

--- What Sandbox:push takes.
M.fields = {
  { name = "infotype", type = "string", doc = "component_verify_ticket (default), "
      .. "authorized, updateauthorized, unauthorized, …" },
  { name = "authorizer_appid", type = "string",
    doc = "The account that authorises, or withdraws (default: the sandbox's)" },
  { name = "pre_auth_code", type = "string",
    doc = "That of the link which was followed (default: a new one)" },
  { name = "createtime", type = "integer", doc = "Unix seconds (default: now)" },
}

local ELEMENTS = { { name = "AppId" }, { name = "CreateTime" },
  { name = "InfoType" }, { name = "ComponentVerifyTicket" },
  { name = "AuthorizerAppid" }, { name = "AuthorizationCode" },
  { name = "AuthorizationCodeExpiredTime" }, { name = "PreAuthCode" } }

local ENVELOPE = { { name = "AppId" }, { name = "Encrypt" } }

-- Makes it happen: what the push says besides its type.
local function happen(component, push)
  local infotype = push.infotype
  if infotype == TICKET then
    return { ComponentVerifyTicket = component:ticket() }
  elseif AUTHORIZES[infotype] then
    local code = component:authorize(push.authorizer_appid, push.pre_auth_code)
    if not code then
      return nil, "pre_auth_code is unknown, used or over"
    end
    push.pre_auth_code = code.pre_auth_code
    return { AuthorizationCode = code.code, PreAuthCode = code.pre_auth_code,
      AuthorizationCodeExpiredTime = code.ends }
  elseif infotype == "unauthorized" then
    component:withdraw(push.authorizer_appid)
  end
  return {}
end

local function document(platform, push)
  local values, message = happen(platform.component, push)
  if not values then
    return nil, message
  end
  values.AppId, values.InfoType = platform.component.appid, push.infotype
  values.CreateTime = push.createtime
  values.AuthorizerAppid = push.authorizer_appid
  return xml.encode(ELEMENTS, values)
end

local function seal(platform, text)
  local key = core.msgcrypt(platform.aes_key, platform.component.appid)
  local sealed = key:encrypt(text)
  key:close()
  return sealed
end

local function query_of(platform, now, sealed)
  local time, nonce = ("%d"):format(now), core.hex_encode(core.random(5))
  local function sign(extra)
    return signature.of{ platform.token, time, nonce, extra }
  end
  return url.encode{ { "signature", sign() }, { "timestamp", time },
    { "nonce", nonce }, { "encrypt_type", "aes" },
    { "msg_signature", sign(sealed) } }
end

--- The request that the platform makes.
---@param platform table
---@param push table as described by fields; completed
---@return table|nil request
---@return string|nil message why there cannot be one
function M.request(platform, push)
  -- Whatever was due, it happens when it is sent.
  local now = floor(platform.sent_at)
  push.infotype = push.infotype or TICKET
  push.createtime = push.createtime or now
  if push.infotype ~= TICKET then
    push.authorizer_appid = push.authorizer_appid or platform.account
  end
  local text, message = document(platform, push)
  if not text then
    return nil, message
  end
  local sealed = seal(platform, text)
  return {
    method = "POST", url = push.url
      .. (push.url:find("?", 1, true) and "&" or "?")
      .. query_of(platform, now, sealed),
    headers = { ["content-type"] = "text/xml" },
    body = xml.encode(ENVELOPE, { AppId = platform.component.appid,
      Encrypt = sealed }),
  }
end

return M
