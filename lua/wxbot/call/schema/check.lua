--- Checks what a caller gave against a description.

local texts = require "wxbot.util.text"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"

local concat, sort = table.concat, table.sort
local getmetatable, ipairs, next, pairs = getmetatable, ipairs, next, pairs
local tostring, type = tostring, type

local M = {}

local describe_type, is_of = fields_of.describe_type, fields_of.is_of
local is_id, names_of = fields_of.is_id, fields_of.names

-- ----------------------------------------------------------- argument errors

-- A list has the keys 1 … n and no others.
local function list_error(field, list)
  local name, n, element = field.name, #list, field.of
  for key in pairs(list) do
    if not (is_of("integer", key) and key >= 1 and key <= n) then
      return ("%s must be a list: it has the key %s"):format(name,
        tostring(key))
    end
  end
  for i = 1, n do
    if not is_of(element, list[i]) and not (field.id and is_id(list[i])) then
      return ("%s[%d] must be %s (got %s)"):format(name, i,
        describe_type{ type = element }, type(list[i]))
    end
  end
end

local function field_error(field, value)
  if value == nil then
    return field.required and ("%s is missing: expected %s (%s)"):format(
      field.name, describe_type(field), field.doc) or nil
  elseif not (is_of(field.type, value)
      or field.or_type and is_of(field.or_type, value)
      or field.id and field.type == "string" and is_id(value)) then
    return ("%s must be %s (got %s)"):format(field.name,
      describe_type(field), value ~= value and "NaN" or type(value))
  elseif field.type == "list" and type(value) == "table"
      and field.of ~= "any" then
    local message = list_error(field, value)
    for i = 1, field.fields and not message and #value or 0 do
      message = M.argument_error(("%s[%d]"):format(field.name, i),
        field.fields, value[i])
      if message then
        break
      end
    end
    return message
  end
end

local function unknown_name(fields, params)
  local names, unknown = names_of[fields], nil
  for name in pairs(params) do
    if not names.field[name] then
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
function M.argument_error(what, fields, params)
  if type(params) ~= "table" then
    return ("%s: expected a table, got %s"):format(what, type(params))
  end
  local message = unknown_name(fields, params)
  for i = 1, message and 0 or #fields do
    message = message or field_error(fields[i], params[fields[i].name])
  end
  return message and what .. ": " .. message
end

-- ------------------------------------------------------------ invalid values

local function is_one_of(values, value)
  for _, allowed in ipairs(values) do
    if value == allowed then
      return true
    end
  end
end

-- What is wrong with a string, as the end of a sentence.
local function string_reason(field, value)
  if value == "" and field.required then
    return "must not be empty"
  elseif value:find("\0", 1, true) then
    return "holds a NUL byte"
  elseif not core.utf8_valid(value) then
    return "is not valid UTF-8"
  elseif field.enum and not is_one_of(field.enum, value) then
    return "must be one of " .. concat(field.enum, ", ")
  elseif field.pattern and not value:find(field.pattern) then
    return "does not fit the pattern " .. field.pattern
  end
end

local ELEMENT = { required = true }
local object_reason

local function list_reason(field, list)
  if #list == 0 and field.required then
    return "must not be empty"
  elseif field.of ~= "string" and not field.fields then
    return nil
  end
  for i = 1, #list do
    local reason, inside
    if field.fields then
      reason, inside = object_reason(field.fields, list[i])
    else
      reason = string_reason(ELEMENT, list[i])
    end
    if reason then
      return reason, i, inside
    end
  end
end

local function number_reason(field, value)
  if field.exclusive_min and value <= field.exclusive_min then
    return "must be greater than " .. texts.of_number(field.exclusive_min)
  elseif field.min and value < field.min then
    return "must be at least " .. texts.of_number(field.min)
  elseif field.max and value > field.max then
    return "must be at most " .. texts.of_number(field.max)
  end
end

-- What is wrong with a value; where in a list, and in which of its fields.
local function reason_of(field, value)
  if type(value) == "string" then
    return string_reason(field, value)
  elseif field.type == "list" and type(value) == "table" then
    return list_reason(field, value)
  elseif type(value) == "number" then
    return number_reason(field, value)
  end
end

local function place(name, index, inside)
  return (index and ("%s[%d]"):format(name, index) or name)
    .. (inside and "." .. inside or "")
end

function object_reason(fields, object)
  for _, field in ipairs(fields) do
    local reason, index, inside = reason_of(field, object[field.name])
    if reason then
      return reason, place(field.name, index, inside)
    end
  end
end

-- A field that only another, which is true, makes dispensable.
local function choice_reason(field, params)
  local given, other = params[field.name] ~= nil, field.required_unless
  if not given and not params[other] then
    return ("is missing: it is needed unless %s = true"):format(other)
  elseif given and params[other] then
    return ("and %s = true contradict each other"):format(other)
  end
end

-- The error of a value that cannot be sent; nil: it can be.
local function value_error(field, params, before)
  local reason, index, inside = reason_of(field, params[field.name])
  if field.required_unless and not reason then
    reason = choice_reason(field, params)
  end
  if not reason then
    return nil
  end
  index = index and index + before
  return errors.new{ kind = "invalid", code = "value", field = field.name,
    index = index, reason = reason,
    message = place(field.name, index, inside) .. " " .. reason }
end

--- Finds a value that cannot be sent.
-- The error names it: field, index (in a list) and reason.
---@param fields table[]
---@param params table without an argument error
---@param before integer|nil how many elements came before those of a list
---@return wxbot.Error|nil
function M.invalid_value(fields, params, before)
  for i = 1, #fields do
    local err = value_error(fields[i], params, before or 0)
    if err then
      return err
    end
  end
end

-- Are all parameters strings that can be sent, and none is missing? Most are,
-- and one look at each tells; what else they are takes a look at each field.
local function are_fine(names, params)
  local field_of, required = names.field, names.required
  for name, value in next, params do
    local field = field_of[name]
    if type(value) ~= "string" or not field or field.type ~= "string"
        or string_reason(field, value) then
      return false
    end
  end
  for i = 1, #required do
    if params[required[i]] == nil then
      return false
    end
  end
  return names.is_plain
end

--- Checks the parameters of a method.
---@param what string what the message begins with
---@param fields table[]
---@param params any
---@return table|nil params with ids as texts
---@return wxbot.Error|nil err an invalid value
---@return string|nil message an argument error, with params nil
function M.params(what, fields, params)
  local names = names_of[fields]
  if type(params) == "table" and getmetatable(params) == nil
      and are_fine(names, params) then
    return params
  end
  local message, ids = M.argument_error(what, fields, params), names.ids
  if message then
    return nil, nil, message
  end
  for i = 1, #ids do
    local id = params[ids[i]]
    if id ~= nil and type(id) ~= "string" then
      params = fields_of.with_ids(fields, params)
      break
    end
  end
  return params, M.invalid_value(fields, params)
end

return M
