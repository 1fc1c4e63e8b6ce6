--- Checks the options that a function takes, for rooms below wxbot.call.
--
-- No message shows a value: the URL of a proxy may hold a password.

local error, ipairs, pairs = error, ipairs, pairs
local tostring, type = tostring, type

local M = {}

---@class wxbot.Option
---@field name string
---@field check fun(value: any): boolean|nil
---@field expected string what the check asks for: "a file name"

--- Is it a whole number from 1 to 65535?
function M.is_count(value)
  return type(value) == "number" and value % 1 == 0 and value >= 1
    and value <= 65535
end

-- What is wrong with options.
local function argument_error(known, options)
  if type(options) ~= "table" then
    return "options must be a table"
  end
  local names = {}
  for _, option in ipairs(known) do
    local name, value = option.name, options[option.name]
    names[name] = true
    if value ~= nil and not option.check(value) then
      return name .. " must be " .. option.expected
    end
  end
  for name in pairs(options) do
    if not names[name] then
      return ("unknown option %q"):format(tostring(name))
    end
  end
end

--- Raises for options that are unknown or wrong.
---@param what string the function's name
---@param known wxbot.Option[]
---@param options any
---@param level integer 1: the caller's line
function M.check(what, known, options, level)
  local message = argument_error(known, options)
  if message then
    error(what .. ": " .. message, level + 1)
  end
end

return M
