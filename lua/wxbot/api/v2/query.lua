local shared = require "wxbot.api.fields"

local SLOT = {
  { name = "name", type = "string", text = true, doc = "Name of the slot" },
  { name = "value", type = "string", text = true, doc = "Words that filled it" },
  { name = "norm", type = "string", text = true, doc = "Normalised value" },
}

return {
  name = "v2_query",
  summary = "Ask the bot through v2, encrypted",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/dialog/bot/query",
  path = "/v2/bot/query",
  needs = { "appid", "token", "aes_key", "access_token" },
  wire = "v2_query",
  repeats = "never",
  dialogue = { name = "ask", user = "userid" },
  request = {
    shared.query, shared.env, shared.first_priority_skills,
    shared.second_priority_skills,
    { name = "user_name", type = "string", doc = "Nickname of the user" },
    shared.avatar,
    { name = "userid", type = "string", id = true,
      doc = "Id of the user, any value" },
  },
  response = {
    { name = "answer", type = "string", text = true,
      doc = "Answer; JSON text unless answer_type is text" },
    { name = "answer_type", type = "string", doc = "Type of the answer" },
    { name = "skill_name", type = "string", text = true, doc = "Name of the skill" },
    { name = "intent_name", type = "string", text = true, doc = "Name of the intent" },
    { name = "msg_id", type = "string", doc = "Message id" },
    { name = "options", type = "list", of = "object", fields = shared.recommended,
      doc = "Recommended questions; empty unless something is recommended" },
    { name = "status", type = "string",
      doc = "FAQ, CONTEXT_FAQ, GENERAL_FAQ, FAQ_RECOMMEND or NOMATCH" },
    { name = "slots", type = "list", of = "object", fields = SLOT,
      doc = "Slots that were filled" },
  },
}
