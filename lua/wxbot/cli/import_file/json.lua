--- Questions from JSON: skills as `--skills` has them, or a list of rows.

local ascii = require "wxbot.util.text"
local json = require "wxbot.codec.json"
local skills = require "wxbot.sandbox.skills"

local ipairs, next, pairs, tostring, type = ipairs, next, pairs, tostring, type

-- The members go by the names of the rows.
local WORDS = { skill = "skill", intent = "intent", questions = "questions",
  answers = "answers" }

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
      and ascii.of_number(intent.threshold) or nil,
    disable = sheet.has.disable and intent.disabled or nil }, WORDS)
end

local function from_skills(sheet, value)
  local good, err = skills.load(value)
  if not good then
    return sheet:refuse(nil, err.message)
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

-- A text, or a list of them.
local function list_of(value)
  if value == nil or value == json.null then
    return {}
  elseif type(value) == "string" then
    return { value }
  elseif type(value) ~= "table" then
    return nil
  end
  for _, text in pairs(value) do
    if type(text) ~= "string" then
      return nil
    end
  end
  return #value == 0 and next(value) and nil or value
end

-- Why an element of a list is no row.
local function reason_of(item)
  if type(item) ~= "table" then
    return "must be an object"
  end
  for _, name in ipairs{ "skill", "intent" } do
    if type(item[name]) ~= "string" or item[name] == "" then
      return name .. " must be a text that is not empty"
    end
  end
  for _, name in ipairs{ "questions", "answers" } do
    if not list_of(item[name]) then
      return name .. " must be a list of texts"
    end
  end
  for name in pairs(item) do
    if not WORDS[name] then
      return ("%s is unknown: expected skill, intent, questions, answers")
        :format(tostring(name))
    end
  end
end

local function from_items(sheet, list)
  for i, item in ipairs(list) do
    local where, reason = place_of(i, "[%d]", i), reason_of(item)
    if reason then
      sheet:refuse(where, reason)
    else
      sheet:add(where, { skill = item.skill, intent = item.intent,
        questions = list_of(item.questions), answers = list_of(item.answers) },
        WORDS)
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
    return sheet:refuse(nil, message
      or "it must hold an object with skills, or a list of rows")
  elseif value.skills ~= nil then
    from_skills(sheet, value)
  elseif next(value) ~= nil and #value == 0 then
    return sheet:refuse(nil, "it must hold an object with skills, or a list")
  else
    from_items(sheet, value)
  end
  return sheet:check(WORDS)
end
