--- Skill files: what a bot of the embedded platform can talk about.
--
-- A file holds `bot` (threshold, recommend_threshold, default_answer), `synonyms`
-- (lists of words that mean the same) and `skills`: each has a name and intents,
-- each intent a title (the standard question), similar questions and answers, or
-- `service`: the receiver of the service interface answers. Everything is
-- checked here, so that the dialogue can trust what it gets.

local check = require "wxbot.sandbox.skills_check"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local files = require "wxbot.sandbox.skills_file"

local error, format, ipairs, type = error, string.format, ipairs, type

local M = {}

-- Chosen with the scorer so that a paraphrase is answered, key words alone are
-- offered as a recommendation, and a word in common is not enough.
M.THRESHOLD = 0.75
M.RECOMMEND_THRESHOLD = 0.5
M.DEFAULT_ANSWER = "抱歉，我还不会回答这个问题。"

---@class wxbot.sandbox.Intent
---@field title string the standard question
---@field questions string[]
---@field answers string[] none if a service answers
---@field service boolean does the receiver of the service interface answer?
---@field threshold number|nil its own instead of the bot's
---@field disabled boolean
---@field follows wxbot.sandbox.Intent|nil the intent that it continues
---@field skill wxbot.sandbox.Skill

---@class wxbot.sandbox.Skill
---@field id integer the same for a name in every run, 1 to 2^31-1
---@field name string
---@field general boolean
---@field published boolean
---@field intents wxbot.sandbox.Intent[]

---@class wxbot.sandbox.Skillset
---@field bot { threshold: number, recommend_threshold: number, default_answer: string }
---@field skills wxbot.sandbox.Skill[]
---@field synonyms string[][]

--- A positive 32-bit number made of a name, and of no other in `taken`. Of a
-- digest: names that share one are not found by design.
---@param name string
---@param taken table<integer, boolean> the new one is added
---@return integer
function M.number_of(name, taken)
  local a, b, c, d = core.md5(name):byte(1, 4)
  local number = ((a * 256 + b) * 256 + c) * 256 + d
  repeat
    number = number % 2147483647 + 1
  until not taken[number]
  taken[number] = true
  return number
end

local function copy(source)
  local copied = {}
  for i, item in ipairs(source or {}) do
    copied[i] = item
  end
  return copied
end

local function build_intent(source, skill)
  return {
    title = source.title,
    questions = copy(source.questions),
    answers = copy(source.answers),
    service = source.service or false,
    threshold = source.threshold,
    disabled = source.disabled or false,
    follows = source.follows,
    skill = skill,
  }
end

-- Builds a skill. Gives nil and what is wrong first.
local function build_skill(source, where, taken)
  local reason = check.skill(source, where)
  if reason then
    return nil, reason
  end
  local skill = {
    id = M.number_of(source.name, taken),
    name = source.name,
    general = source.general or false,
    published = source.published ~= false,
    intents = {},
  }
  local titles = {}
  for i, item in ipairs(source.intents) do
    local place = format("%s.intents[%d]", where, i)
    reason = check.intent(item, place)
    if reason then
      return nil, reason
    elseif titles[item.title] then
      return nil, format('%s.title "%s" is used twice in this skill', place, item.title)
    end
    titles[item.title] = true
    skill.intents[i] = build_intent(item, skill)
  end
  return skill
end

-- The intent of a title: in the skill itself, else in exactly one other.
local function find_intent(skills, skill, title)
  for _, intent in ipairs(skill.intents) do
    if intent.title == title then
      return intent
    end
  end
  local found
  for _, other in ipairs(skills) do
    for _, intent in ipairs(other.intents) do
      if intent.title == title then
        if found then
          return nil, "names intents of several skills"
        end
        found = intent
      end
    end
  end
  if not found then
    return nil, "names no intent"
  end
  return found
end

-- Is there a way back to where it began? Such intents can never be reached.
local function is_circle(intent)
  local at, steps = intent.follows, {}
  while at and not steps[at] do
    steps[at] = true
    if at == intent then
      return true
    end
    at = at.follows
  end
  return false
end

-- Puts intents where `follows` has titles. Gives what is wrong first.
local function link(skills)
  local every = {}
  for s, skill in ipairs(skills) do
    for i, intent in ipairs(skill.intents) do
      if intent.follows then
        local where = format("skills[%d].intents[%d].follows", s, i)
        local target, reason = find_intent(skills, skill, intent.follows)
        if not target then
          return format('%s "%s" %s', where, intent.follows, reason)
        end
        every[#every + 1] = { intent, target, where }
      end
    end
  end
  for _, entry in ipairs(every) do
    entry[1].follows = entry[2]
  end
  for _, entry in ipairs(every) do
    if is_circle(entry[1]) then
      return entry[3] .. " leads back to the intent itself"
    end
  end
end

local function build(source)
  local reason = check.file(source)
  if reason then
    return nil, reason
  end
  local bot = source.bot or {}
  local skillset = {
    bot = {
      threshold = bot.threshold or M.THRESHOLD,
      recommend_threshold = bot.recommend_threshold or M.RECOMMEND_THRESHOLD,
      default_answer = bot.default_answer or M.DEFAULT_ANSWER,
    },
    skills = {}, synonyms = source.synonyms or {},
  }
  local names, taken = {}, {}
  for i, item in ipairs(source.skills) do
    local where = format("skills[%d]", i)
    local skill
    skill, reason = build_skill(item, where, taken)
    if not skill then
      return nil, reason
    elseif names[skill.name] then
      return nil, format('%s.name "%s" is used twice', where, skill.name)
    end
    names[skill.name] = true
    skillset.skills[i] = skill
  end
  reason = link(skillset.skills)
  return not reason and skillset or nil, reason
end

--- Reads the skills of a bot.
-- What is wrong in them comes back as an error of kind "invalid" that names
-- the file, the line and the field. The table is not changed, and not kept.
---@param source string|table the path of a JSON file, or what such a file holds
---@return wxbot.sandbox.Skillset|nil, wxbot.Error|nil
function M.load(source)
  if type(source) == "string" then
    local skillset, reason = files.load(source, build)
    if not skillset then
      return errors.invalid(source .. ": " .. reason)
    end
    return skillset
  elseif type(source) ~= "table" then
    error("skills must be a path or a table, not " .. type(source), 2)
  end
  local skillset, reason = build(source)
  if not skillset then
    return errors.invalid(reason)
  end
  return skillset
end

return M
