--- A plain JSON body, both directions, both sides.

local texts = require "wxbot.util.text"
local json = require "wxbot.codec.json"
local fields_of = require "wxbot.call.schema.fields"
local trim = require "wxbot.util.text".trim

local getmetatable, type = getmetatable, type

local M = {}

local body, names_of = fields_of.body, fields_of.names

--- What bodies in JSON are called.
M.MEDIA_TYPE = "application/json"

-- What 1 MiB can hold. Tables take more room than texts: a longer answer holds
-- longer ones.
local MAX_VALUES = 2 ^ 19

M.content_type = M.MEDIA_TYPE .. "; charset=utf-8"

-- The longest that a media type with its parameters is taken for one.
local LONGEST = 256

--- What a request calls its body, without parameters.
---@param headers table|nil lower-case names
---@return string type lower-case, "" for none
function M.media_type(headers)
  local given = texts.within(headers and headers["content-type"], LONGEST)
  return texts.lower(trim((given or ""):match("^[^;,]*")))
end

--- The body of a request (client).
---@param endpoint table description
---@param params table checked
---@return string|nil body
---@return string|nil message
function M.encode_request(endpoint, params)
  local fields = endpoint.request
  return json.encode(names_of[fields].outside[1] and body(fields, params)
    or params, fields)
end

--- The fields of a request (platform).
---@param _ table description
---@param text string
---@return table|nil params as sent, not checked
---@return integer|nil code the platform's error
---@return table|nil reason why: a word and strings
function M.decode_request(_, text)
  local params, message = json.decode(text)
  if type(params) ~= "table" then
    return nil, nil, { "not_json", message }
  end
  return params
end

--- The body of an answer (platform).
---@param fields table[] description of what is in it, for the order
---@param answer table
---@return string body
function M.encode_answer(fields, answer)
  return assert(json.encode(answer, fields))
end

--- The members of an answer (client).
---@param text string
---@return table|nil answer
---@return string|boolean|nil marked true: its texts hold marks (wxbot.codec.repair); with nil why it cannot be read
function M.decode_answer(text)
  local answer, marked = json.decode(text, true, MAX_VALUES)
  if answer == nil then
    return nil, marked
  elseif type(answer) ~= "table" or answer[1] ~= nil
      or getmetatable(answer) == json.List then
    return nil, "not a JSON object"
  end
  return answer, marked
end

return M
