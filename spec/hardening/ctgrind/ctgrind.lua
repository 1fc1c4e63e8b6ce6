-- No branch and no address depends on a secret: each of these runs with its
-- secrets marked under valgrind, which must find nothing. Where the AES key
-- begins to be one, and where what depends on a secret becomes public, is said
-- in csrc (WX_SECRET, WX_PUBLIC). With the argument "open" nothing becomes
-- public there, and valgrind must find something in each: that is what shows
-- that the secret arrives where it is looked for.
--
-- Left out: the characters of an AES key, which a table decodes once per key,
-- and Lua's own strings, which are not made for secrets.

local core = require "wxbot.core"
local ctgrind = require "ctgrind"

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local MARKS = ("0123456789abcdef"):rep(4)

-- A string of its own that nobody else looks at: longer than Lua interns.
local function secret(text)
  return ctgrind.secret((text .. "."):sub(1, -2))
end

-- Another text whose byte `at` differs.
local function flip(text, at)
  local byte = (text:byte(at) + 1) % 256
  return text:sub(1, at - 1) .. string.char(byte) .. text:sub(at + 1)
end

local tests = {}

local function test(name, run)
  tests[#tests + 1] = { name = name, run = run }
end

test("comparison", function()
  for _, at in ipairs{ 1, 32, 64 } do
    assert(not core.equal(secret(MARKS), flip(MARKS, at)))
  end
  assert(core.equal(secret(MARKS), MARKS))
end)

-- Keys of every length that is treated in its own way.
for _, length in ipairs{ 41, 64, 65, 200 } do
  local text = ("k"):rep(length)

  test(("a token and a key of %d bytes"):format(length), function()
    local key = core.hs256(secret(text))
    local token = key:sign("payload")
    assert(key:verify(token) == "payload")
    for _, at in ipairs{ #token - 42, #token - 20, #token - 1 } do
      assert(not key:verify(token:sub(1, at - 1)
        .. (token:sub(at, at) == "A" and "B" or "A") .. token:sub(at + 1)))
    end
    assert(not key:verify(token:sub(1, -5)))
  end)

  test(("HMAC with a key of %d bytes"):format(length), function()
    assert(#core.hmac_sha256(secret(text), "text") == 32)
  end)
end

-- What `plain` is sealed as, without a check of what it is.
local function sealed(plain)
  local raw = core.rawcrypt(KEY)
  local text = core.base64_decode(raw:encrypt(plain))
  return core.base64_encode(text:sub(1, #plain))
end

local function length(n)
  return string.char(0, 0, math.floor(n / 256), n % 256)
end

local PREFIX = ("r"):rep(16)

-- Messages as they should be, and wrong in each of its parts.
local function messages()
  local list = {}
  for pad = 1, 32 do
    local n = 128 - 20 - 3 - pad
    local good = PREFIX .. length(n) .. ("t"):rep(n) .. "wx1"
    local padding = string.char(pad)
    list[#list + 1] = good .. padding:rep(pad)
    list[#list + 1] = flip(good, #good) .. padding:rep(pad)
    list[#list + 1] = flip(good, 20) .. padding:rep(pad)
    list[#list + 1] = flip(good, 17) .. padding:rep(pad)
    list[#list + 1] = flip(good .. padding:rep(pad), #good + 1)
  end
  for _, last in ipairs{ 0, 33, 255 } do
    list[#list + 1] = ("x"):rep(31) .. string.char(last)
  end
  return list
end

test("messages", function()
  local key, good = core.msgcrypt(KEY, "wx1"), 0
  for _, plain in ipairs(messages()) do
    good = good + (key:decrypt(sealed(plain)) and 1 or 0)
  end
  assert(good == 32, good)
  assert(key:decrypt(key:encrypt(secret(MARKS))) == MARKS)
end)

test("messages shorter than the receive id", function()
  local key = core.msgcrypt(KEY, ("i"):rep(100))
  for pad = 1, 32 do
    assert(not key:decrypt(sealed(("i"):rep(32 - pad)
      .. string.char(pad):rep(pad))))
    assert(not key:decrypt(sealed(("i"):rep(128 - pad)
      .. string.char(pad):rep(pad))))
  end
end)

test("messages of any receive id", function()
  local key, good = core.msgcrypt(KEY), 0
  for _, plain in ipairs(messages()) do
    good = good + (key:decrypt(sealed(plain)) and 1 or 0)
  end
  assert(good >= 32, good)
end)

test("bodies", function()
  local key, good = core.rawcrypt(KEY), 0
  for _, plain in ipairs(messages()) do
    good = good + (key:decrypt(sealed(plain)) and 1 or 0)
  end
  assert(good >= 32, good)
  for pad = 1, 17 do
    key:decrypt(sealed(("x"):rep(16 - pad) .. string.char(pad):rep(pad)))
  end
  assert(key:decrypt(key:encrypt(secret(MARKS))) == MARKS)
end)

test("bodies opened whatever the padding is", function()
  local key, good = core.rawcrypt(KEY), 0
  for _, plain in ipairs(messages()) do
    local text, padded = key:open(sealed(plain))
    assert(#text <= #plain)
    good = good + (padded and 1 or 0)
  end
  assert(good >= 32, good)
end)

if not ctgrind.watched() then
  error("this runs under valgrind: make ctgrind")
end

local open = arg[1] == "open"
local failed = 0

-- Runs it; complains unless valgrind found what it should.
local function judge(name, run, leaky)
  local before = ctgrind.errors()
  run()
  local found = ctgrind.errors() - before
  local right = (found > 0) == leaky
  failed = failed + (right and 0 or 1)
  print(("%-36s %4d found: %s"):format(name, found,
    not right and "WRONG" or leaky and "as it must be" or "good"))
end

for _, entry in ipairs(tests) do
  judge(entry.name, entry.run, open)
end

judge("a comparison that is leaky on purpose", function()
  ctgrind.early(secret(MARKS), flip(MARKS, 64))
end, true)
judge("unpadding that is leaky on purpose", function()
  ctgrind.unpad(secret(("x"):rep(48) .. string.char(16):rep(16)))
end, true)

os.exit(failed == 0 and #tests > 0 and 0 or 1)
