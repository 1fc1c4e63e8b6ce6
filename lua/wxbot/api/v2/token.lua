-- Get an access token of v2.

return {
  name = "v2_token",
  summary = "Get an access token of v2",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/token",
  service = "v2",
  path = "/v2/token",
  needs = { "appid", "token" },
  wire = "v2",
  repeats = "always",
  errors = { 110001, 110002, 110003, 210106, 210201, 210202, 210205, 1000012,
    1003001, 1110001 },
  request = {
    { name = "account", type = "string", id = true,
      doc = "Administrator id (the creator's or an administrator's)" },
  },
  payload = "data",
  response = {
    { name = "access_token", type = "string", required = true,
      doc = "Access token, for two hours" },
  },
  envelope = {
    { name = "request_id", type = "string", doc = "Request id" },
  },
}
