-- Get an access token of v2.

return {
  name = "v2_token",
  summary = "Get an access token of v2",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/token",
  path = "/v2/token",
  header = false,
  needs = { "appid", "token" },
  internal = true,
  repeats = "always",
  request = {
    { name = "account", type = "string", id = true,
      doc = "Administrator id (the creator's or an administrator's)" },
  },
  response = {
    { name = "access_token", type = "string", required = true,
      doc = "Access token, for two hours" },
  },
}
