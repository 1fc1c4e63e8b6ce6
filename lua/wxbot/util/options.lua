--- Checks the options that a function takes, for rooms below wxbot.call.
--
-- No message shows a value: the URL of a proxy may hold a password.

local error, huge, ipairs, pairs = error, math.huge, ipairs, pairs
local concat, tostring, type = table.concat, tostring, type

local M = {}

---@class wxbot.Option
---@field name string
---@field type string
---@field pattern string|nil that a text matches
---@field exclusive_min number|nil of a number
---@field max number|nil the largest number; bytes of a text
---@field whole boolean|nil a whole number
---@field expected string in words: "a file name"
---@field doc string|nil what it is, where users see it

local function fits(option, value)
  if type(value) ~= option.type then
    return false
  elseif option.type == "string" then
    return #value <= (option.max or huge) and value:find(option.pattern) ~= nil
  end
  return option.type ~= "number" or value > (option.exclusive_min or -huge)
    and value <= (option.max or huge)
    and (not option.whole or value % 1 == 0)
end

-- What is wrong with options.
local function argument_error(known, options)
  if type(options) ~= "table" then
    return "options must be a table"
  end
  local names, list = {}, {}
  for i, option in ipairs(known) do
    local name, value = option.name, options[option.name]
    names[name], list[i] = true, name
    if value ~= nil and not fits(option, value) then
      return ("%s must be %s%s"):format(name, option.expected,
        type(value) ~= option.type and " (got a " .. type(value) .. ")" or "")
    end
  end
  for name in pairs(options) do
    if not names[name] then
      return ("unknown name %s: expected %s"):format(tostring(name),
        concat(list, ", "))
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
