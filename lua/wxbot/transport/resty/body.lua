--- Reads the body of the request at hand, inside nginx: wxbot.resty_body.
--
-- nginx keeps a body in memory up to client_body_buffer_size. One that is
-- longer, or that outgrows its buffer with what stands between many small
-- chunks, it puts into a file, and get_body_data knows of none then.

local errors = require "wxbot.util.errors"
local hosts = require "wxbot.transport.resty.host"

local error, io_open, type = error, io.open, type

local M = {}

local function read_file(path)
  local file, message = io_open(path, "rb")
  local text
  if file then
    text, message = file:read("*a")
    file:close()
  end
  if not text then
    return errors.unavailable("file",
      "nginx put the body into a file that cannot be read: " .. message)
  end
  return text
end

-- Raises what nginx raises: a phase without bodies.
local function read(host, seconds)
  local req = host.req
  if not seconds then
    req.read_body()
  elseif hosts.watched(host, function() req.read_body() end, hosts.sleep,
      host, seconds) then
    return nil, errors.new{ kind = "timeout", code = "body",
      message = "the body did not come in time" }
  end
  local body = req.get_body_data()
  local path = not body and req.get_body_file()
  if path then
    return read_file(path)
  end
  return body or ""
end

--- Reads it. A body that is broken, or longer than client_max_body_size, nginx
-- answers by itself. After a timeout the request should end by ngx.exit(408):
-- until then something waits for the rest.
---@param seconds number|nil how long all of it may take; by default each piece as long as client_body_timeout says
---@param level integer of the caller, for argument errors
---@return string|nil body "" if there is none
---@return wxbot.Error|nil err kind "timeout", or "unavailable": the file where nginx put it cannot be read
function M.read(seconds, level)
  if seconds ~= nil and (type(seconds) ~= "number" or seconds <= 0) then
    error("wxbot.resty_body: seconds must be a number above 0", level + 1)
  end
  local host = hosts.find()
  if not host then
    error("wxbot.resty_body: works inside nginx only", level + 1)
  end
  local body, err = read(host, seconds)
  return body, err
end

return M
