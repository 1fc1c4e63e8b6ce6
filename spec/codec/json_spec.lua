-- Without this JSON that is not strict, or numbers that lose digits, get in or
-- out.
local json = require "wxbot.codec.json"
local odd_texts = require "spec.support.odd_texts"
local repair = require "wxbot.codec.repair"

describe("json.decode", function()
  it("reads objects, lists, text, numbers and booleans", function()
    assert.same({ a = { 1, 2.5, "x", true }, b = { c = false } },
      json.decode('{"a":[1,2.5,"x",true],"b":{"c":false}}'))
  end)

  it("leaves null out, in objects and in lists", function()
    assert.same({ a = 1, l = { 1, 2 } },
      json.decode('{"a":1,"n":null,"l":[null,1,null,2]}'))
  end)

  it("tells an empty list from an empty object", function()
    local text = '{"a":[],"b":{},"c":[[],{}],"d":[ \n],"e":"[]"}'
    assert.equal('{"a":[],"b":{},"c":[[],{}],"d":[],"e":"[]"}',
      json.encode(json.decode(text)))
    assert.equal("[]", json.encode(json.decode("[null]")))
    assert.equal("[]", json.encode(json.decode("[]")))
    assert.equal('{"a":{}}', json.encode(json.decode('{"a":{"b":null}}')))
  end)

  it("gives whole numbers without a fraction", function()
    assert.equal("7", tostring(json.decode("[7.0]")[1]))
  end)

  it("keeps integers beyond 15 digits as strings", function()
    assert.same({ "4561255354251345929", 123456789012345 },
      json.decode("[4561255354251345929,123456789012345]"))
  end)

  it("reads fractions, and their powers of ten", function()
    assert.same({ 1 / 2, -1 / 4, 0, 1 / 8, 1500, 0.1, -0.1, 5e-324, 1e300 },
      json.decode("[0.5,-0.25,0.0,0.125e0,1.5E3,0.1,-1.0e-1,4.9e-324,"
        .. "0.0000000001e310]"))
  end)

  local refused = {
    ["a NaN"] = "[NaN]", ["hexadecimal"] = "[0x10]",
    ["a raw newline in a string"] = '["a\nb"]',
    ["a leading zero"] = "[01]", ["a number without fraction"] = "[1.]",
    ["a duplicate name"] = '{"a":1,"a":2}', ["bad UTF-8"] = '["\255"]',
    ["a lone surrogate"] = '["\\ud800"]', ["trailing text"] = "{} x",
    ["nothing"] = "", ["null alone"] = "null", ["a byte order mark"] =
    "\239\187\191{}", ["10,000 levels"] = ("["):rep(10000) .. ("]"):rep(10000),
    ["33 levels"] = ("["):rep(33) .. ("]"):rep(33),
    ["a cut text"] = '{"a":[1,2',
  }
  for what, text in pairs(refused) do
    it("refuses " .. what, function()
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.is_string(message)
    end)
  end
end)

-- The most bytes that this process has had in memory.
local function peak()
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^VmHWM:%s*(%d+)")
    if kib then
      return kib * 1024
    end
  end
end

describe("json.decode, tolerant,", function()
  for _, case in ipairs(odd_texts) do
    if case.json then
      it("marks " .. case.what, function()
        local value, marked = json.decode('{"a":["' .. case.json .. '"]}', true)
        assert.is_true(marked)
        assert.is_true((repair.values({}, value)))
        assert.same({ a = { case.becomes } }, value)
      end)
    end
  end

  it("marks raw tabs and line ends, which are no repair", function()
    local value, marked = json.decode('{"a":"\t\r\n"}', true)
    assert.is_true(marked)
    assert.is_false(repair.values({}, value))
    assert.equal("\t\r\n", value.a)
  end)

  it("takes little more memory for one mark than for none", function()
    local reset = io.open("/proc/self/clear_refs", "w")
    if not reset then
      return pending("nothing tells how much memory was in use")
    end
    local text = '["' .. ("x"):rep(8 * 1024 * 1024) .. '\1"]'
    collectgarbage()
    collectgarbage()
    reset:write("5") -- the peak starts anew
    reset:close()
    local before = peak()
    assert.is_true(select(2, json.decode(text, true)))
    assert.is_true(peak() - before < 3 * #text, peak() - before)
  end)

  it("tells of no marks where there are none", function()
    assert.same({ { a = "你好\n\t😀" } },
      { json.decode('{"a":"你好\\n\\t\\ud83d\\ude00"}', true) })
  end)

  for what, text in pairs{
    ["a control character outside of strings"] = '{"a":1\1}',
    ["bad UTF-8 outside of strings"] = '{"a":1}\255',
    ["a control character in a name"] = '{"a\1":1}',
    ["bad UTF-8 in a name"] = '{"\255":1}', ["an odd start"] = "\254\255{}",
    ["a cut text"] = '{"a":"\1', ["a NaN"] = '{"a":"\1","b":NaN}',
    ["a duplicate name"] = '{"a":"\1","a":2}',
    ["a bad escape"] = '{"a":"\1\\x"}', ["half an escape"] = '["\\ud80"]',
    ["33 levels"] = ("["):rep(33) .. '"\1"' .. ("]"):rep(33),
  } do
    it("refuses " .. what, function()
      local value, message = json.decode(text, true)
      assert.is_nil(value)
      assert.is_string(message)
    end)
  end
end)

describe("json.encode", function()
  it("writes described names first, in their order, others sorted", function()
    assert.equal('{"z":1,"a":2,"b":3,"c":4}', json.encode(
      { a = 2, b = 3, c = 4, z = 1 }, { { name = "z" }, { name = "a" } }))
  end)

  it("sorts by bytes", function()
    assert.equal('{"B":1,"a":2,"aa":3,"ab":4,"z":5,"ä":6}', json.encode{
      ["ä"] = 6, z = 5, ab = 4, aa = 3, a = 2, B = 1 })
  end)

  it("writes what is described as anything as what it is", function()
    assert.equal('{"a":[1],"b":{"c":1}}', json.encode({ a = { 1 },
      b = { c = 1 } }, { { name = "a", type = "any" },
      { name = "b", type = "any" } }))
  end)

  it("writes an empty list where a list is described or marked", function()
    assert.equal('{"l":[],"m":[],"o":{}}', json.encode(
      { l = {}, m = json.list{}, o = {} },
      { { name = "l", type = "list" } }))
  end)

  it("writes integers exactly", function()
    assert.equal("[100000000001234,9007199254740991,-1,0]",
      json.encode{ 100000000001234, 9007199254740991, -1, 0 })
  end)

  it("writes fractions so that they read back the same", function()
    for _, number in ipairs{ 0.1, 1 / 3, 1e300, -2.5e-10, 0.71 } do
      assert.equal(number, json.decode(json.encode{ number })[1])
    end
  end)

  it("escapes what must be escaped, and nothing else", function()
    assert.equal('["\\"\\\\\\u0000\\u001f\\n/\127中"]',
      json.encode{ '"\\\0\31\n/\127中' })
  end)

  it("escapes names too", function()
    assert.equal('{"a\\"b\\n":1}', json.encode{ ['a"b\n'] = 1 })
  end)

  local refused = {
    ["NaN"] = { 0 / 0 }, ["infinity"] = { 1 / 0 },
    ["bad UTF-8"] = { "\255" }, ["a function"] = { print },
    ["a number as a name"] = { [2] = "x" },
  }
  for what, value in pairs(refused) do
    it("refuses " .. what, function()
      local text, message = json.encode(value)
      assert.is_nil(text)
      assert.is_string(message)
    end)
  end

  it("refuses a table that holds itself", function()
    local loop = {}
    loop.loop = loop
    local text, message = json.encode(loop)
    assert.is_nil(text)
    assert.matches("deep", message)
  end)
end)
