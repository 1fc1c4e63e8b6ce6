--- JSON, encrypted as it is, both ways; a failure may come in the clear.

local json = require "wxbot.codec.json"
local plain = require "wxbot.call.wire.json"
local trim = require "wxbot.util.text".trim
local v2 = require "wxbot.call.wire.v2"

local M = {}

-- What clients that are known to work send.
M.content_type = "text/plain"

M.headers = v2.headers
M.failure = v2.failure
M.is_signed = v2.is_signed

--- The body of a request (client).
---@param endpoint table description
---@param params table checked
---@param keys table raw: encrypt(self, text) -> base64
---@return string|nil body
---@return string|nil message
function M.encode_request(endpoint, params, keys)
  local text, message = plain.encode_request(endpoint, params)
  if not text then
    return nil, message
  end
  return keys.raw:encrypt(text)
end

--- The fields of a request (platform).
---@param endpoint table description
---@param body string
---@param headers table
---@param keys table raw: decrypt(self, base64) -> text
---@return table|nil params as sent, not checked
---@return integer|nil code the platform's error
---@return string|table|nil reason why: a word, or a list of it and strings
---@return string|nil opened the text
function M.decode_request(endpoint, body, headers, keys)
  local text = keys.raw:decrypt(body)
  if not text then
    return nil, 1000012, "sealed"
  end
  local params, _, reason = plain.decode_request(endpoint, text, headers)
  if not params then
    return nil, 1000012, { "sealed_not_json", reason[2] }, text
  end
  return params, nil, nil, text
end

--- The body of an answer (platform).
---@param fields table[]
---@param answer table
---@param keys table raw
---@return string body
function M.encode_answer(fields, answer, keys)
  return keys.raw:encrypt(plain.encode_answer(fields, answer))
end

--- The members of an answer (client).
---@param body string
---@param keys table raw
---@return table|nil answer
---@return string|boolean|nil marked as that of wxbot.call.wire.json
function M.decode_answer(body, keys)
  if json.is_object(body) then
    return plain.decode_answer(body)
  elseif not keys.raw then
    return nil, "the client was closed"
  end
  local text, message = keys.raw:decrypt(trim(body))
  if not text then
    return nil, message
  end
  return plain.decode_answer(text)
end

return M
