local shared = require "wxbot.api.fields"

return {
  name = "start_push_ticket",
  summary = "Have the platform push tickets again",
  source = "https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/"
    .. "api_startpushticket.html",
  path = "/cgi-bin/component/api_start_push_ticket",
  query = false,
  needs = {},
  internal = true,
  repeats = "always",
  requires_any = { "errcode" },
  errors = { 40013, 40125, 41018, 41004 },
  request = {
    shared.component_appid,
    -- Of all interfaces of the platform only this one calls it so.
    { name = "component_secret", type = "string", required = true,
      sensitive = true, doc = "AppSecret of the third-party platform" },
  },
  response = {
    shared.errcode,
    { name = "errmsg", type = "string", text = true,
      doc = "ok: they were off; in a normal state: they were not" },
  },
}
