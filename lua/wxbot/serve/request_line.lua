--- A request in one line of the worker's pipe, on its way to who started nginx.

local floor, tonumber = math.floor, tonumber

local M = {}

--- Writes it.
---@param response table of wxbot.Sandbox:handle
---@param what string the endpoint, or the method and the path
---@return string
function M.write(response, what)
  local warning = response.warnings and response.warnings[1]
  return ("%d %d %d %s %s\t%s"):format(response.id,
    floor(response.seconds * 1e6), response.status, response.code or "", what,
    response.cause or warning and "warning: " .. warning.text or "")
end

--- Reads it.
---@param text string
---@return table|nil request { id, ms, status, code, endpoint, cause }
function M.read(text)
  local id, micros, status, code, what, cause = text:match(
    "^([0-9]+) ([0-9]+) ([0-9]+) ([^ ]*) ([^\t]*)\t(.*)$")
  return id and { id = tonumber(id), ms = tonumber(micros) / 1000,
    status = tonumber(status), code = tonumber(code) or code ~= "" and code
      or nil, endpoint = what, cause = cause ~= "" and cause or nil }
end

return M
