-- Written from the document, with the name that its older page gives the token.

return {
  url = "https://api.weixin.qq.com/cgi-bin/component/api_query_auth"
    .. "?component_access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "the document's example",
      params = { component_appid = "appid_value",
        authorization_code = "auth_code_value" },
      body = '{"component_appid":"appid_value",'
        .. '"authorization_code":"auth_code_value"}',
    },
  },
  answers = {
    {
      why = "the document's success",
      body = '{"authorization_info":{"authorizer_appid":"wxf8b4f85f3a794e77",'
        .. '"authorizer_access_token":"QXjUqNqfYVH0yBE1iI_7vuN_9gQbpjfK7hYwJ3P7",'
        .. '"expires_in":7200,'
        .. '"authorizer_refresh_token":"dTo-YCXPL4llX-u1W1pPpnp8Hgm4wpJtlR6iV0doKdY",'
        .. '"func_info":[{"funcscope_category":{"id":1}},'
        .. '{"funcscope_category":{"id":2}}]}}',
      result = { authorization_info = { authorizer_appid = "wxf8b4f85f3a794e77",
        authorizer_access_token = "QXjUqNqfYVH0yBE1iI_7vuN_9gQbpjfK7hYwJ3P7",
        expires_in = 7200, authorizer_refresh_token =
          "dTo-YCXPL4llX-u1W1pPpnp8Hgm4wpJtlR6iV0doKdY",
        func_info = { { funcscope_category = { id = 1 } },
          { funcscope_category = { id = 2 } } } } },
      canonical = '{"authorization_info":{"authorizer_appid":"wxf8b4f85f3a794e77",'
        .. '"authorizer_access_token":"QXjUqNqfYVH0yBE1iI_7vuN_9gQbpjfK7hYwJ3P7",'
        .. '"expires_in":7200,'
        .. '"authorizer_refresh_token":"dTo-YCXPL4llX-u1W1pPpnp8Hgm4wpJtlR6iV0doKdY",'
        .. '"func_info":[{"funcscope_category":{"id":1}},'
        .. '{"funcscope_category":{"id":2}}]}}',
    },
    {
      why = "an account without interfaces: no tokens, no permissions",
      body = '{"authorization_info":{"authorizer_appid":"wxf8b4f85f3a794e77"}}',
      result = { authorization_info = { authorizer_appid = "wxf8b4f85f3a794e77",
        func_info = {} } },
    },
    {
      why = "seen: a code that has ended",
      body = '{"errcode":61010,"errmsg":"code is expired"}',
      err = { kind = "platform", code = 61010, message = "code is expired" },
    },
    {
      why = "a text that repeats the code",
      body = '{"errcode":61009,"errmsg":"auth_code_value is invalid"}',
      err = { kind = "platform", code = 61009, message = "*** is invalid" },
    },
  },
}
