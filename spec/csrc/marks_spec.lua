-- Without this forbidden characters in a text are not found, or stand at
-- another place.
local core = require "wxbot.core"

local rep = string.rep

local LEAD = "\239\183\144" -- U+FDD0

-- A mark of these bytes, as hex digits.
local function mark(hex)
  return LEAD .. (hex or "") .. "."
end

local function marked(expected, text)
  local found, any = core.text_mark(text)
  assert.equal(expected, found)
  assert.is_true(any)
end

describe("text_mark", function()
  it("leaves what XML 1.0 allows as it is", function()
    for _, text in ipairs{ "", "text", "a\tb\nc\rd", "\127\194\128", "你好 😀",
        "\238\128\128\239\191\189", "\244\143\191\191" } do
      local found, any = core.text_mark(text)
      assert.equal(text, found)
      assert.is_false(any)
    end
  end)

  it("marks each control character but tab, line feed and return", function()
    for i = 0, 31 do
      if i ~= 9 and i ~= 10 and i ~= 13 then
        marked("a" .. mark(("%02x"):format(i)) .. "b",
          "a" .. string.char(i) .. "b")
      end
    end
  end)

  it("marks U+FFFE and U+FFFF", function()
    marked(mark "efbfbe" .. mark "efbfbf", "\239\191\190\239\191\191")
  end)

  -- Table 3-8 of the Unicode standard, and what is cut off.
  it("marks each part of what is no UTF-8 by itself", function()
    marked("a" .. mark "f18080" .. mark "e180" .. mark "c2" .. "b"
      .. mark "80" .. "c" .. mark "80" .. mark "bf" .. "d",
      "a\241\128\128\225\128\194b\128c\128\191d")
    marked(mark "c0" .. mark "af", "\192\175")
    marked(mark "ed" .. mark "a0" .. mark "80", "\237\160\128")
    marked(mark "f4" .. mark "90" .. mark "80" .. mark "80", "\244\144\128\128")
    marked(mark "e0" .. mark "80" .. mark "af", "\224\128\175")
    marked(mark "fe" .. mark "ff", "\254\255")
    marked("a" .. mark "e4b8", "a\228\184")
    marked(mark "f09f98" .. "<", "\240\159\152<")
  end)

  it("marks its own character, so that no text looks like a mark", function()
    marked(mark(), LEAD)
    marked(mark() .. "10." .. mark "10", LEAD .. "10.\16")
  end)

  it("marks at every size of the room", function()
    for _, n in ipairs{ 1, 2340, 2341, 16384, 100000 } do
      assert.is_true(core.text_mark(rep("\1", n)) == rep(mark "01", n))
      assert.is_true(core.text_mark(rep("x\255", n)) == rep("x" .. mark "ff", n))
    end
  end)

  it("raises for what is no string", function()
    assert.has_error(function() core.text_mark() end)
    assert.has_error(function() core.text_mark({}) end)
  end)
end)

describe("json_decode, tolerant,", function()
  local function becomes(expected, text)
    local found, any = core.json_decode(text, {}, 32, true)
    assert.same(expected, found)
    assert.is_true(any)
  end

  it("marks what strings may not hold, however it is written", function()
    becomes({ "a" .. mark "1d" .. "b" }, '["a\29b"]')
    becomes({ mark "1d" .. mark "08" .. mark "0c" .. mark "00" },
      '["\\u001D\\b\\f\\u0000"]')
    becomes({ mark "efbfbe" .. mark "efbfbf" }, '["\\ufffe\239\191\191"]')
    becomes({ mark "e4b8", 1 }, '["\228\184",1]')
    becomes({ a = mark "00" }, '{"a":"\0"}')
  end)

  it("marks each lone surrogate as one", function()
    becomes({ mark "edb080" .. mark "eda080" .. "x" },
      '["\\udc00\\ud800x"]')
    becomes({ mark "eda080" .. "😀" },
      '["\\ud800\\ud83d\\ude00"]')
    becomes({ mark "eda080" .. '\n"A' }, '["\\ud800\\n\\"A"]')
  end)

  it("marks a raw tab, line feed and return, which JSON does not allow",
    function()
      becomes({ mark "09" .. mark "0a" .. mark "0d" .. "\n" },
        '["\t\n\r\\n"]')
    end)

  it("marks its own character, however it is written", function()
    becomes({ mark() .. mark() .. "10." }, '["\\uFDD0' .. LEAD .. '10."]')
  end)

  it("tells of nothing where there is nothing to mark", function()
    for text, value in pairs{ ['["你好 \\u4f60\\n😀\\ud83d\\ude00"]'] = {
        "你好 你\n😀😀" }, ["[1]"] = { 1 }, ['"\127"'] = "\127" } do
      assert.same({ value }, { core.json_decode(text, {}, 32, true) })
    end
  end)

  it("marks as many as there are", function()
    local n = os.getenv("WXBOT_TORTURED") and 100 or 50000
    local many = rep('"\\u0001\255",[],', n)
    local value = core.json_decode("[" .. many .. "0]", {}, 32, true)
    assert.equal(2 * n + 1, #value)
    for i = 1, 2 * n, 2 do
      assert(value[i] == mark "01" .. mark "ff")
    end
  end)

  it("stays strict in names and in all that is no string", function()
    for _, text in ipairs{ '{"a\1":1}', '{"\255":1}', '{"\\ud800":1}',
        '{"a\n":1}', "[\1]", "[\255]", "\1[]", "[]\0", '["\\x"]', '["\\u12"]',
        '["\\ud8"]', '["a', '["\1', '["\228\184', '["a\\\1"]', '"\\',
        "\254\255[]", '{"a":"\1","a":2}', "[NaN]", '["\1",]' } do
      local found, message, code = core.json_decode(text, {}, 32, true)
      assert.is_nil(found, text)
      assert.matches("^not strict JSON: ", message)
      assert.equal("json", code)
    end
    local text = '{"\239\191\190\\u0001' .. LEAD .. '":1}'
    assert.same({ { ["\239\191\190\1" .. LEAD] = 1 } }, { core.json_decode(text, {}, 32, true) })
  end)

  it("never takes a quote into what is no UTF-8", function()
    becomes({ a = mark "e4", b = mark "f09f98" },
      '{"a":"\228","b":"\240\159\152"}')
  end)
end)
