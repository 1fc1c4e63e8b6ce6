-- Without this messages cannot be exchanged with the platform, or forged ones
-- are opened.
local cjson = require "cjson"
local core = require "wxbot.core"
local helper = require "spec.helper"

local char, rep = string.char, string.rep

local vectors = cjson.decode(helper.read("vectors/msgcrypt.json"))
local edge = vectors.edge

-- The documentation's key; its last character has spare bits set.
local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local APPID = "Gg8HejYTkUsEIlG"

local function pack(...)
  return { n = select("#", ...), ... }
end

local REFUSAL = { n = 3, nil, "could not decrypt the message", "decrypt" }

local function refused(key, text)
  assert.same(REFUSAL, pack(key:decrypt(text)))
end

local function signature(token, timestamp, nonce, text)
  local parts = { token, timestamp, nonce, text }
  table.sort(parts)
  return core.hex_encode(core.sha1(table.concat(parts)))
end

describe("msgcrypt", function()
  for _, vector in ipairs(vectors.published) do
    it("agrees with the published example " .. vector.id, function()
      local key = core.msgcrypt(vector.encoding_aes_key, vector.receive_id)
      assert.same({ n = 1, vector.msg }, pack(key:decrypt(vector.encrypt)))
      assert.equal(vector.msg_len, #vector.msg)
      assert.equal(vector.encrypt, key:encrypt(vector.msg, vector.random))
      if vector.msg_signature then
        assert.equal(vector.msg_signature,
          signature(vector.token, vector.timestamp, vector.nonce, vector.encrypt))
      end
    end)
  end

  for _, case in ipairs(edge.cases) do
    it((case.expect == "ok" and "takes " or "refuses ") .. case.id .. ", " .. case.why,
      function()
        local key = core.msgcrypt(edge.encoding_aes_key, edge.appid)
        if case.expect == "reject" then
          return refused(key, case.encrypt)
        end
        local text = core.hex_decode(case.msg_hex)
        assert.same({ n = 1, text }, pack(key:decrypt(case.encrypt)))
        assert.equal(case.msg_sha256, core.hex_encode(core.sha256(text)))
        assert.equal(case.encrypt, key:encrypt(text, edge.random))
      end)
  end

  it("encrypts with the documentation's key, whose spare bits are set", function()
    local key = core.msgcrypt(KEY, APPID)
    local text = "<xml><openid><![CDATA[ADMIN]]></openid>"
      .. "<task_id><![CDATA[TASK1]]></task_id></xml>"
    local sealed = "ypP1NwRvFE69HhlhFAFOTzz7iJ2P7Oo1ljjFDZQOJacRpokOdg5oN+8X2d6An4e5"
      .. "/y4y63KJmxSZaePRUQtujNc/24579tkG9CVhfXOfXWzeDGJS0zcnu4Ul039XLqIgxb6t4T3r"
      .. "/RJlxzuWb/q/JhHn0ftCSycajjQgFYl7g3s="
    assert.equal(sealed, key:encrypt(text, "0123456789abcdef"))
    assert.equal(text, key:decrypt(sealed))
    assert.equal("92c7f1da484069afe95cca177cba747c5b648ddf",
      signature("YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv", "1711001766", "abc", sealed))
  end)

  it("decrypts alike whatever the spare bits of the key are", function()
    local sealed = core.msgcrypt(KEY, APPID):encrypt("text")
    for last in ("wxyz"):gmatch(".") do
      assert.equal("text", core.msgcrypt(KEY:sub(1, 42) .. last, APPID):decrypt(sealed))
    end
    refused(core.msgcrypt(KEY:sub(1, 42) .. "v", APPID), sealed)
  end)

  it("refuses a key that is not 43 characters of base64", function()
    for _, key in ipairs{ "", "short", KEY:sub(1, 42), KEY .. "=", KEY .. "A", rep("-", 43),
                          rep(" ", 43), KEY:sub(1, 42) .. "=", KEY:sub(1, 42) .. "\0",
                          "\255" .. KEY:sub(2), KEY:sub(1, 20) .. "\n" .. KEY:sub(22) } do
      local made, message, code = core.msgcrypt(key, APPID)
      assert.is_nil(made)
      assert.equal("aes_key", code)
      assert.equal("the AES key must be 43 characters of the base64 alphabet", message)
    end
  end)

  it("gives back texts of every length around a block", function()
    local key = core.msgcrypt(KEY, APPID)
    for n = 0, 100 do
      local text = rep("\0x", 50):sub(1, n)
      local sealed = key:encrypt(text)
      assert.equal(0, #core.base64_decode(sealed) % 32)
      assert.equal(text, key:decrypt(sealed))
    end
  end)

  it("gives back texts on both sides of the room that a call has", function()
    local key = core.msgcrypt(KEY, APPID)
    for _, n in ipairs{ 6900, 7000, 7040, 7100, 12200, 12288, 16300, 16384, 65536, 1048576 } do
      local text = rep("0123456789abcdef", math.floor(n / 16) + 1):sub(1, n)
      assert.is_true(key:decrypt(key:encrypt(text)) == text)
    end
  end)

  it("gives back a text of 64 MiB", function()
    local key = core.msgcrypt(KEY, APPID)
    local text = rep("x", 64 * 1024 * 1024)
    assert.is_true(key:decrypt(key:encrypt(text)) == text)
  end)

  it("makes a new random prefix for each message", function()
    local key, seen = core.msgcrypt(KEY, APPID), {}
    for _ = 1, 200 do
      local block = key:encrypt("same"):sub(1, 20)
      assert.is_nil(seen[block])
      seen[block] = true
    end
  end)

  it("keeps no state from one message to the next", function()
    local key = core.msgcrypt(KEY, APPID)
    local first = key:encrypt("one", rep("r", 16))
    refused(key, "AAAA")
    refused(key, rep("A", 128))
    key:encrypt(rep("y", 100000))
    assert.equal(first, key:encrypt("one", rep("r", 16)))
    assert.equal("one", key:decrypt(first))
  end)

  it("compares the receive id to its end, over a NUL", function()
    local sealed = core.msgcrypt(KEY, "wx\0one"):encrypt("text")
    assert.equal("text", core.msgcrypt(KEY, "wx\0one"):decrypt(sealed))
    for _, id in ipairs{ "", "wx", "wx\0", "wx\0two", "wx\0on", "wx\0onee", "xx\0one",
                         rep("w", 500) } do
      refused(core.msgcrypt(KEY, id), sealed)
    end
  end)

  it("takes an empty receive id as one", function()
    local key = core.msgcrypt(KEY, "")
    assert.equal("text", key:decrypt(key:encrypt("text")))
    refused(key, core.msgcrypt(KEY, APPID):encrypt("text"))
  end)

  it("says who sealed a message when it is not told whom to expect", function()
    local sealed = core.msgcrypt(KEY, "wx\0one"):encrypt("te\0xt")
    assert.same({ n = 2, "te\0xt", "wx\0one" }, pack(core.msgcrypt(KEY):decrypt(sealed)))
    assert.same({ n = 2, "", "" },
      pack(core.msgcrypt(KEY, nil):decrypt(core.msgcrypt(KEY, ""):encrypt(""))))
    refused(core.msgcrypt(KEY), rep("A", 128))
  end)

  it("cannot encrypt without a receive id", function()
    assert.has_error(function() core.msgcrypt(KEY):encrypt("text") end,
      "a msgcrypt key without a receive id can only decrypt")
  end)
end)

describe("a message that is not good", function()
  local key = core.msgcrypt(KEY, APPID)
  local sealed = key:encrypt("<xml>a message</xml>", "0123456789abcdef")
  local bytes = core.base64_decode(sealed)

  local function with(position, value)
    return bytes:sub(1, position - 1) .. char(value) .. bytes:sub(position + 1)
  end

  it("is refused alike for every change before the padding, one by one", function()
    local accepted = 0
    for value = 0, 255 do
      local changed = with(#bytes - 16, value)
      if changed == bytes then
        accepted = accepted + 1
        assert.equal("<xml>a message</xml>", key:decrypt(core.base64_encode(changed)))
      else
        refused(key, core.base64_encode(changed))
      end
    end
    assert.equal(1, accepted)
  end)

  it("is refused when a byte of the length was changed", function()
    for position = 1, 4 do  -- the bytes before them garble the random prefix alone
      local old = bytes:byte(position)
      refused(key, core.base64_encode(with(position, (old + 128) % 256)))
    end
  end)

  it("is refused when it is cut, doubled or put together from blocks", function()
    local first = bytes:sub(1, 16)
    for _, other in ipairs{ bytes:sub(1, 32), bytes:sub(33), bytes .. bytes, bytes:sub(1, -17),
                            bytes:sub(1, -2), bytes .. "\0", first .. rep("\0", 16) .. first
                            .. rep("\0", 16), rep("\0", 32), rep("\255", 64) } do
      refused(key, core.base64_encode(other))
    end
  end)

  it("is refused when its base64 is not strict", function()
    local padded = key:encrypt("")  -- 64 bytes, two paddings
    assert.equal("==", padded:sub(-2))
    for _, text in ipairs{ "", "=", "====", "!", "\0", " " .. sealed, sealed .. "\n",
                           sealed:sub(1, -2), padded:sub(1, -3), padded:sub(1, -2),
                           padded .. "=", (sealed:gsub(".", "_", 1)) } do
      refused(key, text)
    end
  end)

  it("is refused for another key", function()
    refused(core.msgcrypt(rep("A", 43), APPID), sealed)
    refused(core.msgcrypt(rep("A", 43)), sealed)
  end)

  it("is refused for random bytes of every size", function()
    for n = 1, 300 do
      refused(key, core.base64_encode(core.random(n)))
    end
  end)
end)

describe("a msgcrypt key", function()
  it("does not show what it holds", function()
    local text = tostring(core.msgcrypt(KEY, APPID))
    assert.equal("wxbot.msgcrypt", text)
  end)

  it("says so when it is used after it was closed", function()
    local key = core.msgcrypt(KEY, APPID)
    local sealed = key:encrypt("text")
    key:close()
    key:close()
    assert.has_error(function() key:encrypt("text") end, "the msgcrypt key is closed")
    assert.has_error(function() key:decrypt(sealed) end, "the msgcrypt key is closed")
    assert.equal("wxbot.msgcrypt", tostring(key))
  end)

  it("is closed by the collector and by a block's end in one way", function()
    local meta = debug.getmetatable(core.msgcrypt(KEY, APPID))
    assert.equal(meta.__gc, meta.__close)
    assert.equal(meta.__gc, meta.__index.close)
  end)

  it("raises for misuse", function()
    local key = core.msgcrypt(KEY, APPID)
    for _, call in ipairs{
      function() core.msgcrypt() end,
      function() core.msgcrypt({}, APPID) end,
      function() core.msgcrypt(KEY, {}) end,
      function() core.msgcrypt(KEY, rep("x", 1025)) end,
      function() key:encrypt() end,
      function() key:encrypt("text", "short") end,
      function() key:encrypt("text", rep("r", 17)) end,
      function() key:encrypt("text", {}) end,
      function() key:decrypt() end,
      function() key.encrypt("text") end,
      function() key.encrypt(io.stdout, "text") end,
      function() key.decrypt(core.hs256("secret"), "AAAA") end,
    } do
      assert.has_error(call)
    end
  end)

  it("is not confused by a finalizer that uses or closes it meanwhile", function()
    local key = core.msgcrypt(KEY, APPID)
    local text = rep("0123456789abcdef", 2000)
    local other = key:encrypt(rep("#", 40000))
    local function litter()
      local function use()
        key:decrypt(other)
        core.json_decode("[12345678901234567890]", {})
      end
      if newproxy then  -- LuaJIT: tables have no finalizer
        getmetatable(newproxy(true)).__gc = use
      else
        setmetatable({}, { __gc = use })
      end
    end
    for _ = 1, 300 do
      litter()
      assert.is_true(key:decrypt(key:encrypt(text)) == text)
    end
  end)

  -- LuaJIT unloads modules before it has run all of them.
  it("is there for finalizers that run at the end of Lua", function()
    local interpreter = os.getenv(jit and "LUAJIT" or "LUA")
      or jit and "luajit" or "lua5.4"
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(([[
      package.path, package.cpath = %q, %q
      local key = require "wxbot.core".msgcrypt(%q, %q)
      local sealed = key:encrypt(("#"):rep(40000))
      for _ = 1, 300 do
        local function use() key:decrypt(sealed) end
        if newproxy then
          getmetatable(newproxy(true)).__gc = use
        else
          setmetatable({}, { __gc = use })
        end
      end
      io.write("done")]]):format(package.path, package.cpath, KEY, APPID))
    file:close()
    local pipe = assert(io.popen(interpreter .. " " .. path
      .. " && echo ' and over'"))
    local said = pipe:read("*a")
    pipe:close()
    os.remove(path)
    assert.equal("done and over\n", said)
  end)
end)
