-- Without this letters and numbers are read and written by the locale of the
-- host.
--
-- Texts and numbers without a locale. spec/locale_spec.lua runs this in some.
local texts = require "wxbot.util.text"

-- A double of any size.
local function any_double()
  return (math.random() * 2 - 1) * 2.0 ^ math.random(-1074, 1023)
end

describe("ascii.number", function()
  it("reads what JSON calls a number", function()
    for text, number in pairs{ ["0"] = 0, ["-0"] = 0, ["7"] = 7, ["-7"] = -7,
      ["007"] = 7, ["1.5"] = 3 / 2, ["-0.25"] = -1 / 4, ["10.0"] = 10,
      ["1e3"] = 1000, ["1E+3"] = 1000, ["25e-2"] = 1 / 4,
      ["1.5e3"] = 1500, ["-1.5E-1"] = -3 / 20, ["0.0"] = 0,
      ["1e-400"] = 0 } do
      assert.equal(number, texts.number(text), text)
    end
  end)

  it("takes a number for itself", function()
    assert.equal(3 / 2, texts.number(3 / 2))
  end)

  it("takes nothing else for one", function()
    for _, value in ipairs{ "", " ", "1 ", " 1", "1.", ".5", "+1", "--1", "-",
      "1,5", "1.5.5", "1e", "1e+", "1e1.5", "1e1,5", "0x10", "0x1p4", "nan",
      "inf", "-inf", "1e999", "-1.5e999", "1_0", "1\0", "\1941", true, {},
      print } do
      assert.is_nil(texts.number(value), tostring(value))
    end
    assert.is_nil(texts.number(nil))
  end)

  it("looks at 32 bytes", function()
    assert.equal(1 / 2, texts.number("0.5" .. ("0"):rep(29)))
    assert.is_nil(texts.number("0.5" .. ("0"):rep(30)))
  end)

  it("gives the nearest double", function()
    for _ = 1, 1000 do
      local digits = math.random(1, 2 ^ 31 - 1)
      local power = math.random(1, 9)
      local text = ("%d.%09d"):format(digits, math.random(0, 999999999))
      assert.equal(digits * 1.0, texts.number(digits .. ".0"))
      assert.equal(tonumber((text:gsub("%.", "")) .. "e-9"),
        texts.number(text))
      assert.equal(tonumber((text:gsub("%.", "")) .. "e" .. power - 9),
        texts.number(text .. "e" .. power))
    end
  end)
end)

describe("ascii.of_number", function()
  it("writes what reads back the same, and is a number of JSON", function()
    local numbers = { 0.1, 1 / 3, 5e-324, 2.2250738585072014e-308,
      1.7976931348623157e308, 2 ^ 53, 2 ^ 53 + 2, -2 ^ 63, 1e15, 1e21, -0.5,
      123456789012345.5 }
    for i = 1, 10000 do
      local number = numbers[i] or any_double()
      local text = texts.of_number(number)
      assert.equal(number, texts.number(text), text)
      assert.is_nil(text:find("[^0-9.e+-]"), text)
    end
  end)

  it("writes whole numbers with all their digits", function()
    for text, number in pairs{ ["0"] = 0, ["7"] = 7.0, ["-7"] = -7,
      ["100000000000000"] = 1e14, ["9007199254740991"] = 2 ^ 53 - 1 } do
      assert.equal(text, texts.of_number(number))
    end
  end)

  it("writes what no number of JSON is without raising", function()
    for _, number in ipairs{ 1 / 0, -1 / 0, 0 / 0 } do
      assert.is_string(texts.of_number(number))
    end
  end)
end)

describe("ascii.lower", function()
  it("knows the 26 letters, and leaves all other bytes", function()
    local bytes = {}
    for code = 0, 255 do
      bytes[code + 1] = string.char(code)
    end
    local text = table.concat(bytes)
    local lower = texts.lower(text)
    for code = 0, 255 do
      local is_capital = code >= 0x41 and code <= 0x5A
      assert.equal(is_capital and code + 32 or code, lower:byte(code + 1))
    end
    assert.equal("x-appid: i", texts.lower("X-APPID: I"))
  end)
end)

describe("ascii.replace", function()
  it("replaces every occurrence, whatever characters they are", function()
    assert.equal("<*> and <*>", texts.replace("<%d+> and <%d+>", "%d+", "*"))
    assert.equal("%1%1", texts.replace("a\0aa\0a", "a\0a", "%1"))
    assert.equal("abc", texts.replace("abc", "d", "x"))
    assert.equal("", texts.replace("aa", "a", ""))
  end)
end)

describe("ascii.within", function()
  it("gives a text of no more bytes", function()
    assert.equal("abc", texts.within("abc", 3))
    assert.is_nil(texts.within("abcd", 3))
    assert.is_nil(texts.within(7, 3))
    assert.is_nil(texts.within(nil, 3))
  end)
end)

describe("ascii.without_mark", function()
  it("takes the mark from the beginning, once, and nowhere else", function()
    assert.equal("a\239\187\191", texts.without_mark("\239\187\191a\239\187\191"))
    assert.equal("a", texts.without_mark("a"))
    assert.equal("", texts.without_mark("\239\187\191"))
    assert.equal("\239\187\191", texts.without_mark(("\239\187\191"):rep(2)))
  end)
end)
