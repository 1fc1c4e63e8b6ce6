-- Written from the document.

return {
  url = "https://api.weixin.qq.com/cgi-bin/stable_token",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "the document's example",
      params = { grant_type = "client_credential", appid = "APPID",
        secret = "APPSECRET", force_refresh = false },
      body = '{"grant_type":"client_credential","appid":"APPID",'
        .. '"secret":"APPSECRET","force_refresh":false}',
    },
    {
      why = "the document's forced refresh",
      params = { grant_type = "client_credential", appid = "APPID",
        secret = "APPSECRET", force_refresh = true },
      body = '{"grant_type":"client_credential","appid":"APPID",'
        .. '"secret":"APPSECRET","force_refresh":true}',
    },
  },
  answers = {
    {
      why = "the document's success",
      body = '{"access_token":"ACCESS_TOKEN","expires_in":7200}',
      result = { access_token = "ACCESS_TOKEN", expires_in = 7200 },
      canonical = '{"access_token":"ACCESS_TOKEN","expires_in":7200}',
    },
    {
      why = "an answer without a token",
      body = '{"expires_in":7200}',
      err = { kind = "protocol" },
    },
    {
      why = "a wrong secret, without a text",
      body = '{"errcode":40001}',
      err = { kind = "platform", code = 40001, message = "the access token is "
        .. "not valid or not the newest, or the secret is wrong" },
    },
    {
      why = "the day's quota used up, without a text",
      body = '{"errcode":45009}',
      err = { kind = "platform", code = 45009,
        message = "the quota of the day is used up" },
    },
  },
}
