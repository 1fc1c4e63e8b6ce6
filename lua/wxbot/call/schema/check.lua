--- Checks what a caller gave against a description.

local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"
local files = require "wxbot.call.schema.files"
local values = require "wxbot.call.schema.value"

local concat, sort = table.concat, table.sort
local getmetatable, ipairs, pairs = getmetatable, ipairs, pairs
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

-- What is wrong inside of a table.
local function inside_error(field, value)
  local fields = field.type == "file" and files.fields or field.fields
  if field.type ~= "list" then
    return fields and M.argument_error(field.name, fields, value) or nil
  elseif field.of == "any" then
    return nil
  end
  local message = list_error(field, value)
  for i = 1, fields and not message and #value or 0 do
    message = M.argument_error(("%s[%d]"):format(field.name, i), fields,
      value[i])
    if message then
      break
    end
  end
  return message
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
  elseif type(value) == "table" then
    return inside_error(field, value)
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

-- The error of a value that cannot be sent; nil: it can be.
local function value_error(field, params, before)
  local reason, inside, index = values.field_reason(field, params)
  if not reason then
    return nil
  end
  index = index and index + before
  return errors.new{ kind = "invalid", code = "value", field = field.name,
    index = index, reason = reason,
    message = values.place(field.name, index, inside) .. " " .. reason }
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

-- The parameters with their files as they are sent; what was given stays as it
-- is. An error of one that cannot be.
local function with_files(fields, params)
  local read = fields_of.pick(fields, params)
  for _, field in ipairs(names_of[fields].files) do
    local file, reason = files.read(field, params)
    if reason then
      return nil, errors.new{ kind = "invalid", code = "value",
        field = field.name, reason = reason,
        message = field.name .. " " .. reason }
    end
    read[field.name] = file
  end
  return read
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
      and values.are_fine(names, params) then
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
  local err = M.invalid_value(fields, params)
  if not err and names.files[1] then
    params, err = with_files(fields, params)
  end
  return params, err
end

return M
