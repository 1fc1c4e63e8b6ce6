--- A plain JSON body, which may be a form instead; answered in plain JSON.
--
-- What a body is its content type alone says: under another one the platform
-- finds nothing in it.

local core = require "wxbot.core"
local plain = require "wxbot.call.wire.json"
local query = require "wxbot.call.wire.query"

local pairs = pairs

local M = {}

M.content_type = plain.content_type
M.encode_request = plain.encode_request
M.encode_answer = plain.encode_answer
M.decode_answer = plain.decode_answer

--- The fields of a request (platform).
---@param endpoint table description
---@param body string
---@param headers table lower-case names
---@return table|nil params as sent, not checked
---@return nil
---@return string|table|nil reason why: a word, or a list of it and strings
function M.decode_request(endpoint, body, headers)
  local kind = plain.media_type(headers)
  if kind == plain.MEDIA_TYPE then
    local params, code, reason = plain.decode_request(endpoint, body)
    return params, code, reason
  elseif kind ~= "application/x-www-form-urlencoded" then
    return nil, nil, "content_type"
  end
  local params = query.decode_request(endpoint, body)
  for name, value in pairs(params or {}) do
    if not (core.utf8_valid(name) and core.utf8_valid(value)) then
      params = nil
      break
    end
  end
  return params, nil, not params and "bad_form" or nil
end

return M
