-- Without this signatures are wrong, or comparing two tells where they differ.
local core = require "wxbot.core"

local rep = string.rep

local function hex(bytes)
  return core.hex_encode(bytes)
end

describe("md5", function()
  it("gives the digests of RFC 1321", function()
    for text, digest in pairs{
      [""] = "d41d8cd98f00b204e9800998ecf8427e",
      a = "0cc175b9c0f1b6a831c399e269772661",
      abc = "900150983cd24fb0d6963f7d28e17f72",
      ["message digest"] = "f96b697d7cb7938d525a2f31aaf161d0",
      abcdefghijklmnopqrstuvwxyz = "c3fcd3d76192e4007dfb496cca67e13b",
      ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 =
        "d174ab98d277d9f5a5611c2c9f419d9f",
      [rep("1234567890", 8)] = "57edf4a22be3c955ac49da2e2107b67a",
    } do
      assert.equal(digest, hex(core.md5(text)))
    end
  end)
end)

describe("sha1", function()
  it("gives the digests of RFC 3174", function()
    assert.equal("da39a3ee5e6b4b0d3255bfef95601890afd80709", hex(core.sha1("")))
    assert.equal("a9993e364706816aba3e25717850c26c9cd0d89d", hex(core.sha1("abc")))
    assert.equal("34aa973cd4c4daa4f61eeb2bdbad27316534016f",
      hex(core.sha1(rep("a", 1000000))))
  end)

  it("reads over a NUL", function()
    assert.not_equal(core.sha1("a\0b"), core.sha1("a"))
    assert.not_equal(core.sha1("a\0b"), core.sha1("a\0c"))
  end)
end)

describe("sha256", function()
  it("gives the digests of FIPS 180-4", function()
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      hex(core.sha256("")))
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      hex(core.sha256("abc")))
    assert.equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
      hex(core.sha256(rep("a", 1000000))))
  end)
end)

describe("hmac_sha256", function()
  -- RFC 4231; number 5 is a truncated output
  local VECTORS = {
    { rep("\11", 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "Jefe", "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { rep("\170", 20), rep("\221", 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
    { core.hex_decode("0102030405060708090a0b0c0d0e0f10111213141516171819"), rep("\205", 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
    { rep("\12", 20), "Test With Truncation", "a3b6167473100ee06e0c796c2955552b" },
    { rep("\170", 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { rep("\170", 131), "This is a test using a larger than block-size key and a larger than "
      .. "block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
  }

  for i, vector in ipairs(VECTORS) do
    it("gives test case " .. i .. " of RFC 4231", function()
      assert.equal(vector[3], hex(core.hmac_sha256(vector[1], vector[2])):sub(1, #vector[3]))
    end)
  end

  it("takes an empty key and an empty text", function()
    assert.equal("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
      hex(core.hmac_sha256("", "")))
  end)

  it("hashes a key of 65 bytes but not one of 64", function()
    local key = rep("k", 65)
    assert.equal(core.hmac_sha256(core.sha256(key), "x"), core.hmac_sha256(key, "x"))
    assert.not_equal(core.hmac_sha256(core.sha256(rep("k", 64)), "x"),
      core.hmac_sha256(rep("k", 64), "x"))
  end)

  it("does not disturb a digest that comes after it", function()
    core.hmac_sha256("key", "text")
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      hex(core.sha256("abc")))
  end)
end)

describe("equal", function()
  it("compares all bytes, also behind a NUL", function()
    assert.is_true(core.equal("", ""))
    assert.is_true(core.equal("a\0b", "a\0b"))
    assert.is_false(core.equal("a\0b", "a\0c"))
    assert.is_false(core.equal("abc", "Abc"))
    assert.is_false(core.equal("abc", "ab"))
    assert.is_false(core.equal("", "\0"))
  end)

  it("raises for what is not a string", function()
    assert.has_error(function() core.equal("a") end)
    assert.has_error(function() core.equal(nil, "a") end)
  end)
end)

describe("random", function()
  it("gives as many bytes as asked for", function()
    for _, n in ipairs{ 1, 16, 16384, 16385, 65536 } do
      assert.equal(n, #core.random(n))
    end
  end)

  it("does not repeat itself", function()
    local seen = {}
    for _ = 1, 1000 do
      local bytes = core.random(16)
      assert.is_nil(seen[bytes])
      seen[bytes] = true
    end
  end)

  it("raises for a number out of range", function()
    for _, n in ipairs{ 0, -1, 65537, 2 ^ 31 } do
      assert.has_error(function() core.random(n) end)
    end
    assert.has_error(function() core.random() end)
    assert.has_error(function() core.random("many") end)
  end)
end)
