-- What is wrong with a sealed text that does not open, or not for this bot.

local core = require "wxbot.core"
local diagnose = require "wxbot.codec.diagnosis"
local json = require "wxbot.codec.json"
local sealed = require "wxbot.codec.sealed"

-- So much of it is tried: what is longer differs no more.
local LONGEST = 64 * 1024

-- The EncodingAESKey of which the key is these 32 bytes.
local function key_of(bytes)
  return core.base64_encode(bytes):sub(1, 43)
end

-- Mistakes that the text itself shows.
local function by_looks(text)
  if text:find("^[ \t\r\n]*<") or text:find("Encrypt>", 1, true) then
    return { text:find("<Encrypt>", 1, true) and "envelope" or "xml_in_clear" }
  elseif json.is_object(text) then
    return { text:find('"[Ee]ncrypt') and "wrapped" or "json_in_clear" }
  elseif text:find("^eyJ[A-Za-z0-9_-]+%.") then
    return { "jwt_for_sealed" }
  elseif text:find("^[0-9A-Fa-f]+$") and #text % 32 == 0 then
    return { "hex" }
  elseif text:find("^[A-Za-z0-9+/=]+[\r\n]") then
    return { "base64_lines" }
  elseif text:find("^[A-Za-z0-9+/]+ ") then
    return { "blanks_for_plus" }
  end
end

-- Text of base64url in the standard alphabet.
local function from_base64url(text)
  text = text:gsub("-", "+"):gsub("_", "/")
  return text .. ("="):rep(-#text % 4)
end

local function opens(platform, text)
  local key = core.rawcrypt(key_of(platform.aes_key:sub(1, 32)))
  local found = key:decrypt(text)
  key:close()
  return found
end

-- Version 2 has the text alone, and version 1 more around it.
local function in_version_2(platform, call, reason)
  if call.endpoint.wire ~= "v2_query" or reason[1] ~= "wrong_key" then
    return reason
  elseif platform.crypt:decrypt(call.body) then
    return { "framed" }
  end
  return reason
end

local function of_base64(platform, call, text)
  local bytes, why = sealed.bytes(text)
  if not bytes and text:find("^[A-Za-z0-9_-]+=*$")
      and (text:find("[-_]") or #text % 4 ~= 0)
      and sealed.bytes(from_base64url(text)) then
    return { "base64url" }
  elseif not bytes then
    return why
  end
  local reason = diagnose(platform.aes_key, platform.appid, bytes)
  if reason[1] == "wrong_key" and opens(platform, text) then
    return { "undecoded_key" }
  end
  return in_version_2(platform, call, reason)
end

return function(platform, call, reason)
  if reason[1] == "other_appid" then
    return reason[2] == "" and { "no_appid" } or nil
  elseif reason[1] == "sealed_not_json" then
    local framed = platform.crypt:decrypt(call.body)
    return framed and { "framed" } or nil
  end
  local envelope = json.decode(call.body)
  local text = call.endpoint.wire == "v2_query" and call.body
    or envelope.encrypt
  text = text:sub(1, LONGEST)
  return by_looks(text) or of_base64(platform, call, text)
end
