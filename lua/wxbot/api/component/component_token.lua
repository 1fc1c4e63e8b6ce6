-- A new access token of the third-party platform. Each one ends the one before
-- it, at once.

local shared = require "wxbot.api.fields"

return {
  name = "component_token",
  summary = "Get a new access token of a third-party platform; the one before it ends",
  source = "https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/"
    .. "api_getcomponentaccesstoken.html",
  path = "/cgi-bin/component/api_component_token",
  query = false,
  needs = {},
  internal = true,
  -- A repeat would end a token that somebody may have got.
  repeats = "never",
  errors = { -1, 40001, 40013, 40125, 41004, 45009, 47001, 48001, 61004, 61005,
    61006, 61011 },
  request = {
    shared.component_appid,
    { name = "component_appsecret", type = "string", required = true,
      sensitive = true, doc = "AppSecret of the third-party platform" },
    { name = "component_verify_ticket", type = "string", required = true,
      sensitive = true, doc = "The newest ticket that was pushed" },
  },
  response = {
    { name = "component_access_token", type = "string", required = true,
      doc = "The token; keep room for 512 characters at least" },
    { name = "expires_in", type = "integer", required = true,
      doc = "Seconds for which it is valid, 7200" },
  },
}
