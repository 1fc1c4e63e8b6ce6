--- The command line as argparse understands it, made from descriptions.
--
-- The flags of a command are its fields: those of an endpoint, and a few of
-- its own that are described in the same way. Its name is a word, or that of its
-- group and a word.

local argparse = require "argparse"
local config = require "wxbot.cli.config"
local errors = require "wxbot.util.errors"
local flag = require "wxbot.cli.flag"
local help = require "wxbot.cli.help"
local output = require "wxbot.cli.output"
local proxies = require "wxbot.cli.proxy"
local versions = require "wxbot.cli.versions"

local concat, unpack = table.concat, table.unpack or unpack
local error, exit, ipairs = error, os.exit, ipairs

local M = {}

local GLOBAL = {
  { name = "config", type = "string", arg = "FILE",
    doc = "JSON file with credentials: " .. concat(config.names, ", ")
      .. ". What it names wins over the environment" },
  { name = "sandbox", type = "boolean",
    doc = "Use the embedded platform: no account, no network. It has the "
      .. "administrator admin, the tasks demo-import and demo-failure, the draft "
      .. "demo-draft with the cover demo-cover, and the publication 100000001" },
  { name = "skills", type = "string", arg = "FILE",
    doc = "JSON file of skills that the sandbox talks about (default: a few of "
      .. "its own)" },
  { name = "json", type = "boolean",
    doc = "Print the result as one JSON line, errors too" },
  { name = "timeout", type = "number", arg = "SECONDS",
    doc = "Seconds that a call may take (default 10), or a --wait (default "
      .. "600, for articles 1800)" },
  { name = "base_url", type = "string", arg = "URL",
    doc = "Where the platform is, http(s)://host[:port] (default: the "
      .. "platform's own hosts)" },
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

-- Raises a complaint about the command line.
local function usage(parser, message)
  error(errors.new{ kind = "invalid", code = "usage",
    message = message:gsub("\nDid", "; did"), usage = parser:get_usage(),
    hint = parser.path .. " --help says more" }, 0)
end

local function add_command(parent, name, command)
  local parser = help.add(parent:command(name):summary(command.summary)
    :description(command.summary .. "."
      .. (command.doc and "\n" .. command.doc or "")), "wxbot " .. command.name,
    command)
  for _, argument in ipairs(command.arguments or {}) do
    local made = parser:argument(argument.name, argument.doc)
      :args(argument.args or 1)
    if argument.enum then
      made:choices(argument.enum)
    end
  end
  local defaults = command.defaults or {}
  for _, field in ipairs(command.fields or {}) do
    if field.name == command.positional then
      parser:argument(field.name, field.doc)
    else
      flag.add(parser, field, defaults[field.name])
    end
  end
  return parser
end

local function add_group(parser, name, summary)
  return help.add(parser:command(name):summary(summary)
    :description(summary .. "."):command_target("command_in_group"),
    "wxbot " .. name, {})
end

-- Adds all commands; a group comes with the first of its own.
---@return table<string, table> parsers by the first word
local function add_commands(parser, commands, groups)
  local made = {}
  for _, command in ipairs(commands) do
    local name = command.name
    local group, word = name:match("^([a-z0-9-]+) ([a-z0-9-]+)$")
    if group then
      made[group] = made[group] or add_group(parser, group, groups[group])
      add_command(made[group], word, command)
    else
      made[name] = add_command(parser, name, command)
    end
  end
  return made
end

-- Shows the commands of each section together.
local function add_sections(parser, sections, made)
  for _, section in ipairs(sections) do
    local parsers, there = {}, {}
    for _, name in ipairs(section) do
      local one = made[name:match("^[a-z0-9-]+")]
      if one and not there[one] then
        there[one] = true
        parsers[#parsers + 1] = one
      end
    end
    parser:group(section.title, unpack(parsers))
  end
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
---@param sections table[] { title, names… } of what --help shows together
---@return table parser
function M.new(commands, groups, sections)
  local parser = help.add(argparse("wxbot",
    "Talk with the WeChat conversation platform.", help.EPILOG)
    :command_target("command"), "wxbot")
  parser:flag("--version"):description("Print the versions and exit")
    :action(function()
      output.print(versions.text())
      exit(0)
    end)
  for _, field in ipairs(GLOBAL) do
    flag.add(parser, field)
  end
  flag.add(parser, v2_field(commands))
  local made = add_commands(parser, commands, groups)
  add_sections(parser, sections, made)
  made.help._is_help_command = true -- as argparse's own: shells complete names
  parser.error = usage
  return parser
end

local function no_variable() end

-- Commands, and groups of them, that need more than the sandbox of a run.
local WITHOUT_SANDBOX = { receive = true, component = true }

local function contradiction(options, command)
  local ca_file, is_serve = options.ca_file, command == "serve"
  local has_place = options.sandbox and "--sandbox" or is_serve and command
  local reaching = ca_file and not is_serve and "--ca-file"
    or options.proxy and "--proxy"
  local _, wrong_proxy = proxies.choose(options, no_variable, "")
  if reaching and has_place and command ~= "push" then
    return reaching .. " belongs to calls over the network"
  elseif wrong_proxy then
    return wrong_proxy.message
  elseif ca_file and (ca_file == "" or ca_file:find("[%z\1-\31\127]")) then
    return "--ca-file must be a file name"
  elseif has_place and (options.config and not is_serve or options.base_url)
      then
    return has_place .. " has its own credentials and place: not together "
      .. "with --config or --base-url"
  elseif options.skills and not has_place then
    return "--skills belongs to --sandbox or serve"
  elseif options.without_sandbox and options.sandbox then
    return command .. " asks a platform: not together with --sandbox; have "
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
  options.without_sandbox = WITHOUT_SANDBOX[name]
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
