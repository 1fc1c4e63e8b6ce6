--- Gives what the platform sent the types that are described.

local texts = require "wxbot.util.text"
local fields_of = require "wxbot.call.schema.fields"
local json = require "wxbot.codec.json"

local floor, tointeger = math.floor, math.tointeger
local next, setmetatable, tostring, type = next, setmetatable, tostring, type

local M = {}

local MAX_EXACT = 2 ^ 53

local List, names_of = json.List, fields_of.names

local function is_whole(value)
  return type(value) == "number" and value % 1 == 0 and value > -MAX_EXACT
    and value < MAX_EXACT
end

local function to_string(value)
  if type(value) == "string" then
    return value
  elseif type(value) == "number" then
    return is_whole(value) and ("%d"):format(value) or texts.of_number(value)
  elseif type(value) == "boolean" then
    return tostring(value)
  end
  -- What should have been a text: its JSON is one, and loses nothing.
  return (json.encode(value))
end

local function to_integer(value)
  local number = is_whole(value) and value or texts.number(value)
  if not number or number <= -MAX_EXACT or number >= MAX_EXACT then
    return nil
  end
  return tointeger and tointeger(floor(number)) or floor(number)
end

local BOOLEANS = { [0] = false, [1] = true, ["0"] = false, ["1"] = true,
  ["false"] = false, ["true"] = true, [false] = false, [true] = true }

local function to_boolean(value)
  return BOOLEANS[value]
end

local function to_object(value, field)
  if type(value) ~= "table" or value[1] ~= nil then
    return nil
  end
  setmetatable(value, nil) -- some write an object without members as []
  if field.fields then
    M.object(field.fields, value)
  end
  return value
end

--- What is described as a list, as one: some write a single element alone.
---@param value any
---@return table list
function M.as_list(value)
  if value == nil or value == "" then
    return {}
  elseif type(value) ~= "table" or value[1] == nil and next(value) ~= nil then
    return { value }
  end
  return value
end

local SHAPES

local function to_list(value, field)
  value = M.as_list(value)
  local shape, kept = SHAPES[field.of or "any"], 0
  for i = 1, #value do
    local shaped = shape(value[i], field)
    value[i] = nil
    if shaped ~= nil then
      kept = kept + 1
      value[kept] = shaped
    end
  end
  return setmetatable(value, List)
end

SHAPES = {
  string = to_string, number = texts.number, integer = to_integer,
  boolean = to_boolean, list = to_list, object = to_object,
  any = function(value) return value end,
}

local function name_of(field, value)
  if value ~= nil then
    return field.enum_names[value] or "unknown"
  end
end

--- Gives the described fields of an answer their described types, in place:
-- numbers that came as strings and strings that came as numbers, lists that
-- came as null. A value that cannot become what is described is dropped:
-- whoever reads a described field may rely on its type. Unknown fields stay.
-- Fields with `enum_names` get a companion `<name>_name`; nobody else may send
-- one.
---@param fields table[]
---@param answer table
---@return table answer the same table
function M.object(fields, answer)
  local names = names_of[fields]
  local field_of, lists, enums = names.field, names.lists, names.enums
  for name, value in next, answer do
    local field = field_of[name]
    if field and type(value) ~= field.type then -- most are what they should be
      answer[name] = SHAPES[field.type](value, field)
    end
  end
  for i = 1, #lists do
    if answer[lists[i]] == nil then
      answer[lists[i]] = setmetatable({}, List)
    end
  end
  for i = 1, #enums do
    local name = enums[i].name
    answer[name .. "_name"] = name_of(enums[i], answer[name])
  end
  return answer
end

--- The same, and names a required field that the answer lacks.
---@param fields table[]
---@param answer table
---@return string|nil missing
function M.answer(fields, answer)
  M.object(fields, answer)
  local required = names_of[fields].required
  for i = 1, #required do
    local value = answer[required[i]]
    if value == nil or value == "" then
      return required[i]
    end
  end
end

return M
