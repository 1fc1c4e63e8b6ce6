-- Ask the bot.

local OPTION = {
  { name = "ans_node_name", type = "string", text = true, doc = "Recommended category" },
  { name = "title", type = "string", text = true, doc = "Recommended standard question" },
  { name = "answer", type = "string", text = true, doc = "Recommended answer" },
  { name = "confidence", type = "number", doc = "Score" },
}

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
    { name = "query", type = "string", required = true,
      doc = "Message of the user" },
    { name = "env", type = "string", enum = { "online", "debug" },
      doc = "online (default), or debug: the test environment" },
    { name = "first_priority_skills", type = "list", of = "string",
      doc = "Match only content of these skills" },
    { name = "second_priority_skills", type = "list", of = "string",
      doc = "The same, with lower priority" },
    { name = "user_name", type = "string", doc = "Nickname of the user" },
    { name = "avatar", type = "string", doc = "URL of the user's avatar" },
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
    { name = "options", type = "list", of = "object", fields = OPTION,
      doc = "Recommended questions; empty unless something is recommended" },
    { name = "status", type = "string",
      doc = "FAQ, CONTEXT_FAQ, GENERAL_FAQ, FAQ_RECOMMEND or NOMATCH" },
    { name = "slots", type = "list", of = "object", fields = SLOT,
      doc = "Slots that were filled" },
  },
}
