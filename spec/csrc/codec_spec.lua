-- Without this Base64 and hex of the C core read or write other bytes.
local core = require "wxbot.core"

local char, rep = string.char, string.rep

-- RFC 4648, section 10
local RFC4648 = {
  { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
  { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
}

local every_byte = {}
for i = 0, 255 do
  every_byte[#every_byte + 1] = char(i)
end
every_byte = table.concat(every_byte)

-- Every length around a group, and sizes on both sides of the C stack's room.
local function each_size(check)
  for n = 0, 70 do
    check(rep(every_byte, 1):sub(1, n))
  end
  for _, n in ipairs{ 12287, 12288, 12289, 16384, 16385, 1048577 } do
    check(rep(every_byte, 4097):sub(1, n))
  end
end

local function refused(results, message, code)
  assert.same({ n = 3, nil, message, code }, results)
end

local function pack(...)
  return { n = select("#", ...), ... }
end

describe("base64", function()
  it("gives the texts of RFC 4648", function()
    for _, vector in ipairs(RFC4648) do
      assert.equal(vector[2], core.base64_encode(vector[1]))
      assert.equal(vector[1], core.base64_decode(vector[2]))
    end
  end)

  it("gives back bytes of every size", function()
    each_size(function(bytes)
      local text = core.base64_encode(bytes)
      assert.equal(math.ceil(#bytes / 3) * 4, #text)
      assert.is_true(core.base64_decode(text) == bytes)
    end)
  end)

  it("uses all 64 characters of the standard alphabet", function()
    local text = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert.equal(text, core.base64_encode(core.base64_decode(text)))
  end)

  for text, why in pairs{
    ["Zg"] = "missing padding", ["Zg="] = "half of the padding",
    ["Zg==="] = "too much padding", ["Zg==Zg=="] = "data after padding",
    ["Z=="] = "one character and padding", ["===="] = "padding alone",
    ["A==="] = "three paddings", ["Z"] = "one character",
    ["=Zg="] = "padding in front", ["Zm=v"] = "padding inside",
    ["Zh=="] = "spare bits of two characters", ["Zm9="] = "spare bits of three",
    ["Zm 9v"] = "a space", ["Zm9v\n"] = "a newline at the end",
    ["Zm\r\n"] = "a line break", ["-_-_"] = "the other alphabet",
    ["Zm9\0"] = "a NUL", ["Zm9\255"] = "a high byte", ["Zm9v\0\0\0\0"] = "NULs behind",
    ["Zm9vZm9\128Zm9v"] = "a high byte inside",
  } do
    it("refuses " .. why, function()
      refused(pack(core.base64_decode(text)), "not a base64 text", "base64")
    end)
  end

  it("refuses each byte outside the alphabet at each place of a group", function()
    for i = 0, 255 do
      local c = char(i)
      if not c:find("[A-Za-z0-9+/]") then
        for place = 1, 4 do
          local text = ("AAAA"):sub(1, place - 1) .. c .. ("AAAA"):sub(place + 1)
          if not (c == "=" and place == 4) then
            assert.is_nil((core.base64_decode("AAAA" .. text .. "AAAA")))
            assert.is_nil((core.base64_decode(text)))
          end
        end
      end
    end
  end)

  it("raises for what is not a string", function()
    assert.has_error(function() core.base64_encode() end)
    assert.has_error(function() core.base64_decode({}) end)
    assert.has_error(function() core.base64_encode(nil) end)
  end)
end)

describe("base64url", function()
  it("gives the texts of RFC 4648 without padding", function()
    for _, vector in ipairs(RFC4648) do
      local text = vector[2]:gsub("=", "")
      assert.equal(text, core.base64url_encode(vector[1]))
      assert.equal(vector[1], core.base64url_decode(text))
    end
  end)

  it("gives back bytes of every size", function()
    each_size(function(bytes)
      assert.is_true(core.base64url_decode(core.base64url_encode(bytes)) == bytes)
    end)
  end)

  it("uses - and _ for the last two of the alphabet", function()
    assert.equal("-_-_", core.base64url_encode("\251\255\191"))
    assert.equal("\251\255\191", core.base64url_decode("-_-_"))
  end)

  for text, why in pairs{
    ["Zg=="] = "padding", ["Zm8="] = "one padding", ["Z"] = "one character",
    ["ZmZmZ"] = "one character too many", ["+/+/"] = "the other alphabet",
    ["Zh"] = "spare bits of two characters", ["Zm9"] = "spare bits of three",
    ["Zg "] = "a space", ["Zg\n"] = "a newline", ["Zg\0"] = "a NUL",
  } do
    it("refuses " .. why, function()
      refused(pack(core.base64url_decode(text)), "not a base64url text", "base64")
    end)
  end
end)

describe("hex", function()
  it("is written in lower case", function()
    assert.equal("00017f80abff", core.hex_encode("\0\1\127\128\171\255"))
    assert.equal("", core.hex_encode(""))
  end)

  it("is read in both cases", function()
    assert.equal("\171\205\239", core.hex_decode("abCDeF"))
    assert.equal("", core.hex_decode(""))
  end)

  it("gives back bytes of every size", function()
    each_size(function(bytes)
      assert.is_true(core.hex_decode(core.hex_encode(bytes)) == bytes)
    end)
  end)

  it("refuses an odd number of digits and every other character", function()
    for _, text in ipairs{ "a", "abc", "0x10", "zz", " 1", "1 ", "g0", "0g", "00\n0", "0\0",
                           "@@", "``", "//", "::" } do
      refused(pack(core.hex_decode(text)), "not a text of hex digits", "hex")
    end
  end)
end)

describe("less", function()
  it("has the order of bytes, whatever the locale", function()
    local sorted = { "", "\0", "\0\0", "A", "B", "Z", "a", "aa", "aa\0", "ab",
      "z", "\127", "\128", "\195\164", "\228", "\255", "\255\255" }
    for i, left in ipairs(sorted) do
      for k, right in ipairs(sorted) do
        assert.equal(i < k, core.less(left, right))
      end
    end
  end)

  it("raises for what is no text", function()
    assert.has_error(function() core.less("a") end)
    assert.has_error(function() core.less({}, "a") end)
  end)
end)

describe("utf8_valid", function()
  it("takes the first and last number of each length", function()
    for _, text in ipairs{ "", "abc", "\0", "\127", "\194\128", "\223\191",
                           "\224\160\128", "\237\159\191", "\238\128\128", "\239\191\191",
                           "\240\144\128\128", "\244\143\191\191", "你好 😀" } do
      assert.is_true(core.utf8_valid(text))
    end
  end)

  for text, why in pairs{
    ["\128"] = "a continuation byte alone", ["\192\128"] = "an overlong NUL",
    ["\193\191"] = "an overlong 7F", ["\224\159\191"] = "an overlong 7FF",
    ["\240\143\191\191"] = "an overlong FFFF", ["\237\160\128"] = "the first surrogate",
    ["\237\191\191"] = "the last surrogate", ["\244\144\128\128"] = "110000",
    ["\245\128\128\128"] = "a first byte F5", ["\255"] = "a byte FF",
    ["\194"] = "a sequence that is cut off", ["\228\189"] = "three bytes, cut off",
    ["\240\159\152"] = "four bytes, cut off", ["\228\189x"] = "an ASCII byte inside",
    ["\194\194\128"] = "a first byte inside",
  } do
    it("refuses " .. why .. " and says where", function()
      local ok, position = core.utf8_valid("ab" .. text)
      assert.is_false(ok)
      assert.equal(3, position)
    end)
  end
end)
