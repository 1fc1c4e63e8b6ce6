-- Without this tokens made in C differ from those of others, or bad ones pass.
local cjson = require "cjson"
local core = require "wxbot.core"
local helper = require "spec.helper"

local rep = string.rep

local vectors = cjson.decode(helper.read("vectors/jwt.json"))

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local HEADER = '{"typ":"JWT","alg":"HS256"}'

local function pack(...)
  return { n = select("#", ...), ... }
end

local function sign(header, payload, secret)
  local input = core.base64url_encode(header) .. "." .. core.base64url_encode(payload)
  return input .. "." .. core.base64url_encode(core.hmac_sha256(secret, input))
end

-- What the bytes alone decide; the rest of `expect` is decided by claims.
local CODES = {
  ["reject:sig"] = "signature", ["reject:base64"] = "base64", ["reject:format"] = "format",
  ["reject:alg"] = "signature",
}

describe("hs256", function()
  for _, vector in ipairs(vectors.tokens) do
    local code = CODES[vector.expect]
    if vector.jwt:find("^generate") then
      vector.jwt = sign(HEADER, rep("[", 2000) .. rep("]", 2000), vectors.secret_ascii)
    end
    it((code and "refuses " or "finds the signature good of ") .. vector.id .. ", "
      .. vector.why, function()
        local results = pack(core.hs256(vectors.secret_ascii):verify(vector.jwt))
        if not code then
          local header, payload = vector.jwt:match("^([^.]*)%.([^.]*)%.")
          return assert.same({ n = 2, core.base64url_decode(payload),
                               core.base64url_decode(header) }, results)
        end
        assert.is_nil(results[1])
        assert.equal(code, results[3])
        assert.equal(code == "signature" and 4 or 3, results.n)
      end)
  end

  it("signs as the documentation does", function()
    local key = core.hs256(KEY)
    assert.equal("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6InNvbWUgcGVyc29uZSIs"
      .. "InVzZXJpZCI6ImFsc2pkYXNmMTIifQ.-O5y5MB6FSMGAxds0kJ2BmFW38_Mn3FZQV42q7O9F2A",
      key:sign('{"username":"some persone","userid":"alsjdasf12"}'))
    assert.equal("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJ1MSIsImRhdGEiOnsicSI6IuS9"
      .. "oOWlvSJ9fQ.YvFo3x5iZQ6E0M2whu6o-LKS5qVqAIjMIHgOw35rnOY",
      key:sign('{"uid":"u1","data":{"q":"你好"}}'))
  end)

  it("gives back payloads of every size, whatever their bytes", function()
    local key = core.hs256("a secret")
    for _, n in ipairs{ 0, 1, 2, 3, 63, 64, 65, 1000, 12200, 12250, 12300, 16384, 1048577 } do
      local payload = rep("\0\1\255a", math.floor(n / 4) + 1):sub(1, n)
      local found, header = key:verify(key:sign(payload))
      assert.is_true(found == payload)
      assert.equal(HEADER, header)
    end
  end)

  it("signs as HMAC-SHA256 does, for secrets around the block size", function()
    for _, n in ipairs{ 1, 43, 63, 64, 65, 200 } do
      local secret = rep("s\0", n):sub(1, n)
      assert.equal(sign(HEADER, "payload", secret), core.hs256(secret):sign("payload"))
    end
  end)

  it("keeps no state from one token to the next", function()
    local key = core.hs256("secret")
    local token = key:sign("one")
    key:verify("a.b.c")
    key:verify(token .. "x")
    key:sign("two")
    assert.equal(token, key:sign("one"))
    assert.equal("one", (key:verify(token)))
  end)
end)

describe("a token that is not good", function()
  local key = core.hs256("secret")
  local token = key:sign("{}")
  local header, payload, mac = token:match("^([^.]+)%.([^.]+)%.([^.]+)$")

  local function refused(text, message, code, fourth)
    local expected = { n = 3, nil, message, code }
    if fourth then
      expected.n, expected[4] = 4, fourth
    end
    assert.same(expected, pack(key:verify(text)))
  end

  it("is refused when it has not three parts", function()
    for _, text in ipairs{ "", ".", "abc", header .. "." .. payload, token .. ".", token .. ".AA",
                           "." .. token, "....", header .. "." .. payload .. "..",
                           "a.b.c.d.e" } do
      refused(text, "the token must have three parts", "format")
    end
  end)

  it("is refused when a part is not strict base64url", function()
    for _, text in ipairs{ header .. "=." .. payload .. "." .. mac,
                           header .. "." .. payload .. "==." .. mac, token .. "=",
                           " " .. token, token .. "\n", token .. "\0",
                           header .. ". " .. payload .. "." .. mac,
                           header .. "." .. payload .. "." .. mac .. "AA",
                           "e+." .. payload .. "." .. mac, "A." .. payload .. "." .. mac,
                           header .. ".e31." .. mac } do
      refused(text, "a part of the token is not base64url", "base64")
    end
  end)

  it("is refused for each bit of the signature, with its header told", function()
    local bytes = core.base64url_decode(mac)
    for i = 1, 32 do
      for bit = 0, 7 do
        local b = bytes:byte(i)
        local flipped = math.floor(b / 2 ^ bit) % 2 == 0 and b + 2 ^ bit or b - 2 ^ bit
        local changed = bytes:sub(1, i - 1) .. string.char(flipped) .. bytes:sub(i + 1)
        refused(header .. "." .. payload .. "." .. core.base64url_encode(changed),
          "the signature of the token is wrong", "signature", HEADER)
      end
    end
  end)

  it("is refused when the signature is cut, longer, empty or doubled", function()
    local bytes = core.base64url_decode(mac)
    for _, changed in ipairs{ "", bytes:sub(1, 1), bytes:sub(1, 16), bytes:sub(1, 31),
                              bytes .. "\0", bytes .. bytes, rep("\0", 32) } do
      refused(header .. "." .. payload .. "." .. core.base64url_encode(changed),
        "the signature of the token is wrong", "signature", HEADER)
    end
  end)

  it("is refused when header or payload were changed", function()
    refused(header .. "." .. core.base64url_encode("{ }") .. "." .. mac,
      "the signature of the token is wrong", "signature", HEADER)
    refused(core.base64url_encode('{"alg":"none"}') .. "." .. payload .. ".",
      "the signature of the token is wrong", "signature", '{"alg":"none"}')
    refused("..", "the signature of the token is wrong", "signature", "")
  end)

  it("is refused for another secret", function()
    assert.is_nil((core.hs256("Secret"):verify(token)))
    assert.is_nil((core.hs256("secret\0x"):verify(token)))
  end)
end)

describe("an hs256 key", function()
  it("does not show what it holds", function()
    assert.equal("wxbot.hs256", tostring(core.hs256("secret")))
  end)

  it("says so when it is used after it was closed", function()
    local key = core.hs256("secret")
    local token = key:sign("{}")
    key:close()
    key:close()
    assert.has_error(function() key:sign("{}") end, "the hs256 key is closed")
    assert.has_error(function() key:verify(token) end, "the hs256 key is closed")
  end)

  it("is closed by the collector and by a block's end in one way", function()
    local meta = debug.getmetatable(core.hs256("secret"))
    assert.equal(meta.__gc, meta.__close)
    assert.equal(meta.__gc, meta.__index.close)
  end)

  it("raises for misuse", function()
    local key = core.hs256("secret")
    for _, call in ipairs{
      function() core.hs256() end,
      function() core.hs256("") end,
      function() core.hs256({}) end,
      function() key:sign() end,
      function() key:sign({}) end,
      function() key:verify() end,
      function() key.sign("payload") end,
      function() key.verify(io.stdout, "a.b.c") end,
    } do
      assert.has_error(call)
    end
  end)
end)
