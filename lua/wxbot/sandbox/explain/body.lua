-- What a body is, where nothing was found in it.

local json = require "wxbot.codec.json"
local plain = require "wxbot.call.wire.json"
local texts = require "wxbot.util.text"
local url = require "wxbot.codec.url"

local pairs, type = pairs, type

local FORM = "application/x-www-form-urlencoded"

-- Bytes of a body that patterns see.
local LONGEST = 64 * 1024

local function is_form(body)
  return body:find("^[A-Za-z_]+=") ~= nil
end

-- JSON that is no object.
local function other_json(value)
  if type(value) == "string" and json.is_object(value) then
    return { "json_in_string" }
  elseif type(value) == "table" then
    return { "json_list" }
  elseif value ~= nil then
    return { "json_scalar" }
  end
end

local function by_beginning(body)
  if body == "" then
    return { "no_body" }
  elseif body:find("^<") then
    return { "xml_for_json" }
  elseif is_form(body) then
    return { "form_for_json" }
  elseif body:find("^{[ \t\r\n]*'") then
    return { "single_quotes" }
  elseif #body > 31 and body:find("^[A-Za-z0-9+/_-]+=*$") then
    return { "sealed_alone" }
  end
end

-- A body that is not what its content type says, or of none.
local function misnamed(kind, body)
  if kind == "" then
    return { "no_content_type" }
  elseif kind == FORM and json.is_object(body) then
    return { "json_for_form" }
  elseif kind ~= FORM and kind ~= plain.MEDIA_TYPE then
    return { "content_type", kind }
  end
end

-- A member with a name that is like that of a field.
local function like(object, name)
  local flat = texts.lower(name):gsub("_", "")
  for other in pairs(object) do
    if type(other) == "string" and other ~= name
        and texts.lower(other):gsub("_", "") == flat then
      return { "field_name", other, name }
    end
  end
end

-- Every other field that may be missed is a string.
local EXPECTED = { data = "list" }

-- A field that is there in another form, or by another name.
local function other_member(object, name)
  local value, expected = object[name], EXPECTED[name] or "string"
  if value ~= nil and value ~= "" and type(value) ~= expected then
    if name == "signature" then
      return { "signature_type", type(value) }
    elseif name == "encrypt" then
      return { "encrypt_type", type(value) }
    end
    return { "field_type", name, type(value), expected }
  end
  return like(object, name)
end

local NAMES = { no_encrypt = "encrypt", no_signature = "signature",
  no_query_token = "query" }

local function elsewhere(call, name)
  if name ~= "signature" then
    return nil
  elseif call.headers.signature or call.headers.authorization then
    return { "signature_elsewhere", "header" }
  elseif (url.decode_form(call.query) or {}).signature then
    return { "signature_elsewhere", "URL" }
  end
end

local function member(call, reason)
  local name = NAMES[reason[1]] or reason[2]
  local object = call.params or json.decode(call.body)
  if type(object) ~= "table" or object[1] ~= nil then
    return nil
  elseif name == "encrypt" and object.encrypted ~= nil then
    return { "other_name", "encrypted" }
  elseif name == "encrypt" and object.Encrypt ~= nil then
    return { "other_name", "Encrypt" }
  end
  return other_member(object, name) or elsewhere(call, name)
end

return function(_, call, reason)
  local body = texts.trim(call.body:sub(1, LONGEST))
  local kind = plain.media_type(call.headers)
  if call.opened or call.endpoint.wire.in_url then
    return call.params and member(call, reason)
  end
  local wanted = call.endpoint.wire
  local found = wanted ~= "signed_query" and wanted ~= "json"
    and wanted ~= "v2" and wanted ~= "v2_query" and misnamed(kind, body)
  if found then
    return found
  end
  local value = json.decode(call.body)
  if type(value) ~= "table" or value[1] ~= nil then
    return other_json(value) or by_beginning(body)
  end
  return member(call, reason)
end
