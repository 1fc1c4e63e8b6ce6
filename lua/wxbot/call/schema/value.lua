--- Values that cannot be sent: which, and why.

local core = require "wxbot.core"
local texts = require "wxbot.util.text"

local concat, gsub = table.concat, string.gsub
local ipairs, next, type = ipairs, next, type

local M = {}

local function is_one_of(values, value)
  for _, allowed in ipairs(values) do
    if value == allowed then
      return true
    end
  end
end

-- Characters of a text in UTF-8.
local function characters(text)
  local _, count = gsub(text, "[^\128-\191]", "")
  return count
end

-- What is too much of a text. To count characters takes a while: no text has
-- more of them than bytes.
local function length_reason(field, value)
  local max_bytes, max_chars = field.max_bytes, field.max_chars
  if max_bytes and #value > max_bytes then
    return ("has %d bytes, at most %d"):format(#value, max_bytes)
  elseif max_chars and #value > max_chars and characters(value) > max_chars then
    return ("has %d characters, at most %d"):format(characters(value),
      max_chars)
  end
end

--- What is wrong with a string, as the end of a sentence.
---@param field table
---@param value string
---@return string|nil reason
function M.string_reason(field, value)
  if value == "" and field.required then
    return "must not be empty"
  elseif value:find("\0", 1, true) then
    return "holds a NUL byte"
  elseif not core.utf8_valid(value) then
    return "is not valid UTF-8"
  elseif field.enum and not is_one_of(field.enum, value) then
    return "must be one of " .. concat(field.enum, ", ")
  elseif field.pattern and not value:find(field.pattern) then
    return "does not fit the pattern " .. field.pattern
  end
  return (field.max_bytes or field.max_chars) and length_reason(field, value)
    or nil
end

local ELEMENT = { required = true }
local object_reason

local function list_reason(field, list)
  if #list == 0 and field.required then
    return "must not be empty"
  elseif field.max and #list > field.max then
    return ("has %d elements, at most %d"):format(#list, field.max)
  elseif field.of ~= "string" and not field.fields then
    return nil
  end
  for i = 1, #list do
    local reason, inside
    if field.fields then
      reason, inside = object_reason(field.fields, list[i])
    else
      reason = M.string_reason(ELEMENT, list[i])
    end
    if reason then
      return reason, inside, i
    end
  end
end

local function number_reason(field, value)
  if field.exclusive_min and value <= field.exclusive_min then
    return "must be greater than " .. texts.of_number(field.exclusive_min)
  elseif field.min and value < field.min then
    return "must be at least " .. texts.of_number(field.min)
  elseif field.max and value > field.max then
    return "must be at most " .. texts.of_number(field.max)
  end
end

local function reason_of(field, value)
  local kind = type(value)
  if field.type == "file" then
    return nil -- wxbot.call.schema.files looks at it
  elseif kind == "string" then
    return M.string_reason(field, value)
  elseif kind == "number" then
    return number_reason(field, value)
  elseif kind == "table" and field.type == "list" then
    return list_reason(field, value)
  elseif kind == "table" and field.type == "object" and field.fields then
    return object_reason(field.fields, value)
  end
end

-- A field that only another, which is true, makes dispensable.
local function choice_reason(field, params)
  local given, other = params[field.name] ~= nil, field.required_unless
  if not given and not params[other] then
    return ("is missing: it is needed unless %s = true"):format(other)
  elseif given and params[other] then
    return ("and %s = true contradict each other"):format(other)
  end
end

-- A field without which one value of another cannot be.
local function needed_reason(field, params)
  local condition = field.required_for
  local given = params[condition.field]
  if params[field.name] == nil and (given == condition.value
      or given == nil and condition.or_absent) then
    return ("is missing: it is needed where %s is %s"):format(condition.field,
      condition.value)
  end
end

--- What is wrong with a value.
---@param field table
---@param params table that it stands in
---@return string|nil reason as the end of a sentence
---@return string|nil inside where in it, or in its element: ".title"
---@return integer|nil index of an element of a list
function M.field_reason(field, params)
  local reason, inside, index = reason_of(field, params[field.name])
  if not reason and field.required_unless then
    reason = choice_reason(field, params)
  elseif not reason and field.required_for then
    reason = needed_reason(field, params)
  end
  return reason, inside, index
end

--- What a message calls the place of a value.
---@param name string
---@param index integer|nil
---@param inside string|nil
---@return string
function M.place(name, index, inside)
  return (index and ("%s[%d]"):format(name, index) or name) .. (inside or "")
end

function object_reason(fields, object)
  for _, field in ipairs(fields) do
    local reason, inside, index = M.field_reason(field, object)
    if reason then
      return reason, "." .. M.place(field.name, index, inside)
    end
  end
end

--- Are all parameters strings that can be sent, and none is missing? Most are,
-- and one look at each tells; what else they are takes a look at each field.
function M.are_fine(names, params)
  local field_of, required = names.field, names.required
  for name, value in next, params do
    local field = field_of[name]
    if type(value) ~= "string" or not field or field.type ~= "string"
        or M.string_reason(field, value) then
      return false
    end
  end
  for i = 1, #required do
    if params[required[i]] == nil then
      return false
    end
  end
  return names.is_plain
end

return M
