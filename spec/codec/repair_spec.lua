-- Without this one forbidden character makes a whole document unreadable.
local repair = require "wxbot.codec.repair"

local R = "\239\191\189"
local LEAD = "\239\183\144"
local mark = repair.mark

local FIELDS = {
  { name = "id", type = "string" },
  { name = "text", type = "string", text = true },
  { name = "number", type = "integer" },
  { name = "anything", type = "any" },
  { name = "ids", type = "list", of = "string" },
  { name = "texts", type = "list", of = "string", text = true },
  { name = "open", type = "object" },
  { name = "object", type = "object", fields = {
    { name = "id", type = "string" },
    { name = "text", type = "string", text = true },
  } },
  { name = "objects", type = "list", of = "object", fields = {
    { name = "id", type = "string" },
    { name = "text", type = "string", text = true },
  } },
}

-- What becomes of one value, and what is said of it.
local function of(name, value)
  local values = { [name] = value }
  local repaired, odd = repair.values(FIELDS, values)
  return values[name], repaired, odd
end

describe("a value that is marked", function()
  local BAD = "a" .. mark "\16" .. "b"

  it("is repaired where people wrote it, and where nobody knows", function()
    for name, value in pairs{ text = BAD, unknown = BAD, anything = BAD } do
      assert.same({ "a" .. R .. "b", true }, { of(name, value) })
    end
    local found, repaired, odd = of("unknown", { BAD, { x = { BAD } } })
    assert.same({ "a" .. R .. "b", { x = { "a" .. R .. "b" } } }, found)
    assert.is_true(repaired)
    assert.is_nil(odd)
    assert.same({ { "a" .. R .. "b" }, true }, { of("texts", { BAD }) })
    assert.same({ { x = "a" .. R .. "b" }, true }, { of("open", { x = BAD }) })
    assert.same({ { "a" .. R .. "b" }, true }, { of("anything", { BAD }) })
  end)

  it("is named where it must not be repaired, at any depth", function()
    for name, value in pairs{ id = BAD, ids = { "x", BAD }, number = BAD,
        object = { id = BAD, text = "x" }, objects = { { id = BAD } } } do
      local _, _, odd = of(name, value)
      assert.equal(#name > 3 and name:find("^object") and "id" or name, odd)
    end
    -- An id that is a structure is one all the same.
    assert.equal("id", (select(3, of("id", { x = BAD }))))
  end)

  it("is an id where nobody knows it, but its name says so", function()
    for _, name in ipairs{ "id", "OpenID", "UnionId", "user_id", "openids",
        "MsgIDs", "appid" } do
      assert.equal(name, (select(3, of(name, BAD))))
      assert.equal(name, (select(3, of("unknown", { [name] = { "x", BAD } }))))
      assert.equal(name, (select(3, of("object", { [name] = { BAD } }))))
      assert.equal(name, (select(3, of("objects", { { [name] = BAD } }))))
    end
    for _, name in ipairs{ "idea", "ID卡", "EventKey", ("x"):rep(63) .. "id" } do
      assert.same({ "a" .. R .. "b", true }, { of(name, BAD) })
    end
    assert.same({ { openid = "a" .. R .. "b" }, true },
      { of("anything", { openid = BAD }) })
  end)

  it("is repaired beside what must not be", function()
    assert.same({ { text = "a" .. R .. "b", id = "x", new = R }, true },
      { of("object", { text = BAD, id = "x", new = mark "\228" }) })
    assert.same({ { { text = "a" .. R .. "b" } }, true },
      { of("objects", { { text = BAD } }) })
  end)

  it("holds one U+FFFD for each mark", function()
    assert.same({ R .. R .. R, true },
      { of("text", mark "\240\159\152" .. mark "\0" .. mark "\239\191\190") })
  end)

  -- What JSON does not allow raw, but says what it says.
  it("keeps tabs, line feeds and returns, which repairs nothing", function()
    assert.same({ "\t\n\r", false },
      { of("text", mark "\t" .. mark "\n" .. mark "\r") })
    assert.equal("id", (select(3, of("id", mark "\n"))))
  end)

  it("may hold the character of marks, everywhere", function()
    for _, name in ipairs{ "text", "id", "unknown" } do
      assert.same({ LEAD .. "10.", false }, { of(name, mark(LEAD) .. "10.") })
    end
  end)

  it("is given back as it came", function()
    assert.equal("a\16b" .. LEAD .. "\228\n", repair.raw(BAD .. mark(LEAD)
      .. mark "\228" .. mark "\n"))
    assert.equal("text", repair.raw "text")
  end)
end)
