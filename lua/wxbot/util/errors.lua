--- The one shape of every failure that is not a programming mistake.
--
-- Functions of wxbot return `nil, err`. `err` prints as a sentence (tostring,
-- `..`) and carries the parts of it as fields. Nothing secret is ever put in.

local texts = require "wxbot.util.text"

local getmetatable, pairs = getmetatable, pairs
local setmetatable, tostring, type = setmetatable, tostring, type
local concat = table.concat

---@class wxbot.Error
---@field kind string "invalid" | "transport" | "timeout" | "tls" | "protocol" | "platform" | "crypto" | "limit" | "cancelled" | "closed" | "unavailable"
---@field code integer|string|nil the platform's number, or a short word
---@field message string what happened, for a person
---@field endpoint string|nil the endpoint that was called, or the method that refused
---@field rid string|nil the platform's trace id
---@field status integer|nil the HTTP status
---@field advice string|nil what to do about it
---@field sent boolean|nil true: received; false: certainly not; nil: unknown
---@field attempts integer|nil how many there were
---@field retry_after number|nil seconds, as the platform said
---@field quota_ends number|nil unix seconds: until then the quota of the calls is used up
---@field field string|nil the parameter whose value cannot be used
---@field index integer|nil the number of that element of a list
---@field reason string|nil what is wrong with the value
---@field result table|nil of a wait: the last answer
---@field done integer|nil of a batch: how many were sent for certain
---@field next integer|nil of a batch: the number to go on with
---@field batch table|nil of a batch: the elements that were not sent for certain
---@field offset integer|nil of pages: where it stopped

local M = {}

--- What `kind` can be.
M.kinds = {
  invalid = true, transport = true, timeout = true, tls = true,
  protocol = true, platform = true, crypto = true, limit = true,
  cancelled = true, closed = true, unavailable = true,
}

local Error = { __name = "wxbot.error" }

function Error.__tostring(err)
  local parts = {}
  if err.endpoint then
    parts[#parts + 1] = err.endpoint .. ":"
  end
  if type(err.code) == "number" then
    parts[#parts + 1] = texts.of_number(err.code)
  end
  parts[#parts + 1] = err.message or err.kind
  -- api.weixin.qq.com has it in its texts.
  if err.rid and not tostring(err.message):find(err.rid, 1, true) then
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

--- An error with the same fields: a call completes the one that it returns.
---@param err wxbot.Error
---@return wxbot.Error
function M.copy(err)
  local copy = {}
  for name, value in pairs(err) do
    copy[name] = value
  end
  return M.new(copy)
end

local function number_or_nil(value)
  return type(value) == "number" and value or nil
end

--- An error of whatever a transport returned as one, from a call or a sleep.
-- A transport of somebody else's may return anything; only what is known is
-- taken, for the rest may hold the URL.
---@param why any
---@return wxbot.Error
function M.from(why)
  if M.is(why) then
    return why
  elseif type(why) == "table" and type(why.kind) == "string" then
    return M.new{ kind = M.kinds[why.kind] and why.kind or "transport",
      code = why.code, sent = why.sent,
      message = tostring(why.message or why.kind),
      status = number_or_nil(why.status),
      retry_after = number_or_nil(why.retry_after) }
  end
  return M.new{ kind = "transport", message = tostring(why or
    "the transport failed without saying why") }
end

--- `nil, err` for a value that data decided to be wrong.
---@param message string
---@param code string|nil
function M.invalid(message, code)
  return nil, M.new{ kind = "invalid", code = code, message = message }
end

--- `nil, err` for what cannot be had here or now; nothing was sent.
---@param code string
---@param message string
---@param hint string|nil what to do about it
function M.unavailable(code, message, hint)
  return nil, M.new{ kind = "unavailable", code = code, message = message,
    sent = false, hint = hint }
end

--- The error of every call once what would make it is closed.
---@param name string "the loop"
---@return wxbot.Error
function M.closed(name)
  return M.new{ kind = "closed", code = "closed", sent = false,
    message = name .. " is closed" }
end

return M
