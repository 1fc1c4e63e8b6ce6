--- Repairs text that people wrote.
--
-- Users type what no text may hold: control characters, half characters. The
-- readers of JSON and XML put it into marks (csrc/core/marks.c). In people's text,
-- which a description tells by `text = true`, and in what no description knows,
-- a mark becomes U+FFFD. Everything else that is described stays strict, and
-- what is not but is called an id: a repaired one could be that of another user.

local core = require "wxbot.core"

local ipairs, pairs, type = ipairs, pairs, type

local M = {}

local LEAD = "\239\183\144"
local MARK = "\239\183\144([0-9a-f]*)%."
local REPLACEMENT = "\239\191\189"

-- JSON has no raw ones, but they say what they say.
local SPACE = { ["09"] = "\t", ["0a"] = "\n", ["0d"] = "\r" }

--- A mark of what is no part of a text.
---@param bytes string
---@return string
function M.mark(bytes)
  return LEAD .. (bytes == LEAD and "" or core.hex_encode(bytes)) .. "."
end

--- A value as it came, of which signatures are made.
---@param text string with or without marks
---@return string bytes
function M.raw(text)
  return (text:gsub(MARK, function(hex)
    return hex == "" and LEAD or core.hex_decode(hex)
  end))
end

local function character(bytes)
  return core.utf8_valid(bytes) and bytes or REPLACEMENT
end

--- A text in which what is no UTF-8 is U+FFFD: to be looked at.
---@param text string
---@return string
function M.valid(text)
  if core.utf8_valid(text) then
    return text
  end
  text = text:gsub("[\192-\255][\128-\191]*", character)
  return core.utf8_valid(text) and text
    or (text:gsub("[\128-\255]+", character))
end

local function is_strict(field)
  local kind = field and (field.type == "list" and field.of or field.type)
  return kind ~= nil and not field.text and kind ~= "any" and kind ~= "object"
    and kind ~= "list"
end

-- `found` hears of repairs, and of the first field that allows none.
local function repair_text(text, field, found)
  if not text:find(LEAD, 1, true) then
    return text
  end
  return (text:gsub(MARK, function(hex)
    if hex == "" then
      return LEAD
    elseif is_strict(field) then
      found.odd = found.odd or field.name
    end
    found.repaired = found.repaired or not SPACE[hex]
    return SPACE[hex] or REPLACEMENT
  end))
end

local function by_name(fields)
  local known = {}
  for _, field in ipairs(fields) do
    known[field.name] = field
  end
  return known
end

-- The longest name of an id.
local LONGEST = 64

-- Stands for the description of a member that has none, but a name that ends
-- in id, or of a list of such.
local function undescribed_id(name)
  return type(name) == "string" and #name <= LONGEST
    and name:find("^[A-Za-z0-9_]*[Ii][Dd]s?$")
    and { name = name, type = "string" } or nil
end

-- What stands in a list, or in something that is not described further, is what
-- it stands in.
local function repair(value, field, found)
  if type(value) == "string" then
    return repair_text(value, field, found)
  elseif type(value) == "table" then
    local known = value[1] == nil and field and field.fields
      and by_name(field.fields)
    for name, member in pairs(value) do
      local inner = field
      if known then
        inner = known[name]
      end
      value[name] = repair(member, inner or undescribed_id(name), found)
    end
  end
  return value
end

--- Undoes all marks in values that were read, in place.
---@param fields table[] description; what it does not know is people's text, unless it is called an id
---@param values table
---@return boolean repaired something is U+FFFD now
---@return string|nil odd name of a field that may not be repaired, but was
function M.values(fields, values)
  local found = { repaired = false }
  repair(values, { type = "object", fields = fields }, found)
  return found.repaired, found.odd
end

return M
