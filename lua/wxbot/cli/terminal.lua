--- What the command line knows of the terminal, without a C library for it.

local execute, getenv = os.execute, os.getenv
local popen = io.popen
local error, tonumber = error, tonumber

local M = {}

local DEFAULT_WIDTH = 80

local SIGINT = 2

--- Tells whether a command of the shell succeeds. Ctrl-C reaches only the shell
-- meanwhile: it is raised here, as the interpreter would have.
---@param command string
---@return boolean
function M.succeeds(command)
  local status, _, signal = execute(command)
  if status == SIGINT or signal == SIGINT and not status then
    error("interrupted!", 0)
  end
  return status == true or status == 0
end

--- Tells whether a standard stream is a terminal.
---@param fd integer 0, 1 or 2
---@return boolean
function M.is_terminal(fd)
  return M.succeeds("test -t " .. fd)
end

local function width_behind(stream)
  local pipe = popen("stty size 2>/dev/null <" .. stream)
  local size = pipe and pipe:read("*a") or ""
  if pipe then
    pipe:close()
  end
  return size:match("^%d+ (%d+)")
end

--- The width of the terminal: what COLUMNS says, or else that of stderr, or of
--- stdout, which a program that is started from here has not as its own.
---@return integer columns 80 where it cannot be known
function M.width()
  local columns = getenv("COLUMNS")
  if not columns or not columns:find("^%d+$") then
    columns = width_behind("&2") or M.is_terminal(1)
      and width_behind("/dev/tty")
  end
  columns = tonumber(columns or nil)
  return columns and columns > 0 and columns or DEFAULT_WIDTH
end

return M
