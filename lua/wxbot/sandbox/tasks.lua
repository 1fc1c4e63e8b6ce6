--- Tasks that move with the clock.

local json = require "wxbot.codec.json"
local newest = require "wxbot.sandbox.newest"

local floor, max, min = math.floor, math.max, math.min
local ipairs, setmetatable, type = ipairs, setmetatable, type

local M = {}

local Tasks = {}
Tasks.__index = Tasks

--- An empty store.
---@param time function returns unix seconds
---@param note fun(record: table) hears of each change
function M.new(time, note)
  return setmetatable({ time = time, kept = newest.new(),
    note = note }, Tasks)
end

local function rows_of(skills)
  local rows = 0
  for _, skill in ipairs(skills or {}) do
    rows = rows + (type(skill.intents) == "table" and #skill.intents or 0)
  end
  return rows
end

--- Starts a task.
---@param options table task_id, prepare, duration (seconds), failure, url, success_skill_info, fail_skill_info, success_count, fail_count
---@return string task_id
function Tasks:add_task(options)
  local id = options.task_id or self.kept:next_id("task")
  local task = {
    id = id,
    created = self.time(),
    prepare = options.prepare or 2,
    duration = options.duration or 8,
    failure = options.failure,
    url = options.url,
    success_skill_info = options.success_skill_info,
    fail_skill_info = options.fail_skill_info,
    success_count = options.success_count or rows_of(
      options.success_skill_info),
    fail_count = options.fail_count or #(options.fail_skill_info or {}),
  }
  self.kept:add(task)
  self.note{ task = task }
  return id
end

local function list_or_null(list)
  return list and json.list(list) or json.null
end

--- The `data` of task_fetch at this moment.
---@return table|nil data
---@return integer|nil success_count rows that were imported by now
---@return integer|nil fail_count rows that failed by now
function Tasks:task(id)
  local task = self.kept.by_id[id]
  if not task then
    return nil
  end
  local ran = self.time() - task.created - task.prepare
  local ended = ran >= task.duration
  local share = task.duration > 0 and max(0, ran) / task.duration or 1
  local state = ran < 0 and 0 or not ended and 1 or task.failure and 3 or 2
  local started = floor(task.created + task.prepare)
  return {
    state = state,
    progress = floor(min(1, share) * 100),
    start = ran < 0 and 0 or started,
    ["end"] = ended and floor(started + task.duration) or 0,
    url = ended and not task.failure and task.url or "",
    msg = ended and task.failure or "",
    success_skill_info = list_or_null(ended and not task.failure
      and task.success_skill_info),
    fail_skill_info = list_or_null(ended and task.fail_skill_info),
    import_export_time = json.null,
  }, ended and not task.failure and task.success_count or 0,
    ended and task.fail_count or 0
end

--- Does what a record says.
---@param record table { task }
function Tasks:apply(record)
  self.kept:add(record.task)
end

--- Gives records that make the same of none.
---@param emit fun(record: table)
function Tasks:snapshot(emit)
  for _, task in ipairs(self.kept.order) do
    emit{ task = task }
  end
end

--- The newest tasks, newest first, as task_fetch has them.
---@param most integer
---@return table[] tasks with task_id
function Tasks:newest(most)
  return self.kept:list(most, function(task)
    local data = self:task(task.id)
    data.task_id = task.id
    return data
  end)
end

return M
