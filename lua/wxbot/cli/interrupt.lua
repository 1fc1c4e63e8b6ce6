--- Ctrl-C. The interpreter's own handler raises "interrupted!" at the next
-- instruction; a call that libcurl was busy with ends with kind "cancelled".

local errors = require "wxbot.util.errors"

local error, pcall, tostring, type = error, pcall, tostring, type

local M = {}

--- What a shell expects of a program that SIGINT ended.
M.STATUS = 130

local function is_text_of_it(text)
  return type(text) == "string" and text:find("interrupted!", 1, true) ~= nil
end

--- What a shell expects of a program that a signal ended.
---@param err wxbot.Error
---@return integer
function M.status_of(err)
  return err.signal and 128 + err.signal or M.STATUS
end

--- Tells whether an error, returned or raised, comes from Ctrl-C. It may also
-- have struck inside a protected call of the library, which took the text for
-- that of an error of its own.
---@param err any
---@return boolean
function M.caused(err)
  if errors.is(err) then
    return err.kind == "cancelled"
      or err.kind ~= "platform" and is_text_of_it(tostring(err.message))
  end
  return is_text_of_it(err)
end

--- The error that is shown.
---@param fields table|nil more of it
---@return wxbot.Error
function M.error(fields)
  local err = fields or {}
  err.kind, err.code = "cancelled", "interrupted"
  err.message = err.message or "interrupted"
  return errors.new(err)
end

--- Calls a function, which then returns what Ctrl-C raises.
---@param fn fun(...): any, wxbot.Error|nil
---@return any result
---@return wxbot.Error|nil err
function M.catch(fn, ...)
  local returned, result, err = pcall(fn, ...)
  if returned then
    return result, err
  elseif not M.caused(result) then
    error(result, 0)
  end
  return nil, M.error()
end

return M
