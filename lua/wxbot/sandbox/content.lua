--- What administrators change: skills, and which of them users see.
--
-- How the real platform goes about it is not documented. Here an import is
-- done when its task has ended; env = "debug" sees it from then on, everybody
-- else once the bot has been published.

local intents_of = require "wxbot.sandbox.intents"
local json = require "wxbot.codec.json"
local number_of = require "wxbot.sandbox.skills".number_of
local queue = require "wxbot.util.queue"

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
---@param skillset wxbot.sandbox.Skillset not changed
---@param dialogue wxbot.sandbox.Dialogue answers with these skills from now on
---@param tasks table
---@param note fun(record: table) hears of each change
function M.new(time, skillset, dialogue, tasks, note)
  return setmetatable({ time = time, tasks = tasks, due = queue.new(),
    intents = intents_of.new(skillset, dialogue), note = note }, Content)
end

-- One thing after another: what is asked for later is not done earlier.
local function later(content, seconds, due)
  local last = content.due[content.due.last]
  due.at = max(content.time() + seconds, last and last.at or 0)
  queue.push(content.due, due)
  content.note(due)
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
        found = { id = content.intents:skill_named(row.skillname).id,
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
  if #good > 0 then
    later(self, PREPARE + IMPORT, { rows = good, replace = replace or nil })
  end
  local fail_count = #failed
  return self.tasks:add_task{ prepare = PREPARE, duration = IMPORT,
    failure = #good == 0 and "nothing could be imported" or nil,
    success_count = #good, success_skill_info = first_of(skills),
    fail_count = fail_count,
    fail_skill_info = fail_count > 0 and first_of(failed) or nil }
end

local function import(intents, due)
  if due.replace then
    intents:supersede_all()
  end
  for _, row in ipairs(due.rows) do
    intents:put(row)
  end
  intents:forget_unseen()
end

--- Does what is due by now. To be called before anything is answered.
function Content:settle()
  local due = self.due
  while due[due.first] and self.time() >= due[due.first].at do
    local first = queue.pop(due)
    if first.rows then
      import(self.intents, first)
    else
      self.intents:publish()
    end
  end
end

--- Does what a record says.
---@param record table { at, rows, replace } or { at, published }
function Content:apply(record)
  self.published = record.published or self.published
  queue.push(self.due, record)
end

--- Gives records that make the same of the skills file.
---@param emit fun(record: table)
function Content:snapshot(emit)
  local intents = self.intents
  local seen, drafts = intents:imported()
  if intents.was_published then
    emit{ at = 0, rows = json.list(seen), replace = intents.replaced }
    emit{ at = 0, published = self.published }
  end
  if #drafts > 0 or intents.replaced_draft then
    emit{ at = 0, rows = json.list(drafts), replace = intents.replaced_draft }
  end
  for i = self.due.first, self.due.last do
    emit(self.due[i])
  end
end

--- The intent of a title, as of now.
---@param skill string its name
---@param title string
---@return table|nil intent
function Content:intent_of(skill, title)
  self:settle()
  return self.intents:intent_of(skill, title)
end

--- Is anything not as the skills file says?
---@return boolean
function Content:is_changed()
  return self.published ~= nil or self.due.last > 0
end

--- Publishes the bot, when the task that it starts has ended.
---@return string task_id
function Content:publish()
  self.published = self.time()
  later(self, PUBLISH, { published = self.published })
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
