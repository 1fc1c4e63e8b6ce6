-- The platform's side of `v2_query`.

local json = require "wxbot.codec.json"
local answers = require "wxbot.sandbox.answers"
local coerce = require "wxbot.sandbox.coerce"

local text, texts = coerce.text, coerce.texts

return function(platform, params)
  if text(params.query) == "" then
    return nil, 110002, { "no_field", "query" }
  end
  local found = answers.to(platform, {
    userid = text(params.userid), query = params.query,
    env = params.env == "debug" and "debug" or "online",
    first_priority_skills = texts(params.first_priority_skills),
    second_priority_skills = texts(params.second_priority_skills),
  })
  local options = found.options
  return { code = 0, msg = "success", data = {
    answer = found.answer, answer_type = found.answer_type,
    skill_name = found.ans_node_name, intent_name = found.title,
    msg_id = found.msg_id, status = found.status, slots = json.list{},
    options = #(options or {}) > 0 and options or json.null } }
end
