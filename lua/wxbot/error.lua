--- The one shape of every failure that is not a programming mistake.
--
-- Functions of wxbot return `nil, err`. `err` prints as a sentence (tostring,
-- `..`) and carries the parts of it as fields. Nothing secret is ever put in.

local setmetatable, tostring, type = setmetatable, tostring, type
local concat = table.concat

---@class wxbot.Error
---@field kind string "invalid" | "transport" | "timeout" | "tls" | "protocol" | "platform" | "crypto" | "limit" | "cancelled" | "closed" | "unavailable"
---@field code integer|string|nil the platform's number, or a short word
---@field message string what happened, for a person
---@field endpoint string|nil the endpoint that was called
---@field rid string|nil the platform's trace id
---@field status integer|nil the HTTP status
---@field advice string|nil what to do about it
---@field sent boolean|nil true: received; false: certainly not; nil: unknown

local M = {}

local Error = { __name = "wxbot.error" }

function Error.__tostring(err)
  local parts = {}
  if err.endpoint then
    parts[#parts + 1] = err.endpoint .. ":"
  end
  if type(err.code) == "number" then
    parts[#parts + 1] = ("%d"):format(err.code)
  end
  parts[#parts + 1] = err.message or err.kind
  if err.rid then
    parts[#parts + 1] = "(rid " .. err.rid .. ")"
  end
  if err.advice then
    parts[#parts] = parts[#parts] .. ";"
    parts[#parts + 1] = err.advice
  end
  return concat(parts, " ")
end

function Error.__concat(left, right)
  return tostring(left) .. tostring(right)
end

--- Makes an error of the given fields. The table is taken, not copied.
---@param fields table
---@return wxbot.Error
function M.new(fields)
  return setmetatable(fields, Error)
end

--- Tells whether a value is an error of this library.
---@param value any
---@return boolean
function M.is(value)
  return type(value) == "table" and getmetatable(value) == Error
end

--- `nil, err` for a value that data decided to be wrong.
---@param message string
---@param code string|nil
function M.invalid(message, code)
  return nil, M.new{ kind = "invalid", code = code, message = message }
end

return M
