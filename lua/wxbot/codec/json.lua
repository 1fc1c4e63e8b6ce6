--- JSON, strictly: what is read is checked first, what is written is stable.
--
-- Reading: wxbot.core refuses everything that is not RFC 8259, keeps integers
-- that a double cannot hold as strings, leaves null out, and marks lists
-- without elements as such.
-- Writing: names come out in the order of a description, others sorted, so
-- that the same call gives the same bytes.

local texts = require "wxbot.util.text"
local core = require "wxbot.core"

local huge = math.huge
local json_decode, json_quote = core.json_decode, core.json_quote
local null = core.json_null
local concat, sort = table.concat, table.sort
local getmetatable, setmetatable = getmetatable, setmetatable
local ipairs, pairs = ipairs, pairs
local tostring, type = tostring, type

local M = {}

local MAX_DEPTH = 32
local MAX_EXACT = 2 ^ 53

local NONE = {}

--- The metatable of lists.
M.List = { __name = "wxbot.list" }

local List = M.List

--- Marks a table as a list, so that it is written as `[]` also when empty.
---@param list table
---@return table list the same table
function M.list(list)
  return setmetatable(list, List)
end

--- Reads a JSON text as it came, to look at its types: null is there (`null`),
-- long integers are numbers, and a list without elements holds a null.
---@param text string
---@return any value
---@return string|nil message why the text was refused
function M.raw(text)
  local value, message = json_decode(text, List, MAX_DEPTH, false, nil, true)
  return value, message
end

--- Reads a JSON text.
---@param text string
---@param tolerant boolean|nil strings may hold marks (wxbot.codec.repair)
---@param values integer|nil how many values it may have; nil: any number
---@param depth integer|nil how deep they may be, 32 by default
---@return any value tables, strings, numbers, booleans; null members are absent, an empty list is written as one again
---@return string|boolean|nil marked true: there are marks; with value nil, why the text was refused
function M.decode(text, tolerant, values, depth)
  local value, marked = json_decode(text, List, depth or MAX_DEPTH, tolerant,
    values)
  return value, marked
end

-- ---------------------------------------------------------------- writing

local function number_text(number)
  if number ~= number or number == huge or number == -huge then
    return nil, "a number is not finite"
  elseif number % 1 == 0 and number > -MAX_EXACT and number < MAX_EXACT then
    return ("%d"):format(number)
  end
  return texts.of_number(number)
end

local function is_list(value, field)
  if field and field.type and field.type ~= "any" then
    return field.type == "list"
  end
  return value[1] ~= nil or getmetatable(value) == List
end

local write

-- What writes appends to a list of pieces, and gives why it cannot: texts of
-- inner values would be made for nothing.
local function write_list(out, list, field, depth)
  local element = field and field.of
      and { type = field.of, fields = field.fields } or nil
  out[#out + 1] = "["
  for i = 1, #list do
    if i > 1 then
      out[#out + 1] = ","
    end
    local message = write(out, list[i], element, depth)
    if message then
      return message
    end
  end
  out[#out + 1] = "]"
end

-- Description -> name -> how it is written.
local prefixes = setmetatable({}, { __mode = "k", __index = function(known,
    fields)
  local found = {}
  for _, field in ipairs(fields) do
    found[field.name] = json_quote(field.name) .. ":"
  end
  known[fields] = found
  return found
end })

-- The names that no description lists, sorted.
local function other_names(object, listed)
  local others
  for name in pairs(object) do
    if type(name) ~= "string" then
      return nil, "a name in an object is a " .. type(name)
    elseif not listed[name] then
      others = others or {}
      others[#others + 1] = name
    end
  end
  if others then
    sort(others, core.less)
  end
  return others or NONE
end

-- A name that no description lists, as it is written.
local function prefix_of(name)
  local prefix, message = json_quote(name)
  return prefix and prefix .. ":", message
end

local function write_object(out, object, field, depth)
  local fields = field and field.fields or NONE
  local listed, before = prefixes[fields], "{"
  local others, message = other_names(object, listed)
  for i = 1, others and #fields + #others or 0 do
    local member = fields[i]
    local name = member and member.name or others[i - #fields]
    local value, prefix = object[name], listed[name]
    if value ~= nil and not prefix then
      prefix, message = prefix_of(name)
    end
    if value ~= nil and not message then
      out[#out + 1], out[#out + 2] = before, prefix
      before, message = ",", write(out, value, member, depth)
    end
    if message then
      break
    end
  end
  out[#out + 1] = before == "{" and "{}" or "}"
  return message
end

local function append(out, text, message)
  out[#out + 1] = text
  return not text and message or nil
end

-- Why a value cannot be written; nil if it was.
function write(out, value, field, depth)
  local kind = type(value)
  if kind == "string" then
    return append(out, json_quote(value))
  elseif kind == "number" then
    return append(out, number_text(value))
  elseif kind == "boolean" then
    return append(out, tostring(value))
  elseif value == null then
    return append(out, "null")
  elseif kind ~= "table" then
    return "a " .. kind .. " cannot be written as JSON"
  elseif depth >= MAX_DEPTH then
    return "nested too deep"
  elseif is_list(value, field) then
    return write_list(out, value, field, depth + 1)
  end
  return write_object(out, value, field, depth + 1)
end

--- Writes a value as JSON.
---@param value any tables with [1], marked by `list`, or described as a list become arrays
---@param fields table[]|nil description of the members of the outermost object
---@return string|nil text
---@return string|nil message why it cannot be written
function M.encode(value, fields)
  local out = {}
  local message = write(out, value, fields and { fields = fields }, 0)
  if message then
    return nil, message
  end
  return concat(out)
end

--- Tells whether a text that was read is an object.
---@param text string
---@return boolean
function M.is_object(text)
  return text:find("^[ \t\r\n]*{") ~= nil
end

--- What stands for null when it has to be written, as in lua-cjson.
M.null = null

return M
