-- Who talks with a user: the bot, or a human agent.

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
    { name = "appid", type = "string", required = true,
      doc = "Appid of the official account or mini program (wx…), not the bot's" },
    { name = "openid", type = "string", id = true, required = true,
      doc = "Openid of the user" },
    { name = "type", type = "string", enum = { "simple", "all" },
      doc = "simple (default): kefustate alone; all: status, too" },
  },
  response = {
    { name = "errcode", type = "integer", doc = "0" },
    { name = "errmsg", type = "string", text = true, doc = "Empty" },
    { name = "kefustate", type = "string",
      doc = "on: a human agent has taken over, the bot is silent; off: the bot answers" },
    { name = "status", type = "string",
      doc = "asking: talking with the bot; personserving: an agent is connected; "
        .. "complete: finished; needperson: asked for a human" },
    { name = "rid", type = "string", doc = "Trace id" },
  },
}
