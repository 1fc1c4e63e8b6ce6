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
  response = shared.list(shared.reply, {
    { name = "intent_name", type = "string", text = true, doc = "Name of the intent" },
    { name = "slots", type = "list", of = "object", fields = SLOT,
      doc = "Slots that were filled" },
  }),
}
