--- Standard input of the command. What cannot be read is no empty text.

local errors = require "wxbot.util.errors"

local error, stdin = error, io.stdin

local M = {}

--- Reads from it; raises an error of kind "invalid" if that fails.
---@param format string of file:read
---@return string|nil text nil: there is no more
function M.read(format)
  local text, message = stdin:read(format)
  if message then
    error(errors.new{ kind = "invalid", code = "file",
      message = "cannot read standard input: " .. message }, 0)
  end
  return text
end

--- All of it, without the newline at its end: the terminal's or echo's.
---@return string text
function M.text()
  return ((M.read("*a") or ""):gsub("\r?\n$", ""))
end

return M
