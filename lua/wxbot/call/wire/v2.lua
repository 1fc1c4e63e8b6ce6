--- A plain JSON body under signed headers, answered in JSON. A request without
--- parameters has no body: the documents sign the empty text for it.

local texts = require "wxbot.util.text"
local core = require "wxbot.core"
local codes = require "wxbot.api.errcode"
local envelope = require "wxbot.call.envelope"
local errors = require "wxbot.util.errors"
local plain = require "wxbot.call.wire.json"

local floor = math.floor
local ipairs, next, type = ipairs, next, type

local M = {}

M.content_type = "application/json"

M.encode_answer = plain.encode_answer
M.decode_answer = plain.decode_answer

--- The body of a request (client).
---@param endpoint table description
---@param params table checked
---@return string|nil body
---@return string|nil message
function M.encode_request(endpoint, params)
  if next(params) == nil then
    return ""
  end
  return plain.encode_request(endpoint, params)
end

--- The fields of a request (platform); none has no body, or `{}`.
---@param endpoint table description
---@param body string
---@return table|nil params as sent, not checked
---@return integer|nil code the platform's error
---@return table|nil reason why: a word and strings
function M.decode_request(endpoint, body)
  if body == "" then
    return {}
  end
  local params, _, reason = plain.decode_request(endpoint, body)
  return params, not params and 210106 or nil, reason
end

--- What is signed with a request.
---@param token string the bot's TOKEN
---@param timestamp string unix seconds
---@param nonce string
---@param body string the bytes that are sent
---@return string hex MD5, lower case
function M.sign(token, timestamp, nonce, body)
  local digest = core.hex_encode(core.md5(body))
  return core.hex_encode(core.md5(token .. timestamp .. nonce .. digest))
end

-- A random UUID.
local function new_id()
  local hex = core.hex_encode(core.random(16))
  return ("%s-%s-4%s-a%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12),
    hex:sub(14, 16), hex:sub(18, 20), hex:sub(21))
end

--- The headers of an attempt: each has its own time, nonce and signature.
---@param context wxbot.Context
---@param body string
---@param access_token string|nil
---@return table<string, string>
function M.headers(context, body, access_token)
  local timestamp = ("%d"):format(floor(context.clock()))
  local nonce = core.hex_encode(core.random(8))
  return {
    ["X-APPID"] = context.appid,
    ["X-OPENAI-TOKEN"] = access_token,
    ["request_id"] = new_id(),
    ["timestamp"] = timestamp,
    ["nonce"] = nonce,
    ["sign"] = M.sign(context.token, timestamp, nonce, body),
  }
end

-- An internal error names its cause in `data`, whatever `code` says.
local function detail_of(answer)
  local data = answer and answer.data
  local detail = type(data) == "table" and texts.number(data.err_detail) or 0
  return detail ~= 0 and envelope.integer(detail) or nil
end

local function failure_in(answer)
  local detail = detail_of(answer)
  local err = envelope.failure(answer)
  if detail then
    err = err or envelope.failure{ code = detail, msg = answer.msg }
    err.detail = detail
    if codes[detail] and err.code ~= detail then
      err.message = ("%s (%d: %s)"):format(err.message, detail, codes[detail])
    end
  end
  return err
end

local function has_task(answer)
  local id = type(answer.data) == "table" and answer.data.task_id
  return type(id) == "number" or type(id) == "string" and id ~= ""
end

--- The failure that an answer tells of in a way of its own.
---@param endpoint table description
---@param answer table|nil
---@param status integer
---@param body string
---@return wxbot.Error|nil
function M.failure(endpoint, answer, status, body)
  if status == 400 and body:find("invalid sign request", 1, true) then
    return errors.new{ kind = "platform", code = "sign", message =
      "invalid sign request: the signature or the access token is not valid" }
  elseif not answer then
    return nil
  end
  local err = failure_in(answer)
  if not err and status == 200 and endpoint.requires_task_id and not has_task(answer)
      and answer.code ~= nil then
    err = errors.new{ kind = "platform", code = "task_id",
      message = "the platform began nothing: its task_id is empty" }
  end
  local id = answer.request_id
  if err and type(id) == "string" and id ~= "" then
    err.rid = id
  end
  return err
end

--- Does a request bear the signature of the bot? (platform)
---@param headers table lower-case names
---@param body string
---@param token string the bot's TOKEN
---@return boolean
---@return string|table|nil reason why not: a word, or a list of it and strings
function M.is_signed(headers, body, token)
  for _, name in ipairs{ "timestamp", "nonce", "sign", "request_id" } do
    if (headers[name] or "") == "" then
      return false, { "header_missing", name }
    end
  end
  local is_own = core.equal(headers.sign,
    M.sign(token, headers.timestamp, headers.nonce, body))
  return is_own, not is_own and "sign_wrong" or nil
end

return M
