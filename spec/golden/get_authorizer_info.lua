-- Written from the document, with the name that its older page gives the token.

return {
  url = "https://api.weixin.qq.com/cgi-bin/component/api_get_authorizer_info"
    .. "?component_access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "the document's example",
      params = { component_appid = "appid_value",
        authorizer_appid = "auth_appid_value" },
      body = '{"component_appid":"appid_value",'
        .. '"authorizer_appid":"auth_appid_value"}',
    },
  },
  answers = {
    {
      why = "the document's success, of an official account",
      body = '{"authorizer_info":{"nick_name":"微信SDK Demo Special",'
        .. '"head_img":"http://wx.qlogo.cn/mmopen/GPy",'
        .. '"service_type_info":{"id":2},"verify_type_info":{"id":0},'
        .. '"user_name":"gh_eb5e3a772040",'
        .. '"principal_name":"腾讯计算机系统有限公司",'
        .. '"business_info":{"open_store":0,"open_scan":0,"open_pay":0,'
        .. '"open_card":0,"open_shake":0},"alias":"paytest01",'
        .. '"qrcode_url":"URL"},"authorization_info":{'
        .. '"authorizer_appid":"wxf8b4f85f3a794e77","func_info":['
        .. '{"funcscope_category":{"id":1}},{"funcscope_category":{"id":2}}]}}',
      result = {
        authorizer_info = {
          nick_name = "微信SDK Demo Special",
          head_img = "http://wx.qlogo.cn/mmopen/GPy",
          service_type_info = { id = 2 }, verify_type_info = { id = 0 },
          user_name = "gh_eb5e3a772040",
          principal_name = "腾讯计算机系统有限公司",
          business_info = { open_store = 0, open_scan = 0, open_pay = 0,
            open_card = 0, open_shake = 0 },
          alias = "paytest01", qrcode_url = "URL",
        },
        authorization_info = { authorizer_appid = "wxf8b4f85f3a794e77",
          func_info = { { funcscope_category = { id = 1 } },
            { funcscope_category = { id = 2 } } } },
      },
    },
    {
      why = "one with a refresh token, and a state",
      body = '{"authorizer_info":{"account_status":16},"authorization_info":{'
        .. '"authorizer_appid":"wxf24d2dfc1a974128",'
        .. '"authorizer_refresh_token":"xxxxxx","func_info":[]}}',
      result = {
        authorizer_info = { account_status = 16,
          account_status_name = "banned" },
        authorization_info = { authorizer_appid = "wxf24d2dfc1a974128",
          authorizer_refresh_token = "xxxxxx", func_info = {} },
      },
      canonical = '{"authorizer_info":{"account_status":16},'
        .. '"authorization_info":{"authorizer_appid":"wxf24d2dfc1a974128",'
        .. '"authorizer_refresh_token":"xxxxxx","func_info":[]}}',
    },
    {
      why = "seen: an account that has withdrawn",
      body = '{"errcode":61003,"errmsg":"component is not authorized by this '
        .. 'account"}',
      err = { kind = "platform", code = 61003 },
    },
  },
}
