local token = require "wxbot.api.account.token"

return {
  name = "stable_token",
  summary = "Get the access token that all callers share",
  source = "https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken",
  path = "/cgi-bin/stable_token",
  query = false,
  needs = {},
  internal = true,
  repeats = "always",
  limits = { per_day = 500000, per_minute = 10000 },
  errors = { -1, 40001, 40002, 40013, 40125, 40164, 40243, 41002, 41004,
    43002, 45009, 45011, 50004, 50007, 89501, 89503, 89506, 89507 },
  request = {
    token.request[1], token.request[2], token.request[3],
    { name = "force_refresh", type = "boolean",
      doc = "true: end the token that is valid now; 20 times a day, and nothing "
        .. "happens within 30 s of the time before" },
  },
  response = token.response,
}
