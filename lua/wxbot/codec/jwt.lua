--- HS256 tokens (JWT), as the platform's signatures are.
--
-- Source: documents of the sign interface ("signature can also be obtained
-- locally"). The algorithm is HS256 and nothing else, whatever a token says.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local options_of = require "wxbot.util.options"

local huge, time = math.huge, os.time
local error, pairs, type = error, pairs, type

local M = {}

local function check_secret(secret, name)
  if type(secret) ~= "string" then
    error(("jwt.%s: secret must be a string (got %s)"):format(name,
      type(secret)), 3)
  end
end

local function refused(code, message)
  return nil, errors.new{ kind = "crypto", code = code, message = message }
end

--- Makes a token.
---@param claims table|string claims, or a JSON text that is taken as it is
---@param secret string the key; for the platform: the EncodingAESKey as it stands
---@return string|nil token
---@return wxbot.Error|nil err kind "invalid"
function M.encode(claims, secret)
  if type(claims) ~= "table" and type(claims) ~= "string" then
    error("jwt.encode: claims must be a table or a string (got "
      .. type(claims) .. ")", 2)
  end
  check_secret(secret, "encode")
  if secret == "" then
    return errors.invalid("the secret must not be empty", "value")
  end
  local payload, message = claims, nil
  if type(claims) == "table" then
    payload, message = json.encode(claims)
  end
  if not payload then
    return errors.invalid("claims: " .. message, "value")
  end
  local key = core.hs256(secret)
  local token = key:sign(payload)
  key:close()
  return token
end

local function is_string(value)
  return type(value) == "string"
end

local function is_time(value)
  return type(value) == "number" and value >= 0 and value < huge
end

local function is_object(value)
  return type(value) == "table" and value[1] == nil
end

-- An empty one holds a null.
local function is_list_of_strings(value)
  for _, element in pairs(type(value) == "table" and value or {}) do
    if not is_string(element) then
      return false
    end
  end
  return type(value) == "table" and value[1] ~= nil
end

local function is_audience(value)
  return is_string(value) or is_list_of_strings(value)
end

-- Types of what RFC 7515 and RFC 7519 define. A null is of none of them.
local HEADER = { alg = is_string, typ = is_string, cty = is_string,
  kid = is_string, jku = is_string, jwk = is_object, x5u = is_string,
  x5c = is_list_of_strings, x5t = is_string, ["x5t#S256"] = is_string }
local CLAIMS = { iss = is_string, sub = is_string, aud = is_audience,
  exp = is_time, nbf = is_time, iat = is_time, jti = is_string }

-- The object that a text is, as it came (wxbot.json.raw).
local function object_of(text, types)
  local object = json.raw(text)
  if type(object) ~= "table" or not json.is_object(text) then
    return nil, "must be a JSON object"
  end
  for name, value in pairs(object) do
    local is_right = types[name]
    if is_right and not is_right(value) then
      return nil, ("must have %s as the standards have it"):format(name)
    elseif is_right == is_time then
      object[name] = value + 0.0 -- an integer might wrap with a leeway added
    end
  end
  return object
end

local function header_error(text)
  local header, why = object_of(text, HEADER)
  if not header then
    return "header", "the header " .. why
  elseif header.alg == nil then
    return "header", "the header names no algorithm"
  elseif header.alg ~= "HS256" then
    return "alg", "the algorithm is not HS256"
  elseif header.crit ~= nil or header.enc ~= nil then
    return "header", "the header asks for an extension"
  end
end

local function claims_error(claims, options)
  local now, leeway = options.now or time(), options.leeway or 0
  if claims.exp == nil and options.require_exp then
    return "claims", "exp is missing"
  elseif claims.exp and now >= claims.exp + leeway then
    return "exp", "the token has expired"
  elseif claims.nbf and now < claims.nbf - leeway then
    return "nbf", "the token is not valid yet"
  end
end

local OPTIONS = {
  { name = "now", type = "number", expected = "a number" },
  { name = "leeway", type = "number", expected = "a number" },
  { name = "require_exp", type = "boolean", expected = "a boolean" },
}

local function verify(token, secret)
  local key = core.hs256(secret)
  local payload, header, code, unverified = key:verify(token)
  key:close()
  local message = header
  local error_code, reason = header_error(payload and header
    or unverified or "{}")
  if not payload and code ~= "signature" then
    return refused(code, message)
  elseif error_code then
    return refused(error_code, reason)
  elseif not payload then
    return refused(code, message)
  end
  return payload
end

--- Verifies a token and returns its claims.
---@param token string
---@param secret string
---@param options table|nil { now = unix seconds, leeway = seconds, require_exp = boolean }
---@return table|nil claims
---@return wxbot.Error|nil err kind "crypto"; code "format", "base64", "header", "alg", "signature", "claims", "exp" or "nbf"
function M.decode(token, secret, options)
  if type(token) ~= "string" then
    error("jwt.decode: token must be a string (got " .. type(token) .. ")", 2)
  end
  check_secret(secret, "decode")
  options_of.check("jwt.decode", OPTIONS, options or {}, 2)
  if secret == "" then
    return errors.invalid("the secret must not be empty", "value")
  end
  local payload, err = verify(token, secret)
  if not payload then
    return nil, err
  end
  local raw, why = object_of(payload, CLAIMS)
  if not raw then
    return refused("claims", "the claims " .. why)
  end
  local code, message = claims_error(raw, options or {})
  if code then
    return refused(code, message)
  end
  local claims = json.decode(payload)
  for name, value in pairs(raw) do
    -- A time is a number, whatever the number of its digits.
    if CLAIMS[name] == is_time and is_string(claims[name]) then
      claims[name] = value
    end
  end
  return claims
end

return M
