--- XML as the platform uses it: no attributes, no namespaces, never a DTD.
--
-- Reading is LuaExpat's (xml_tree); writing puts strings into CDATA sections.

local json = require "wxbot.codec.json"
local marks = require "wxbot.codec.xml_marks"
local tree = require "wxbot.codec.xml_tree"

local error, ipairs, type = error, ipairs, type
local concat = table.concat

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

-- A string as a CDATA section; `]]>` is split over two.
local function cdata(text)
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
    text = cdata(value):gsub("\r", "]]>&#13;<![CDATA[")
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
  local document = caps.tolerant and marks.mark(text) or text
  local root, message = tree.parse(document, caps)
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
