-- Written from the document, with the name that its older page gives the token.

return {
  url = "https://api.weixin.qq.com/cgi-bin/component/api_authorizer_token"
    .. "?component_access_token=ACCESS_TOKEN",
  headers = { ["content-type"] = "application/json; charset=utf-8" },
  requests = {
    {
      why = "all that the document wants",
      params = { component_appid = "wxC", authorizer_appid = "wxA",
        authorizer_refresh_token = "refreshtoken@@@x" },
      body = '{"component_appid":"wxC","authorizer_appid":"wxA",'
        .. '"authorizer_refresh_token":"refreshtoken@@@x"}',
    },
  },
  answers = {
    {
      why = "the document's success",
      body = '{"authorizer_access_token":"some-access-token","expires_in":7200,'
        .. '"authorizer_refresh_token":"refreshtoken@@@x"}',
      result = { authorizer_access_token = "some-access-token",
        expires_in = 7200, authorizer_refresh_token = "refreshtoken@@@x" },
      canonical = '{"authorizer_access_token":"some-access-token",'
        .. '"expires_in":7200,'
        .. '"authorizer_refresh_token":"refreshtoken@@@x"}',
    },
    {
      why = "seen: an account that has withdrawn",
      body = '{"errcode":61003,"errmsg":"component is not authorized by this '
        .. 'account rid: 62a8f3d1-0a1b2c3d-1a2b3c4d"}',
      err = { kind = "platform", code = 61003,
        rid = "62a8f3d1-0a1b2c3d-1a2b3c4d" },
    },
    {
      why = "the document's failure of another kind of token",
      body = '{"errcode":61014,"errmsg":"must use component token for '
        .. 'component api"}',
      err = { kind = "platform", code = 61014,
        message = "must use component token for component api" },
    },
    {
      why = "a text that repeats the refresh token",
      body = '{"errcode":61023,"errmsg":"refreshtoken@@@x is invalid"}',
      err = { kind = "platform", code = 61023, message = "*** is invalid" },
    },
  },
}
