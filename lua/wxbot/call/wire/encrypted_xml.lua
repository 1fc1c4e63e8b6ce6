--- An XML document, encrypted, in `{"encrypt": "…"}`; answered in plain JSON.

local json = require "wxbot.codec.json"
local plain = require "wxbot.call.wire.json"
local xml = require "wxbot.codec.xml"

local field_of = require "wxbot.api".field
local ipairs, type = ipairs, type

local M = {}

-- The platform demands this content type: without it it finds no `encrypt`.
M.content_type = "application/json"

M.encode_answer = plain.encode_answer
M.decode_answer = plain.decode_answer

-- What a server reads: batches of openids are longer than a push.
local CAPS = { bytes = 16 * 1024 * 1024, depth = 16, elements = 1000000 }

--- The body of a request (client).
---@param endpoint table description
---@param params table checked
---@param keys table crypt: encrypt(self, text) -> base64
---@return string|nil body
---@return string|nil message
function M.encode_request(endpoint, params, keys)
  local document, message = xml.encode(endpoint.request, params)
  if not document then
    return nil, message
  end
  return '{"encrypt":"' .. keys.crypt:encrypt(document) .. '"}'
end

-- The sealed text of a body.
local function sealed_in(body, headers)
  if plain.media_type(headers) ~= plain.MEDIA_TYPE then
    return nil, "content_type"
  end
  local envelope, message = json.decode(body)
  if type(envelope) ~= "table" then
    return nil, { "not_json", message }
  elseif type(envelope.encrypt) ~= "string" then
    return nil, "no_encrypt"
  end
  return envelope.encrypt
end

-- An element that no description names.
local function unknown_in(root, fields)
  for _, child in ipairs(root) do
    if not field_of(fields, child.name) then
      return { "unknown_field", child.name }
    end
  end
end

local function values_of(document, fields)
  local root, message = xml.decode(document, CAPS)
  if not root then
    return nil, { "not_xml", message }
  elseif root.name ~= "xml" then
    return nil, { "xml_root", "<" .. root.name .. ">" }
  end
  local params, twice = xml.values(root, fields)
  if twice then
    return nil, { "field_twice", twice }
  end
  return params, unknown_in(root, fields)
end

--- The fields of a request (platform).
---@param endpoint table description
---@param body string
---@param headers table lower-case names
---@param keys table crypt: decrypt(self, base64) -> text, appid | nil; appid: the bot's
---@return table|nil params strings, as sent
---@return integer|nil code 1010, 1013 or 1019
---@return string|table|nil reason why: a word, or a list of it and strings; with params what is odd about them
---@return string|nil opened the document
function M.decode_request(endpoint, body, headers, keys)
  local sealed, reason = sealed_in(body, headers)
  if not sealed then
    return nil, 1013, reason
  end
  local document, sealed_for = keys.crypt:decrypt(sealed)
  if not document then
    return nil, 1019, "sealed"
  elseif sealed_for ~= keys.appid then
    return nil, 1010, { "other_appid", sealed_for, keys.appid }, document
  end
  local params
  params, reason = values_of(document, endpoint.request)
  return params, not params and 1019 or nil, reason, document
end

return M
