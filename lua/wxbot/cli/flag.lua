--- The option of a described field, for argparse.

local config = require "wxbot.cli.config"
local json = require "wxbot.codec.json"
local texts = require "wxbot.util.text"

local tonumber = tonumber
local variables = config.variables

local M = {}

local function flag_of(field)
  return "--" .. field.name:gsub("_", "-")
end

-- What an argument of each type must be, and what it says.
local CONVERT = {
  integer = { "a whole number", function(text)
    return text:find("^%d+$") and #text <= 15 and tonumber(text) or nil
  end },
  number = { "a number above 0", function(text)
    local number = texts.number(text)
    return number and number > 0 and number <= 1e6 and number or nil
  end },
  object = { "a JSON object", function(text)
    return json.is_object(text) and json.decode(text) or nil
  end },
}

local function converter(field, convert)
  return function(text)
    local value = convert[2](text)
    if value then
      return value
    end
    return nil, ("%s must be %s"):format(flag_of(field), convert[1])
  end
end

-- Some may come from elsewhere.
local function is_required(field, default)
  return field.required and default == nil and not field.administrator
    and not field.credential
end

local function add_option(parser, field, default)
  local option = parser:option(flag_of(field)):target(field.name)
    :argname("<" .. (field.arg or field.type == "object" and "json"
      or field.name) .. ">")
  local is_list = field.type == "list"
  if is_list then
    option:count("*"):action("append")
  elseif is_required(field, default) then
    option:count(1)
  end
  if field.enum then
    option:choices(field.enum)
  end
  if default ~= nil then
    option:default(default)
  end
  local convert = CONVERT[is_list and field.of or field.type]
  if convert then
    option:convert(converter(field, convert))
  end
  return option
end

local function describe(field, default)
  return field.doc .. (field.type == "list" and " (may be repeated)"
    or field.administrator and "; otherwise WXBOT_MANAGERID"
    or field.credential and "; otherwise " .. variables[field.credential]
    or is_required(field, default) and " (required)" or "")
end

--- Adds the option of a field; what no text can be has none.
---@param parser table
---@param field table
---@param default any
function M.add(parser, field, default)
  if field.type == "function" then
    return
  end
  local option = field.type == "boolean"
    and parser:flag((field.short and field.short .. " " or "")
      .. flag_of(field)):target(field.name)
    or add_option(parser, field, default)
  option:description(describe(field, default))
end

return M
