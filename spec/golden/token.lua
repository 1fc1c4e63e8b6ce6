-- Written from the document.

return {
  requests = {
    {
      why = "the document's example",
      params = { grant_type = "client_credential", appid = "APPID",
        secret = "APPSECRET" },
      method = "GET",
      url = "https://api.weixin.qq.com/cgi-bin/token"
        .. "?grant_type=client_credential&appid=APPID&secret=APPSECRET",
      headers = {},
      body = "grant_type=client_credential&appid=APPID&secret=APPSECRET",
    },
    {
      why = "a secret with characters that a URL reserves",
      params = { grant_type = "client_credential", appid = "APPID",
        secret = "a&b=c d+e" },
      method = "GET",
      url = "https://api.weixin.qq.com/cgi-bin/token?grant_type="
        .. "client_credential&appid=APPID&secret=a%26b%3Dc%20d%2Be",
      headers = {},
      body = "grant_type=client_credential&appid=APPID"
        .. "&secret=a%26b%3Dc%20d%2Be",
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
      why = "the document's failure",
      body = '{"errcode":40013,"errmsg":"invalid appid"}',
      err = { kind = "platform", code = 40013, message = "invalid appid" },
    },
    {
      why = "a text that repeats the secret",
      body = '{"errcode":40125,"errmsg":"invalid appsecret APPSECRET"}',
      err = { kind = "platform", code = 40125,
        message = "invalid appsecret ***" },
    },
  },
}
