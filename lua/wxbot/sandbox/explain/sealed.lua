-- What is wrong with a sealed text that does not open, or not for this bot.

local core = require "wxbot.core"
local diagnose = require "wxbot.codec.diagnosis"
local json = require "wxbot.codec.json"
local sealed = require "wxbot.codec.sealed"

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

-- What the diagnosis says where a key makes nothing of a text, or might by
-- chance.
local MEANS_NOTHING = { wrong_key = true, unknown_content = true, iv = true }

-- Whether the key is the beginning of the EncodingAESKey as it stands.
local function has_undecoded_key(platform, bytes)
  local key = core.base64_encode(platform.aes_key:sub(1, 32)):sub(1, 43)
  return not MEANS_NOTHING[diagnose(key, platform.appid, bytes)[1]]
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
  if reason[1] == "wrong_key" and has_undecoded_key(platform, bytes) then
    return { "undecoded_key" }
  end
  return in_version_2(platform, call, reason)
end

-- Nothing is behind the text; the length may count the appid, too.
local function without_appid(platform, opened)
  local own = platform.appid
  if opened:sub(-#own) == own then
    return { "length", #opened, #opened - #own }
  end
  return { "no_appid" }
end

return function(platform, call, reason)
  if reason[1] == "other_appid" then
    return reason[2] == "" and without_appid(platform, call.opened) or nil
  elseif reason[1] == "sealed_not_json" then
    local framed = platform.crypt:decrypt(call.body)
    return framed and { "framed" } or nil
  end
  local envelope = json.decode(call.body)
  local text = call.endpoint.wire == "v2_query" and call.body
    or envelope.encrypt
  return by_looks(text) or of_base64(platform, call, text)
end
