local shared = require "wxbot.api.fields"

-- Members of an answer and of its details.
local COMMON = {
  { name = "ans_node_id", type = "string", doc = "Skill id" },
  { name = "ans_node_name", type = "string", text = true,
    doc = "Category, or name of the skill" },
  { name = "article", type = "string", text = true, doc = "Article" },
  { name = "confidence", type = "number", doc = "Score of the answer" },
  { name = "event", type = "string", doc = "Event" },
  { name = "list_options", type = "boolean", doc = "Options are listed" },
  { name = "opening", type = "string", text = true, doc = "Opening words" },
  shared.request_id,
  { name = "scene_status", type = "string", doc = "State of the scene" },
  { name = "session_id", type = "string", doc = "Session id" },
  { name = "take_options_only", type = "boolean", doc = "Only options are taken" },
}

local DETAIL = shared.list(COMMON, {
  { name = "status", type = "string", doc = "As in the answer itself" },
  { name = "content", type = "string", text = true,
    doc = "Text of the answer; LINE_BREAK may stand for a new line in it" },
  { name = "debug_info", type = "string", text = true, doc = "Debug information" },
  { name = "msg_type", type = "string", doc = "Type: text, music, news" },
  { name = "resp_title", type = "string", text = true, doc = "Standard question" },
  { name = "album_name", type = "string", text = true, doc = "Album, of music" },
  { name = "music_url", type = "string", text = true, doc = "URL, of music" },
  { name = "pic_url", type = "string", text = true, doc = "Picture, of music" },
  { name = "singer_name", type = "string", text = true, doc = "Singer, of music" },
  { name = "song_name", type = "string", text = true, doc = "Song, of music" },
})

local SLOT = {
  { name = "slot_name", type = "string", text = true, doc = "Name of the slot" },
  { name = "slot_value", type = "string", text = true, doc = "Words that filled it" },
  { name = "confirm_status", type = "string", doc = "State of its confirmation" },
  { name = "start", type = "integer",
    doc = "Where it begins; counted how, the document does not say" },
  { name = "end", type = "integer", doc = "Where it ends, likewise" },
  { name = "entity_type", type = "string", doc = "Type of the entity" },
  { name = "norm", type = "string", text = true, doc = "Normalised value" },
  { name = "norm_detail", type = "any", doc = "Details of the normalised value" },
  { name = "all_ner_types", type = "any", doc = "Types of entities" },
  { name = "title", type = "string", text = true, doc = "Title of the slot" },
}

-- What the types of these are no document says.
local BOT_STATE = {
  { name = "err_msg", type = "string", text = true, doc = "What failed" },
  { name = "latest_time", type = "any", doc = "In some versions last_time" },
  { name = "latest_valid", type = "any", doc = "In some versions last_valid" },
}

local BID_STAT = { { name = "curr_time", type = "any", doc = "Time" },
  BOT_STATE[1], BOT_STATE[2], BOT_STATE[3],
  { name = "up_ret", type = "any", doc = "Not explained by the document" } }

local MORE_INFO = {
  { name = "music_ans_detail", type = "string", text = true, doc = "JSON, of music" },
  { name = "fm_ans_detail", type = "string", text = true, doc = "JSON, of radio" },
  { name = "news_ans_detail", type = "string", text = true, doc = "JSON, of news" },
}

return {
  name = "aibot",
  summary = "Ask the bot, with a signature at hand",
  source = "https://developers.weixin.qq.com/doc/aispeech/confapi/INTERFACEDOCUMENT",
  path = "/openapi/aibot/{token}",
  needs = { "token" },
  wire = "json",
  repeats = "never",
  dialogue = { name = "ask", user = "userid", signed_by = "sign" },
  requires_any = { "status", "ret" },
  errors = { 1001, 1002, 1003, 1004, 1005, 1006 },
  request = {
    { name = "signature", type = "string", required = true,
      doc = "Signature of the asking user" },
    shared.query, shared.env, shared.first_priority_skills,
    shared.second_priority_skills,
  },
  response = shared.list(shared.list(shared.reply, {
    { name = "title", type = "string", text = true,
      doc = "Standard question, or name of the intent" },
    { name = "msg", type = "list", of = "object", fields = DETAIL,
      doc = "Details of the answer (abandoned by the platform)" },
    { name = "from_user_name", type = "string", doc = "The user who asked" },
    { name = "to_user_name", type = "string", doc = "The bot" },
    { name = "query", type = "string", text = true, doc = "The message of the user" },
    -- Only the example answer shows the rest.
    { name = "answer_open", type = "integer", doc = "Display switch of the answer" },
    { name = "create_time", type = "string", doc = "Time of the answer, milliseconds" },
    { name = "dialog_session_status", type = "string", doc = "State of the session" },
    { name = "dialog_status", type = "string", doc = "State of the dialogue" },
    { name = "intent_confirm_status", type = "string", doc = "State of the intent" },
    { name = "is_default_answer", type = "boolean", doc = "This is the default answer" },
    { name = "ret", type = "integer", doc = "0" },
    { name = "skill_id", type = "string", doc = "Skill id" },
    { name = "slot_info", type = "list", of = "any", doc = "Slots, as name and value" },
    { name = "slots_info", type = "list", of = "object", fields = SLOT,
      doc = "Slots, in detail" },
    { name = "msgtype", type = "string", doc = "Type of the message" },
    { name = "rid", type = "string", doc = "Trace id" },
    -- Neither in the newest document nor in its example.
    { name = "bid_stat", type = "object", fields = BID_STAT,
      doc = "State of the bot, of older versions" },
    { name = "bot_state", type = "object", fields = BOT_STATE,
      doc = "State of the bot, of some versions" },
    { name = "more_info", type = "object", fields = MORE_INFO,
      doc = "Details of music and radio, of some versions" },
  }), COMMON),
}
