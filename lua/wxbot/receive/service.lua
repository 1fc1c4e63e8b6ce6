--- The third-party service interface: an intent of a skill asks your service,
-- and has the answer read out to the user; within two seconds.
-- https://developers.weixin.qq.com/doc/aispeech/confapi/thirdapi/thirdapi
--
-- The signature in the body covers time, skill, intent and query, the last
-- three without a mark where one ends; not the user, the session, the slots or
-- the RequestId. A signed question that comes again in the window of its time
-- with another RequestId cannot be told from a new one: a duplicate by its
-- signature may be another user who asks the same in the same second, and
-- whoever changes one member can change any other that a hash would cover.

local core = require "wxbot.core"
local errors = require "wxbot.error"
local json = require "wxbot.json"
local read = require "wxbot.receive.read"
local rich = require "wxbot.rich"
local schema = require "wxbot.schema"

local ipairs, type = ipairs, type

local M = { needs = {} }

M.summary = "A question of a skill to your service"
M.source = "https://developers.weixin.qq.com/doc/aispeech/confapi/thirdapi/thirdapi"

local COMMON = {
  RequestId = "request_id", SessionId = "session_id", UserId = "userid",
  Query = "query", SkillName = "skill", IntentName = "intent",
  Slots = "slots", ThirdApiId = "third_api_id",
  ThirdApiName = "third_api_name",
}

-- The message, besides kind and createtime (unix seconds); other members keep
-- their names.
M.fields = {
  { name = "request_id", type = "string", doc = "Id of this question" },
  { name = "session_id", type = "string", doc = "Id of the conversation" },
  { name = "userid", type = "string", doc = "Who asks" },
  { name = "query", type = "string", required = true,
    doc = "What is asked; JSON if it was an image or a voice message" },
  { name = "skill", type = "string", doc = "Name of the skill" },
  { name = "intent", type = "string", doc = "Name of the intent" },
  { name = "slots", type = "list", of = "object", doc = "What was filled in",
    fields = {
      { name = "name", type = "string", doc = "Name of the slot" },
      { name = "value", type = "string", doc = "As the user said it" },
      { name = "normalized", type = "string", doc = "JSON" },
    } },
  { name = "third_api_id", type = "string", doc = "Id of the interface" },
  { name = "third_api_name", type = "string", doc = "Name of the interface" },
}

for _, field in ipairs(rich.fields) do
  M.fields[#M.fields + 1] = field
end

--- Takes the key and the token of the configuration.
---@param state table
---@param options table
---@return true|nil
---@return wxbot.Error|nil err
function M.open(state, options)
  if not options.token and not options.aes_key then
    return errors.invalid("token or aes_key is needed: without them anybody"
      .. " could ask", "token")
  elseif options.aes_key then
    local key, message = core.rawcrypt(options.aes_key)
    if not key then
      return errors.invalid("aes_key: " .. message, "aes_key")
    end
    state.key = key
  end
  return true
end

local function signed(state, body)
  local digest = core.md5(state.token .. (read.text(body.Timestamp) or "")
    .. (read.text(body.SkillName) or "") .. (read.text(body.IntentName) or "")
    .. body.Query)
  return read.same(body.Signature, digest)
end

local function rename_slots(slots)
  for _, slot in ipairs(type(slots) == "table" and slots or {}) do
    if type(slot) == "table" then
      slot.name, slot.value = slot.SlotName, slot.SlotValue
      slot.normalized = slot.NormalizeValue
      slot.SlotName, slot.SlotValue, slot.NormalizeValue = nil, nil, nil
    end
  end
end

local function message_of(body)
  local message = read.renamed(body, COMMON)
  message.Signature, message.Timestamp = nil, nil
  message.createtime = read.seconds(read.text(body.Timestamp))
  message.kind = "service"
  rename_slots(message.slots)
  schema.shape(M.fields, message)
  return rich.add(message, message.query)
end

--- Reads one question.
---@param state table
---@param request table
---@return table|nil message
---@return string detail why there is no message, or a key
---@return string|nil said key of what the message says
function M.handle(state, request)
  if request.method ~= "POST" then
    return nil, "method"
  end
  local text = request.body
  if state.key then
    text = state.key:decrypt(text)
    if not text then
      return nil, "decrypt"
    end
  end
  local body = json.decode(text)
  if type(body) ~= "table" or type(body.Query) ~= "string" then
    return nil, "json"
  elseif state.token and not signed(state, body) then
    return nil, "signature"
  elseif state.token and not read.fresh(state, read.text(body.Timestamp)) then
    return nil, "stale"
  end
  local message = message_of(body)
  return message, core.sha256(request.body), message.request_id
    and read.key{ "service", message.request_id }
end

--- Writes an answer.
---@param state table
---@param answer string|table text, or an answer in the platform's form
---@return string|nil body
---@return string|nil message why it cannot be written
function M.reply(state, answer)
  if type(answer) == "string" then
    answer = { answer_type = "text", text_info = { short_answer = answer } }
  end
  local text, message = json.encode(answer)
  if text and state.key then
    text, message = state.key:encrypt(text)
  end
  return text, message
end

return M
