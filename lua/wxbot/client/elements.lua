--- The elements of a list or of an iterator, looked at one by one and taken
--- many at a time.

local check = require "wxbot.call.schema.check"
local errors = require "wxbot.util.errors"
local fields_of = require "wxbot.call.schema.fields"

local pairs, type = pairs, type

local M = {}

local function reader(list)
  if type(list) == "function" then
    return list
  end
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

--- A source of elements. Its `element` is the next one, where it has been looked
-- at; its `err` says why that cannot be sent. A function may return a place
-- besides an element: called with that as `goes_on_at`, it goes on behind it.
---@param field table the described list
---@param list table|function
---@param max_bytes integer|nil of what is taken at a time
---@return table source
function M.new(field, list, max_bytes)
  return { field = field, read = reader(list), max_bytes = max_bytes,
    taken = 0, fields = { field }, looked_at = { [field.name] = {} } }
end

--- The next element, which stays the next; nil at the end.
---@param source table
---@return any element
function M.peek(source)
  if source.element == nil and not source.ended then
    local element, place = source.read(source.goes_on_at)
    source.place, source.goes_on_at = place, nil
    source.element = source.field.id and fields_of.id(element) or element
    source.ended = element == nil
  end
  return source.element
end

-- The bytes of all texts in an element.
local function size_of(value)
  local size = type(value) == "string" and #value or 0
  for _, member in pairs(type(value) == "table" and value or {}) do
    size = size + size_of(member)
  end
  return size
end

local function wrong_type(source, place)
  local field, element = source.field, source.element
  if field.fields then
    local message = check.argument_error(place, field.fields, element)
    return message, message
  elseif not fields_of.is_of(field.of, element) then
    local reason = ("must be %s (got %s)"):format(
      fields_of.describe_type{ type = field.of }, type(element))
    return place .. " " .. reason, reason
  end
end

-- What an iterator gave has not been looked at before.
local function invalid(source, number)
  local name = source.field.name
  if wrong_type(source, name) then
    local message, reason = wrong_type(source, ("%s[%d]"):format(name, number))
    return errors.new{ kind = "invalid", code = "value", sent = false,
      message = message, field = name, index = number, reason = reason }
  end
  source.looked_at[name][1] = source.element
  return check.invalid_value(source.fields, source.looked_at, number - 1)
end

-- Leaves the next element out, where that is wanted of what cannot be sent.
local function leave_out(source)
  local on_invalid, err = source.on_invalid, source.err
  if not (on_invalid and err) then
    return false
  end
  on_invalid(source.element, err)
  source.err, source.element = nil, nil
  source.taken = source.taken + 1
  return true
end

--- Takes the next elements. One that cannot be sent stays, and nothing is taken
-- after those before it; where the source has an `on_invalid`, that is told of
-- it, and it counts as taken.
---@param source table
---@param count integer at most
---@return table elements
function M.take(source, count)
  local elements, bytes, most = {}, 0, source.max_bytes
  local ends = source.taken + count
  while source.taken < ends and not source.err and M.peek(source) ~= nil do
    source.err = invalid(source, source.taken + 1)
    local is_left_out = leave_out(source)
    bytes = bytes + (most and source.element ~= nil and not source.err
      and size_of(source.element) or 0)
    if source.err or most and #elements > 0 and bytes > most then
      break
    elseif not is_left_out then
      elements[#elements + 1], source.element = source.element, nil
      source.taken = source.taken + 1
    end
  end
  return elements
end

return M
