--- What --help says below the options, and how it fits the terminal.

local fields = require "wxbot.api.fields"
local columns = require "wxbot.cli.columns"
local output = require "wxbot.cli.output"
local terminal = require "wxbot.cli.terminal"

local concat, sort = table.concat, table.sort
local exit, max, min = os.exit, math.max, math.min
local ipairs, pairs = ipairs, pairs

local M = {}

M.EPILOG = "Credentials come from --config or from the environment: "
  .. "WXBOT_APPID, WXBOT_TOKEN, WXBOT_AES_KEY, WXBOT_ACCESS_TOKEN; never from "
  .. "arguments. WXBOT_MANAGERID is the id of an administrator, where a "
  .. "command or --v2 wants one; WXBOT_SECRET the AppSecret of a third-party "
  .. "platform, for receive and component; WXBOT_REDIS_PASSWORD that of the "
  .. "Redis of an inbox; WXBOT_DEBUG=1 adds a traceback to an internal error. "
  .. "The options above stand before or after the command.\n\n"
  .. "Answers go to standard output, everything else to standard error. Exit "
  .. "status: 0 done, 1 the call failed, 2 wrong use, 3 a job is at its end, but "
  .. "something is unknown or was rejected, 69 serve or receive found no nginx "
  .. "with Lua, 130 interrupted, 143 a job was ended by SIGTERM."

local COMMAND_EPILOG = "Options of all commands (--config, --sandbox, --json, "
  .. "--timeout …): wxbot --help"

M.PRINTS_REPLY = "the answer, or the questions that the bot recommends"

--- What most programs want of an answer of the bot.
M.reply = fields.list({
  { name = "text", doc = "What the bot says" },
}, fields.list(fields.reply, {
  { name = "…", doc = "Whatever else the platform tells of it" },
}))

-- Longer lines are hard to read.
local NARROWEST, WIDEST = 20, 100

-- Where descriptions begin; in a narrow terminal below what they describe.
local MARGIN, NARROW, NARROW_MARGIN = 25, 60, 10

-- ------------------------------------------------------- what a command prints

local function names_of(enum)
  local values, names = {}, {}
  for value in pairs(enum) do
    values[#values + 1] = value
  end
  sort(values)
  for i, value in ipairs(values) do
    names[i] = enum[value]
  end
  return concat(names, ", ")
end

-- A line for each member that is no table; argparse indents the rest of it.
local function add_members(lines, members, above)
  for _, field in ipairs(members) do
    local name = above .. field.name .. (field.type == "list" and "[]" or "")
    if field.fields then
      add_members(lines, field.fields, name .. ".")
    else
      lines[#lines + 1] = (" - %s: %s"):format(name, field.doc)
    end
    if field.enum_names then
      lines[#lines + 1] = (" - %s_name: %s"):format(name,
        names_of(field.enum_names))
    end
  end
end

local function epilog_of(command)
  local lines = { command.prints and "Prints " .. command.prints .. "." or nil }
  if command.json then
    lines[#lines + 1] = (#lines == 0 and "Prints" or "With --json")
      .. " one line of JSON, whose members are:"
    add_members(lines, command.json, "")
    lines[#lines + 1] = ""
  end
  lines[#lines + 1] = COMMAND_EPILOG
  return concat(lines, "\n")
end

-- ---------------------------------------------------------------------- width

-- A line in several of that width, broken at blanks, each as far indented as its
-- first word has room for.
local function broken(line, width)
  if columns.width(line) <= width then
    return line
  end
  local indent, lines, current = #line:match("^ *"), {}, nil
  for word in line:gmatch("[^ ]+") do
    local longer = current and current .. " " .. word
    if longer and columns.width(longer) <= width then
      current = longer
    else
      lines[#lines + 1] = current
      current = (" "):rep(min(indent, width - columns.width(word))) .. word
    end
  end
  lines[#lines + 1] = current
  return concat(lines, "\n")
end

-- argparse keeps an option and its argument on one line however long they are.
local function fit(text, width)
  return (text:gsub("[^\n]+", function(line) return broken(line, width) end))
end

--- Gives a parser of argparse help and usage that fit the terminal. What is of
--- use to nobody who does not ask for it is made when somebody does.
---@param parser table
---@param path string "wxbot article list"
---@param command table|nil what it is of: no group, and not all commands
---@return table parser
function M.add(parser, path, command)
  parser.path = path
  parser:add_help{ description = "Show this help and exit", action = function()
    output.write(parser:get_help() .. "\n")
    exit(0)
  end }
  for _, name in ipairs{ "get_usage", "get_help" } do
    local get = parser[name]
    parser[name] = function(self)
      local width = min(max(terminal.width(), NARROWEST), WIDEST)
      self:help_max_width(width):usage_max_width(width)
        :help_description_margin(width < NARROW and NARROW_MARGIN or MARGIN)
      if command then
        self:epilog(epilog_of(command))
      end
      return fit(get(self), width)
    end
  end
  return parser
end

return M
