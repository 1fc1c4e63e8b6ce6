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
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local parse = require "wxbot.receive.parse"
local repair = require "wxbot.codec.repair"
local rich = require "wxbot.call.rich"
local shape = require "wxbot.call.schema.shape"
local signature = require "wxbot.receive.signature"

local ipairs, type = ipairs, type
local refused = parse.refused

local M = { needs = {}, answer_within = 1.5 } -- the platform waits for 2

M.summary = "A question of a skill to your service"
M.source = "https://developers.weixin.qq.com/doc/aispeech/confapi/thirdapi/thirdapi"

local COMMON = {
  RequestId = "request_id", SessionId = "session_id", UserId = "userid",
  Query = "query", SkillName = "skill", IntentName = "intent",
  Slots = "slots", ThirdApiId = "third_api_id",
  ThirdApiName = "third_api_name", Timestamp = "createtime",
}

local SLOT = {
  SlotName = "name", SlotValue = "value", NormalizeValue = "normalized",
}

-- The message, besides kind and createtime (unix seconds); other members keep
-- their names.
M.fields = {
  { name = "request_id", type = "string", doc = "Id of this question" },
  { name = "session_id", type = "string", doc = "Id of the conversation" },
  { name = "userid", type = "string", doc = "Who asks" },
  { name = "query", type = "string", required = true, text = true,
    doc = "What is asked; JSON if it was an image or a voice message" },
  { name = "skill", type = "string", text = true, doc = "Name of the skill" },
  { name = "intent", type = "string", text = true,
    doc = "Name of the intent" },
  { name = "slots", type = "list", of = "object", doc = "What was filled in",
    fields = {
      { name = "name", type = "string", text = true,
        doc = "Name of the slot" },
      { name = "value", type = "string", text = true,
        doc = "As the user said it" },
      { name = "normalized", type = "string", text = true, doc = "JSON" },
    } },
  { name = "third_api_id", type = "string", doc = "Id of the interface" },
  { name = "third_api_name", type = "string", text = true,
    doc = "Name of the interface" },
}

local FIELDS = parse.described(M.fields)
for _, field in ipairs(rich.fields) do
  M.fields[#M.fields + 1] = field
end

--- Takes the key and the token of the configuration.
---@return true|nil, wxbot.Error|nil
function M.open(context, options)
  if not options.token and not options.aes_key then
    return errors.invalid("token or aes_key is needed: without them anybody"
      .. " could ask", "token")
  elseif options.aes_key then
    local key, message = core.rawcrypt(options.aes_key)
    if not key then
      return errors.invalid("aes_key: " .. message, "aes_key")
    end
    context.key = key
  end
  return true
end

-- What is signed of a member, as it came.
local function raw(value)
  return repair.raw(parse.text(value) or "")
end

local function is_signed(context, body)
  return signature.same(body.Signature, core.md5(context.token .. raw(body.Timestamp)
    .. raw(body.SkillName) .. raw(body.IntentName) .. raw(body.Query)))
end

local function message_of(body, marked)
  local message = parse.renamed(body, COMMON)
  message.Signature = nil
  message.slots = shape.as_list(message.slots)
  for i, slot in ipairs(message.slots) do
    message.slots[i] = type(slot) == "table" and parse.renamed(slot, SLOT)
      or slot
  end
  message = parse.tidy(message)
  message.query = message.query or ""
  local odd
  message, odd = parse.message("service", FIELDS, message, marked)
  if not message then
    return nil, odd
  end
  return rich.add(message, message.query)
end

--- Finds out who asks. With a token the signature tells; with a key alone, that
--- it opens what is a question. Good and bad padding do the same work: the
--- verdict on it comes last.
function M.authenticate(context, request)
  if request.method ~= "POST" then
    return refused("method")
  end
  local text, padded = request.body, true
  if context.key then
    text, padded = context.key:open(text)
    if not text then
      return refused("decrypt")
    end
  end
  local body, marked = json.decode(text, true)
  local asks = type(body) == "table" and type(body.Query) == "string"
  local knows = asks and (not context.token or is_signed(context, body))
  if not padded then
    return refused("decrypt")
  elseif not asks then
    return refused("json")
  elseif not knows then
    return refused("signature")
  end
  return { tag = "push", body = body, marked = marked, sealed = request.body }
end

--- Parses one question.
function M.parse(context, push)
  local body = push.body
  if context.token and not parse.fresh(context,
      parse.text(body.Timestamp)) then
    return refused("stale")
  end
  local message, odd = message_of(body, push.marked)
  if not message then
    return refused("json", odd)
  end
  return { tag = "message", message = message,
    sealed = core.sha256(push.sealed),
    content_key = message.request_id and parse.key{ "service",
      message.request_id, message.userid or false } }
end

--- Writes an answer.
---@param context wxbot.receive.Context
---@param _ any
---@param answer string|table text, or an answer in the platform's form
---@return string|nil body
---@return string|nil type "json", or "text" of an encrypted one; with body nil, why it cannot be written
function M.reply(context, _, answer)
  if type(answer) == "string" then
    answer = { answer_type = "text", text_info = { short_answer = answer } }
  end
  local text, message = json.encode(answer)
  if text and context.key then
    text, message = context.key:encrypt(text)
  end
  return text, text and (context.key and "text" or "json") or message
end

return M
