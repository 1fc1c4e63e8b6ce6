--- The tasks of a loop: how one begins, waits, goes on and ends.
--
-- A loop keeps them by their state: "queued", not begun yet; "waiting" for a
-- call, for a time or for each other; "ready" to go on; "running"; "ended".

local core = require "wxbot.curl"
local errors = require "wxbot.util.errors"
local queue = require "wxbot.util.queue"

local co_close, create = coroutine.close, coroutine.create -- close: 5.4 only
local co_resume, isyieldable = coroutine.resume, coroutine.isyieldable
local running, status, yield = coroutine.running, coroutine.status,
  coroutine.yield
local error, pairs, select, setmetatable, type = error, pairs, select,
  setmetatable, type
local now, push = core.now, queue.push
-- A host may have no `debug`.
local traceback = debug and debug.traceback or function(_, message)
  return message
end
local unpack = table.unpack or unpack

local M = {}

-- LuaJIT can compile little of what switches coroutines, and a step would
-- stall each time it tries.
local jit = package.loaded.jit
if jit then
  jit.off(true, true)
end

-- What a task yields when it waits for its loop.
local WAIT = {}

---@class wxbot.Task
---@field state string "queued" | "waiting" | "ready" | "running" | "ended"
local Task = { __name = "wxbot.task" }
Task.__index = Task
-- Its method `join` drives the loop, and stands with that.
M.Task = Task

-- ----------------------------------------------------------------- waiting

--- The task that is calling; nil: the caller has to block. That is also so
--- in coroutines that a task made, and where Lua cannot yield.
function M.current(loop)
  local task = loop.current
  if task and running() == task.thread and isyieldable() then
    return task
  end
end

--- Lets the others go on until somebody wakes this task.
function M.suspend(loop, task)
  task.state = "waiting"
  yield(WAIT)
  if loop.current ~= task then
    error("a task of a loop was resumed by somebody else", 0)
  end
end

--- Raises in a task what it was cancelled with. To one that its closed loop
--- abandons that is done once: if it waits all the same it waits for ever.
function M.raise_if_cancelled(task)
  if task.cancelled then
    if task.told_to_end then
      yield(WAIT)
    end
    task.told_to_end = task.abandoned
    error(task.cancelled, 0)
  end
end

--- Makes a task that waits ready to go on.
function M.wake(loop, task)
  if task.state ~= "waiting" then
    return
  end
  if task.timer then
    loop.sleepers:remove(task.timer)
    task.timer = nil
  end
  task.state = "ready"
  push(loop.ready, task)
end

--- Has a task that is about to wait woken after so many seconds.
function M.set_timer(loop, task, seconds)
  task.timer = loop.sleepers:add(now() + seconds, task)
end

-- ------------------------------------------------------------- going on

local function explain(task, err)
  if type(err) == "string" then
    return traceback(task.thread, err)
  elseif errors.is(err) then
    err.traceback = err.traceback or traceback(task.thread)
  end
  return err
end

-- Runs what 5.4 still has to close in a coroutine that will not go on.
local function drop_thread(task)
  if co_close and status(task.thread) ~= "normal" then
    co_close(task.thread)
  end
end

local function conclude(loop, task)
  task.state, task.thread = "ended", nil
  loop.tasks[task] = nil
  loop.live = loop.live - 1
  for waiter in pairs(task.waiters) do
    M.wake(loop, waiter)
  end
  task.waiters = nil
end

--- Tells of an error that nobody waits for, or whose waiter went away.
function M.report(loop, task)
  task.told = true
  if loop.on_error then
    loop.on_error(task.err, task)
  else
    error(task.err, 0)
  end
end

local function failed(loop, task, err)
  task.failed, task.err = err ~= task.cancelled, explain(task, err)
  drop_thread(task)
  conclude(loop, task)
  if task.failed and task.awaited == 0 then
    M.report(loop, task)
  end
end

local function resumed(loop, task, ok, ...)
  loop.current = nil
  if ok and ... == WAIT then
    return
  elseif not ok then
    failed(loop, task, (...))
  elseif status(task.thread) ~= "suspended" then
    task.results = { n = select("#", ...), ... }
    conclude(loop, task)
  else
    failed(loop, task, "a task yielded by itself: in a loop only the loop's "
      .. "own methods wait")
  end
end

--- Begins a task, or lets it go on to where it waits next.
function M.resume(loop, task)
  local args = task.args
  task.args, task.state, loop.current = nil, "running", task
  if args then
    resumed(loop, task, co_resume(task.thread, unpack(args, 1, args.n)))
  else
    resumed(loop, task, co_resume(task.thread))
  end
end

--- What became of a task that has ended: its results, raised, or nil, err.
function M.outcome(task)
  if task.failed then
    task.told = true
    error(task.err, 0)
  elseif task.err then
    return nil, task.err
  end
  return unpack(task.results, 1, task.results.n)
end

--- Ends a task of a loop that is being closed where it is: the error is raised
--- there, so that it gives back what it holds. Returns another error that this
--- made it raise.
function M.abandon(loop, task, err)
  local failure
  if task.state == "ended" then
    return nil
  elseif task.state ~= "queued" then
    local caller = loop.current
    task.cancelled, task.abandoned = task.cancelled or err, true
    task.state, loop.current = "running", task
    local ok, raised = co_resume(task.thread)
    loop.current = caller
    if not ok and raised ~= task.cancelled then
      failure = explain(task, raised)
    end
  end
  drop_thread(task)
  task.err = err
  conclude(loop, task)
  return failure
end

-- -------------------------------------------------------------- the object

--- A task that has not begun, last among those that are ready.
function M.new(loop, fn, ...)
  local task = setmetatable({ loop = loop, thread = create(fn),
    args = { n = select("#", ...), ... }, state = "queued", awaited = 0,
    waiters = {} }, Task)
  loop.tasks[task] = true
  loop.live = loop.live + 1
  push(loop.ready, task)
  return task
end

-- Ends the call that a task waits for; true, false, nil as in err.sent.
local function cancel_call(task)
  local transfer = task.transfer
  if task.state == "queued" then
    return false
  elseif not transfer then
    return nil
  end
  transfer:cancel()
  local answered, _, _, sent = transfer:result()
  return answered ~= nil or sent
end

--- Ends the task where it waits: an error (kind "cancelled") is raised
--- there, and again at each later wait. A call that it waits for is dropped
--- and its connection closed. A task that has not begun never will.
function Task:cancel()
  if self.state == "ended" or self.cancelled then
    return
  end
  self.cancelled = errors.new{ kind = "cancelled", code = "cancelled",
    message = "the task was cancelled", sent = cancel_call(self) }
  if self.state == "queued" then
    self.err = self.cancelled
    conclude(self.loop, self)
  else
    M.wake(self.loop, self)
  end
end

function Task:__tostring()
  return "wxbot.task (" .. self.state .. ")"
end

return M
