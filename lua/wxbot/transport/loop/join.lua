--- Waiting for tasks to end, in a task of their loop or outside.

local drive = require "wxbot.transport.loop.drive"
local queue = require "wxbot.util.queue"
local task_of = require "wxbot.transport.loop.fiber"

local current, outcome = task_of.current, task_of.outcome
local error, getmetatable, ipairs, pcall, type = error, getmetatable, ipairs,
  pcall, type
local raise_if_cancelled, suspend = task_of.raise_if_cancelled,
  task_of.suspend

local M = {}

local Task = task_of.Task

local function all_ended(list)
  for _, task in ipairs(list) do
    if task.state ~= "ended" then
      return false
    end
  end
  return true
end

local function join_all(task, list)
  for _, other in ipairs(list) do
    if other.state ~= "ended" then
      other.waiters[task], task.joining = true, other
      suspend(task.loop, task)
      raise_if_cancelled(task)
    end
  end
end

-- Of a wait that is over, were it by an error.
local function leave(task)
  local waiters = task.joining and task.joining.waiters
  if waiters then
    waiters[task] = nil
  end
  task.joining = nil
end

-- Keeps the errors of a list that nobody will hear of for the next step.
local function remember(loop, list)
  for _, task in ipairs(list) do
    if task.failed and not task.told and task.awaited == 0 then
      queue.push(loop.untold, task)
    end
  end
end

-- Waits until the tasks of a list have ended.
local function await(loop, list, name, level)
  local task = current(loop)
  if task then
    raise_if_cancelled(task)
  elseif all_ended(list) then
    return
  else
    drive.begin(loop, name, level + 1)
  end
  for _, other in ipairs(list) do
    other.awaited = other.awaited + 1
  end
  local ok, err
  if task then
    ok, err = pcall(join_all, task, list)
    leave(task)
  else
    ok, err = pcall(drive.go, loop, drive.run_until, function()
      return all_ended(list)
    end)
  end
  for _, other in ipairs(list) do
    other.awaited = other.awaited - 1
  end
  if not ok then
    remember(loop, list)
    error(err, 0)
  end
end

--- Waits for the task to end. Raises the error that ended it.
---@return any ... its results; nil and an error when it was cancelled
function Task:join()
  if current(self.loop) == self then
    error("task:join: a task cannot wait for itself", 2)
  end
  await(self.loop, { self }, "task:join", 2)
  return outcome(self)
end

-- What is wrong with a list of tasks.
local function check_tasks(loop, list)
  if type(list) ~= "table" then
    return "a list of tasks is needed (got " .. type(list) .. ")"
  end
  for i = 1, #list do
    local task = list[i]
    if getmetatable(task) ~= Task or task.loop ~= loop then
      return "number " .. i .. " is not a task of this loop"
    elseif task == current(loop) then
      return "a task cannot wait for itself"
    end
  end
end

--- Waits for all the tasks of a list, in a task or outside. Raises the
--- error of the first of them that an error ended.
---@param list wxbot.Task[]
---@return table results the first result of each, in order; n: their number
---@return table errors the second result where the first is nil
function M.gather(self, list)
  local misuse = check_tasks(self, list)
  if misuse then
    error("loop:gather: " .. misuse, 2)
  end
  await(self, list, "loop:gather", 2)
  local results, errs = { n = #list }, {}
  for i, task in ipairs(list) do
    if task.failed then
      task.told = true
      remember(self, list)
    end
    local first, second = outcome(task)
    results[i] = first
    if first == nil then
      errs[i] = second
    end
  end
  return results, errs
end

return M
