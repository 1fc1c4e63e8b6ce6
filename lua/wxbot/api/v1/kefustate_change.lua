local shared = require "wxbot.api.fields"

return {
  name = "kefustate_change",
  summary = "Hand a user over to a human agent, or back to the bot",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/changestate",
  path = "/openapi/kefustate/change/{token}",
  repeats = "unless_newer",
  -- A late repeat must not undo a newer change for the same user.
  supersedes = { "appid", "openid" },
  requires_any = { "errcode", "code" },
  errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 1019 },
  request = {
    shared.account_appid, shared.openid,
    { name = "kefustate", type = "string", required = true,
      enum = { "asking", "personserving", "complete", "needperson", "on", "off" },
      doc = "asking: talks with the bot; personserving: an agent is connected; "
        .. "complete: finished; needperson: has asked for a human. The older page "
        .. "has on and off instead" },
    -- Of the older page only.
    { name = "expires", type = "integer", exclusive_min = 0,
      doc = "Seconds until on is off again, 1800; not on the newer page" },
  },
  response = { shared.errcode, shared.errmsg, shared.rid },
}
