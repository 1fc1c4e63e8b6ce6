--- Opens a file to be read, unless it is no regular one: to open a FIFO waits
--- for whoever writes to it.

local core = require "wxbot.core"

local io_open = io and io.open -- a host may have no files

---@param path string
---@return file*|nil file
---@return string|nil reason that names the file
return function(path)
  local _, why, code = core.file_regular(path)
  if code == "kind" then
    return nil, path .. ": " .. why
  end
  return io_open(path, "rb")
end
