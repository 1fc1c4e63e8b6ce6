-- What was given in place of a token, an access token or an account's appid.

local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local url = require "wxbot.codec.url"

local type = type

local function bot_token(platform, token)
  if core.equal(token, platform.appid) then
    return { "token_is_appid" }
  elseif core.equal(token, platform.aes_key) then
    return { "token_is_aes_key" }
  elseif token:find("^[{<:]") or token == "TOKEN" then
    return { "token_is_placeholder" }
  elseif core.equal(token, platform.access_token)
      or platform.access:is_known(token) then
    return { "token_is_access_token" }
  end
end

local function missing(call)
  local headers = call.headers
  local body = json.decode(call.body)
  local form = url.decode_form(call.body)
  if headers.authorization or headers.access_token
      or headers["x-access-token"] then
    return { "access_token_in_header" }
  elseif type(body) == "table" and body.access_token
      or type(body) ~= "table" and form and form.access_token then
    return { "access_token_in_body" }
  end
end

local function access_token(platform, token)
  if core.equal(token, platform.token) then
    return { "access_token_is_token" }
  elseif platform.access:is_v2(token) then
    return { "access_token_is_v2" }
  end
end

return function(platform, call, reason)
  if reason[1] == "wrong_token" then
    return bot_token(platform, call.token)
  elseif reason[1] == "no_access_token" then
    return missing(call)
  elseif reason[1] == "unbound_appid" then
    return reason[2] == platform.appid and { "bot_appid" } or nil
  end
  return access_token(platform, reason[2])
end
