-- Ask the bot, in the older way: without a signature of its own, env or skills.

return {
  name = "message",
  summary = "Ask the bot in the older, signed way",
  source = "https://developers.weixin.qq.com/doc/aispeech/nlpapi/openapi",
  path = "/openapi/message/{token}",
  needs = { "token", "aes_key" },
  wire = "signed_query",
  repeats = "never",
  dialogue = {},
  requires_any = { "status", "ret" },
  errors = { 1001, 1002, 1003, 1004, 1005, 1006 },
  request = {
    { name = "username", type = "string", id = true, required = true,
      doc = "Id of the user: each has a dialogue of its own" },
    -- An example of the document has query instead, which is a mistake.
    { name = "msg", type = "string", required = true,
      doc = "Message of the user" },
  },
  -- The document lists a part of these.
  response = require "wxbot.api.v1.aibot".response,
}
