-- A new access token of an account that has authorised the third-party platform.

local shared = require "wxbot.api.fields"

return {
  name = "authorizer_token",
  summary = "Get a new access token of an account that has authorised",
  source = "https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/"
    .. "api_getauthorizeraccesstoken.html",
  path = "/cgi-bin/component/api_authorizer_token",
  internal = true,
  -- It may end the token that somebody has just got: not documented.
  repeats = "never",
  errors = { -1, 40001, 40013, 40014, 42001, 61003, 61004, 61014, 61023 },
  request = {
    shared.component_appid, shared.authorizer_appid,
    { name = "authorizer_refresh_token", type = "string", required = true,
      sensitive = true, doc = "Refresh token of the account" },
  },
  response = {
    { name = "authorizer_access_token", type = "string", required = true,
      doc = "The token, to be used as the account's access_token" },
    { name = "expires_in", type = "integer", required = true,
      doc = "Seconds for which it is valid, 7200" },
    { name = "authorizer_refresh_token", type = "string",
      doc = "Takes the place of the one that was sent" },
  },
}
