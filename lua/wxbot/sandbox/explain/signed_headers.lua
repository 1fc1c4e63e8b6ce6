-- What was signed instead, where the header sign of version 2 is wrong.

local core = require "wxbot.core"
local texts = require "wxbot.util.text"
local v2 = require "wxbot.call.wire.v2"

local hex_encode, md5 = core.hex_encode, core.md5

return function(platform, call)
  local headers, body = call.headers, call.body
  local time, nonce, given = headers.timestamp, headers.nonce, headers.sign
  local function is_sign(token, text)
    return core.equal(given, v2.sign(token, time, nonce, text))
  end
  local token = platform.token
  if is_sign(token, "") then
    return { "sign_no_body" }
  elseif core.equal(texts.lower(given), v2.sign(token, time, nonce, body)) then
    return { "sign_upper_case" }
  elseif core.equal(given, hex_encode(md5(token .. time .. nonce .. body))) then
    return { "sign_plain_body" }
  elseif is_sign(headers["x-openai-token"] or "", body) then
    return { "sign_access_token" }
  elseif is_sign(platform.aes_key, body) then
    return { "sign_aes_key" }
  end
  local clear = call.endpoint.wire == "v2_query" and platform.raw:decrypt(body)
  return clear and is_sign(token, clear) and { "sign_clear_text" } or nil
end
