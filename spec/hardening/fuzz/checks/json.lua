-- The strict look at a JSON text, and the reading and writing on top of it.
-- What the look accepts is UTF-8, is accepted once more unchanged, and is read
-- by lua-cjson; what was read is the same when it has been written and read
-- again. What it refuses is refused with one code. With marks it accepts more,
-- all of which is strict then, and what it had accepted before says the same.
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

-- Whole numbers beyond 15 digits come back as strings, that is the rule.
local function written(value)
  local text = assert(json.encode(value))
  local checked = assert(core.json_check(text))
  local again, message = json.decode(text)
  assert(again ~= nil, message)
  assert(checked ~= text or same(value, again), text)
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
  local checked, marked = core.json_check(text, 32, true)
  if not checked then
    return assert(strict == nil)
  end
  assert(core.json_check(checked) == checked and core.utf8_valid(checked))
  local value = json.decode(text, true)
  if strict ~= nil then
    assert(same(raw(value), strict))
  elseif value ~= nil then
    assert(marked)
  end
  if type(value) == "table" then
    repair.values({}, value)
    assert(clean(value))
  end
end

return function(text)
  tolerant(text, (json.decode(text)))
  local checked, message, code = core.json_check(text)
  if checked == nil then
    return refused(text, message, code)
  end
  assert(core.json_check(checked) == checked and core.utf8_valid(checked))
  cjson.decode(checked)
  local value, why = json.decode(text)
  if value == nil then
    assert(type(why) == "string")
  else
    written(value)
  end
end
