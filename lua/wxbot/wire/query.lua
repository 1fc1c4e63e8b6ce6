--- Arguments in the query of the URL, no body; answered in plain JSON.

local plain = require "wxbot.wire.json"
local redact = require "wxbot.redact"

local char, tonumber, tostring = string.char, tonumber, tostring
local concat, ipairs = table.concat, ipairs

local M = {}

--- What is encoded stands behind the `?` of the URL.
M.in_url = true

M.encode_answer = plain.encode_answer
M.decode_answer = plain.decode_answer

--- The query of a request (client), in the order of the description.
---@param endpoint table description
---@param params table checked
---@return string query
function M.encode_request(endpoint, params)
  local parts = {}
  for _, field in ipairs(endpoint.request) do
    local value = params[field.name]
    if value ~= nil then
      parts[#parts + 1] = field.name .. "=" .. redact.escape(tostring(value))
    end
  end
  return concat(parts, "&")
end

--- Undoes the encoding of a form; a plus is a space.
---@param text string
---@return string
function M.unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex)
    return char(tonumber(hex, 16))
  end))
end

--- The fields of a request (platform).
---@param _ table description
---@param query string
---@return table params as sent, not checked
function M.decode_request(_, query)
  local params = {}
  for name, value in query:gmatch("([^&=]+)=([^&]*)") do
    params[M.unescape(name)] = M.unescape(value)
  end
  return params
end

return M
