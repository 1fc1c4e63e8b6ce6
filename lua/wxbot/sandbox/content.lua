--- What administrators change: skills, and which of them users see.
--
-- How the real platform goes about it is not documented. Here an import is
-- done when its task has ended; env = "debug" sees it from then on, everybody
-- else once the bot has been published.

local number_of = require "wxbot.sandbox.skills".number_of
local json = require "wxbot.json"

local floor, max, min = math.floor, math.max, math.min
local ipairs, setmetatable = ipairs, setmetatable

local M = {}

-- Seconds that things take.
local PREPARE, IMPORT, PUBLISH = 1, 2, 5

-- A task tells of no more skills, nor of more failures.
local KEPT = 5000

local Content = {}
Content.__index = Content

---@param time function returns unix seconds
---@param skillset wxbot.sandbox.Skillset
---@param dialogue wxbot.sandbox.Dialogue
---@param jobs table
function M.new(time, skillset, dialogue, jobs)
  local taken = {}
  for _, skill in ipairs(skillset.skills) do
    taken[skill.id] = true
  end
  return setmetatable({ time = time, skills = skillset.skills, taken = taken,
    dialogue = dialogue, jobs = jobs, due = {} }, Content)
end

--- Does what is due by now. To be called before anything is answered.
function Content:settle()
  while self.due[1] and self.time() >= self.due[1].at do
    table.remove(self.due, 1).run()
  end
end

-- One thing after another: what is asked for later is not done earlier.
local function later(content, seconds, run)
  local last = content.due[#content.due]
  local at = max(content.time() + seconds, last and last.at or 0)
  content.due[#content.due + 1] = { at = at, run = run }
end

local function skill_named(content, name)
  for _, skill in ipairs(content.skills) do
    if skill.name == name then
      return skill
    end
  end
  local skill = { id = number_of(name, content.taken), name = name,
    general = false, published = true, intents = {} }
  content.skills[#content.skills + 1] = skill
  return skill
end

-- Users see the old one until the bot is published.
local function supersede(skill, title)
  for _, intent in ipairs(skill.intents) do
    if not intent.superseded and (not title or intent.title == title) then
      intent.superseded = true
      if title then
        return intent
      end
    end
  end
  return {}
end

local function put(content, row)
  local skill = skill_named(content, row.skillname)
  local renamed = row.old_title and supersede(skill, row.old_title)
  local old = supersede(skill, row.title)
  old = old.title and old or renamed or old
  local intent = {
    title = row.title, questions = row.question or {}, answers = row.answer,
    threshold = row.threshold or old.threshold,
    disabled = row.disabled == true, follows = old.follows,
    origin = old.origin or old.title and old, skill = skill, draft = true,
  }
  skill.intents[#skill.intents + 1] = intent
  content.dialogue:add(intent)
end

-- What an import needs; blanks alone say nothing. No other limit of a row is
-- documented.
local function row_fault(row)
  for _, name in ipairs{ "skillname", "title" } do
    if not (row[name] or ""):find("%S") then
      return name .. " must not be empty"
    end
  end
  for _, text in ipairs(row.answer or {}) do
    if text:find("%S") then
      return nil
    end
  end
  return "answer must not be empty"
end

-- What a task tells of rows; the shape of failures is not documented.
local function first_of(list)
  for i = #list, KEPT + 1, -1 do
    list[i] = nil
  end
  return list
end

local function sort_rows(content, rows)
  local good, skills, failed, by_name = {}, {}, {}, {}
  for _, row in ipairs(rows) do
    local fault = row_fault(row)
    if fault then
      failed[#failed + 1] = { skillname = row.skillname or "",
        title = row.title or "", msg = fault }
    else
      good[#good + 1] = row
      local found = by_name[row.skillname]
      if not found then
        found = { id = skill_named(content, row.skillname).id,
          name = row.skillname, intents = {} }
        by_name[row.skillname], skills[#skills + 1] = found, found
      end
      found.intents[#found.intents + 1] = { name = row.title,
        id = number_of(row.skillname .. "\n" .. row.title, {}) }
    end
  end
  for _, skill in ipairs(skills) do
    json.list(skill.intents)
  end
  return good, skills, failed
end

--- Imports rows, when the task that it starts has ended.
---@param rows table[] { skillname, title, question = list, answer = list, threshold, disabled, old_title = which is renamed }
---@param replace boolean everything that was there goes
---@return string task_id
function Content:import(rows, replace)
  local good, skills, failed = sort_rows(self, rows)
  later(self, PREPARE + IMPORT, function()
    for _, skill in ipairs(replace and #good > 0 and self.skills or {}) do
      supersede(skill)
    end
    for _, row in ipairs(good) do
      put(self, row)
    end
  end)
  local fail_count = #failed
  return self.jobs:add_task{ prepare = PREPARE, duration = IMPORT,
    failure = #good == 0 and "nothing could be imported" or nil,
    success_count = #good, success_skill_info = first_of(skills),
    fail_count = fail_count,
    fail_skill_info = fail_count > 0 and first_of(failed) or nil }
end

local function publish(content)
  for _, skill in ipairs(content.skills) do
    local kept = {}
    for _, intent in ipairs(skill.intents) do
      if not intent.superseded then
        intent.draft = nil
        kept[#kept + 1] = intent
      end
    end
    skill.published, skill.intents = true, kept
  end
  content.dialogue:index_skills(content.skills)
end

--- Publishes the bot, when the task that it starts has ended.
---@return string task_id
function Content:publish()
  self.published = self.time()
  later(self, PUBLISH, function() publish(self) end)
  return self.jobs:add_task{ prepare = 0, duration = PUBLISH }
end

--- How far the last publishing is. What the real platform says of a bot that
-- was never published is not documented: here there is nothing left to do.
---@return table data of publish_progress
function Content:progress()
  local ran = self.published and self.time() - self.published or PUBLISH
  local share = min(1, ran / PUBLISH)
  return { progress = floor(share * 100), status = share < 1 and 3 or 1 }
end

return M
