-- Tokens as who takes them sees them: header and claims, besides the signature
-- (which the harness "token" is about). The input is a token as it is; its
-- first line is also the header and the rest the claims of one that is signed
-- here, about which a plain reading says what must come out.
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local jwt = require "wxbot.codec.jwt"
local same = require "spec.hardening.fuzz.same"

local SECRET, NOW, LEEWAY = "secret", 1409735669, 60
local CODES = { format = true, base64 = true, header = true, alg = true,
  signature = true, claims = true, exp = true, nbf = true }

local function decode(token, options)
  local claims, err = jwt.decode(token, SECRET, options)
  if not claims then
    assert(errors.is(err) and err.kind == "crypto" and CODES[err.code])
  end
  return claims
end

local function signed(header, payload)
  local text = core.base64url_encode(header) .. "."
    .. core.base64url_encode(payload)
  return text .. "." .. core.base64url_encode(core.hmac_sha256(SECRET, text))
end

-- As it came: a null is there, and in an empty list; long integers are numbers.
local function object(text)
  local value = core.json_decode(text, {}, 32, false, nil, true)
  return type(value) == "table" and text:find("^%s*{") and value or nil
end

local STRING = { "alg", "typ", "cty", "kid", "jku", "x5u", "x5t", "x5t#S256",
  "iss", "sub", "jti" }

local function has_strings(value)
  for _, element in ipairs(value) do
    if type(element) ~= "string" then
      return false
    end
  end
  return #value > 0
end

local function has_types(header, claims)
  for i, name in ipairs(STRING) do
    local value = (i <= 8 and header or claims)[name]
    if value ~= nil and type(value) ~= "string" then
      return false
    end
  end
  local jwk, x5c = header.jwk, header.x5c
  if jwk ~= nil and (type(jwk) ~= "table" or #jwk > 0)
      or x5c ~= nil and (type(x5c) ~= "table" or not has_strings(x5c)) then
    return false
  end
  local aud = claims.aud
  return aud == nil or type(aud) == "string"
    or type(aud) == "table" and has_strings(aud)
end

local function is_good(header, claims, require_exp)
  if not header or header.alg ~= "HS256" or header.crit ~= nil
      or header.enc ~= nil or not claims or not has_types(header, claims) then
    return false
  end
  for _, name in ipairs{ "exp", "nbf", "iat" } do
    local value = claims[name]
    if value ~= nil and (type(value) ~= "number" or value < 0
        or value == math.huge) then
      return false
    end
  end
  return (claims.exp ~= nil or not require_exp)
    and NOW < (claims.exp or NOW) + LEEWAY
    and NOW >= (claims.nbf or NOW) - LEEWAY
end

local function claims_of(payload)
  local claims, numbers = json.decode(payload), object(payload)
  for _, name in ipairs{ "exp", "nbf", "iat" } do
    if numbers and type(claims[name]) == "string" then
      claims[name] = numbers[name]
    end
  end
  return claims
end

local function check_signed(header, payload)
  local expected = claims_of(payload)
  for _, required in ipairs{ false, true } do
    local claims = decode(signed(header, payload), { now = NOW,
      leeway = LEEWAY, require_exp = required })
    if is_good(object(header), object(payload), required) then
      assert(same(claims, expected))
    else
      assert(claims == nil)
    end
  end
end

return function(input)
  decode(input, { now = NOW })
  local header, payload = input:match("^([^\n]*)\n?(.*)$")
  check_signed(header, payload)
  check_signed('{"alg":"HS256"}', input)
end
