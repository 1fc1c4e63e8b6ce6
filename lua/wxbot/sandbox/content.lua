--- What administrators change: skills, and which of them users see.
--
-- How the real platform goes about it is not documented. Here an import is
-- done when its task has ended; env = "debug" sees it from then on, everybody
-- else once the bot has been published.

local number_of = require "wxbot.sandbox.skills".number_of
local json = require "wxbot.codec.json"
local queue = require "wxbot.util.queue"

local floor, max, min = math.floor, math.max, math.min
local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable

local M = {}

-- Seconds that things take.
local PREPARE, IMPORT, PUBLISH = 1, 2, 5

-- A task tells of no more skills, nor of more failures.
local KEPT = 5000

-- Intents that nobody sees any more before they are looked for.
local MANY = 1000

local NONE = {}

local Content = {}
Content.__index = Content

-- Imports look for skills by name, and for those of their intents that nothing
-- has superseded by title.
local function note_skill(content, skill)
  local live = {}
  for _, intent in ipairs(skill.intents) do
    live[intent.title] = intent
  end
  content.named[skill.name], content.live[skill] = skill, live
end

---@param time function returns unix seconds
---@param skillset wxbot.sandbox.Skillset
---@param dialogue wxbot.sandbox.Dialogue
---@param tasks table
function M.new(time, skillset, dialogue, tasks)
  local content = setmetatable({ time = time, skills = skillset.skills,
    taken = {}, named = {}, live = {}, dialogue = dialogue, tasks = tasks,
    due = queue.new(), unseen = 0, limit = MANY }, Content)
  for _, skill in ipairs(skillset.skills) do
    content.taken[skill.id] = true
    note_skill(content, skill)
  end
  return content
end

--- Does what is due by now. To be called before anything is answered.
function Content:settle()
  local due = self.due
  while due[due.first] and self.time() >= due[due.first].at do
    queue.pop(due).run()
  end
end

-- One thing after another: what is asked for later is not done earlier.
local function later(content, seconds, run)
  local last = content.due[content.due.last]
  local at = max(content.time() + seconds, last and last.at or 0)
  queue.push(content.due, { at = at, run = run })
end

local function skill_named(content, name)
  local skill = content.named[name]
  if not skill then
    skill = { id = number_of(name, content.taken), name = name,
      general = false, published = true, intents = {} }
    content.skills[#content.skills + 1] = skill
    note_skill(content, skill)
  end
  return skill
end

-- Users see the old one until the bot is published, unless they never did.
local function supersede(content, live, title)
  local intent = live[title]
  if intent then
    intent.superseded, live[title] = true, nil
    content.unseen = content.unseen + (intent.draft and 1 or 0)
  end
  return intent
end

local function supersede_all(content)
  for _, live in pairs(content.live) do
    for title in pairs(live) do
      supersede(content, live, title)
    end
  end
end

-- Leaves in each skill what `is_kept` says, and forgets the rest.
local function keep(content, is_kept)
  local count = 0
  for _, skill in ipairs(content.skills) do
    local kept = {}
    for _, intent in ipairs(skill.intents) do
      if is_kept(intent) then
        kept[#kept + 1] = intent
      end
    end
    skill.intents, count = kept, count + #kept
  end
  content.unseen, content.limit = 0, max(MANY, count)
  content.dialogue:index_skills(content.skills)
end

-- Imports that are not published may follow each other without end.
local function forget_unseen(content)
  if content.unseen > content.limit then
    keep(content, function(intent)
      return not (intent.superseded and intent.draft)
    end)
  end
end

local function put(content, row)
  local skill = skill_named(content, row.skillname)
  local live = content.live[skill]
  local renamed = row.old_title and supersede(content, live, row.old_title)
  local old = supersede(content, live, row.title) or renamed or NONE
  local intent = {
    title = row.title, questions = row.question or {}, answers = row.answer,
    threshold = row.threshold or old.threshold,
    disabled = row.disabled == true, follows = old.follows,
    origin = old.origin or old.title and old, skill = skill, draft = true,
  }
  skill.intents[#skill.intents + 1], live[row.title] = intent, intent
  content.dialogue:add(intent)
end

-- What an import needs; blanks alone say nothing. No other limit of a row is
-- documented.
local function reason_against(row)
  for _, name in ipairs{ "skillname", "title" } do
    if not (row[name] or ""):find("[^ \t-\r]") then
      return name .. " must not be empty"
    end
  end
  for _, text in ipairs(row.answer or {}) do
    if text:find("[^ \t-\r]") then
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
    local reason = reason_against(row)
    if reason then
      failed[#failed + 1] = { skillname = row.skillname or "",
        title = row.title or "", msg = reason }
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
    if replace and #good > 0 then
      supersede_all(self)
    end
    for _, row in ipairs(good) do
      put(self, row)
    end
    forget_unseen(self)
  end)
  local fail_count = #failed
  return self.tasks:add_task{ prepare = PREPARE, duration = IMPORT,
    failure = #good == 0 and "nothing could be imported" or nil,
    success_count = #good, success_skill_info = first_of(skills),
    fail_count = fail_count,
    fail_skill_info = fail_count > 0 and first_of(failed) or nil }
end

local function publish(content)
  keep(content, function(intent)
    return not intent.superseded
  end)
  for _, skill in ipairs(content.skills) do
    skill.published = true
    for _, intent in ipairs(skill.intents) do
      intent.draft = nil
    end
  end
end

--- Publishes the bot, when the task that it starts has ended.
---@return string task_id
function Content:publish()
  self.published = self.time()
  later(self, PUBLISH, function() publish(self) end)
  return self.tasks:add_task{ prepare = 0, duration = PUBLISH }
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
