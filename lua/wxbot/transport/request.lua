--- What is the same for all transports: how a request must look, and what holds
--- where it says nothing.
--
-- HTTPS only unless the URL of a request says http. Certificate and host
-- name are always checked; no redirects; nothing is ever sent a second time.
--
-- A transport sees secrets: the bot's token is part of the URLs. They do
-- not appear in its errors, nor in its table.

local error, pairs, type = error, pairs, type

---@class wxbot.transport.Request
---@field method string
---@field url string
---@field headers table<string, string>|nil
---@field body string|nil
---@field timeout number|nil seconds for the whole call, 10 by default
---@field connect_timeout number|nil seconds until connected, 3 by default
---@field max_body integer|nil bytes of the answer, 1 MiB by default
---@field idempotent boolean|nil nothing is repeated here, whatever it says

---@class wxbot.transport.Response
---@field status integer
---@field headers table<string, string> names in lower case, repeated ones joined by ", "
---@field body string

local M = {}

M.TIMEOUT = 10
M.CONNECT_TIMEOUT = 3
M.MAX_BODY = 1024 * 1024

local TYPES = { url = "string", method = "string", body = "string",
  headers = "table", timeout = "number", connect_timeout = "number",
  max_body = "number" }

local function headers_error(headers)
  for name, value in pairs(headers) do
    if type(name) ~= "string"
        or type(value) ~= "string" and type(value) ~= "number" then
      return "headers must be strings named by strings"
    end
  end
end

-- What is wrong with a request, if anything.
local function argument_error(req)
  if type(req) ~= "table" then
    return "expected a table { method, url, headers, body, … }"
  end
  for name, wanted in pairs(TYPES) do
    local value = req[name]
    if type(value) ~= wanted and (value ~= nil or name == "url") then
      return ("field '%s' must be a %s, not a %s"):format(name, wanted,
        type(value))
    elseif value ~= value then
      return ("field '%s' is not a number"):format(name)
    end
  end
  if req.max_body and not (req.max_body >= 0 and req.max_body < 2 ^ 31) then
    return "field 'max_body' must be from 0 to 2^31 - 1"
  end
  return headers_error(req.headers or {})
end

--- Raises for a request that no transport takes.
---@param what string the method's name
---@param req any
---@param level integer 1: the caller's line
function M.check(what, req, level)
  local message = argument_error(req)
  if message then
    error(what .. ": " .. message, level + 1)
  end
end

return M
