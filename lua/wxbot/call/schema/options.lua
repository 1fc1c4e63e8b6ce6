--- Checks the options that a function takes. Whatever is wrong with their
--- types, names, numbers and methods is an argument error.

local check = require "wxbot.call.schema.check"

local error, ipairs, type = error, ipairs, type

local M = {}

local NONE = {}

local function missing_method(field, value)
  for _, method in ipairs(field.methods or NONE) do
    if type(value[method]) ~= "function" then
      return ("%s must have a method %s"):format(field.name, method)
    end
  end
end

local function option_error(field, options)
  local value = options[field.name]
  if type(value) == "number" then
    local err = check.invalid_value({ field }, options)
    return err and err.message
  elseif type(value) == "table" and field.type ~= "list" then
    return missing_method(field, value) or field.fields
      and M.argument_error(field.name, field.fields, value)
  end
end

--- Finds an argument error in options. Besides what every field has, one of
--- them may have `methods`, which its object must have, and `fields`, which
--- describe the options in it.
---@param what string what the message begins with
---@param fields table[]
---@param options any
---@return string|nil message
function M.argument_error(what, fields, options)
  local message = check.argument_error(what, fields, options)
  for i = 1, message and 0 or #fields do
    local wrong = option_error(fields[i], options)
    if wrong then
      return what .. ": " .. wrong
    end
  end
  return message
end

--- The values of options, and the defaults of those that are absent.
---@param fields table[]
---@param given any without an argument error; what is no table has none
---@return table options
function M.complete(fields, given)
  local options = {}
  for _, field in ipairs(fields) do
    local value = type(given) == "table" and given[field.name] or nil
    options[field.name] = value == nil and field.default or value
  end
  return options
end

--- Raises for an argument error in options.
---@param what string the function's name
---@param fields table[]
---@param options any
---@param level integer 1: the caller's line
function M.check(what, fields, options, level)
  local message = M.argument_error(what, fields, options)
  if message then
    error(message, level + 1)
  end
end

return M
