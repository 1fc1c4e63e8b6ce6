-- The reading of XML, compared with `reference` where there is one, and the
-- writing: whatever a text holds, it is read as it was written. With marks more
-- is read; what was read without says the same, and the markup is the same.
local core = require "wxbot.core"
local parse = require "wxbot.receive.parse"
local clean = require "spec.hardening.fuzz.clean"
local repair = require "wxbot.codec.repair"
local same = require "spec.hardening.fuzz.same"
local xml = require "wxbot.codec.xml"

local CAPS = {
  { bytes = 4096, depth = 16, elements = 256, strict = true },
  { bytes = 4096, depth = 16, elements = 256 },
  { bytes = 64, depth = 3, elements = 5, strict = true },
}

local FIELDS = {
  { name = "a", type = "string" },
  { name = "b", type = "list", item_name = "c" },
  { name = "d", type = "list", fields = { { name = "a", type = "string" } } },
}

-- Bytes that no document has are not expat's to judge.
local function expected(text, caps, reference)
  if #text <= caps.bytes and not text:find("[%z\254\255]") then
    return reference(text, caps.depth, caps.elements, caps.strict or false)
  end
end

local function reads(text, caps, reference)
  local root, message = xml.decode(text, caps)
  if root then
    xml.values(root, FIELDS)
    parse.values(root)
  else
    assert(type(message) == "string")
  end
  if reference then
    assert(same(root, expected(text, caps, reference)), message)
  end
end

-- A tree as it came, and with all marks undone.
local function unmark(node, undo)
  local copy = { name = node.name, text = undo(node.text) }
  for i, child in ipairs(node) do
    copy[i] = unmark(child, undo)
  end
  return copy
end

local function repaired(text)
  local values = { text }
  repair.values({}, values)
  return values[1]
end

local function tolerates(text, caps)
  local strict = xml.decode(text, caps)
  local root, marked = xml.decode(text, { bytes = caps.bytes,
    depth = caps.depth, elements = caps.elements, strict = caps.strict,
    tolerant = true })
  if strict then
    assert(same(unmark(root, repair.raw), strict))
  elseif root then
    assert(marked)
  end
  if root then
    assert(clean(unmark(root, repaired)))
  end
end

-- What XML 1.0 has no way to write.
local function is_impossible(text)
  for i = 1, #text do
    local byte = text:byte(i)
    if byte < 32 and byte ~= 9 and byte ~= 10 and byte ~= 13 then
      return true
    end
  end
  return text:find("\239\191[\190\191]") ~= nil
end

local function writes(text)
  local document = xml.encode(FIELDS, { a = text, b = { "x", text },
    d = { { a = text } } })
  assert((document == nil) == is_impossible(text))
  if document then
    local values = xml.values(assert(xml.decode(document)), FIELDS)
    assert(same(values, { a = text, b = { "x", text },
      d = { { a = text } } }))
  end
end

return function(text, reference)
  for _, caps in ipairs(CAPS) do
    reads(text, caps, reference)
    tolerates(text, caps)
  end
  if core.utf8_valid(text) then
    writes(text)
  end
end
