--- Responses of what is served here, and not by the platform.

local json = require "wxbot.codec.json"

local M = {}

---@param status integer
---@param body string
---@return table response
function M.text(status, body)
  return { status = status, body = body,
    headers = { ["content-type"] = "text/plain; charset=utf-8" } }
end

---@param status integer
---@param value any that JSON has
---@return table response
function M.json(status, value)
  return { status = status, body = json.encode(value) .. "\n",
    headers = { ["content-type"] = "application/json; charset=utf-8" } }
end

return M
