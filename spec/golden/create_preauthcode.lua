-- Written from the document, with the name that its older page gives the token.

return {
  url = "https://api.weixin.qq.com/cgi-bin/component/api_create_preauthcode"
    .. "?component_access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "the document's example",
      params = { component_appid = "appid_value" },
      body = '{"component_appid":"appid_value"}',
    },
    {
      why = "an access token with characters that a URL reserves",
      credentials = { access_token = "a/b+c=d&e?f#g" },
      params = { component_appid = "appid_value" },
      url = "https://api.weixin.qq.com/cgi-bin/component/api_create_preauthcode"
        .. "?component_access_token=a%2Fb%2Bc%3Dd%26e%3Ff%23g",
      body = '{"component_appid":"appid_value"}',
    },
  },
  answers = {
    {
      why = "the document's success",
      body = '{"pre_auth_code":"Cx_Dk6qiBE0Dmx4EmlT3oRfArPvwSQ-'
        .. 'oa3NL_fwHM7VI08r52wazoZX2Rhpz1dEw","expires_in":600}',
      result = { pre_auth_code = "Cx_Dk6qiBE0Dmx4EmlT3oRfArPvwSQ-"
        .. "oa3NL_fwHM7VI08r52wazoZX2Rhpz1dEw", expires_in = 600 },
      canonical = '{"pre_auth_code":"Cx_Dk6qiBE0Dmx4EmlT3oRfArPvwSQ-'
        .. 'oa3NL_fwHM7VI08r52wazoZX2Rhpz1dEw","expires_in":600}',
    },
    {
      why = "the document's failure of an address that is not listed",
      body = '{"errcode":61004,"errmsg":"access clientip is not registered"}',
      err = { kind = "platform", code = 61004,
        message = "access clientip is not registered" },
    },
  },
}
