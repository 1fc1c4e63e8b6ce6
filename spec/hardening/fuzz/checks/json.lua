-- Reading and writing JSON. What is read is what lua-cjson reads, but for nulls
-- and long integers; it is the same when it has been written and read again.
-- What is refused is refused with one code. With marks more is read, all of
-- which is text, and what was read before says the same.
local cjson = require "cjson"
local core = require "wxbot.core"
local clean = require "spec.hardening.fuzz.clean"
local json = require "wxbot.codec.json"
local repair = require "wxbot.codec.repair"
local same = require "spec.hardening.fuzz.same"

local function refused(text, message, code)
  assert(code == "json" and type(message) == "string")
  local value, why = json.decode(text)
  assert(value == nil and type(why) == "string")
end

local function decode(text, ...)
  return core.json_decode(text, json.List, ...)
end

-- Whole numbers beyond 15 digits come back as strings, that is the rule.
local function written(value)
  local text = assert(json.encode(value))
  local again, message = json.decode(text)
  assert(again ~= nil, message)
  assert(text:find("%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d") or same(value, again),
    text)
end

-- What lua-cjson read, as it is here.
local function without_nulls(value)
  if type(value) ~= "table" then
    return value
  end
  local all = {}
  for name, member in pairs(value) do
    if member ~= cjson.null then
      all[type(name) == "number" and #all + 1 or name] = without_nulls(member)
    end
  end
  return all
end

local function agrees(value, other)
  if type(value) == "string" and type(other) == "number" then
    return tonumber(value) + 0.0 == other -- a long integer
  elseif type(value) ~= "table" or type(other) ~= "table" then
    return value == other
  end
  for name, member in pairs(value) do
    if not agrees(member, other[name]) then
      return false
    end
  end
  for name in pairs(other) do
    if value[name] == nil then
      return false
    end
  end
  return true
end

-- Values as they came.
local function raw(value)
  if type(value) == "string" then
    return repair.raw(value)
  elseif type(value) ~= "table" then
    return value
  end
  local all = {}
  for name, member in pairs(value) do
    all[name] = raw(member)
  end
  return all
end

local function tolerant(text, strict)
  local value, marked = decode(text, 32, true)
  if value == nil then
    return assert(strict == nil)
  elseif strict ~= nil then
    assert(same(raw(value), strict))
  else
    assert(marked == true)
  end
  if type(value) == "table" then
    repair.values({}, value)
    assert(clean(value))
  end
end

return function(text)
  local value, message, code = decode(text)
  tolerant(text, value)
  decode(text, 32, false, nil, true)
  if value == nil then
    return refused(text, message, code)
  end
  assert(agrees(value, without_nulls(cjson.decode(text))))
  written(value)
end
