--- Secrets on their way from who starts nginx to what is served: through a FIFO,
--- once, and never by an argument, a variable or a file.

local json = require "wxbot.codec.json"
local posix = require "wxbot.serve.posix"

local assert, error = assert, error

local M = {}

--- Takes them.
---@param path string|nil of the FIFO
---@return table|nil account nil without a FIFO
function M.take(path)
  if not path then
    return nil
  end
  local line = posix.take_line(path)
    or error("whoever started nginx has gone", 0)
  return assert(json.decode(line))
end

return M
