-- The platform's side of `aibot`.

local json = require "wxbot.json"
local jwt = require "wxbot.jwt"

local function text(value)
  return type(value) == "string" and value or ""
end

-- The names of skills, whatever was sent as such.
local function names(value)
  local list = {}
  for _, name in ipairs(type(value) == "table" and value or {}) do
    if type(name) == "string" then
      list[#list + 1] = name
    end
  end
  return list
end

-- The user that a signature was made for, or the error.
local function user_of(platform, signature)
  if text(signature) == "" then
    return nil, 1004
  end
  local claims = jwt.decode(signature, platform.aes_key,
    { now = platform.time() })
  if not claims then
    return nil, 1005
  elseif text(claims.userid) == "" then
    return nil, 1006
  end
  return claims.userid
end

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

---@return table|nil answer
---@return integer|nil code
return function(platform, params)
  if not platform.approved then
    return nil, 1002
  end
  local userid, code = user_of(platform, params.signature)
  if not userid then
    return nil, code
  end
  local query = text(params.query)
  local found = platform.dialogue:answer{
    userid = userid, query = query,
    env = params.env == "debug" and "debug" or "online",
    first_priority_skills = names(params.first_priority_skills),
    second_priority_skills = names(params.second_priority_skills),
  }
  local serial = platform.serial()
  local id = platform.rid()
  return {
    ans_node_id = found.ans_node_id, ans_node_name = found.ans_node_name,
    answer = found.answer, answer_open = 1, answer_type = "text",
    article = "", confidence = found.confidence,
    create_time = ("%.0f"):format(platform.time() * 1000),
    dialog_session_status = "NONE", dialog_status = "NONE", event = "",
    from_user_name = userid, intent_confirm_status = "",
    is_default_answer = found.is_default_answer, list_options = false,
    msg = json.list{ detail(found, serial) }, msg_id = id, opening = "",
    options = found.options, request_id = serial, ret = 0,
    scene_status = "", session_id = "", skill_id = "",
    skill_name = found.ans_node_name, slot_info = {}, slots_info = {},
    status = found.status, take_options_only = false, title = found.title,
    to_user_name = platform.appid, msgtype = "text", query = query,
    rid = id,
  }
end
