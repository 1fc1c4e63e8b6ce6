--- What the command line knows of the terminal, without a C library for it.

local execute = os.execute
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

--- The width of the terminal behind stderr.
---@return integer columns 80 where it cannot be known
function M.width()
  local pipe = popen("stty size <&2 2>/dev/null")
  if not pipe then
    return DEFAULT_WIDTH
  end
  local size = pipe:read("*a")
  pipe:close()
  local columns = tonumber((size or ""):match("^%d+ (%d+)"))
  return columns and columns > 0 and columns or DEFAULT_WIDTH
end

return M
