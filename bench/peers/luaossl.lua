-- Tokens and messages as a program would write them with luaossl, LuaSocket's
-- base64 and lua-cjson, its keys kept where luaossl can keep them: a party of
-- `make bench` where luaossl is installed.

local subject = require "bench.support.subject"

local function need(name)
  local ok, module = pcall(require, name)
  if not ok then
    subject.absent(module)
  end
  return module
end

local cipher, digest = need "openssl.cipher", need "openssl.hmac"
local rand, mime, cjson = need "openssl.rand", need "mime", need "cjson"
local inputs = require "bench.support.inputs"

local SECRET, ID = inputs.SECRET, inputs.RECEIVE_ID
local HEADER = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
local b64, unb64 = mime.b64, mime.unb64
local KEY = unb64(SECRET .. "=")
local IV = KEY:sub(1, 16)
local URL = { ["+"] = "-", ["/"] = "_", ["="] = "" }
local STANDARD = { ["-"] = "+", ["_"] = "/" }

local function url_encode(bytes)
  return (b64(bytes):gsub("[+/=]", URL))
end

local function url_decode(text)
  return (unb64(text:gsub("[-_]", STANDARD) .. ("="):rep(-#text % 4)))
end

local function sign(_, payload)
  local signed = HEADER .. url_encode(payload)
  return signed .. "." .. url_encode(
    digest.new(SECRET, "sha256"):final(signed))
end

local function verify(_, token)
  local signed, payload, mac = token:match("^([%w_-]+%.([%w_-]+))%.([%w_-]+)$")
  local made = digest.new(SECRET, "sha256"):final(signed)
  return url_decode(mac) == made and url_decode(payload) or nil
end

local seal, open = cipher.new "aes-256-cbc", cipher.new "aes-256-cbc"

local function encrypt(_, text)
  local n = #text
  local pad = 32 - (20 + n + #ID) % 32
  local plain = rand.bytes(16) .. string.char(math.floor(n / 16777216),
    math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
    .. text .. ID .. string.char(pad):rep(pad)
  return (b64(seal:encrypt(KEY, IV, false):final(plain)))
end

local function decrypt(_, sealed)
  local plain = open:decrypt(KEY, IV, false):final((unb64(sealed)))
  local a, b, c, d = plain:byte(17, 20)
  local n = ((a * 256 + b) * 256 + c) * 256 + d
  local pad = plain:byte(-1)
  return plain:sub(21 + n, -1 - pad) == ID and plain:sub(21, 20 + n) or nil
end

local function encode(_, claims)
  return sign(nil, cjson.encode(claims))
end

local function decode(_, token)
  return cjson.decode(verify(nil, token))
end

local function operation(call, before, make)
  return function(size)
    return subject.loop(size, function(length)
      local input = (make or inputs.text)(length)
      return before and before(nil, input) or input
    end, call)
  end
end

subject.serve{
  sign = operation(sign), verify = operation(verify, sign),
  encrypt = operation(encrypt), decrypt = operation(decrypt, encrypt),
  encode = operation(encode, nil, inputs.claims),
  decode = operation(decode, encode, inputs.claims),
}
