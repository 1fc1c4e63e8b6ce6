-- Without this what is put into a URL can become another part of it.
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

describe("url.split", function()
  it("gives the path and the query", function()
    for _, case in ipairs{ { "https://a:1/b/c?d=e?f#g", "/b/c", "d=e?f" },
        { "/b", "/b", "" }, { "https://a", "", "" },
        { "https://a?b=/c", "", "b=/c" }, { "/b#c?d", "/b", "" } } do
      assert.same({ case[2], case[3] }, { url.split(case[1]) })
    end
  end)
end)

-- A hundred pairs, of which each has its name.
local function hundred()
  local list = {}
  for i = 1, 100 do
    list[i] = { "a" .. i, "1" }
  end
  return url.encode(list)
end

describe("url.decode_form", function()
  it("undoes the encoding of names and values; a plus is a space", function()
    assert.same({ a = "1", b = "", e = "f=g", A = "B C" },
      url.decode_form("a=1&b=&c&&=d&e=f=g&%41=%42+C&"))
    assert.same({}, url.decode_form(""))
  end)

  it("takes the last of what comes twice, and leaves what is no encoding",
    function()
      assert.same({ a = "%zz" }, url.decode_form("a=1&a=%zz"))
    end)
end)

describe("url.decode_query", function()
  it("undoes the encoding of names and values; a plus stays", function()
    assert.same({ a = "1", b = "", c = "", [""] = "d", e = "f=g", A = "B+C" },
      url.decode_query("a=1&b=&c&&=d&e=f=g&%41=%42+C&"))
    assert.same({}, url.decode_query(""))
  end)

  it("gives nothing of what comes twice or is no encoding", function()
    assert.is_nil(url.decode_query("a=1&%61=1"))
    assert.is_nil(url.decode_query("a=%zz"))
    assert.is_nil(url.decode_query("a%=1"))
  end)
end)

describe("both", function()
  for _, name in ipairs{ "decode_form", "decode_query" } do
    it("give a hundred pairs, and nothing of what has more: " .. name,
      function()
        local decode, count = url[name], 0
        for _ in pairs(decode(hundred())) do
          count = count + 1
        end
        assert.equal(100, count)
        assert.is_nil(decode(hundred() .. "&b=1"))
        assert.is_nil(decode(("&"):rep(101)))
      end)

    it("read what encode writes: " .. name, function()
      assert.same({ ["a&"] = "=+ %\0你" },
        url[name](url.encode{ { "a&", "=+ %\0你" } }))
    end)
  end
end)
