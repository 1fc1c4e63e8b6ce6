local shared = require "wxbot.api.fields"

return {
  name = "query_auth",
  summary = "Exchange an authorization code for the tokens of the account",
  source = "https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/"
    .. "api_getauthorizerrefreshtoken.html",
  path = "/cgi-bin/component/api_query_auth",
  -- It makes an access token; whether that ends the one before is not
  -- documented.
  repeats = "never",
  errors = { -1, 40001, 40013, 40014, 42001, 61004, 61009, 61010, 61011, 61014 },
  request = {
    shared.component_appid,
    { name = "authorization_code", type = "string", required = true,
      sensitive = true,
      doc = "From the redirection (auth_code) or the push, good for an hour" },
  },
  response = {
    { name = "authorization_info", type = "object", required = true,
      fields = shared.authorization, doc = "What was authorised" },
  },
}
