-- wxbot's tokens and messages, as `make bench` measures them.

local core = require "wxbot.core"
local inputs = require "bench.support.inputs"
local subject = require "bench.support.subject"
local wxbot = require "wxbot"

local SECRET = inputs.SECRET

local token_key = core.hs256(SECRET)
local message_key = assert(core.msgcrypt(SECRET, inputs.RECEIVE_ID))

local function method(key, name, make)
  return function(size)
    return subject.loop(size, make, key[name], key)
  end
end

-- Makes inputs by what comes before.
local function after(key, name)
  return function(size)
    return key[name](key, inputs.text(size))
  end
end

local function encode(claims)
  return wxbot.jwt.encode(claims, SECRET)
end

return {
  sign = method(token_key, "sign", inputs.text),
  verify = method(token_key, "verify", after(token_key, "sign")),
  encrypt = method(message_key, "encrypt", inputs.text),
  decrypt = method(message_key, "decrypt", after(message_key, "encrypt")),
  -- A table into a token and back, the key's text given each time.
  encode = function(size)
    return subject.loop(size, inputs.claims, function(_, claims)
      return encode(claims)
    end)
  end,
  decode = function(size)
    return subject.loop(size, function(length)
      return encode(inputs.claims(length))
    end, function(_, token)
      return wxbot.jwt.decode(token, SECRET)
    end)
  end,
}
