-- The platform as `wxbot serve` serves it, and the credentials for it.

local run = require "spec.support.command"
local start = require "spec.server.start"

local M = {}

--- The variables of the command, with others instead; false: without one.
---@param other table<string, string|false>|nil
function M.env(other)
  local given, env = require "wxbot.sandbox".new():credentials(), {}
  given.managerid = "admin"
  for name, value in pairs(other or {}) do
    given[name] = value
  end
  for name, value in pairs(given) do
    env["WXBOT_" .. name:upper()] = value or nil
  end
  return env
end

--- Lua that moves the clock of a command that runs it before.
---@param seconds integer
function M.clock(seconds)
  return ("local t = os.time; os.time = function(...) "
    .. "return t(...) + (... and 0 or %d) end"):format(seconds)
end

--- Starts it; `url` is where.
---@param ... string further arguments
function M.start(...)
  local server = start.run(run.line{ "serve", "--port", "0", ... })
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return server
end

return M
