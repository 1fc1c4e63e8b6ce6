-- What is wrong with a signed token (JWT).

local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local texts = require "wxbot.util.text"

local abs, pairs, type = math.abs, pairs, type

-- Whether another secret made it, whenever that was.
local function is_by(token, secret)
  local key = core.hs256(secret)
  local payload = key:verify(token)
  key:close()
  return payload ~= nil
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  .. "0123456789+/"

-- The 32 bytes of a key, whose last character may have spare bits set.
local function decoded(aes_key)
  local at = ALPHABET:find(aes_key:sub(-1), 1, true) - 1
  local last = ALPHABET:sub(at - at % 4 + 1, at - at % 4 + 1)
  return core.base64_decode(aes_key:sub(1, -2) .. last .. "=")
end

local function other_key(platform, token)
  for id, secret in pairs{
    signature_decoded_key = decoded(platform.aes_key),
    signature_padded_key = platform.aes_key .. "=",
    signature_token_key = platform.token,
    signature_appid_key = platform.appid,
  } do
    if is_by(token, secret) then
      return { id }
    end
  end
  return { "signature_key" }
end

local function claim_of(token, name)
  local payload = token:match("^[^.]*%.([^.]*)")
  local claims = json.decode(payload and core.base64url_decode(payload) or "")
  return type(claims) == "table" and texts.number(claims[name])
end

local function seconds(platform, token, name)
  local at = claim_of(token, name) or platform.time()
  return ("%.0f"):format(abs(platform.time() - at))
end

-- By the code of wxbot.jwt.decode.
local BY_CODE = {
  format = function() return { "signature_format" } end,
  base64 = function() return { "signature_format" } end,
  header = function(_, _, message) return { "signature_header", message } end,
  alg = function() return { "signature_alg" } end,
  signature = other_key,
  claims = function(_, _, message) return { "signature_claims", message } end,
  exp = function(platform, token)
    return { "signature_expired", seconds(platform, token, "exp") }
  end,
  nbf = function(platform, token)
    return { "signature_early", seconds(platform, token, "nbf") }
  end,
}

-- A good token whose claims name the user in another way.
local function no_userid(claims)
  if claims.userid ~= nil and claims.userid ~= "" then
    return { "signature_userid_type", type(claims.userid) }
  end
  for name in pairs(claims) do
    local flat = type(name) == "string"
      and texts.lower(name):gsub("_", "") or ""
    if flat == "userid" and name ~= "userid" or flat == "openid"
        or flat == "uid" then
      return { "signature_userid_name", name }
    end
  end
end

return function(platform, _, reason)
  if reason[1] == "signature_no_userid" then
    return no_userid(reason[2])
  end
  local explain = BY_CODE[reason[3]] or BY_CODE.format
  return explain(platform, reason[2], reason[4])
end
