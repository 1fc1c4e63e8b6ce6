-- An access token that stays the same for all who ask while it is valid.

return {
  name = "stable_token",
  summary = "Get the access token that all callers share",
  source = "https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken",
  path = "/cgi-bin/stable_token",
  query = false,
  needs = {},
  internal = true,
  repeats = "always",
  errors = { -1, 40001, 40002, 40013, 40125, 40164, 40243, 41002, 41004,
    43002, 45009, 45011, 50004, 50007, 89501, 89503, 89506, 89507 },
  request = {
    { name = "grant_type", type = "string", required = true,
      enum = { "client_credential" }, doc = "client_credential" },
    { name = "appid", type = "string", required = true,
      doc = "Appid of the account (wx…)" },
    { name = "secret", type = "string", required = true, sensitive = true,
      doc = "AppSecret of the account" },
    { name = "force_refresh", type = "boolean",
      doc = "true: end the token that is valid now; 20 times a day, and nothing "
        .. "happens within 30 s of the time before" },
  },
  response = {
    { name = "access_token", type = "string", required = true,
      doc = "The token; keep room for 512 characters at least" },
    { name = "expires_in", type = "integer", required = true,
      doc = "Seconds for which it is valid, at most 7200" },
  },
}
