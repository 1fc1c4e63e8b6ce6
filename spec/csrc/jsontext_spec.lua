-- Without this what is not strict JSON is read, or what is comes out as
-- something else. lua-cjson, which others wrote, says what the values are.
local cjson = require "cjson"
local core = require "wxbot.core"

local char, rep = string.char, string.rep
local concat = table.concat

local function pack(...)
  return { n = select("#", ...), ... }
end

local List = { __name = "list" }

-- Each value takes a whole collection where that is tried.
local MANY = os.getenv("WXBOT_TORTURED") and 100 or 100000

local function decode(text, ...)
  return core.json_decode(text, List, ...)
end

local null = cjson.null

local function without_nulls(value)
  if type(value) ~= "table" then
    return value
  end
  local all = {}
  for name, member in pairs(value) do
    if member ~= null and type(name) == "number" then
      all[#all + 1] = without_nulls(member)
    elseif member ~= null then
      all[name] = without_nulls(member)
    end
  end
  return all
end

local function accepted(text, depth)
  assert.same({ n = 1, without_nulls(cjson.decode(text)) },
    pack(decode(text, depth)))
end

local function taken(text, depth)
  assert.is_not_nil((assert(decode(text, depth))))
end

local function refused(text, why, position, depth)
  assert.same({ n = 3, nil, "not strict JSON: " .. why .. " at byte " .. position, "json" },
    pack(decode(text, depth)))
end

local function any_refusal(text)
  local found, message, code = decode(text)
  assert.is_nil(found)
  assert.equal("json", code)
  assert.truthy(message:find("^not strict JSON: .+ at byte %d+$"))
end

describe("json_decode", function()
  it("counts values, wherever they are", function()
    for text, values in pairs{ ["0"] = 1, ["[]"] = 1, ["[0,0]"] = 3,
      ['{"a":1,"b":[true,null,"x"]}'] = 6, ["[[[[]]]]"] = 4 } do
      assert.is_not_nil((decode(text, 32, false, values)))
      if values > 1 then
        local checked, message = decode(text, 32, false, values - 1)
        assert.is_nil(checked)
        assert.matches("too many values at byte %d+$", message)
      end
    end
    assert.is_false(pcall(decode, "0", 32, false, 0))
  end)

  for _, text in ipairs{
    "{}", '""', "0", "-0", "true", "false", " \t\r\n[ 0 ] \n",
    '["[]"]', '{"[]":"[ ]"}',
    "[1,-1,0.5,1e5,1E+5,1e-5,-0.0,10.25e+10]", '{"a":1,"b":[{"a":2},{"a":3}]}',
    '{"":0}', '["\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4"]', '["\\u0000"]',
    '["\127"]', '["你好 😀"]', '["\\ud83d\\ude00 \\uDBFF\\uDFFF"]', '["\\ufffe"]',
    '["\244\143\191\191"]', '{"a":{"a":{"a":0}}}', '[123456789012345]', '[-123456789012345]',
    '["1234567890123456789"]', '{"1234567890123456789":1}', '[1234567890.1234567890]',
    "[1e308]", "[1.7976931348623157e308]", "[1.7976931348623158e+308]",
    "[-1.7976931348623157e308]", "[1e-999]", "[0e999]", "[-0.000e99999999999999999999]",
    "[0.00000000000000000001e327]", "[17976931348623157" .. rep("0", 292) .. ".0]",
    "[1e-99999999999999999999]", "[0." .. rep("0", 400) .. "1e700]", "[true,false,null]",
  } do
    it("reads " .. text:sub(1, 40), function()
      accepted(text)
    end)
  end

  -- What lua-cjson lets through, by its names in the public test suite.
  for name, text in pairs{
    multidigit_number_then_00 = "123\0", number_plus_1 = "[+1]", number_plus_Inf = "[+Inf]",
    number_minus_01 = "[-01]", number_minus_2_point = "[-2.]", number_minus_NaN = "[-NaN]",
    number_0_point_e1 = "[0.e1]", number_2_point_e_plus_3 = "[2.e+3]",
    number_2_point_e_minus_3 = "[2.e-3]", number_2_point_e3 = "[2.e3]", number_Inf = "[Inf]",
    number_NaN = "[NaN]", number_hex_1_digit = "[0x1]", number_hex_2_digits = "[0x42]",
    number_infinity = "[Infinity]", number_minus_infinity = "[-Infinity]",
    number_neg_int_starting_with_zero = "[-012]",
    number_neg_real_without_int_part = "[-.123]",
    number_real_without_fractional_part = "[1.]", number_with_leading_zero = "[012]",
    string_unescaped_newline = '["new\nline"]', string_unescaped_tab = '["\t"]',
  } do
    it("refuses what the decoder takes: " .. name, function()
      any_refusal(text)
    end)
  end

  for _, text in ipairs{
    "", " ", "\0", "\239\187\191{}", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]",
    "[1,,2]", "[]]", "{}}", "[] []", "1 2", "[}", "{]", '{"a"}', '{"a":}', '{"a":1,}',
    '{"a" 1}', '{"a":1 "b":2}', '{,"a":1}', "{a:1}", "{'a':1}", "{1:1}", "{null:1}",
    '{"a":1,,"b":2}', '{"a"::1}', '{"a":1}x', "tru", "True", "truee", "nul", "nulll", "fals",
    "undefined", "-", "[-]", "[--1]", "[1e]", "[1e+]", "[1E-]", "[.5]", "[1.5.5]", "[1e5.5]",
    "[00]", "[1a]", "[1_000]", "[1e5e5]", '"', '"a', '"\\', '"\\"', "'a'", '["\\x41"]',
    '["\\u"]', '["\\u123"]', '["\\u12g4"]', '["\\u 123"]', '["\\a"]', '["\\\0"]', '["\\U0041"]',
    '["\\ud800"]', '["\\udc00"]', '["\\ud800\\ud800"]', '["\\ud800x"]', '["\\ud800\\n"]',
    '["\\udc00\\ud800"]', '["\\ud800\\u0041"]', '["\\ud800\\u"]', '["\0"]', '["\31"]',
    '["\128"]', '["\192\128"]', '["\237\160\128"]', '["\244\144\128\128"]', '["\228\189"]',
    '["\255"]', '{"\255":1}', "[\194\160]", "[\v]", "[\f1]", "// x\n1", "/* x */1", "[1]#",
    "[1e309]", "[-1e309]", "[1e999]", "[1.7976931348623159e308]", "[0.1e310]",
    "[17976931348623159" .. rep("0", 292) .. ".0]", "[1e99999999999999999999]",
    "[" .. rep("9", 400) .. ".5]", "[" .. rep("0", 2) .. "]",
  } do
    it("refuses " .. ("%q"):format(text:sub(1, 40)), function()
      any_refusal(text)
    end)
  end

  it("says what is wrong, and where", function()
    refused("", "unexpected end", 1)
    refused("[1,", "unexpected end", 4)
    refused("[1.]", "unexpected character", 4)
    refused('{"a":1,"b":2,"a":3}', "duplicate name", 14)
    refused('["\n"]', "control character in a string", 3)
    refused('["ab\\x"]', "bad escape", 5)
    refused('["\\ud800"]', "bad or lone \\u escape", 3)
    refused('["a\255"]', "not UTF-8", 4)
    refused("[1,-1e999]", "number out of range", 5)
    refused("[[[]]]", "nested too deep", 3, 2)
  end)

  it("refuses each control character in a string, and only there by its name", function()
    for i = 0, 31 do
      refused('"' .. char(i) .. '"', "control character in a string", 2)
    end
  end)

  it("takes every text that was cut off for broken", function()
    local text = '{"a":[1.5e+3,"\\ud83d\\ude00你",true,null],"b":{"c":"\\n"}}'
    accepted(text)
    for n = 0, #text - 1 do
      any_refusal(text:sub(1, n))
    end
  end)
end)

describe("values", function()
  local function becomes(expected, text, ...)
    assert.same({ n = 1, expected }, pack(decode(text, ...)))
  end

  it("are absent where they are null, but for who asks", function()
    becomes({ a = { 1, 2 } }, '{"a":[null,1,null,2],"b":null}')
    becomes({ { null, 1 }, { a = null }, { null }, {} },
      '[[null,1],{"a":null},[],{}]', 32, false, nil, true)
    assert.same({ n = 3, nil, "the text is null", "json" },
      pack(decode(" null ")))
    assert.equal(null, core.json_null)
  end)

  it("are integers when they are whole", function()
    for text, written in pairs{ ["[7.0]"] = "7", ["[1.5e3]"] = "1500",
        ["[-3]"] = "-3", ["[1E2]"] = "100", ["[0.5]"] = "0.5" } do
      assert.equal(written, tostring(decode(text)[1]))
    end
  end)

  it("are lists with a metatable where these are empty", function()
    local value = decode('{"a":[],"b":{},"c":[null],"d":[[ \t\r\n],1]}')
    assert.equal(List, getmetatable(value.a))
    assert.equal(List, getmetatable(value.c))
    assert.equal(List, getmetatable(value.d[1]))
    assert.is_nil(getmetatable(value.b))
    assert.is_nil(getmetatable(value.d))
  end)

  it("are strings when they are integers of 16 digits or more", function()
    becomes({ "1234567890123456" }, "[1234567890123456]")
    becomes({ id = "4561255354251345929" }, '{"id":4561255354251345929}')
    becomes({ "-9223372036854775808" }, "[-9223372036854775808]")
    becomes("18446744073709551615", "18446744073709551615")
    becomes({ rep("9", 400) }, "[" .. rep("9", 400) .. "]")
    becomes({ 1234567890123456e0, 1234567890123456.5 },
      "[1234567890123456e0 , 1234567890123456.5 ]")
  end)

  it("stay numbers for who asks for that, if a double can hold them",
    function()
      for text, good in pairs{ ["[9223372036854775807]"] = { 2 ^ 63 },
          ["-12345678901234567890"] = -12345678901234567890,
          [rep("9", 308)] = 1e308, [rep("9", 309)] = false } do
        local value, message = decode(text, 32, false, nil, true)
        assert.same(good or nil, value)
        assert.matches(good and "" or "out of range at byte 1$", message or "")
      end
    end)

  it("may be many, of all kinds", function()
    local many = rep('[],12345678901234567890,{"a":[1,"\\n"]},1e1,', MANY)
    local value = decode("[" .. many .. "0]")
    assert.equal(4 * MANY + 1, #value)
    for i = 1, 4 * MANY, 4 do
      assert(#value[i] == 0 and value[i + 1] == "12345678901234567890"
        and value[i + 2].a[2] == "\n" and value[i + 3] == 10)
    end
  end)
end)

describe("names", function()
  it("may not come twice in one object", function()
    any_refusal('{"a":1,"a":2}')
    any_refusal('{"a":1,"b":2,"c":3,"a":4}')
    any_refusal('[{"x":{"a":1,"b":{},"a":2}}]')
    any_refusal('{"":1,"":2}')
  end)

  it("are compared as what they say, not as they are written", function()
    any_refusal('{"a":1,"\\u0061":2}')
    any_refusal('{"\\u0061":1,"a":2}')
    any_refusal('{"\\u4f60":1,"你":2}')
    any_refusal('{"\\ud83d\\ude00":1,"😀":2}')
    any_refusal('{"\\u00e4":1,"ä":2}')
    any_refusal('{"/":1,"\\/":2}')
    any_refusal('{"\\n\\t\\r\\b\\f\\"\\\\":1,'
      .. '"\\u000a\\u0009\\u000D\\u0008\\u000c\\u0022\\u005C":2}')
    any_refusal('{"x\\u0061y":1,"xay":2}')
  end)

  it("may differ in anything", function()
    accepted('{"a":1,"A":2,"aa":3,"":4,"\\u0000":5,"a\\u0000":6,"\\\\u0061":7,"ä":8,"a ":9}')
    accepted('{"a\\u0000b":1,"a\\u0000c":2}')
  end)

  it("are forgotten with their object", function()
    accepted('[{"a":1},{"a":1},{"\\u0061":{"a":{"\\u0061":1}},"b":{"a":1}}]')
  end)

  for _, n in ipairs{ 2, 8, 9, 23, 24, 25, 100 } do
    it("are found again among " .. n .. ", wherever they are", function()
      local list = {}
      for i = 1, n do
        list[i] = ('"k%d":%d'):format((i * 37) % 101, i)
      end
      accepted("{" .. concat(list, ",") .. "}")
      for i = 1, n do
        local name = list[i]:match('^"(k%d+)"')
        any_refusal("{" .. concat(list, ",") .. ',"\\u006b' .. name:sub(2) .. '":0}')
        any_refusal('{"' .. name .. '":0,' .. concat(list, ",") .. "}")
      end
    end)
  end

  it("may be very many", function()
    local list = {}
    for i = 1, MANY do
      list[i] = '"' .. (i * 7919 % 100003) .. '":0'
    end
    local text = "{" .. concat(list, ",")
    taken(text .. "}")
    any_refusal(text .. ',"\\u0037919":0}')
  end)

  it("may be long and alike", function()
    local list, long = {}, rep("x", 1000)
    for i = 1, MANY / 100 do
      list[i] = ('"%s%04d":0'):format(long, i)
    end
    local text = "{" .. concat(list, ",")
    taken(text .. "}")
    any_refusal(text .. "," .. list[#list] .. "}")
  end)
end)

describe("depth", function()
  it("is 32 unless told otherwise", function()
    accepted(rep("[", 32) .. "0" .. rep("]", 32))
    refused(rep("[", 33) .. rep("]", 33), "nested too deep", 33)
    accepted(rep('{"a":', 31) .. "{}" .. rep("}", 31))
    refused(rep('{"a":', 32) .. "[]" .. rep("}", 32), "nested too deep", 161)
  end)

  it("counts what is open, not what was", function()
    accepted("[" .. rep("[[0]],", MANY / 100) .. "0]", 3)
    refused("[" .. rep("[{}],", 1000) .. "[[[]]]]", "nested too deep", 5004, 3)
  end)

  it("may be told, from 1 to 1000", function()
    accepted("[0]", 1)
    refused("[[]]", "nested too deep", 2, 1)
    accepted("0", 1)
    taken(rep("[", 1000) .. "0" .. rep("]", 1000), 1000)
    refused(rep("[", 1001) .. rep("]", 1001), "nested too deep", 1001, 1000)
  end)

  it("does not follow a text that goes on and on", function()
    refused(rep("[", 10000), "nested too deep", 33)
    refused(rep('{"a":', 1000000), "nested too deep", 161)
    refused(rep("[", 1000000), "nested too deep", 1001, 1000)
  end)

  it("and size together are no trouble", function()
    local text = "[" .. rep('{"name":"some text","list":[1,2,3]},', MANY) .. "0]"
    taken(text)
    assert.is_true(decode('"' .. rep("你", 1000000) .. '"')
      == rep("你", 1000000))
    any_refusal(text:sub(1, -2))
  end)
end)

describe("misuse of json_decode", function()
  it("raises", function()
    for _, call in ipairs{
      function() core.json_decode() end,
      function() core.json_decode({}, List) end,
      function() core.json_decode("[]") end,
      function() core.json_decode("[]", List, 0) end,
      function() core.json_decode("[]", List, 1001) end,
      function() core.json_decode("[]", List, -1) end,
      function() core.json_decode("[]", List, "deep") end,
    } do
      assert.has_error(call)
    end
  end)
end)

describe("a quoted string", function()
  it("escapes quotes, backslashes and controls, and nothing else", function()
    assert.equal([["\"\\\b\f\n\r\t/"]], core.json_quote('"\\\b\f\n\r\t/'))
    assert.equal([["\u0000\u0001\u001f]] .. "\127" .. '"',
      core.json_quote("\0\1\31\127"))
    assert.equal('"你好 é €"', core.json_quote("你好 é €"))
    assert.equal('""', core.json_quote(""))
  end)

  it("is read as what it was, at every size of the room", function()
    for _, n in ipairs{ 1, 2729, 2730, 2731, 16381, 16382, 16383, 100000 } do
      for _, piece in ipairs{ "x", "\1", '"', "你" } do
        local text = rep(piece, n)
        assert.is_true(cjson.decode("[" .. core.json_quote(text) .. "]")[1]
          == text)
      end
    end
  end)

  it("is refused when it is not UTF-8, wherever that is", function()
    for _, bad in ipairs{ "\255", "a\192\175", "你\228\189", "\237\160\128z" } do
      assert.same({ n = 3, nil, "a string is not valid UTF-8", "utf8" },
        { n = select("#", core.json_quote(bad)), core.json_quote(bad) })
    end
  end)

  it("raises for what is no string", function()
    assert.has_error(function() core.json_quote() end)
    assert.has_error(function() core.json_quote({}) end)
  end)
end)
