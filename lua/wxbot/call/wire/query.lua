--- Arguments in the query of the URL, no body; answered in plain JSON.

local texts = require "wxbot.util.text"
local plain = require "wxbot.call.wire.json"
local url = require "wxbot.codec.url"

local ipairs, tostring, type = ipairs, tostring, type

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
  local list = {}
  for _, field in ipairs(endpoint.request) do
    local value = params[field.name]
    if value ~= nil then
      list[#list + 1] = { field.name,
        type(value) == "number" and texts.of_number(value) or tostring(value) }
    end
  end
  return url.encode(list)
end

--- The fields of a request (platform).
---@param _ table description
---@param query string
---@return table|nil params as sent, not checked; nil: too many
---@return nil
---@return string|nil reason with nil
function M.decode_request(_, query)
  local params = url.decode_form(query)
  return params, nil, not params and "too_many_arguments" or nil
end

return M
