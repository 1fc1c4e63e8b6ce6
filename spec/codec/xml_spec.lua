-- Without this entities, depth or size of foreign XML take memory, or files.
local negatives = require "spec.support.xml_negatives"
local odd_texts = require "spec.support.odd_texts"
local repair = require "wxbot.codec.repair"
local xml = require "wxbot.codec.xml"

local FIELDS = {
  { name = "a", type = "string" },
  { name = "n", type = "integer" },
  { name = "list", type = "list", of = "string", item_name = "openid" },
  { name = "skill", type = "list", of = "object", fields = {
    { name = "title", type = "string" },
    { name = "answer", type = "list", of = "string" },
  } },
}

local function values_of(text)
  return xml.values(assert(xml.decode(text)), FIELDS)
end

describe("xml.encode", function()
  it("writes strings as CDATA, numbers bare, in the order described",
    function()
      assert.equal("<xml><a><![CDATA[x]]></a><n>7</n></xml>",
        xml.encode(FIELDS, { n = 7, a = "x" }))
    end)

  it("writes a list as one element with items, or repeated", function()
    assert.equal("<xml><list><openid><![CDATA[1]]></openid>"
      .. "<openid><![CDATA[2]]></openid></list>"
      .. "<skill><title><![CDATA[t]]></title><answer><![CDATA[x]]></answer>"
      .. "<answer><![CDATA[y]]></answer></skill></xml>",
      xml.encode(FIELDS, { list = { "1", "2" },
        skill = { { title = "t", answer = { "x", "y" } } } }))
  end)

  for _, text in ipairs{
    "]]>", "a]]>b]]>", "]]]>>", "]]", "<![CDATA[x]]>", "<a>&amp;</a>", "",
    "line\r\nbreak\r", "  space ", "中文😀", "\t\127",
  } do
    it(("carries %q"):format(text), function()
      assert.equal(text, values_of(xml.encode(FIELDS, { a = text })).a)
    end)
  end

  for _, char in ipairs{ "\1", "\8", "\11", "\31", "\239\191\190",
    "\239\191\191" } do
    it(("refuses %q, which XML forbids"):format(char), function()
      local text, message = xml.encode(FIELDS, { a = "x" .. char })
      assert.is_nil(text)
      assert.matches("^a holds a character that XML forbids", message)
    end)
  end
end)

describe("xml.decode", function()
  it("joins text and CDATA", function()
    assert.equal("a<b]]>c",
      values_of("<xml><a>a<![CDATA[<b]]]]><![CDATA[>]]>c</a></xml>").a)
  end)

  it("names a field that came twice", function()
    local _, twice = values_of("<xml><a>1</a><a>2</a></xml>")
    assert.equal("a", twice)
  end)

  it("does not take repeated items for a field that came twice", function()
    local values, twice = values_of("<xml><skill/><skill/><list><openid>1"
      .. "</openid><openid>2</openid></list></xml>")
    assert.is_nil(twice)
    assert.same({ "1", "2" }, values.list)
    assert.equal(2, #values.skill)
  end)

  local refused = {
    ["an empty DOCTYPE"] = "<!DOCTYPE xml><xml/>",
    ["an external DOCTYPE"] =
      '<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
    ["an entity declaration"] =
      '<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>',
    ["an unknown entity"] = "<xml>&a;</xml>",
    ["a reference to NUL"] = "<xml>&#0;</xml>",
    ["a reference to a surrogate"] = "<xml>&#xD800;</xml>",
    ["a bare ]]>"] = "<xml>]]></xml>",
    ["an open CDATA section"] = "<xml><![CDATA[x</xml>",
    ["an open element"] = "<xml><a></xml>",
    ["two roots"] = "<xml/><xml/>",
    ["trailing text"] = "<xml/>x",
    ["nothing"] = "",
    ["another encoding"] = '<?xml version="1.0" encoding="ISO-8859-1"?><xml/>',
    ["UTF-16"] = "\255\254<\0x\0/\0>\0",
    ["a NUL"] = "<xml>\0</xml>",
    ["bad UTF-8"] = "<xml>\192\175</xml>",
    ["10,000 levels"] = ("<a>"):rep(10000) .. ("</a>"):rep(10000),
    ["1,000 elements"] = "<xml>" .. ("<a/>"):rep(1000) .. "</xml>",
    ["100 KiB"] = "<xml>" .. ("x"):rep(102400) .. "</xml>",
  }
  for what, text in pairs(refused) do
    it("refuses " .. what, function()
      local root, message = xml.decode(text)
      assert.is_nil(root)
      assert.is_string(message)
    end)
  end

  -- expat tells of the end of an empty element after it was told to stop.
  it("refuses an odd root that is empty", function()
    local strict = { bytes = 100, depth = 4, elements = 4, strict = true }
    for _, text in ipairs{ "<x:a/>", "<a b='c'/>", "<a b='c'>d</a>" } do
      assert.equal("attributes and prefixes are not allowed",
        select(2, xml.decode(text, strict)))
    end
  end)

  it("takes a declaration of UTF-8", function()
    assert.is_truthy(xml.decode('<?xml version="1.0" encoding="utf-8"?><xml/>'))
  end)
end)

describe("xml.decode, tolerant,", function()
  local CAPS = { bytes = 65536, depth = 16, elements = 256, strict = true,
    tolerant = true }

  -- The text of <a>, repaired.
  local function text_of(written)
    local root, marked = xml.decode("<xml><a>" .. written .. "</a></xml>", CAPS)
    assert(root, marked)
    assert.is_true(marked)
    local values = xml.values(root, FIELDS)
    assert.is_false(repair.raw(values.a) == values.a)
    repair.values({}, values)
    return values.a
  end

  for _, case in ipairs(odd_texts) do
    if case.xml then
      it("marks " .. case.what, function()
        assert.equal(case.becomes, text_of(case.xml))
      end)
    end
  end

  it("keeps what came", function()
    local root = xml.decode("<xml><a>\16&#16;&#xd800;\228&#x110000;</a></xml>",
      CAPS)
    assert.equal("\16\16\237\160\128\228&#x110000;",
      repair.raw(root[1].text))
  end)

  it("tells of no marks where there are none", function()
    for _, text in ipairs{ "<xml/>", "<xml><a>你好&#13;&#x4f60;\r\n</a></xml>",
        "<!--&#1;--><xml><a><![CDATA[&#1;]]></a></xml>",
        "\239\187\191<xml/>" } do
      local root, marked = xml.decode(text, CAPS)
      assert.is_table(root)
      assert.is_nil(marked)
    end
  end)

  it("takes no markup into what is no UTF-8", function()
    local root = xml.decode("<xml><a>\228</a><b>\240\159</b>\255<c/></xml>", CAPS)
    assert.same({ "a", "b", "c" }, { root[1].name, root[2].name, root[3].name })
  end)

  for what, make in pairs(negatives) do
    if not what:find("root") and not what:find("nothing")
        and not what:find("space") then
      it("refuses " .. what, function()
        assert.is_nil((xml.decode(make("<a>\16</a>"), CAPS)))
      end)
    end
  end

  it("caps a text before it marks it", function()
    local text = "<xml><a>" .. ("\16"):rep(65536) .. "</a></xml>"
    assert.equal("the document is too large", select(2, xml.decode(text, CAPS)))
    text = "<xml><a>" .. ("\16"):rep(65000) .. "</a></xml>"
    local root = assert(xml.decode(text, CAPS))
    assert.is_true(repair.raw(root[1].text) == ("\16"):rep(65000))
  end)
end)
