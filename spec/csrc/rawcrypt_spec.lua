-- Without this what version 2 seals cannot be opened, or a changed text passes.
local core = require "wxbot.core"

local char, rep = string.char, string.rep

-- The documentation's key; its last character has spare bits set.
local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"

local PLAIN = '{"answer_type":"text","text_info":{"short_answer":"answer"}}'
local SEALED = "aJhHfz6xc9iQiTLwusQe0HYKT6itYwq/YgQHltmLPf2UfpD+8ODJ8lrrxOMxy5NiALZq"
  .. "z1eYGtwD7cLQDP3ADg=="

local function pack(...)
  return { n = select("#", ...), ... }
end

local function refused(key, text)
  assert.same({ n = 3, nil, "could not decrypt the body", "decrypt" },
    pack(key:decrypt(text)))
end

-- Base64 of whole blocks as they are, without any padding.
local function seal_blocks(key, blocks)
  assert(#blocks % 16 == 0)
  local bytes = core.base64_decode(key:encrypt(blocks))
  return core.base64_encode(bytes:sub(1, #blocks))
end

describe("rawcrypt", function()
  it("agrees with the published example both ways", function()
    local key = core.rawcrypt(KEY)
    assert.same({ n = 1, SEALED }, pack(key:encrypt(PLAIN)))
    assert.same({ n = 1, PLAIN }, pack(key:decrypt(SEALED)))
  end)

  it("pads to blocks of 16 bytes and gives back every length", function()
    local key = core.rawcrypt(KEY)
    for n = 0, 100 do
      local text = rep("\0x", 50):sub(1, n)
      local sealed = key:encrypt(text)
      assert.equal(n - n % 16 + 16, #core.base64_decode(sealed))
      assert.equal(text, key:decrypt(sealed))
    end
  end)

  it("gives back texts on both sides of the room that a call has", function()
    local key = core.rawcrypt(KEY)
    for _, n in ipairs{ 6999, 7008, 7040, 12287, 12288, 16384, 1048576 } do
      local text = rep("0123456789abcdef", math.floor(n / 16) + 1):sub(1, n)
      assert.is_true(key:decrypt(key:encrypt(text)) == text)
    end
  end)

  it("takes 1 to 32 bytes of padding and no other number", function()
    local key = core.rawcrypt(KEY)
    for pad = 0, 255 do
      local sealed = seal_blocks(key, (rep("x", 256) .. rep(char(pad), pad)):sub(-256))
      if pad == 0 then
        refused(key, seal_blocks(key, rep("x", 31) .. "\0"))
      elseif pad > 32 then
        refused(key, sealed)
      else
        assert.same({ n = 1, rep("x", 256 - pad) }, pack(key:decrypt(sealed)))
      end
    end
  end)

  it("takes no more padding than there is", function()
    local key = core.rawcrypt(KEY)
    assert.equal("", key:decrypt(seal_blocks(key, rep(char(16), 16))))
    assert.equal("", key:decrypt(seal_blocks(key, rep(char(32), 32))))
    for pad = 17, 32 do
      refused(key, seal_blocks(key, rep(char(pad), 16)))
    end
  end)

  it("looks at every byte of the padding", function()
    local key = core.rawcrypt(KEY)
    for _, pad in ipairs{ 2, 15, 16, 17, 31, 32 } do
      local text = rep("x", 48 - pad) .. rep(char(pad), pad)
      for wrong = 2, pad do
        refused(key, seal_blocks(key, text:sub(1, -wrong - 1) .. "\0"
          .. rep(char(pad), wrong - 1)))
      end
    end
  end)

  it("decrypts alike whatever the spare bits of the key are", function()
    for last in ("wxyz"):gmatch(".") do
      assert.equal(PLAIN, core.rawcrypt(KEY:sub(1, 42) .. last):decrypt(SEALED))
    end
  end)

  it("refuses a key that is not 43 characters of base64", function()
    for _, text in ipairs{ "", "short", KEY:sub(1, 42), KEY .. "=", KEY .. "A",
                           rep("-", 43), KEY:sub(1, 42) .. "\0" } do
      assert.same({ n = 3, nil, "the AES key must be 43 characters of the base64 alphabet",
        "aes_key" }, pack(core.rawcrypt(text)))
    end
  end)

  it("keeps no state from one body to the next", function()
    local key = core.rawcrypt(KEY)
    refused(key, "AAAA")
    key:encrypt(rep("y", 100000))
    assert.equal(SEALED, key:encrypt(PLAIN))
    assert.equal(PLAIN, key:decrypt(SEALED))
  end)
end)

describe("a body that is opened whatever its padding says", function()
  local key = core.rawcrypt(KEY)

  it("is the same text, with the verdict", function()
    assert.same({ n = 2, PLAIN, true }, pack(key:open(SEALED)))
  end)

  it("is all but one byte when its padding is wrong", function()
    for last = 0, 255 do
      local text, good = key:open(seal_blocks(key, rep("x", 63) .. char(last)))
      assert.equal(last == 1, good)
      assert.equal(rep("x", 63), text)
    end
    for _, size in ipairs{ 16, 32, 48 } do
      local text, good = key:open(seal_blocks(key, rep(char(33), size)))
      assert.is_false(good)
      assert.equal(rep(char(33), size - 1), text)
    end
  end)

  it("is none when it is not whole blocks of base64", function()
    for _, body in ipairs{ "", "!", "AAAA", SEALED .. "=" } do
      assert.same({ n = 3, nil, "could not decrypt the body", "decrypt" },
        pack(key:open(body)))
    end
  end)
end)

describe("a sealed body that is not good", function()
  local key = core.rawcrypt(KEY)

  it("is refused when its base64 is not strict", function()
    for _, text in ipairs{ "", "=", "====", "!", "\0", " " .. SEALED, SEALED .. "\n",
                           SEALED:sub(1, -2), SEALED:sub(1, -3), SEALED .. "=",
                           SEALED:sub(1, -4) .. "h==", (SEALED:gsub("/", "_", 1)) } do
      refused(key, text)
    end
  end)

  it("is refused when it is not whole blocks", function()
    local bytes = core.base64_decode(SEALED)
    for _, n in ipairs{ 1, 15, 17, 31, 33, 63 } do
      refused(key, core.base64_encode(bytes:sub(1, n)))
    end
  end)

  it("is refused for another key", function()
    refused(core.rawcrypt(rep("A", 43)), SEALED)
  end)
end)

describe("a rawcrypt key", function()
  it("does not show what it holds", function()
    assert.equal("wxbot.rawcrypt", tostring(core.rawcrypt(KEY)))
  end)

  it("says so when it is used after it was closed", function()
    local key = core.rawcrypt(KEY)
    key:close()
    key:close()
    assert.has_error(function() key:encrypt("text") end, "the rawcrypt key is closed")
    assert.has_error(function() key:decrypt(SEALED) end, "the rawcrypt key is closed")
    assert.has_error(function() key:open(SEALED) end, "the rawcrypt key is closed")
  end)

  it("is closed by the collector and by a block's end in one way", function()
    local meta = debug.getmetatable(core.rawcrypt(KEY))
    assert.equal(meta.__gc, meta.__close)
    assert.equal(meta.__gc, meta.__index.close)
  end)

  it("raises for misuse", function()
    local key = core.rawcrypt(KEY)
    for _, call in ipairs{
      function() core.rawcrypt() end,
      function() core.rawcrypt({}) end,
      function() key:encrypt() end,
      function() key:encrypt({}) end,
      function() key:decrypt() end,
      function() key.decrypt("text") end,
      function() key.decrypt(core.msgcrypt(KEY, "id"), SEALED) end,
    } do
      assert.has_error(call)
    end
  end)
end)
