--- Questions from JSON: skills as `--skills` has them, or a list of rows.

local texts = require "wxbot.util.text"
local check = require "wxbot.call.schema.check"
local json = require "wxbot.codec.json"
local sheets = require "wxbot.cli.import_file.sheet"
local skills = require "wxbot.sandbox.skills"

local ipairs, next, pairs = ipairs, next, pairs
local tonumber, type = tonumber, type

-- Where a row stands: what that is called, and how many are before it.
local function place_of(number, name, ...)
  return { order = number, text = " " .. name:format(...) .. ":" }
end

local function add_intent(sheet, where, skill, intent)
  if not sheet:fit(intent) then
    return
  end
  sheet:add(where, { skill = skill.name, intent = intent.title,
    questions = intent.questions or {}, answers = intent.answers,
    threshold = sheet.has.threshold and intent.threshold
      and texts.of_number(intent.threshold) or nil,
    disable = sheet.has.disable and intent.disabled or nil })
end

-- A copy of an object with another value of one member; else the value itself.
local function but(object, name, value)
  local copy = {}
  for key, member in pairs(type(object) == "table" and object or {}) do
    copy[key] = member
  end
  copy[name] = value
  return type(object) == "table" and copy or object
end

-- Refuses what is wrong with the only skill of a file, which stands elsewhere.
local function refuse_alone(sheet, skill, own, place)
  local good, err = skills.load{ skills = { skill } }
  if not good then
    sheet:refuse({ order = sheet.count, text = "" },
      texts.replace(err.message, own, place))
  end
end

-- Of the skills only what is wrong first is named. Here it is all that is wrong
-- by itself, or else what does not go together.
local function refuse_skills(sheet, list, err)
  for s, skill in ipairs(type(list) == "table" and list or {}) do
    local place = ("skills[%d]"):format(s)
    local intents = type(skill) == "table" and type(skill.intents) == "table"
      and skill.intents
    refuse_alone(sheet, intents and but(skill, "intents", {}) or skill,
      "skills[1]", place)
    for i, intent in ipairs(intents or {}) do
      refuse_alone(sheet, { name = "skill",
        intents = { but(intent, "follows", nil) } },
        "skills[1].intents[1]", ("%s.intents[%d]"):format(place, i))
    end
  end
  if sheet.count == 0 then
    sheet:refuse(nil, err.message)
  end
end

local function from_skills(sheet, value)
  local good, err = skills.load(value)
  if not good then
    return refuse_skills(sheet, value.skills, err)
  end
  local number = 0
  for s, skill in ipairs(value.skills) do
    for i, intent in ipairs(skill.intents) do
      number = number + 1
      add_intent(sheet, place_of(number, "skills[%d].intents[%d]", s, i),
        skill, intent)
    end
  end
end

-- What is no JSON, and where.
local function refuse_text(sheet, text, message)
  local byte = message and message:match("at byte (%d+)")
  if not byte then
    return sheet:refuse(nil, message
      or "it must hold an object with skills, or a list of rows")
  end
  sheet:refuse(sheets.line(texts.line_of(text, tonumber(byte) - 1)), message)
end

-- A text stands for a list of one.
local ROW = {
  { name = "skill", type = "string", required = true, doc = "its name" },
  { name = "intent", type = "string", required = true,
    doc = "the standard question" },
  { name = "questions", type = "list", of = "string", or_type = "string" },
  { name = "answers", type = "list", of = "string", or_type = "string" },
}

local function list_of(value)
  return type(value) == "table" and value or { value }
end

local function from_items(sheet, list)
  for i, item in ipairs(list) do
    local place = ("[%d]"):format(i)
    local message = type(item) ~= "table" and place .. ": must be an object"
      or check.argument_error(place, ROW, item)
    if message then
      sheet:refuse({ order = i, text = "" }, message)
    else
      sheet:add(place_of(i, "%s", place), { skill = item.skill,
        intent = item.intent, questions = list_of(item.questions),
        answers = list_of(item.answers) })
    end
  end
end

--- Reads them into a sheet.
---@param sheet wxbot.cli.Sheet
---@param text string
---@return table[]|nil rows
return function(sheet, text)
  local value, message = json.decode(text)
  if type(value) ~= "table" then
    return refuse_text(sheet, text, message)
  elseif value.skills ~= nil then
    from_skills(sheet, value)
  elseif next(value) ~= nil and #value == 0 then
    return sheet:refuse(nil, "it must hold an object with skills, or a list")
  else
    from_items(sheet, value)
  end
  return sheet:check()
end
