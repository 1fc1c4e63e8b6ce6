local shared = require "wxbot.api.fields"

return {
  name = "kefustate_get",
  summary = "Query whether a human agent has taken over",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/getstate",
  path = "/openapi/kefustate/get/{token}",
  repeats = "always",
  -- The older page knows only status.
  requires_any = { "kefustate", "status" },
  errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 1019 },
  request = {
    shared.account_appid, shared.openid,
    { name = "type", type = "string", enum = { "simple", "all" },
      doc = "simple (default): kefustate alone; all: status, too" },
  },
  response = {
    shared.errcode, shared.errmsg,
    { name = "kefustate", type = "string",
      doc = "on: a human agent has taken over, the bot is silent; off: the bot answers" },
    { name = "status", type = "string",
      doc = "asking: talking with the bot; personserving: an agent is connected; "
        .. "complete: finished; needperson: asked for a human" },
    shared.rid,
  },
}
