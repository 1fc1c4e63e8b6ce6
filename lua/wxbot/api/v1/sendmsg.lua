local shared = require "wxbot.api.fields"

return {
  name = "sendmsg",
  summary = "Send a customer-service message to a user",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/thirdkefu/sendmsg",
  path = "/openapi/sendmsg/{token}",
  repeats = "never",
  requires_any = { "errcode", "code" },
  errors = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 1019, 3004, 3005, 3014 },
  request = {
    -- The older page requires it; on channel 7 a push has the TOKEN there.
    { name = "appid", type = "string",
      doc = "Appid of the official account or mini program (wx…), not the bot's; "
        .. "on channel 7 leave it out" },
    { name = "openid", type = "string", id = true, required = true,
      doc = "Openid of the user: the userid of the push" },
    { name = "msg", type = "string", required = true,
      doc = "Text of the message" },
    -- The pages disagree about 0, 1 and 9; the push's own is always right.
    { name = "channel", type = "integer", required = true, min = 0,
      enum_names = { [0] = "official_account", [1] = "mini_program", [2] = "open_api",
        [3] = "wecom_group_bot", [4] = "wecom_bot", [5] = "menu_h5",
        [6] = "mini_program_plugin", [7] = "web_h5", [9] = "wechat_kefu" },
      doc = "The channel of the push: 0 official account, 1 mini program, "
        .. "2 open API, 3 WeCom group bot, 4 WeCom internal bot (2 to 4 are not "
        .. "open yet), 5 official account menu H5, 6 mini program plugin, "
        .. "7 web H5, 9 WeChat customer service" },
    { name = "event", type = "string", enum = { "waiterQualityEvaluate",
        "waiterEnter", "waiterSwitch", "waiterQuit" },
      doc = "waiterQualityEvaluate: ask for a rating; waiterEnter, waiterSwitch, "
        .. "waiterQuit: an agent has joined, been replaced, left" },
    { name = "kefuname", type = "string", doc = "Nickname of the agent" },
    { name = "kefuavatar", type = "string", doc = "URL of the agent's avatar" },
    { name = "ans_node_name", type = "string",
      doc = "Category, or name of the skill" },
  },
  response = { shared.errcode, shared.errmsg, shared.rid },
}
