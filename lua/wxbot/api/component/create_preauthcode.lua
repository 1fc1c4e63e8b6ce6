local shared = require "wxbot.api.fields"

return {
  name = "create_preauthcode",
  summary = "Get a code for the link by which an account authorises",
  source = "https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/"
    .. "api_getpreauthcode.html",
  path = "/cgi-bin/component/api_create_preauthcode",
  -- One code more does no harm.
  repeats = "always",
  errors = { -1, 40001, 40013, 40014, 41001, 41018, 42001, 45009, 47001, 48001,
    61004, 61011, 61014 },
  request = { shared.component_appid },
  response = {
    { name = "pre_auth_code", type = "string", required = true,
      doc = "The code, good for one authorisation" },
    { name = "expires_in", type = "integer",
      doc = "Seconds for which it is valid: 1800 in the document's text, 600 in "
        .. "its example" },
  },
}
