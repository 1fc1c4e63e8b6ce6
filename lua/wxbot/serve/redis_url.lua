--- Where a Redis is: redis://HOST:PORT/DB.

local errors = require "wxbot.util.errors"
local texts = require "wxbot.util.text"

local find, match = string.find, string.match

local M = {}

--- Is this a URL, and no path of a file?
---@param text string|nil
---@return boolean
function M.is_url(text)
  return text ~= nil and find(text, "^[a-z]+://") ~= nil
end

local FORM = "the inbox's URL must be redis://HOST:PORT or redis://HOST:PORT/DB"

--- Reads a URL.
---@param text string
---@return table|nil where { host, port, db }
---@return wxbot.Error|nil err kind "invalid"
function M.read(text)
  if find(text, "@", 1, true) then
    return errors.invalid("the inbox's URL must have no password, which every "
      .. "user of the machine could read: it is read from "
      .. "WXBOT_REDIS_PASSWORD, or redis_password of --config", "inbox")
  end
  local host, rest = match(text, "^redis://([A-Za-z0-9_.-]+)(.*)$")
  if not host then
    host, rest = match(text, "^redis://%[([0-9A-Fa-f:.]+)%](.*)$")
  end
  local port, path = match(rest or "", "^:([0-9]+)(.*)$")
  local db = match(path or "", "^/([0-9]+)$")
  port = texts.number(port)
  db = (path == "" or path == "/") and 0 or texts.number(db)
  if not port or port < 1 or port > 65535 or not db then
    return errors.invalid(FORM, "inbox")
  end
  -- nginx asks name servers only, who need not know it.
  return { host = host == "localhost" and "127.0.0.1" or host, port = port,
    db = db }
end

return M
