--- XML as the platform uses it: no attributes, no namespaces, never a DTD.
--
-- Reading is LuaExpat's, with everything refused that such a document has no
-- use for: DOCTYPE and entity declarations, encodings other than UTF-8, depth
-- and size beyond the caps. Writing puts strings into CDATA sections.

local ascii = require "wxbot.util.text"
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local repair = require "wxbot.codec.repair"

local error, ipairs, next, pairs = error, ipairs, next, pairs
local require, tonumber, tostring, type = require, tonumber, tostring, type
local floor = math.floor
local char, concat = string.char, table.concat

local M = {}

-- ---------------------------------------------------------------- writing

-- Characters that XML 1.0 cannot carry, not even as a reference.
local FORBIDDEN = "[%z\1-\8\11\12\14-\31]"

--- Finds a character that XML forbids.
---@param text string valid UTF-8
---@return integer|nil position
function M.find_forbidden(text)
  return text:find(FORBIDDEN) or text:find("\239\191\190", 1, true)
    or text:find("\239\191\191", 1, true)
end

--- A string as a CDATA section; `]]>` is split over two.
---@param text string
---@return string
function M.cdata(text)
  return "<![CDATA[" .. text:gsub("]]>", "]]]]><![CDATA[>") .. "]]>"
end

local function scalar(out, name, value)
  local text
  if type(value) == "string" then
    if M.find_forbidden(value) then
      return name .. " holds a character that XML forbids"
    end
    -- A parser turns a carriage return into a line feed unless it is
    -- written as a reference, which CDATA cannot hold.
    text = M.cdata(value):gsub("\r", "]]>&#13;<![CDATA[")
  else
    text = json.encode(value) -- a number or a boolean
  end
  out[#out + 1] = "<" .. name .. ">" .. text .. "</" .. name .. ">"
end

local write_fields

local function write_one(out, name, value, fields)
  if type(value) ~= "table" then
    return scalar(out, name, value)
  end
  out[#out + 1] = "<" .. name .. ">"
  local message = write_fields(out, fields, value)
  out[#out + 1] = "</" .. name .. ">"
  return message
end

-- A list is either one element that holds items, or itself repeated.
local function write_list(out, field, list)
  if field.item_name then
    out[#out + 1] = "<" .. field.name .. ">"
  end
  for _, value in ipairs(list) do
    local message = write_one(out, field.item_name or field.name, value,
      field.fields)
    if message then
      return message
    end
  end
  if field.item_name then
    out[#out + 1] = "</" .. field.name .. ">"
  end
end

function write_fields(out, fields, values)
  for _, field in ipairs(fields) do
    local value, message = values[field.name], nil
    if value ~= nil and field.type == "list" then
      message = write_list(out, field, value)
    elseif value ~= nil then
      message = write_one(out, field.name, value, field.fields)
    end
    if message then
      return message
    end
  end
end

--- Writes checked values as an `<xml>` document, in the order of the fields.
---@param fields table[] description of the fields
---@param values table
---@return string|nil text
---@return string|nil message why they cannot be written
function M.encode(fields, values)
  local out = { "<xml>" }
  local message = write_fields(out, fields, values)
  if message then
    return nil, message
  end
  out[#out + 1] = "</xml>"
  return concat(out)
end

-- ---------------------------------------------------------------- reading

local CAPS = { bytes = 64 * 1024, depth = 16, elements = 256 }

local function refuse(state, parser, message)
  state.refused = state.refused or message
  parser:stop()
end

-- What no message of the platform has, and a trick might.
local function is_odd(name, attributes)
  return #name > 256 or name:find(":", 1, true) or next(attributes) ~= nil
end

local function open_element(state, parser, name, attributes)
  local stack, caps = state.stack, state.caps
  local node, parent = { name = name, text = "" }, stack[#stack]
  state.elements = state.elements + 1
  if #stack >= caps.depth then
    return refuse(state, parser, "nested too deep")
  elseif state.elements > caps.elements then
    return refuse(state, parser, "too many elements")
  elseif caps.strict and is_odd(name, attributes) then
    return refuse(state, parser, "attributes and prefixes are not allowed")
  elseif parent then
    parent[#parent + 1] = node
  else
    state.root = node
  end
  stack[#stack + 1] = node
end

local function close_element(state)
  local stack = state.stack
  local node = stack[#stack]
  stack[#stack] = nil
  if node.pieces then
    node.text = concat(node.pieces)
    node.pieces = nil
  end
end

local function add_text(state, text)
  local node = state.stack[#state.stack]
  node.pieces = node.pieces or {}
  node.pieces[#node.pieces + 1] = text
end

-- Callbacks for one document; they only build the tree and note a refusal.
-- After one there may still come the end of an element, which has no node.
local function builder(caps)
  local state = { stack = {}, elements = 0, caps = caps }
  state.callbacks = {
    StartDoctypeDecl = function(parser)
      refuse(state, parser, "a DOCTYPE is not allowed")
    end,
    EntityDecl = function(parser)
      refuse(state, parser, "an entity declaration is not allowed")
    end,
    XmlDecl = function(parser, _, encoding)
      if encoding and ascii.lower(encoding) ~= "utf-8" then
        refuse(state, parser, "the encoding must be UTF-8")
      end
    end,
    ProcessingInstruction = function(parser)
      if caps.strict then
        refuse(state, parser, "a processing instruction is not allowed")
      end
    end,
    StartElement = function(parser, name, attributes)
      open_element(state, parser, name, attributes)
    end,
    EndElement = function()
      if not state.refused then
        close_element(state)
      end
    end,
    CharacterData = function(_, text)
      if not state.refused then
        add_text(state, text)
      end
    end,
  }
  return state
end

local function parse(text, caps)
  local state = builder(caps)
  local parser = require("lxp").new(state.callbacks)
  local ok, message = parser:parse(text)
  if ok then
    ok, message = parser:parse()
  end
  -- One that is not finished throws when it is closed: it is left to the
  -- collector.
  if ok and not state.refused then
    parser:close()
  end
  if state.refused then
    return nil, state.refused
  elseif not ok then
    return nil, tostring(message)
  end
  return state.root
end

-- ----------------------------------------------------------------- tolerant

local LARGEST = 0x10ffff

local function is_forbidden(code)
  return code < 32 and code ~= 9 and code ~= 10 and code ~= 13
    or code >= 0xd800 and code <= 0xdfff or code == 0xfdd0
    or code == 0xfffe or code == 0xffff or code > LARGEST
end

-- The bytes of a forbidden number; beyond what UTF-8 has those of its
-- reference.
local function bytes_of(code, reference)
  if code < 32 then
    return char(code)
  elseif code > LARGEST then
    return reference
  end
  return char(224 + floor(code / 4096), 128 + floor(code / 64) % 64,
    128 + code % 64)
end

-- What is no reference is left to the parser.
local function mark_reference(hex, digits)
  local significant = digits:match("^0*(.*)$")
  if hex == "" and significant:find("[^0-9]") then
    return nil
  end
  local code = #significant > 8 and LARGEST + 1
    or tonumber("0" .. significant, hex == "" and 10 or 16)
  return is_forbidden(code) and repair.mark(bytes_of(code,
    "&#" .. hex .. digits .. ";")) or nil
end

local function mark_data(text)
  return (core.text_mark(text):gsub("&#(x?)([0-9A-Fa-f]+);", mark_reference))
end

-- What ends the markup that begins so; a tag ends with >.
local ENDS = { ["<![CDATA["] = "]]>", ["<!--"] = "-->", ["<?"] = "?>" }

local function markup_at(text, at)
  for begin, stop in pairs(ENDS) do
    if text:sub(at, at + #begin - 1) == begin then
      return begin, stop
    end
  end
  return "<", ">"
end

-- Marks what character data and CDATA sections may not hold. What is markup
-- stays as it is, and begins with < whatever bytes stand before it.
local function mark(text)
  local out, at = {}, 1
  while at <= #text do
    local open = text:find("<", at, true) or #text + 1
    out[#out + 1] = mark_data(text:sub(at, open - 1))
    local begin, stop = markup_at(text, open)
    local inner = open + #begin
    local first, last = text:find(stop, inner, true)
    at = (last or #text) + 1
    if first and begin == "<![CDATA[" then
      out[#out + 1] = begin .. core.text_mark(text:sub(inner, first - 1))
        .. stop
    else
      out[#out + 1] = text:sub(open, at - 1)
    end
  end
  return concat(out)
end

-- Most texts have nothing to mark.
local function marked(text)
  local _, odd = core.text_mark(text)
  if not odd and not text:find("&#", 1, true) then
    return text
  end
  return mark(text)
end

--- Reads a document into a tree of `{ name, text, [1], [2], … }`.
---@param text string
---@param caps table|nil { bytes, depth, elements, strict = no attributes, prefixes or instructions, tolerant = texts may hold marks (wxbot.codec.repair) }
---@return table|nil root
---@return string|boolean|nil marked true: there are marks; with root nil, why it was refused
function M.decode(text, caps)
  if type(text) ~= "string" then
    error("xml.decode: expected a string, got " .. type(text), 2)
  end
  caps = caps or CAPS
  if #text > caps.bytes then
    return nil, "the document is too large"
  -- By its first two bytes a parser tells UTF-16.
  elseif text:find("^.?[%z\254\255]")
      or not caps.tolerant and text:find("[%z\254\255]") then
    return nil, "the document is not UTF-8 text"
  end
  local document = caps.tolerant and marked(text) or text
  local root, message = parse(document, caps)
  if not root then
    return nil, message
  end
  return root, document ~= text or nil
end

local from_node

local function children(node, name)
  local found = {}
  for _, child in ipairs(node) do
    if child.name == name then
      found[#found + 1] = child
    end
  end
  return found
end

local function list_of(field, found)
  if field.item_name then
    found = found[1] and children(found[1], field.item_name) or {}
  end
  local list = {}
  for i, child in ipairs(found) do
    list[i] = from_node(child, field.fields)
  end
  return list
end

function from_node(node, fields)
  if not fields then
    return node.text
  end
  return M.values(node, fields)
end

--- Picks the described fields out of a tree; values are strings, as sent.
---@param node table
---@param fields table[]
---@return table values
---@return string|nil twice name of a field that came more than once
function M.values(node, fields)
  local values, twice = {}, nil
  for _, field in ipairs(fields) do
    local found = children(node, field.name)
    if field.type == "list" then
      values[field.name] = #found > 0 and list_of(field, found) or nil
    elseif found[1] then
      values[field.name] = from_node(found[1], field.fields)
    end
    if found[2] and (field.type ~= "list" or field.item_name) then
      twice = field.name
    end
  end
  return values, twice
end

return M
