--- What the command reads: files, and standard input for "-". What cannot be
--- read is no empty text.

local errors = require "wxbot.util.errors"
local without_mark = require "wxbot.util.text".without_mark

local error, io_open, stdin = error, io.open, io.stdin

local M = {}

--- What an error calls a file.
---@param path string
---@return string name
function M.name_of(path)
  return path == "-" and "standard input" or path
end

--- Is there a file that can be read?
---@param path string
---@return boolean
function M.exists(path)
  local file = io_open(path, "rb")
  return file ~= nil and file:close()
end

--- Opens a file to be read.
---@param path string "-": standard input
---@return file*|nil file
---@return string|nil reason that names the file
function M.open(path)
  if path == "-" then
    return stdin
  end
  return io_open(path, "rb")
end

--- Reads a file to its end, without the mark that Windows begins files with.
---@param path string "-": standard input
---@return string|nil text
---@return string|nil reason that names the file
function M.file(path)
  local file, reason = M.open(path)
  if not file then
    return nil, reason
  end
  local text, message = file:read("*a")
  if path ~= "-" then
    file:close()
  end
  if not text then
    return nil, M.name_of(path) .. ": " .. message
  end
  return without_mark(text)
end

--- Reads from standard input; raises an error of kind "invalid" if that fails.
---@param format string of file:read
---@return string|nil text nil: there is no more
function M.stdin(format)
  local text, message = stdin:read(format)
  if message then
    error(errors.new{ kind = "invalid", code = "file",
      message = "cannot read standard input: " .. message }, 0)
  end
  return text
end

--- An argument that standard input may stand for, without the newline at its
--- end: the terminal's or echo's.
---@param given string|nil nil or "-": standard input
---@return string text
function M.argument(given)
  if given ~= nil and given ~= "-" then
    return given
  end
  return ((M.stdin("*a") or ""):gsub("\r?\n$", ""))
end

return M
