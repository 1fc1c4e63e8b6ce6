--- JSON, strictly: what is read is checked first, what is written is stable.
--
-- Reading: wxbot.core refuses everything that is not RFC 8259 (lua-cjson alone
-- lets NaN, raw newlines, bad UTF-8 and duplicate names pass), turns integers
-- that a double cannot hold into strings and puts a null into empty lists, as
-- lua-cjson does not tell them from empty objects; it then builds the tables.
-- null is absent, and lists without elements are marked as such.
-- Writing: names come out in the order of a description, others sorted, so
-- that the same call gives the same bytes. lua-cjson cannot write an empty
-- list and rounds integers to 14 digits, so writing is done here.

local ascii = require "wxbot.util.text"
local cjson = require "cjson"
local core = require "wxbot.core"

local huge = math.huge
local math_type, tointeger = math.type, math.tointeger
local json_quote = core.json_quote
local concat, sort = table.concat, table.sort
local error, getmetatable, setmetatable = error, getmetatable, setmetatable
local ipairs, pairs, pcall = ipairs, pairs, pcall
local tostring, type = tostring, type

local M = {}

-- A private instance: the settings of the shared module stay as they are.
local private = cjson.new()
private.decode_max_depth(64)
private.decode_invalid_numbers(false)
local cjson_decode, null = private.decode, cjson.null

local MAX_DEPTH = 32

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

-- lua-cjson reads every number as a float: whole ones become integers again
-- (Lua 5.4 prints 1.0 otherwise). LuaJIT has no integers.
local function whole(number)
  if math_type then
    return tointeger(number) or number
  end
  return number
end

local tidy

local function tidy_list(list)
  local kept, n = 0, #list
  for i = 1, n do
    local value = list[i]
    list[i] = nil
    if value ~= null then
      kept = kept + 1
      list[kept] = tidy(value)
    end
  end
  return kept > 0 and list or M.list(list)
end

function tidy(value)
  if type(value) == "number" then
    return whole(value)
  elseif type(value) ~= "table" then
    return value
  elseif value[1] ~= nil then
    return tidy_list(value)
  end
  for name, member in pairs(value) do
    if member == null then
      value[name] = nil
    elseif type(member) ~= "string" then
      value[name] = tidy(member)
    end
  end
  return value
end

local function is_interrupt(message)
  return tostring(message):find("interrupted!", 1, true) ~= nil
end

-- What a checked text says; null is there, and numbers are floats.
local function built(checked)
  local ok, value = pcall(cjson_decode, checked)
  if not ok and not is_interrupt(value) then
    -- All of lua-cjson goes by the decimal mark of when it was last made new.
    cjson.new()
    ok, value = pcall(cjson_decode, checked)
  end
  if not ok and is_interrupt(value) then
    error(value, 0) -- Ctrl-C, raised by the interpreter's hook
  elseif not ok then
    return nil, tostring(value)
  elseif value == null then
    return nil, "the text is null"
  end
  return value
end

--- Reads a JSON text as it came, to look at its types: null is there (`null`),
-- long integers are numbers, and a list without elements holds a null.
---@param text string
---@return any value
---@return string|nil message why the text was refused
function M.raw(text)
  local checked, message = core.json_check(text, MAX_DEPTH, false, nil, true)
  if not checked then
    return nil, message
  end
  local value
  value, message = built(checked)
  return value, message
end

--- Reads a JSON text.
---@param text string
---@param tolerant boolean|nil strings may hold marks (wxbot.codec.repair)
---@param values integer|nil how many values it may have; nil: any number
---@return any value tables, strings, numbers, booleans; null members are absent, an empty list is written as one again
---@return string|boolean|nil marked true: there are marks; with value nil, why the text was refused
function M.decode(text, tolerant, values)
  local checked, marked = core.json_check(text, MAX_DEPTH, tolerant, values)
  if not checked then
    return nil, marked
  end
  local value, message = built(checked)
  if value == nil then
    return nil, message
  end
  return tidy(value), marked
end

-- ---------------------------------------------------------------- writing

local function number_text(number)
  if number ~= number or number == huge or number == -huge then
    return nil, "a number is not finite"
  end
  return ascii.of_number(number)
end

local function is_list(value, field)
  if field and field.type and field.type ~= "any" then
    return field.type == "list"
  end
  return value[1] ~= nil or getmetatable(value) == List
end

local write

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

-- What a description says of each name, and how the name is written.
local known = setmetatable({}, { __mode = "k" })

local function described(fields)
  local found = known[fields]
  if not found then
    found = {}
    for _, field in ipairs(fields) do
      found[field.name] = json_quote(field.name) .. ":"
    end
    known[fields] = found
  end
  return found
end

local function write_member(out, prefix, value, field, depth)
  if out[#out] ~= "{" then
    out[#out + 1] = ","
  end
  out[#out + 1] = prefix
  return write(out, value, field, depth)
end

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

local function write_object(out, object, field, depth)
  local fields = field and field.fields or NONE
  local listed = described(fields)
  local others, message = other_names(object, listed)
  if not others then
    return message
  end
  out[#out + 1] = "{"
  for i = 1, #fields do
    local member = fields[i]
    local value = object[member.name]
    if value ~= nil then
      message = message
        or write_member(out, listed[member.name], value, member, depth)
    end
  end
  for _, name in ipairs(others) do
    local quoted, why = json_quote(name)
    message = message or why
      or write_member(out, quoted .. ":", object[name], nil, depth)
  end
  out[#out + 1] = "}"
  return message
end

function write(out, value, field, depth)
  local kind = type(value)
  if kind == "string" then
    local text, message = json_quote(value)
    out[#out + 1] = text
    return message
  elseif kind == "number" then
    local text, message = number_text(value)
    out[#out + 1] = text
    return message
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif value == null then
    out[#out + 1] = "null"
  elseif kind ~= "table" then
    return "a " .. kind .. " cannot be written as JSON"
  elseif depth >= MAX_DEPTH then
    return "nested too deep"
  elseif is_list(value, field) then
    return write_list(out, value, field, depth + 1)
  else
    return write_object(out, value, field, depth + 1)
  end
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

--- What stands for null when it has to be written.
M.null = null

return M
