--- The objects of a described list, from a JSON file: the list, an object that
--- has it, or one element alone.

local check = require "wxbot.call.schema.check"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local read = require "wxbot.cli.read"

local type = type

local M = {}

local function refuse(path, message)
  return errors.invalid(("%s: %s"):format(read.name_of(path), message), "file")
end

-- What the value holds of the list.
local function list_of(value, name, is_object)
  if not is_object then
    return value
  end
  return type(value[name]) == "table" and value[name] or { value }
end

--- Reads them.
---@param path string "-": standard input
---@param field table a list of objects
---@return table[]|nil list
---@return wxbot.Error|nil err kind "invalid"
function M.read(path, field)
  local text, reason = read.file(path)
  if not text then
    return errors.invalid("cannot read " .. reason, "file")
  end
  local value, message = json.decode(text)
  if value == nil then
    return refuse(path, "it is not JSON: " .. message)
  elseif type(value) ~= "table" then
    return refuse(path, "it must hold an object, or a list")
  end
  local params = { [field.name] = list_of(value, field.name,
    json.is_object(text)) }
  message = check.argument_error(read.name_of(path), { field }, params)
  if message then
    return errors.invalid(message, "file")
  end
  return params[field.name]
end

return M
