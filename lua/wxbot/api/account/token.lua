-- A new access token. Each one ends the one before it, which stays valid for
-- about five minutes.

return {
  name = "token",
  summary = "Get a new access token; the one before it ends",
  source = "https://developers.weixin.qq.com/doc/service/api/base/api_getaccesstoken",
  method = "GET",
  path = "/cgi-bin/token",
  query = false,
  needs = {},
  wire = "query",
  internal = true,
  -- A repeat would end a token that somebody may have got.
  repeats = "never",
  limits = { per_day = 2000 },
  errors = { -1, 40001, 40002, 40013, 40125, 40164, 40243, 41002, 41004,
    45009, 45011, 50004, 50007, 89501, 89503, 89506, 89507 },
  request = {
    { name = "grant_type", type = "string", required = true,
      enum = { "client_credential" }, doc = "client_credential" },
    { name = "appid", type = "string", required = true,
      doc = "Appid of the account (wx…)" },
    { name = "secret", type = "string", required = true, sensitive = true,
      doc = "AppSecret of the account" },
  },
  response = {
    { name = "access_token", type = "string", required = true,
      doc = "The token; keep room for 512 characters at least" },
    { name = "expires_in", type = "integer", required = true,
      doc = "Seconds for which it is valid, at most 7200" },
  },
}
