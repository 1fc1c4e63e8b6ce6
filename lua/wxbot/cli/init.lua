--- The wxbot command.
--
-- A command raises what ends it, an error of the library or what the
-- interpreter raises: whatever it calls is checked by assert.

local commands = require "wxbot.cli.command"
local errors = require "wxbot.util.errors"
local hints = require "wxbot.cli.hints"
local interrupt = require "wxbot.cli.interrupt"
local output = require "wxbot.cli.output"
local parser = require "wxbot.cli.parser"
local session = require "wxbot.cli.session"

local getenv = os.getenv
local traceback = debug.traceback
local ipairs, tostring, type, xpcall = ipairs, tostring, type, xpcall
local stderr = io.stderr

local M = {}

local OK, FAILED, WRONG_USE, LEFT_OVER, NO_NGINX = 0, 1, 2, 3, 69

-- A job is at its end, but for these.
local LEFT = { unknown = true, rejected = true }

local function run(args)
  local made = parser.new(commands.list, commands.groups, commands.sections)
  local options, command = parser.parse(made, commands.list, args)
  command.run(session.new(options, made))
end

-- Before the arguments are understood there is only this way to know.
local function wants_json(args)
  for _, argument in ipairs(args) do
    if argument == "--" then
      return false
    elseif argument == "--json" then
      return true
    end
  end
  return false
end

local function status_of(err)
  if interrupt.caused(err) then
    return interrupt.status_of(err)
  elseif err.kind == "invalid" and (err.done or 0) == 0 then
    return WRONG_USE
  elseif LEFT[err.code] and err.result then
    return LEFT_OVER
  elseif err.kind == "unavailable" and err.code == "nginx" then
    return NO_NGINX
  end
  return FAILED
end

-- Whatever was raised, as an error.
local function understand(raised)
  if errors.is(raised) then
    return raised
  elseif interrupt.caused(raised) then
    return interrupt.error()
  end
  return errors.new{ kind = "internal", code = "lua",
    message = "internal error: " .. tostring(raised) }
end

-- Only an internal error is worth a traceback, to who asks for it.
local function handler(raised)
  if type(raised) == "string" and not interrupt.caused(raised)
      and getenv("WXBOT_DEBUG") then
    output.trace(traceback(raised, 2))
  end
  return raised
end

--- Runs the command.
---@param args string[]
---@return integer status for the shell
function M.main(args)
  local as_json = wants_json(args)
  local returned, raised = xpcall(function() run(args) end, handler)
  if returned then
    return OK
  end
  local err = understand(raised)
  if err.usage and not as_json then
    stderr:write(err.usage, "\n\n")
  end
  err.hint = err.hint or hints[err.code]
  output.error(err, as_json)
  return status_of(err)
end

return M
