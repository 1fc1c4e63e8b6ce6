local url = require "wxbot.codec.url"

describe("url.escape", function()
  it("encodes every byte but unreserved characters", function()
    assert.equal("aZ09-._~%2F%3F%23%25%20%2B%26%3D%00%7F%E4%BD%A0",
      url.escape("aZ09-._~/?#% +&=\0\127你"))
    local bytes = {}
    for code = 128, 255 do
      bytes[#bytes + 1] = string.char(code)
    end
    assert.equal(3 * 128, #url.escape(table.concat(bytes)))
  end)

  it("is undone by unescape", function()
    for code = 0, 255 do
      local char = string.char(code)
      assert.equal(char, url.unescape(url.escape(char)))
      assert.equal(char, url.unescape(("%%%02x"):format(code)))
    end
  end)
end)

describe("url.unescape", function()
  it("leaves what is no encoding", function()
    assert.equal("%%4%zz+%", url.unescape("%%4%zz+%"))
  end)
end)

describe("url.pairs", function()
  it("gives names and values as they are encoded", function()
    assert.same({ { "a", "1" }, { "b", "" }, { "c" }, { "", "d" },
      { "e", "f=g" }, { "%41", "%42" } },
      url.pairs("a=1&b=&c&&=d&e=f=g&%41=%42&"))
    assert.same({}, url.pairs(""))
  end)

  it("gives a hundred of them, and nothing of what has more", function()
    assert.equal(100, #url.pairs(("a=1&"):rep(100)))
    assert.is_nil(url.pairs(("a=1&"):rep(100) .. "b"))
    assert.is_nil(url.pairs(("&"):rep(101)))
  end)
end)
