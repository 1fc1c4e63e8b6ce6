-- Besides what is said of an account it has its refresh token, so that one that
-- was lost is found again.

local shared = require "wxbot.api.fields"

local KIND = {
  { name = "id", type = "integer", doc = "Number of the kind" },
  { name = "name", type = "string", text = true, doc = "What it is called" },
}

local ACCOUNT = {
  { name = "nick_name", type = "string", text = true, doc = "Its name" },
  { name = "head_img", type = "string", text = true, doc = "URL of its picture" },
  { name = "user_name", type = "string", doc = "Its original id (gh_…)" },
  { name = "principal_name", type = "string", text = true,
    doc = "Who owns it" },
  { name = "alias", type = "string", text = true, doc = "Its WeChat id, if it has one" },
  { name = "qrcode_url", type = "string", text = true,
    doc = "URL of its QR code" },
  { name = "signature", type = "string", text = true,
    doc = "What a mini program says of itself" },
  { name = "service_type_info", type = "object", fields = KIND,
    doc = "id: 0 subscription account, 1 the same of old, 2 service account; of "
      .. "mini programs others" },
  { name = "verify_type_info", type = "object", fields = KIND,
    doc = "id: -1 not verified, 0 by WeChat, 1 by Weibo, 3 its qualification but not "
      .. "its name, 4 the same and by Weibo" },
  { name = "account_status", type = "integer",
    enum_names = { [1] = "normal", [14] = "cancelled", [16] = "banned",
      [18] = "warned", [19] = "frozen" },
    doc = "1 normal, 14 cancelled, 16 banned, 18 warned, 19 frozen" },
}

return {
  name = "get_authorizer_info",
  summary = "Get what is known of an account that has authorised",
  source = "https://developers.weixin.qq.com/doc/oplatform/openApi/"
    .. "authorization-management/api_getauthorizerinfo.html",
  path = "/cgi-bin/component/api_get_authorizer_info",
  repeats = "always",
  requires_any = { "authorizer_info", "authorization_info" },
  errors = { -1, 40001, 40013, 40014, 42001, 61003, 61004, 61011, 61014 },
  request = { shared.component_appid, shared.authorizer_appid },
  response = {
    { name = "authorizer_info", type = "object", fields = ACCOUNT,
      doc = "The account" },
    { name = "authorization_info", type = "object",
      fields = shared.authorization, doc = "What was authorised; no access token" },
  },
}
