--- Arguments in the query of the URL, no body; answered in plain JSON.

local ascii = require "wxbot.util.text"
local plain = require "wxbot.call.wire.json"
local url = require "wxbot.codec.url"

local concat, ipairs, tostring, type = table.concat, ipairs, tostring, type

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
      parts[#parts + 1] = field.name .. "=" .. url.escape(
        type(value) == "number" and ascii.of_number(value) or tostring(value))
    end
  end
  return concat(parts, "&")
end

--- Undoes the encoding of a form; a plus is a space.
---@param text string
---@return string
function M.unescape(text)
  return url.unescape((text:gsub("+", " ")))
end

--- The fields of a request (platform).
---@param _ table description
---@param query string
---@return table|nil params as sent, not checked; nil: too many
function M.decode_request(_, query)
  local list, params = url.pairs(query), {}
  for _, pair in ipairs(list or {}) do
    local name, value = pair[1], pair[2]
    if name ~= "" and value then
      params[M.unescape(name)] = M.unescape(value)
    end
  end
  return list and params
end

return M
