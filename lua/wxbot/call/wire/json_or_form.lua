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
function M.decode_request(endpoint, body, headers)
  local kind = plain.media_type(headers)
  if kind == plain.MEDIA_TYPE then
    return plain.decode_request(endpoint, body)
  elseif kind ~= "application/x-www-form-urlencoded" then
    return nil
  end
  local params = query.decode_request(endpoint, body)
  for name, value in pairs(params or {}) do
    if not (core.utf8_valid(name) and core.utf8_valid(value)) then
      return nil
    end
  end
  return params
end

return M
