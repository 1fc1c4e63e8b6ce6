--- Questions of a skill to a service, as the platform asks them: signed in the
-- body, encrypted whole if the service has a key.
-- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdapi/thirdapi

local core = require "wxbot.core"
local json = require "wxbot.codec.json"

local floor = math.floor
local ipairs, type = ipairs, type

local M = { says = "query" }

local SLOT = {
  { name = "name", type = "string", required = true,
    doc = "Name of the slot" },
  { name = "value", type = "string", doc = "As the user said it" },
  { name = "normalized", type = "string", doc = "JSON" },
}

--- What Sandbox:push takes.
M.fields = {
  { name = "userid", type = "string", id = true, required = true,
    doc = "The user" },
  { name = "query", type = "string", required = true, doc = "What is asked" },
  { name = "skill", type = "string", doc = "Name of the skill (default demo)" },
  { name = "intent", type = "string", doc = "Name of the intent (default demo)" },
  { name = "slots", type = "list", of = "object", fields = SLOT,
    doc = "What was filled in" },
  { name = "request_id", type = "string", id = true,
    doc = "Id of the question (default: a new one)" },
  { name = "session_id", type = "string", id = true,
    doc = "Id of the conversation" },
  { name = "createtime", type = "integer", doc = "Unix seconds (default: now)" },
  { name = "mode", type = "string", enum = { "encrypted", "plain" },
    doc = "Is it encrypted? (default encrypted)" },
}

local BODY = { { name = "RequestId" }, { name = "SessionId" },
  { name = "UserId" }, { name = "Query" }, { name = "SkillName" },
  { name = "IntentName" }, { name = "Slots", type = "list", of = "object" },
  { name = "Timestamp" }, { name = "Signature" } }

local function complete(platform, push)
  push.skill, push.intent = push.skill or "demo", push.intent or "demo"
  push.createtime = push.createtime or floor(platform.time())
  push.request_id = push.request_id or core.hex_encode(core.random(16))
  push.mode = push.mode or "encrypted"
end

local function slots_of(push)
  local slots = {}
  for i, slot in ipairs(push.slots or {}) do
    slots[i] = { SlotName = slot.name, SlotValue = slot.value,
      NormalizeValue = slot.normalized }
  end
  return slots
end

--- The request that the platform makes.
---@param platform table
---@param push table as described by fields; completed
---@return table|nil request
---@return string|nil message why there cannot be one
function M.request(platform, push)
  complete(platform, push)
  local time = ("%d"):format(push.createtime)
  local body, message = json.encode({ RequestId = push.request_id,
    SessionId = push.session_id, UserId = push.userid, Query = push.query,
    SkillName = push.skill, IntentName = push.intent, Slots = slots_of(push),
    Timestamp = push.createtime, Signature = core.hex_encode(core.md5(
      platform.token .. time .. push.skill .. push.intent .. push.query)) },
    BODY)
  if not body then
    return nil, message
  end
  if push.mode == "encrypted" then
    local key = core.rawcrypt(platform.aes_key)
    body = key:encrypt(body)
    key:close()
  end
  return { method = "POST", url = push.url, body = body, headers = {
    ["content-type"] = push.mode == "encrypted" and "text/plain"
      or "application/json" } }
end

-- What the platform's console shows of an answer that it cannot use.
local WRONG = "校验返回数据格式时发生错误: "

local function wrong(message)
  return nil, WRONG .. message, 1002
end

--- Opens the answer.
---@param platform table
---@param response table
---@param push table completed
---@return table|nil reply { text = its short answer, answer_type, … as it came }; nil: it is wrong
---@return string|nil message
---@return integer|nil code
function M.read_reply(platform, response, push)
  local text = response.body
  if push.mode == "encrypted" then
    local key = core.rawcrypt(platform.aes_key)
    text = key:decrypt(text)
    key:close()
    if not text then
      return wrong("it does not decrypt with the EncodingAESKey")
    end
  end
  local answer = json.decode(text)
  if type(answer) ~= "table" or type(answer.answer_type) ~= "string" then
    return wrong("it is no JSON object with an answer_type")
  end
  local info = answer.text_info
  if answer.answer_type == "text" then
    if type(info) ~= "table" or type(info.short_answer) ~= "string" then
      return wrong("text_info.short_answer is missing")
    end
    answer.text = info.short_answer
  end
  return answer
end

return M
