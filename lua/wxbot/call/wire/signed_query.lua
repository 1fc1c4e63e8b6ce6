--- A JSON text as a signed token, `query=<JWT>`; answered in plain JSON.
--
-- Signed (HS256 by the EncodingAESKey), not encrypted. As in the documents it
-- names no time, so whoever has the token can send it again.

local json = require "wxbot.codec.json"
local jwt = require "wxbot.codec.jwt"
local plain = require "wxbot.call.wire.json"
local fields_of = require "wxbot.call.schema.fields"

local type = type

local M = {}

-- The documents' form. The platform reads JSON as well, {"query": "…"}.
M.content_type = "application/x-www-form-urlencoded"

M.encode_answer = plain.encode_answer
M.decode_answer = plain.decode_answer

--- The body of a request (client).
---@param endpoint table description
---@param params table checked
---@param keys table hs256: sign(self, text) -> token
---@return string|nil body
---@return string|nil message
function M.encode_request(endpoint, params, keys)
  local payload, message = json.encode(fields_of.body(endpoint.request, params),
    endpoint.request)
  if not payload then
    return nil, message
  end
  return "query=" .. keys.hs256:sign(payload)
end

--- What of a body no error may show.
---@param body string
---@return string
function M.secret(body)
  return body:sub(#"query=" + 1)
end

local function query_of(body)
  local object = json.decode(body)
  local query = body:match("^query=([^&]*)")
  if type(object) == "table" and type(object.query) == "string" then
    query = object.query
  end
  return query or ""
end

--- The fields of a request (platform).
---@param _ table description
---@param body string a form, or JSON
---@param _ table headers
---@param keys table aes_key; time: returns unix seconds
---@return table|nil params as signed, not checked
---@return integer|nil code 1004 or 1005
---@return string|table|nil reason why: a word, or a list of it and strings
function M.decode_request(_, body, _, keys)
  local query = query_of(body)
  if query == "" then
    return nil, 1004, "no_query_token"
  end
  local claims, err = jwt.decode(query, keys.aes_key, { now = keys.time() })
  if not claims then
    return nil, 1005, { "signature", query, err.code, err.message }
  end
  return claims
end

return M
