--- Reads endpoint descriptions: checks what goes out, shapes what comes in.

local ascii = require "wxbot.util.text"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"

local floor = math.floor
local math_type = math.type
local concat, sort = table.concat, table.sort
local ipairs, next, pairs, setmetatable = ipairs, next, pairs, setmetatable
local tostring, type = tostring, type

local M = {}

local MAX_EXACT = 2 ^ 53

-- What every call goes through counts instead of using ipairs, which calls a
-- function of C for each field: in Lua 5.4 that is most of such a loop's time.

-- ------------------------------------------------------- what a caller gave

local function is_integer(value)
  if type(value) ~= "number" then
    return false
  elseif math_type and math_type(value) == "integer" then
    return true
  end
  return floor(value) == value and value > -MAX_EXACT and value < MAX_EXACT
end

-- An id may be a number of which no digit was lost on the way here.
local function is_id(value)
  return is_integer(value) and value > -MAX_EXACT and value < MAX_EXACT
end

local function is_object(value)
  return type(value) == "table"
end

local TYPES = {
  string = function(value) return type(value) == "string" end,
  number = function(value)
    return type(value) == "number" and value == value
  end,
  boolean = function(value) return type(value) == "boolean" end,
  ["function"] = function(value) return type(value) == "function" end,
  integer = is_integer,
  list = is_object,
  object = is_object,
  any = function() return true end,
}

local ARTICLES = { integer = "an integer", object = "a table",
  any = "a value" }

-- "a string", "a list of strings", "a string or a function"
local function describe_type(field)
  if field.type == "list" then
    return "a list of " .. (field.of or "value") .. "s"
  end
  local text = ARTICLES[field.type] or ("a " .. field.type)
  if field.or_type then
    text = text .. " or " .. describe_type{ type = field.or_type }
  end
  return text
end

local function fits(field, value)
  return TYPES[field.type](value)
    or (field.or_type ~= nil and TYPES[field.or_type](value))
    or field.id and field.type == "string" and is_id(value)
end

-- A list has the keys 1 … n and no others.
local function list_misuse(field, list)
  local name, n, element = field.name, #list, field.of
  for key in pairs(list) do
    if not (is_integer(key) and key >= 1 and key <= n) then
      return ("%s must be a list: it has the key %s"):format(name,
        tostring(key))
    end
  end
  for i = 1, n do
    if not TYPES[element](list[i]) and not (field.id and is_id(list[i])) then
      return ("%s[%d] must be %s (got %s)"):format(name, i,
        describe_type{ type = element }, type(list[i]))
    end
  end
end

local unknown_misuse, field_misuse

-- Of an object in a list.
local function inner_misuse(name, fields, object)
  local message = unknown_misuse(fields, object)
  for _, field in ipairs(fields) do
    message = message or field_misuse(field, object[field.name])
  end
  return message and name .. ": " .. message
end

function field_misuse(field, value)
  if value == nil then
    return field.required and ("%s is missing: expected %s (%s)"):format(
      field.name, describe_type(field), field.doc) or nil
  elseif not fits(field, value) then
    return ("%s must be %s (got %s)"):format(field.name,
      describe_type(field), type(value))
  elseif field.type == "list" and type(value) == "table"
      and field.of ~= "any" then
    local message = list_misuse(field, value)
    for i = 1, field.fields and not message and #value or 0 do
      message = message or inner_misuse(("%s[%d]"):format(field.name, i),
        field.fields, value[i])
    end
    return message
  end
end

-- The names that a list of fields has, as a list and as a set, those of fields
-- that are required, and those of ids.
local known = setmetatable({}, { __mode = "k" })

local function names_of(fields)
  local names = known[fields]
  if not names then
    names = { set = {}, required = {}, ids = {} }
    for i, field in ipairs(fields) do
      names.set[field.name], names[i] = true, field.name
      names.required[#names.required + 1] = field.required and field.name
        or nil
      names.ids[#names.ids + 1] = field.id and field.name or nil
    end
    known[fields] = names
  end
  return names
end

function unknown_misuse(fields, params)
  local names, unknown = names_of(fields), nil
  for name in pairs(params) do
    if not names.set[name] then
      unknown = unknown or {}
      unknown[#unknown + 1] = tostring(name)
    end
  end
  if unknown then
    sort(unknown)
    return ("unknown name %s: expected %s"):format(unknown[1],
      #names > 0 and concat(names, ", ") or "none")
  end
end

--- Finds a programming mistake: a wrong type, a missing or an unknown name.
-- The caller raises it, since only the caller knows whose line it is.
---@param what string what the message begins with
---@param fields table[]
---@param params any
---@return string|nil message
function M.misuse(what, fields, params)
  if type(params) ~= "table" then
    return ("%s: expected a table, got %s"):format(what, type(params))
  end
  local message = unknown_misuse(fields, params)
  for i = 1, message and 0 or #fields do
    local field = fields[i]
    local value = params[field.name]
    if value ~= nil or field.required then
      message = message or field_misuse(field, value)
    end
  end
  return message and (what .. ": " .. message)
end

local function not_allowed(values, value)
  for _, allowed in ipairs(values) do
    if value == allowed then
      return nil
    end
  end
  return "must be one of " .. concat(values, ", ")
end

-- What is wrong with a string, as the end of a sentence.
local function string_problem(field, value)
  if value == "" and field.required then
    return "must not be empty"
  elseif value:find("\0", 1, true) then
    return "holds a NUL byte"
  elseif not core.utf8_valid(value) then
    return "is not valid UTF-8"
  elseif field.enum then
    return not_allowed(field.enum, value)
  elseif field.pattern and not value:find(field.pattern) then
    return "does not fit the pattern " .. field.pattern
  end
end

local ELEMENT = { required = true }
local object_problem

local function list_problem(field, list)
  if #list == 0 and field.required then
    return "must not be empty"
  elseif field.of ~= "string" and not field.fields then
    return nil
  end
  for i = 1, #list do
    local problem, inside
    if field.fields then
      problem, inside = object_problem(field.fields, list[i])
    else
      problem = string_problem(ELEMENT, list[i])
    end
    if problem then
      return problem, i, inside
    end
  end
end

local function number_problem(field, value)
  if field.exclusive_min and value <= field.exclusive_min then
    return "must be greater than " .. ascii.of_number(field.exclusive_min)
  elseif field.min and value < field.min then
    return "must be at least " .. ascii.of_number(field.min)
  elseif field.max and value > field.max then
    return "must be at most " .. ascii.of_number(field.max)
  end
end

-- What is wrong with a value; where in a list, and in which of its fields.
local function problem_of(field, value)
  if type(value) == "string" then
    return string_problem(field, value)
  elseif field.type == "list" and type(value) == "table" then
    return list_problem(field, value)
  elseif type(value) == "number" then
    return number_problem(field, value)
  end
end

local function place(name, index, inside)
  return (index and ("%s[%d]"):format(name, index) or name)
    .. (inside and "." .. inside or "")
end

function object_problem(fields, object)
  for _, field in ipairs(fields) do
    local problem, index, inside = problem_of(field, object[field.name])
    if problem then
      return problem, place(field.name, index, inside)
    end
  end
end

-- A field that only another, which is true, makes dispensable.
local function choice_problem(field, params)
  local given, other = params[field.name] ~= nil, field.required_unless
  if not given and not params[other] then
    return ("is missing: it is needed unless %s = true"):format(other)
  elseif given and params[other] then
    return ("and %s = true contradict each other"):format(other)
  end
end

--- Finds a value that cannot be sent.
-- The error names it: field, index (in a list) and problem.
---@param fields table[]
---@param params table without misuse
---@param before integer|nil how many elements came before those of a list
---@return nil, wxbot.Error|nil
function M.fault(fields, params, before)
  for i = 1, #fields do
    local field = fields[i]
    local value, problem, index, inside = params[field.name], nil, nil, nil
    if value ~= nil then
      problem, index, inside = problem_of(field, value)
    end
    if field.required_unless and not problem then
      problem = choice_problem(field, params)
    end
    if problem then
      index = index and index + (before or 0)
      local name = place(field.name, index, inside)
      return nil, errors.new{ kind = "invalid", code = "value",
        message = name .. " " .. problem, field = field.name,
        index = index, problem = problem }
    end
  end
  return nil, nil
end

--- The values of described fields, without all else.
---@param fields table[]
---@param values table
---@return table picked
function M.pick(fields, values)
  local picked = {}
  for _, field in ipairs(fields) do
    picked[field.name] = values[field.name]
  end
  return picked
end

--- An id as a text: of an integer all its digits. What is none stays as it is.
---@param value any
---@return any
function M.id(value)
  return is_id(value) and ("%d"):format(value) or value
end

local function texts_of(ids)
  local texts = {}
  for i = 1, #ids do
    texts[i] = M.id(ids[i])
  end
  return texts
end

local function as_texts(ids)
  for i = 1, #ids do
    if type(ids[i]) == "number" then
      return texts_of(ids)
    end
  end
  return ids
end

--- Parameters with their ids as texts; what the caller gave is not changed.
---@param fields table[]
---@param params table without misuse
---@return table params
function M.with_ids(fields, params)
  local given = params
  for _, name in ipairs(names_of(fields).ids) do
    local value = given[name]
    local text = type(value) == "table" and as_texts(value) or M.id(value)
    if text ~= value then
      params = params == given and M.pick(fields, given) or params
      params[name] = text
    end
  end
  return params
end

--- What of the parameters stands in the body.
---@param fields table[]
---@param params table
---@return table params without those of fields that are `apart`
function M.body(fields, params)
  local body = params
  for i = 1, #fields do
    local field = fields[i]
    if field.apart and params[field.name] ~= nil then
      if body == params then
        body = {}
        for name, value in pairs(params) do
          body[name] = value
        end
      end
      body[field.name] = nil
    end
  end
  return body
end

-- ----------------------------------------------------- what the platform sent

local function to_string(value)
  if type(value) == "string" then
    return value
  elseif type(value) == "number" then
    return ascii.of_number(value)
  elseif type(value) == "boolean" then
    return tostring(value)
  end
  -- What should have been a text: its JSON is one, and loses nothing.
  return (json.encode(value))
end

local function to_integer(value)
  local number = ascii.number(value)
  if not number or number <= -MAX_EXACT or number >= MAX_EXACT then
    return nil
  elseif math.tointeger then
    return math.tointeger(floor(number))
  end
  return floor(number)
end

local BOOLEANS = { [0] = false, [1] = true, ["0"] = false, ["1"] = true,
  ["false"] = false, ["true"] = true, [false] = false, [true] = true }

local function to_boolean(value)
  return BOOLEANS[value]
end

local shape_value

local function to_object(value, field)
  if type(value) ~= "table" or value[1] ~= nil then
    return nil
  end
  setmetatable(value, nil) -- some write an object without members as []
  if field.fields then
    M.shape(field.fields, value)
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

local function to_list(value, field)
  value = M.as_list(value)
  local element = { type = field.of or "any", fields = field.fields }
  local kept = 0
  for i = 1, #value do
    local shaped = shape_value(element, value[i])
    value[i] = nil
    if shaped ~= nil then
      kept = kept + 1
      value[kept] = shaped
    end
  end
  return json.list(value)
end

local SHAPES = {
  string = to_string, number = ascii.number, integer = to_integer,
  boolean = to_boolean, list = to_list, object = to_object,
  any = function(value) return value end,
}

function shape_value(field, value)
  if value == nil and field.type ~= "list" then
    return nil
  end
  return SHAPES[field.type](value, field)
end

local function name_of(field, value)
  if value ~= nil then
    return field.enum_names[value] or "unknown"
  end
end

--- Gives the described fields of an answer their described types, in place:
-- numbers that came as strings and strings that came as numbers, lists that
-- came as null. A value that cannot become what is described is dropped:
-- whoever reads a described field may rely on its type. Unknown fields stay.
-- Fields with `names` get a companion `<name>_name`; nobody else may send one.
---@param fields table[]
---@param answer table
---@return table answer the same table
function M.shape(fields, answer)
  for i = 1, #fields do
    local field = fields[i]
    local name, kind = field.name, field.type
    local value = answer[name]
    if value ~= nil or kind == "list" then
      if type(value) ~= kind then -- most are what they are described as
        value = shape_value(field, value)
        answer[name] = value
      end
    end
    if field.enum_names then
      answer[name .. "_name"] = name_of(field, value)
    end
  end
  return answer
end

--- Names a required field that an answer lacks.
---@param fields table[]
---@param answer table
---@return string|nil name
function M.lacking(fields, answer)
  for _, name in ipairs(names_of(fields).required) do
    local value = answer[name]
    if value == nil or value == "" then
      return name
    end
  end
end

return M
