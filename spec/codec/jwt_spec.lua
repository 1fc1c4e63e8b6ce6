-- Without this a forged or expired token is believed, or ours is not by the
-- platform.
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local helper = require "spec.helper"
local json = require "wxbot.codec.json"
local jwt = require "wxbot".jwt

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"

describe("jwt.encode", function()
  it("takes a JSON text as it is", function()
    assert.equal("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
      .. "eyJ1c2VybmFtZSI6InNvbWUgcGVyc29uZSIsInVzZXJpZCI6ImFsc2pkYXNmMTIifQ."
      .. "-O5y5MB6FSMGAxds0kJ2BmFW38_Mn3FZQV42q7O9F2A",
      jwt.encode('{"username":"some persone","userid":"alsjdasf12"}', KEY))
    assert.equal("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
      .. "eyJ1aWQiOiJ1MSIsImRhdGEiOnsicSI6IuS9oOWlvSJ9fQ."
      .. "YvFo3x5iZQ6E0M2whu6o-LKS5qVqAIjMIHgOw35rnOY",
      jwt.encode('{"uid":"u1","data":{"q":"你好"}}', KEY))
  end)

  it("makes the same token of the same table every time", function()
    local claims = { b = 2, a = "x", c = { true } }
    local token = jwt.encode(claims, KEY)
    assert.equal(token, jwt.encode('{"a":"x","b":2,"c":[true]}', KEY))
    assert.same(claims, jwt.decode(token, KEY))
  end)

  it("returns an error for claims that JSON cannot hold", function()
    for _, claims in ipairs{ { a = "\255" }, { a = 0 / 0 },
      { a = print } } do
      local token, err = jwt.encode(claims, KEY)
      assert.is_nil(token)
      assert.equal("invalid", err.kind)
    end
  end)

  it("returns an error for an empty secret", function()
    local token, err = jwt.encode({}, "")
    assert.is_nil(token)
    assert.matches("secret", tostring(err))
  end)

  it("raises at the caller's line for misuse", function()
    for _, misuse in ipairs{
      function() jwt.encode(nil, KEY) end,
      function() jwt.encode({}, nil) end,
      function() jwt.decode(7, KEY) end,
      function() jwt.decode("", nil) end,
      function() jwt.decode("", KEY, { nwo = 1 }) end,
      function() jwt.decode("", KEY, { now = "1" }) end,
    } do
      local ok, message = pcall(misuse)
      assert.is_false(ok)
      assert.matches("^spec/codec/jwt_spec.lua:%d+: ", message)
    end
  end)
end)

describe("jwt.decode", function()
  local vectors = assert(json.decode(helper.read("vectors/jwt.json")))
  local secret = vectors.secret_ascii

  -- The vectors' words, in ours.
  local CODES = { alg = "alg", header = "header", claims = "claims",
    nbf = "nbf", sig = "signature", base64 = "base64", format = "format" }

  for _, vector in ipairs(vectors.tokens) do
    local token = vector.jwt
    if vector.id == "J33" then
      token = jwt.encode(("["):rep(2000) .. ("]"):rep(2000), secret)
    end
    it(vector.id .. ": " .. vector.expect .. ", " .. vector.why, function()
      local claims, err = jwt.decode(token, secret, { now = vectors.now })
      local expected = vector.expect:match("^reject:(%w+)$")
      if not expected then
        assert.is_table(claims)
        return
      end
      assert.is_nil(claims)
      assert.is_true(errors.is(err))
      assert.equal("crypto", err.kind)
      assert.equal(CODES[expected], err.code)
    end)
  end

  it("knows the documents' own sample, long expired", function()
    local sample = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY"
      .. "3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWUsImp0aSI6IjI2NTQ0N"
      .. "zYzLTk1NzctNDZlNS1iOTFlLTA3NjAyMzhiMjUwNSIsImlhdCI6MTU4NjA5Nzc4MSw"
      .. "iZXhwIjoxNTg2MTAxMzgxfQ.qugHipCyBnONQRGY2fadm1LH-bLi0TrVqam3vZTpRcI"
    local _, err = jwt.decode(sample, "secret")
    assert.equal("exp", err.code)
    assert.equal("John Doe", jwt.decode(sample, "secret",
      { now = 1586100000 }).name)
    assert.is_table(jwt.decode(sample, "secret",
      { now = 1586101390, leeway = 10 }))
  end)

  it("expires at exp, not after it", function()
    local token = jwt.encode({ exp = 1000, nbf = 500 }, KEY)
    assert.is_table(jwt.decode(token, KEY, { now = 999 }))
    assert.is_nil((jwt.decode(token, KEY, { now = 1000 })))
    assert.is_table(jwt.decode(token, KEY, { now = 500 }))
    assert.is_nil((jwt.decode(token, KEY, { now = 499.9 })))
  end)

  it("demands an exp when told to", function()
    local token = jwt.encode({ userid = "u" }, KEY)
    assert.is_table(jwt.decode(token, KEY))
    local _, err = jwt.decode(token, KEY, { require_exp = true })
    assert.equal("claims", err.code)
  end)

  -- Header and claims of a token with the right signature.
  local function decoded(header, claims)
    local text = core.base64url_encode(header) .. "."
      .. core.base64url_encode(claims)
    return jwt.decode(text .. "." .. core.base64url_encode(
      core.hmac_sha256(KEY, text)), KEY, { now = 1000 })
  end

  local ALL = { "null", "true", '"x"', "7", "-7", "[]", "[7]", '["x",null]',
    '["x",7]', '["x","y"]', "{}", '{"x":"y"}' }

  -- For each member that the standards define, which of these it may be.
  local CLAIMS = { exp = { ["7"] = true }, nbf = { ["7"] = true },
    iat = { ["7"] = true }, iss = { ['"x"'] = true }, sub = { ['"x"'] = true },
    jti = { ['"x"'] = true }, aud = { ['"x"'] = true, ['["x","y"]'] = true } }

  for name, allowed in pairs(CLAIMS) do
    it("refuses claims whose " .. name .. " is null or of a wrong type",
      function()
        for _, value in ipairs(ALL) do
          local claims, err = decoded('{"alg":"HS256"}',
            ('{"userid":"u","%s":%s}'):format(name, value))
          if allowed[value] and name ~= "exp" then
            assert.equal("u", claims.userid)
          else
            assert.is_nil(claims)
            assert.equal(allowed[value] and "exp" or "claims", err.code)
          end
        end
      end)
  end

  for _, name in ipairs{ "typ", "cty", "kid", "jku", "x5u", "x5t",
      "x5t#S256" } do
    it("refuses a header whose " .. name .. " is null or no string", function()
      for _, value in ipairs(ALL) do
        local claims, err = decoded(('{"alg":"HS256","%s":%s}'):format(name,
          value), "{}")
        assert.equal(value == '"x"', claims ~= nil)
        assert.equal(value ~= '"x"' and "header" or nil, err and err.code)
      end
    end)
  end

  it("refuses a header whose alg, crit, enc, jwk or x5c is null", function()
    for _, name in ipairs{ "alg", "crit", "enc", "jwk", "x5c" } do
      local claims, err = decoded(('{%s"%s":null}'):format(
        name == "alg" and "" or '"alg":"HS256",', name), "{}")
      assert.is_nil(claims)
      assert.equal("header", err.code)
    end
  end)

  it("refuses a header with crit or enc, whatever they are", function()
    for _, name in ipairs{ "crit", "enc" } do
      for _, value in ipairs(ALL) do
        local claims, err = decoded(('{"alg":"HS256","%s":%s}'):format(name,
          value), "{}")
        assert.is_nil(claims)
        assert.equal("header", err.code)
      end
    end
  end)

  it("refuses numbers for strings, however long they are", function()
    local LONG = "12345678901234567890"
    for _, name in ipairs{ "iss", "sub", "jti", "aud" } do
      for _, value in ipairs{ LONG, "-" .. LONG, '["x",' .. LONG .. "]" } do
        local claims, err = decoded('{"alg":"HS256"}', ('{"%s":%s}'):format(
          name, value))
        assert.is_nil(claims)
        assert.equal("claims", err.code)
      end
    end
    for _, name in ipairs{ "typ", "cty", "kid", "jku" } do
      local claims, err = decoded(('{"alg":"HS256","%s":%s}'):format(name,
        LONG), "{}")
      assert.is_nil(claims)
      assert.equal("header", err.code)
    end
  end)

  it("takes times that are numbers, however long they are", function()
    for _, name in ipairs{ "exp", "iat" } do
      local claims = decoded('{"alg":"HS256"}',
        ('{"%s":9223372036854775807,"userid":9223372036854775807}'):format(
          name))
      assert.equal(2.0 ^ 63, claims[name])
      assert.equal("9223372036854775807", claims.userid)
    end
    for text, code in pairs{ ['{"nbf":9223372036854775807}'] = "nbf",
        ['{"exp":"9223372036854775807"}'] = "claims",
        ['{"exp":-9223372036854775807}'] = "claims",
        ['{"exp":' .. ("9"):rep(400) .. "}"] = "claims" } do
      local claims, err = decoded('{"alg":"HS256"}', text)
      assert.is_nil(claims)
      assert.equal(code, err.code)
    end
  end)

  it("refuses keys and certificates in a header that are none", function()
    for _, member in ipairs{ '"jwk":[]', '"jwk":["x"]', '"jwk":"x"',
        '"x5c":[]', '"x5c":{}', '"x5c":{"x":"y"}', '"x5c":[7]',
        '"x5c":["x",null]', '"x5c":"x"' } do
      local claims, err = decoded('{"alg":"HS256",' .. member .. "}", "{}")
      assert.is_nil(claims)
      assert.equal("header", err.code)
    end
    assert.same({}, decoded('{"alg":"HS256","jwk":{},"x5c":["x","y"]}', "{}"))
  end)

  it("demands an exp that is there, not a null", function()
    local claims, err = jwt.decode(jwt.encode('{"exp":null}', KEY), KEY,
      { require_exp = true })
    assert.is_nil(claims)
    assert.equal("claims", err.code)
  end)

  it("leaves a null out of claims that no standard defines", function()
    assert.same({ userid = "u", tags = { "a" } }, decoded('{"alg":"HS256"}',
      '{"userid":"u","avatar":null,"tags":["a",null]}'))
  end)

  it("gives whole numbers without a fraction", function()
    assert.equal("500", tostring(decoded('{"alg":"HS256"}', '{"iat":500}').iat))
  end)

  it("refuses claims that are not an object", function()
    for _, payload in ipairs{ "[1]", '"x"', "1", "null", "", "{", "[]",
      "[null]" } do
      local claims, err = jwt.decode(jwt.encode(payload, KEY), KEY)
      assert.is_nil(claims)
      assert.equal("claims", err.code)
    end
  end)
end)
