-- Without this require "wxbot" loads what it need not, or lacks a part of its
-- face.
local errors = require "wxbot.util.errors"
local helper = require "spec.helper"
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"

describe("require 'wxbot'", function()
  it("says its version", function()
    assert.matches("^%d+%.%d+%.%d+$", wxbot._VERSION)
  end)

  it("loads wxbot.core and nothing heavier", function()
    local lua = rawget(_G, "jit") and "luajit" or (os.getenv("LUA") or "lua5.4")
    local pipe = assert(io.popen(lua .. [[ -e '
      require "wxbot"
      for _, name in ipairs{ "cjson", "lxp", "argparse",
        "wxbot.curl", "wxbot.sandbox", "wxbot.client.bot" } do
        if package.loaded[name] then print(name) end
      end
      for name in pairs(_G) do
        if name:find "wxbot" then print(name) end
      end' 2>&1]]))
    assert.equal("", pipe:read("*a"))
    pipe:close()
  end)
end)

describe("wxbot.signature", function()
  local vectors = assert(json.decode(helper.read("vectors/msgcrypt.json")))

  for _, vector in ipairs(vectors.published) do
    if vector.msg_signature then
      it("matches the published vector " .. vector.id, function()
        assert.equal(vector.msg_signature, wxbot.signature(vector.token,
          vector.timestamp, vector.nonce, vector.encrypt))
      end)
    end
  end

  it("raises at the caller's line for a number", function()
    local ok, message = pcall(function()
      wxbot.signature("t", 1409735669, "n", "e")
    end)
    assert.is_false(ok)
    assert.matches("^spec/init_spec.lua:%d+: .*timestamp must be a string",
      message)
  end)
end)

describe("wxbot.msgcrypt", function()
  local vectors = assert(json.decode(helper.read("vectors/msgcrypt.json")))

  it("opens what it sealed, and seals differently each time", function()
    local crypt = assert(wxbot.msgcrypt(KEY, "app"))
    local first, second = crypt:encrypt("你好\0"), crypt:encrypt("你好\0")
    assert.not_equal(first, second)
    assert.equal("你好\0", crypt:decrypt(first))
    assert.equal("你好\0", crypt:decrypt(second))
  end)

  it("has one error for everything that does not decrypt", function()
    local edge = vectors.edge
    local crypt = assert(wxbot.msgcrypt(edge.encoding_aes_key, edge.appid))
    local texts, rejected = {}, 0
    for _, case in ipairs(edge.cases) do
      if case.expect == "reject" then
        local text, err = crypt:decrypt(case.encrypt)
        assert.is_nil(text)
        assert.is_true(errors.is(err))
        assert.equal("crypto", err.kind)
        texts[tostring(err) .. tostring(err.code)] = true
        rejected = rejected + 1
      end
    end
    assert.is_true(rejected > 10)
    local first = next(texts)
    assert.is_nil(next(texts, first))
  end)

  it("returns an error for a key of 42 characters, without showing it",
    function()
      local crypt, err = wxbot.msgcrypt(KEY:sub(1, 42), "app")
      assert.is_nil(crypt)
      assert.equal("invalid", err.kind)
      assert.is_nil(tostring(err):find(KEY:sub(1, 42), 1, true))
    end)

  it("returns an error for an appid beyond measure", function()
    local crypt, err = wxbot.msgcrypt(KEY, ("x"):rep(1025))
    assert.is_nil(crypt)
    assert.equal("invalid", err.kind)
  end)

  it("raises at the caller's line for an argument error", function()
    local crypt = assert(wxbot.msgcrypt(KEY, "app"))
    for _, misuse in ipairs{
      function() crypt:encrypt(7) end,
      function() crypt:encrypt("x", "short") end,
      function() crypt:decrypt(nil) end,
      function() crypt.encrypt("a", "b") end,
      function()
        local closed = assert(wxbot.msgcrypt(KEY, "app"))
        closed:close()
        closed:close()
        closed:decrypt("x")
      end,
      function() wxbot.msgcrypt(KEY) end,
      function() wxbot.msgcrypt(nil, "app") end,
    } do
      local ok, message = pcall(misuse)
      assert.is_false(ok)
      assert.matches("^spec/init_spec.lua:%d+: ", message)
    end
  end)

  it("shows no key in its text or its fields", function()
    local crypt = assert(wxbot.msgcrypt(KEY, "app"))
    assert.is_nil(next(crypt))
    assert.is_nil(tostring(crypt):find(KEY, 1, true))
  end)
end)
