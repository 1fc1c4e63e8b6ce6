-- Every function of wxbot.core, once.
local core = require "wxbot.core"

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local LONG = ("x"):rep(20000)

local function check(good)
  if not good then
    error("wrong", 0)
  end
end

-- What an allocation that fails may end: nil and its message.
local function got(value, message, code)
  if value == nil then
    error({ message, code }, 0)
  end
  return value
end

local members = {}
for i = 1, 200 do
  members[i] = ('"\\u0061%d":12345678901234567'):format(i)
end
local JSON = "{" .. table.concat(members, ",") .. "}"
local ODD = ("x\1\228"):rep(5000)

local function messages()
  local key = got(core.msgcrypt(KEY, "wx1"))
  check(got(key:decrypt(got(key:encrypt(LONG)))) == LONG)
  check(key:decrypt("AAAA") == nil)
  key:close()
  check(core.msgcrypt("short") == nil)
end

local function bodies()
  local key = got(core.rawcrypt(KEY))
  check(got(key:open(got(key:encrypt(LONG)))) == LONG)
end

local function tokens()
  local key = got(core.hs256(("s"):rep(70)))
  check(got(key:verify(got(key:sign(LONG)))) == LONG)
  check(key:verify("a.b") == nil)
end

local function digests()
  check(#got(core.md5("a")) == 16 and #got(core.sha1("a")) == 20)
  check(#got(core.sha256("a")) == 32)
  check(#got(core.hmac_sha256("k", "v")) == 32)
  check(#got(core.random(20000)) == 20000 and core.equal("a", "a"))
end

return function()
  messages()
  bodies()
  tokens()
  digests()
  check(got(core.base64_decode(got(core.base64_encode(LONG)))) == LONG)
  check(got(core.hex_decode(got(core.hex_encode(LONG)))) == LONG)
  check(core.json_decode(JSON, {}) and not core.json_decode('{"a":1,"a":2}', {}))
  check(core.json_decode('["\\n' .. ODD .. '",[]]', {}, 32, true))
  check(#got(core.text_mark(ODD)) > #ODD)
  check(#got(core.json_quote(LONG)) >= #LONG + 2
    and not core.json_quote("\255"))
  return true
end
