--- The answer of `aibot` and `message` to a question of a user.

local callbacks = require "wxbot.sandbox.callbacks"
local json = require "wxbot.codec.json"

local M = {}

local function detail(found, serial)
  return {
    ans_node_id = found.ans_node_id, ans_node_name = found.ans_node_name,
    article = "", confidence = found.confidence, content = found.answer,
    debug_info = "", event = "", list_options = false, msg_type = "text",
    opening = "", request_id = serial, resp_title = found.title,
    scene_status = "", session_id = "", status = found.status,
    take_options_only = false,
  }
end

-- What a service says in place of the skill that names it; where it says
-- nothing in time, nothing was found.
local function of_service(platform, ask, found)
  local reply = callbacks.ask(platform, { userid = ask.userid,
    query = ask.query, skill = found.ans_node_name, intent = found.title })
  if not reply then
    return platform.dialogue:miss()
  end
  found.answer, found.answer_type = reply.answer, reply.answer_type
  return found
end

--- Asks the dialogue, and a service where that is what answers.
---@return table answer
function M.to(platform, ask)
  local found = platform.dialogue:answer(ask)
  if found.service then
    found = of_service(platform, ask, found)
  end
  local serial = platform.serial()
  local id = platform.rid()
  return {
    ans_node_id = found.ans_node_id, ans_node_name = found.ans_node_name,
    answer = found.answer, answer_open = 1, answer_type = found.answer_type or "text",
    article = "", confidence = found.confidence,
    create_time = ("%.0f"):format(platform.time() * 1000),
    dialog_session_status = "NONE", dialog_status = "NONE", event = "",
    from_user_name = ask.userid, intent_confirm_status = "",
    is_default_answer = found.is_default_answer, list_options = false,
    msg = json.list{ detail(found, serial) }, msg_id = id, opening = "",
    options = found.options, request_id = serial, ret = 0,
    scene_status = "", session_id = "", skill_id = "",
    skill_name = found.ans_node_name, slot_info = {}, slots_info = {},
    status = found.status, take_options_only = false, title = found.title,
    to_user_name = platform.appid, msgtype = "text", query = ask.query,
    rid = id,
  }
end

return M
