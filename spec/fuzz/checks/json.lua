-- The strict look at a JSON text, and the reading and writing on top of it.
-- What the look accepts is UTF-8, is accepted once more unchanged, and is read
-- by lua-cjson; what was read is the same when it has been written and read
-- again. What it refuses is refused with one code.
local cjson = require "cjson"
local core = require "wxbot.core"
local json = require "wxbot.json"
local same = require "spec.fuzz.same"

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

return function(text)
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
