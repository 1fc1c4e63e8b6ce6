--- The command line as argparse understands it, made from descriptions.
--
-- The flags of a command are its fields: those of an endpoint, and a few of
-- its own that are described in the same way.

local argparse = require "argparse"
local ascii = require "wxbot.util.text"
local config = require "wxbot.cli.config"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"

local concat = table.concat
local error, ipairs, tonumber = error, ipairs, tonumber

local M = {}

local GLOBAL = {
  { name = "config", type = "string", arg = "FILE",
    doc = "JSON file with credentials: " .. concat(config.names, ", ")
      .. ". What it names wins over the environment" },
  { name = "sandbox", type = "boolean",
    doc = "Use the embedded platform: no account, no network. It has the "
      .. "administrator admin, the tasks demo-import and demo-failure, and the "
      .. "publication 100000001" },
  { name = "skills", type = "string", arg = "FILE",
    doc = "Skills that the sandbox talks about" },
  { name = "v2", type = "boolean",
    doc = "Use the second generation of the platform's interfaces; for "
      .. "chat, ask, import, task, publish-bot and progress" },
  { name = "json", type = "boolean",
    doc = "Print the result as one JSON line, errors too" },
  { name = "timeout", type = "number", arg = "SECONDS",
    doc = "How long a call may take (10), or a --wait" },
  { name = "base_url", type = "string", arg = "URL",
    doc = "Where the platform is, http(s)://host[:port]" },
  { name = "ca_file", type = "string", arg = "FILE",
    doc = "PEM file of the authorities to trust, instead of the system's" },
}

local EPILOG = [[
Credentials come from --config or from the environment: WXBOT_APPID,
WXBOT_TOKEN, WXBOT_AES_KEY, WXBOT_ACCESS_TOKEN; never from arguments.
WXBOT_MANAGERID is the id of an administrator, where a command or --v2 wants
one; WXBOT_DEBUG=1 adds a traceback to an internal error. The options above
stand before or after the command.

Answers go to standard output, everything else to standard error. Exit
status: 0 done, 1 the call failed, 2 wrong use, 69 serve or receive found no
nginx with Lua, 130 interrupted.]]

local COMMAND_EPILOG = "Options of all commands (--config, --sandbox, --json, "
  .. "--timeout …): wxbot --help"

-- Raised by `usage`, told from everything else by its metatable.
local Usage = {}

--- Tells whether a raised value is a complaint about the command line.
---@param value any
---@return boolean
function M.is_usage(value)
  return getmetatable(value) == Usage
end

local function usage(parser, message)
  error(setmetatable({ usage = parser:get_usage(),
    err = errors.new{ kind = "invalid", code = "usage", message = message },
  }, Usage), 0)
end

local function flag_of(field)
  return "--" .. field.name:gsub("_", "-")
end

local CONVERT = {
  integer = function(text)
    return text:find("^%d+$") and #text <= 15 and tonumber(text) or nil
  end,
  number = function(text)
    local number = ascii.number(text)
    return number and number > 0 and number <= 1e6 and number or nil
  end,
}

CONVERT.object = function(text)
  return json.is_object(text) and json.decode(text) or nil
end

local WANTED = { integer = "a whole number", number = "a number above 0",
  object = "a JSON object" }

local function converter(field)
  local convert = CONVERT[field.type]
  return function(text)
    local value = convert(text)
    if value then
      return value
    end
    return nil, ("%s must be %s"):format(flag_of(field), WANTED[field.type])
  end
end

local function add_option(parser, field, default)
  local option = parser:option(flag_of(field)):target(field.name)
    :argname("<" .. (field.arg or field.name) .. ">")
  if field.type == "list" then
    option:count("*"):action("append")
  elseif field.required and default == nil then
    option:count(1)
  end
  if field.enum then
    option:choices(field.enum)
  end
  if default ~= nil then
    option:default(default)
  end
  if CONVERT[field.type] then
    option:convert(converter(field))
  end
  return option
end

local function describe(field, default)
  if field.type == "list" then
    return field.doc .. " (may be repeated)"
  elseif field.required and default == nil then
    return field.doc .. " (required)"
  end
  return field.doc
end

local function add_field(parser, field, default)
  local option
  if field.type == "function" then
    return
  elseif field.type == "boolean" then
    option = parser:flag(flag_of(field)):target(field.name)
  else
    option = add_option(parser, field, default)
  end
  option:description(describe(field, default))
end

local function add_argument(parser, argument)
  parser:argument(argument.name, argument.doc):args(argument.args or 1)
end

local function add_command(parent, command, target)
  local parser = parent:command(command.name):summary(command.summary)
    :description(command.summary .. "."
      .. (command.doc and "\n" .. command.doc or ""))
    :epilog(COMMAND_EPILOG)
  for _, argument in ipairs(command.arguments or {}) do
    add_argument(parser, argument)
  end
  local defaults, positional = command.defaults or {}, command.positional
  for _, field in ipairs(command.fields or {}) do
    if field.name == positional then
      add_argument(parser, field)
    else
      add_field(parser, field, defaults[field.name])
    end
  end
  if command.commands then
    parser:command_target(target .. "_" .. command.name)
    for _, nested in ipairs(command.commands) do
      add_command(parser, nested, target .. "_" .. command.name)
    end
  end
end

--- Makes the parser of all commands.
---@param commands table[]
---@param version string
---@return table parser
function M.new(commands, version)
  local parser = argparse("wxbot", "Talk with the WeChat conversation platform.",
    EPILOG):help_max_width(78):command_target("command")
  parser:flag("--version"):description("Print the version and exit")
    :action(function()
      print("wxbot " .. version)
      os.exit(0)
    end)
  for _, field in ipairs(GLOBAL) do
    add_field(parser, field)
  end
  for _, command in ipairs(commands) do
    add_command(parser, command, "command")
  end
  parser.error = usage
  return parser
end

-- What runs as long as it is not ended, and has a platform of its own or asks
-- one that is elsewhere.
local function contradiction_of_server(options)
  if options.command == "serve" and (options.config or options.base_url) then
    return "serve has its own credentials and place: not together with "
      .. "--config or --base-url"
  elseif options.command == "receive" and options.sandbox then
    return "receive asks a platform: not together with --sandbox; have "
      .. "`wxbot serve` in another terminal, and --base-url"
  end
end

local function contradiction(options)
  if options.ca_file and (options.command == "serve"
      or options.sandbox and options.command ~= "push") then
    return "--ca-file belongs to calls over the network"
  elseif options.ca_file and (options.ca_file == ""
      or options.ca_file:find("[%z\1-\31\127]")) then
    return "--ca-file must be a file name"
  elseif options.sandbox and (options.config or options.base_url) then
    return "--sandbox has its own credentials and place: not together with "
      .. "--config or --base-url"
  elseif options.skills and not options.sandbox
      and options.command ~= "serve" then
    return "--skills belongs to --sandbox or serve"
  end
  return contradiction_of_server(options)
end

--- Reads the arguments; raises what `is_usage` knows.
---@param parser table
---@param commands table[]
---@param args string[]
---@return table options
---@return table command
function M.parse(parser, commands, args)
  local options = parser:parse(args)
  local command
  for _, one in ipairs(commands) do
    command = one.name == options.command and one or command
  end
  local message = contradiction(options)
  if options.v2 and not command.v2 then
    message = "--v2 has no " .. command.name
  end
  if message then
    usage(parser, message)
  end
  return options, command
end

return M
