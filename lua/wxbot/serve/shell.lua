--- Commands of the shell.

local errors = require "wxbot.util.errors"

local error, popen = error, io.popen

local M = {}

--- An argument for the shell.
---@return string
function M.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Starts a command whose output can be read.
---@param command string for the shell
---@return file* pipe raises an error of kind "unavailable" if there is no room for a process
function M.open(command)
  local pipe, message = popen(command)
  return pipe or error(errors.new{ kind = "unavailable", code = "process",
    message = "no process can be started:" .. message:match("^.*:(.*)$") })
end

--- What a command says, but for the end of its last line.
---@param command string for the shell
---@return string
function M.output(command)
  local pipe = M.open(command)
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("\n$", ""))
end

return M
