--- The command line as argparse understands it, made from descriptions.
--
-- The flags of a command are its fields: those of an endpoint, and a few of
-- its own that are described in the same way. Its name is a word, or that of its
-- group and a word.

local argparse = require "argparse"
local texts = require "wxbot.util.text"
local config = require "wxbot.cli.config"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local proxies = require "wxbot.cli.proxy"

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
  { name = "json", type = "boolean",
    doc = "Print the result as one JSON line, errors too" },
  { name = "timeout", type = "number", arg = "SECONDS",
    doc = "How long a call may take (10), or a --wait" },
  { name = "base_url", type = "string", arg = "URL",
    doc = "Where the platform is, http(s)://host[:port]" },
  { name = "ca_file", type = "string", arg = "FILE",
    doc = "PEM file of the authorities to trust, instead of the system's" },
  { name = "proxy", type = "string", arg = "URL",
    doc = "Reach the network by this proxy, http://[user:password@]host:port; "
      .. '"" is none. Without it HTTPS_PROXY and NO_PROXY say so for https '
      .. "addresses that are not of this machine" },
  { name = "verbose", short = "-v", type = "boolean",
    doc = "Tell of each attempt of a call on standard error: endpoint, status "
      .. "or failure, milliseconds; as text, with --json too" },
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

-- Raises a complaint about the command line.
local function usage(parser, message)
  error(errors.new{ kind = "invalid", code = "usage", message = message,
    usage = parser:get_usage() }, 0)
end

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

-- An administrator may come from elsewhere.
local function is_required(field, default)
  return field.required and default == nil and not field.administrator
end

local function add_option(parser, field, default)
  local option = parser:option(flag_of(field)):target(field.name)
    :argname("<" .. (field.arg or field.name) .. ">")
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
    or is_required(field, default) and " (required)" or "")
end

local function add_field(parser, field, default)
  if field.type == "function" then
    return
  end
  local option = field.type == "boolean"
    and parser:flag((field.short and field.short .. " " or "")
      .. flag_of(field)):target(field.name)
    or add_option(parser, field, default)
  option:description(describe(field, default))
end

local function add_command(parent, name, command)
  local parser = parent:command(name):summary(command.summary)
    :description(command.summary .. "."
      .. (command.doc and "\n" .. command.doc or ""))
    :epilog(COMMAND_EPILOG)
  for _, argument in ipairs(command.arguments or {}) do
    parser:argument(argument.name, argument.doc):args(argument.args or 1)
  end
  local defaults = command.defaults or {}
  for _, field in ipairs(command.fields or {}) do
    if field.name == command.positional then
      parser:argument(field.name, field.doc)
    else
      add_field(parser, field, defaults[field.name])
    end
  end
end

-- The parser of a group, which is made with its first command.
local function group_of(parser, groups, made, name)
  if name and not made[name] then
    made[name] = parser:command(name):summary(groups[name])
      :description(groups[name] .. "."):epilog(COMMAND_EPILOG)
      :command_target("command_in_group")
  end
  return made[name] or parser
end

-- The flag of the API version, which says what has it.
local function v2_field(commands)
  local names = {}
  for _, command in ipairs(commands) do
    names[#names + 1] = command.methods and command.methods.v2
      and command.name or nil
  end
  return { name = "v2", type = "boolean", doc = "Use version 2 of the "
    .. "platform's interfaces; for " .. concat(names, ", ") }
end

--- Makes the parser of all commands.
---@param commands table[]
---@param groups table<string, string> a summary of each group
---@param version string
---@return table parser
function M.new(commands, groups, version)
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
  add_field(parser, v2_field(commands))
  local made = {}
  for _, command in ipairs(commands) do
    local group, word = command.name:match("^([a-z0-9-]+) ([a-z0-9-]+)$")
    add_command(group_of(parser, groups, made, group), word or command.name,
      command)
  end
  parser.error = usage
  return parser
end

local function no_variable() end

local function contradiction(options, command)
  local ca_file, is_serve = options.ca_file, command == "serve"
  local has_place = options.sandbox and "--sandbox" or is_serve and command
  local reaching = ca_file and "--ca-file" or options.proxy and "--proxy"
  local _, wrong_proxy = proxies.choose(options, no_variable, "")
  if reaching and has_place and command ~= "push" then
    return reaching .. " belongs to calls over the network"
  elseif wrong_proxy then
    return wrong_proxy.message
  elseif ca_file and (ca_file == "" or ca_file:find("[%z\1-\31\127]")) then
    return "--ca-file must be a file name"
  elseif has_place and (options.config or options.base_url) then
    return has_place .. " has its own credentials and place: not together "
      .. "with --config or --base-url"
  elseif options.skills and not has_place then
    return "--skills belongs to --sandbox or serve"
  elseif command == "receive" and options.sandbox then
    return "receive asks a platform: not together with --sandbox; have "
      .. "`wxbot serve` in another terminal, and --base-url"
  end
end

--- Reads the arguments; raises an error with `usage` where they are wrong.
---@param parser table
---@param commands table[]
---@param args string[]
---@return table options
---@return table command
function M.parse(parser, commands, args)
  local options = parser:parse(args)
  local name, command = options.command, nil
  if options.command_in_group then
    name = name .. " " .. options.command_in_group
  end
  for _, one in ipairs(commands) do
    command = one.name == name and one or command
  end
  local message = contradiction(options, name)
  if options.v2 and not (command.methods and command.methods.v2) then
    message = "--v2 has no " .. name
  end
  if message then
    usage(parser, message)
  end
  return options, command
end

return M
