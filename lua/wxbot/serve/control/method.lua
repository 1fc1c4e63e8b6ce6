--- Methods of a sandbox, as a caller in another language calls them: what is
--- wrong with the parameters is told.

local check = require "wxbot.call.schema.check"
local options = require "wxbot.sandbox".options

local error, pcall, tostring = error, pcall, tostring

local M = {}

--- Calls a method that takes a table.
---@param sandbox wxbot.Sandbox
---@param name string
---@param params table
---@return any result
---@return string|nil message why there is none
---@return integer|nil status
function M.call(sandbox, name, params)
  local reason = check.argument_error(name, options[name], params)
  if reason then
    return nil, reason, 400
  end
  local ran, result, err = pcall(sandbox[name], sandbox, params)
  local text = tostring(result)
  local at = not ran and text:find("sandbox:" .. name .. ": ", 1, true)
  if at then
    return nil, text:sub(at + #"sandbox:"), 400
  elseif not ran then
    error(result, 0)
  elseif err then
    return nil, tostring(err), 503
  end
  return result
end

local DONE = { done = true }

--- The answer of what has nothing else to say.
---@param _ any what it gave
---@param err any why it was not done
---@param status integer|nil
---@return table|nil answer
---@return string|nil message
---@return integer|nil status
function M.done(_, err, status)
  if err then
    return nil, tostring(err), status or 503
  end
  return DONE
end

return M
