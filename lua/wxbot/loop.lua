--- Many calls at once: coroutines over one HTTP client.
--
-- A loop starts coroutines, called tasks, and is a transport. In a task
-- `request` and `sleep` let the other tasks go on; everywhere else they
-- block, and no task goes on meanwhile. `run` goes on until all tasks have
-- ended; `step` does what can be done now and never waits.
--
-- Calls beyond `max_connections` wait in a queue, certainly not sent. Like
-- every transport a loop sees secrets: see wxbot.transport.curl.

local core = require "wxbot.curl"
local curl = require "wxbot.transport.curl"
local errors = require "wxbot.error"
local heap = require "wxbot.heap"

local co_close, create = coroutine.close, coroutine.create -- close: 5.4 only
local isyieldable, running = coroutine.isyieldable, coroutine.running
local co_resume, status, yield = coroutine.resume, coroutine.status,
  coroutine.yield
local error, ipairs, next = error, ipairs, next
local pairs, pcall = pairs, pcall
local huge, max, min = math.huge, math.max, math.min
local now = core.now
local select, setmetatable, type = select, setmetatable, type
local traceback = debug.traceback
local unpack = table.unpack or unpack

local M = {}

-- LuaJIT can compile little of what switches coroutines, and a step would
-- stall each time it tries.
local jit = package.loaded.jit
if jit then
  jit.off(true, true)
end

-- Seconds of a step without a say.
local BUDGET = 0.0005
-- Network and tasks take turns after so many seconds. Not shorter: each
-- turn begins by fetching all that it needs into the processor's caches.
local SLICE = BUDGET
-- Seconds between two looks at whether `run` is over.
local ROUND = 0.01
-- Transfers kept for later calls.
local SPARE = 64
-- What a task yields when it waits for its loop.
local WAIT = {}

---@class wxbot.Loop
---@field request fun(self, req: wxbot.transport.Request): wxbot.transport.Response|nil, wxbot.Error|nil
local Loop = { __name = "wxbot.loop" }
Loop.__index = Loop

---@class wxbot.Task
---@field state string "queued" | "waiting" | "ready" | "running" | "ended"
local Task = { __name = "wxbot.task" }
Task.__index = Task

-- ------------------------------------------------------------------ queues

local function queue()
  return { first = 1, last = 0 }
end

local function push(list, item)
  list.last = list.last + 1
  list[list.last] = item
end

local function pop(list)
  local item = list[list.first]
  if item ~= nil then
    list[list.first] = nil
    list.first = list.first + 1
  end
  return item
end

-- ----------------------------------------------------------------- waiting

-- The task that is calling; nil: the caller has to block. That is also so
-- in coroutines that a task made, and where Lua cannot yield.
local function current(loop)
  local task = loop.current
  if task and running() == task.thread and isyieldable() then
    return task
  end
end

-- Lets the others go on until somebody wakes this task.
local function suspend(loop, task)
  task.state = "waiting"
  yield(WAIT)
  if loop.current ~= task then
    error("a task of a loop was resumed by somebody else", 0)
  end
end

local function raise_if_cancelled(task)
  if task.cancelled then
    error(task.cancelled, 0)
  end
end

local function wake(loop, task)
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

local function set_timer(loop, task, seconds)
  task.timer = loop.sleepers:add(now() + seconds, task)
end

local function closed_error()
  return errors.new{ kind = "closed", code = "closed", sent = false,
    message = "the loop is closed" }
end

-- ---------------------------------------------------------- a task's life

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
  task.state = "ended"
  loop.tasks[task] = nil
  loop.live = loop.live - 1
  for _, waiter in ipairs(task.waiters) do
    if waiter.joining == task then
      wake(loop, waiter)
    end
  end
  task.waiters = nil
end

-- An error that nobody waits for, or whose waiter went away.
local function report(loop, task)
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
    report(loop, task)
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

local function resume(loop, task)
  local args = task.args
  task.args, task.state, loop.current = nil, "running", task
  if args then
    resumed(loop, task, co_resume(task.thread, unpack(args, 1, args.n)))
  else
    resumed(loop, task, co_resume(task.thread))
  end
end

-- What became of a task that has ended: its results, raised, or nil, err.
local function outcome(task)
  if task.failed then
    task.told = true
    error(task.err, 0)
  elseif task.err then
    return nil, task.err
  end
  return unpack(task.results, 1, task.results.n)
end

-- ------------------------------------------------------------------ a step

-- The network's turn. True if it woke somebody or has more to do at once.
local function network(loop, ends)
  local _, busy = loop.client:step(max(0, min(SLICE, ends - now())),
    loop.looked)
  loop.looked = true
  local id = loop.client:finished()
  while id do
    local task = loop.calls[id]
    loop.calls[id] = nil
    if task then
      wake(loop, task)
      busy = true
    end
    id = loop.client:finished()
  end
  return busy
end

-- The tasks' turn: those that are ready by now. True if there was one.
local function tasks(loop, ends)
  local last = loop.ready.last
  local stop, busy = min(now() + SLICE, ends), false
  while loop.ready.first <= last do
    local task = pop(loop.ready)
    if task and task.state ~= "ended" then
      resume(loop, task)
      busy = true
    end
    if loop.closed or now() >= stop then
      break
    end
  end
  return busy
end

-- Who slept until `time` is ready.
local function wake_sleepers(loop, time, ends)
  local entry = loop.sleepers:first()
  while entry and entry.at <= time do
    wake(loop, entry.value)
    if now() >= ends then
      break
    end
    entry = loop.sleepers:first()
  end
end

-- Errors whose waiters went away.
local function tell(loop)
  local task = pop(loop.untold)
  while task do
    if not task.told then
      report(loop, task)
    end
    task = pop(loop.untold)
  end
end

-- Does what can be done at this moment, until the budget is spent. The two
-- kinds of work take turns, and in every step the other begins.
local function work(loop, ends, looked)
  tell(loop)
  loop.looked = looked
  wake_sleepers(loop, now(), ends)
  local one, other = network, tasks
  loop.tasks_first = not loop.tasks_first
  if loop.tasks_first then
    one, other = other, one
  end
  repeat
    local first, second = one(loop, ends), false
    if not loop.closed and now() < ends then
      second = other(loop, ends)
    end
    local busy = first or second
  until not busy or loop.closed or now() >= ends
end

-- Waits for what comes next; raises when nothing can. True if it has looked
-- for sockets that are ready.
local function wait(loop)
  local sleeper = loop.sleepers:first()
  if loop.ready.first <= loop.ready.last or loop.closed then
    return false
  elseif not sleeper and next(loop.calls) == nil then
    error(("%d tasks of the loop wait for each other"):format(loop.live), 0)
  end
  local seconds = sleeper and sleeper.at - now() or huge
  if not loop.client:poll(seconds) then
    error("interrupted", 0)
  end
  return true
end

local function run_until(loop, ended)
  local looked = false
  while loop.live > 0 and not ended() do
    work(loop, now() + ROUND, looked)
    if loop.live > 0 and not ended() then
      looked = wait(loop)
    end
  end
  tell(loop)
end

-- Notes that the loop is being driven, from where; raises when it is.
local function begin(loop, name, level)
  local driver = loop.driver
  if type(driver) == "thread" and status(driver) == "dead" then
    driver = nil
  end
  if loop.current or driver and driver == (running() or "main") then
    error(("%s: called from inside the loop; a task waits with "
      .. "loop:gather, task:join or loop:sleep"):format(name), level + 1)
  elseif driver then
    error(name .. ": the loop is used from two coroutines at once",
      level + 1)
  end
  loop.driver = running() or "main"
end

-- Drives the loop by a function of this file.
local function drive(loop, how, what)
  local ok, err = pcall(how, loop, what, false)
  loop.driver = nil
  if not ok then
    error(err, 0)
  end
end

-- ---------------------------------------------------------------- together

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
      other.waiters[#other.waiters + 1] = task
      task.joining = other
      suspend(task.loop, task)
      task.joining = nil
      raise_if_cancelled(task)
    end
  end
end

-- Keeps the errors of a list that nobody will hear of for the next step.
local function remember(loop, list)
  for _, task in ipairs(list) do
    if task.failed and not task.told and task.awaited == 0 then
      push(loop.untold, task)
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
    begin(loop, name, level + 1)
  end
  for _, other in ipairs(list) do
    other.awaited = other.awaited + 1
  end
  local ok, err
  if task then
    ok, err = pcall(join_all, task, list)
  else
    ok, err = pcall(drive, loop, run_until, function()
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

-- -------------------------------------------------------------- the tasks

--- Waits for the task to end. Raises the error that ended it.
---@return any ... its results; nil and an error when it was cancelled
function Task:join()
  if current(self.loop) == self then
    error("task:join: a task cannot wait for itself", 2)
  end
  await(self.loop, { self }, "task:join", 2)
  return outcome(self)
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
    wake(self.loop, self)
  end
end

function Task:__tostring()
  return "wxbot.task (" .. self.state .. ")"
end

-- --------------------------------------------------------------- the loop

--- Begins a task: fn(...) in a coroutine of the loop's, from the next step
--- on.
---@param fn function
---@return wxbot.Task
function Loop:spawn(fn, ...)
  if type(fn) ~= "function" then
    error("loop:spawn: a function is needed (got " .. type(fn) .. ")", 2)
  elseif self.closed then
    error("loop:spawn: the loop is closed", 2)
  end
  local task = setmetatable({ loop = self, thread = create(fn),
    args = { n = select("#", ...), ... }, state = "queued", awaited = 0,
    waiters = {} }, Task)
  self.tasks[task] = true
  self.live = self.live + 1
  push(self.ready, task)
  return task
end

--- Goes on until every task has ended. Raises the error of a task that
--- nobody waits for, unless there is an on_error; the loop can go on after.
function Loop:run()
  begin(self, "loop:run", 2)
  drive(self, run_until, function()
    return false
  end)
end

--- Does what can be done now and returns, never waiting. What does not fit
--- into the budget is carried on by the next step.
---@param budget number|nil seconds, 0.0005 by default
---@return integer live number of tasks that have not ended
function Loop:step(budget)
  if budget ~= nil and not (type(budget) == "number" and budget >= 0) then
    error("loop:step: the budget must be seconds, 0 or more", 2)
  end
  begin(self, "loop:step", 2)
  if not self.closed then
    drive(self, work, now() + (budget or BUDGET))
  end
  self.driver = nil
  return self.live
end

local function check_tasks(loop, list)
  if type(list) ~= "table" then
    return "a list of tasks is needed (got " .. type(list) .. ")"
  end
  for i, task in ipairs(list) do
    if type(task) ~= "table" or task.loop ~= loop or not task.thread then
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
function Loop:gather(list)
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

--- Waits for so many seconds; in a task the others go on.
---@param seconds number
---@return boolean|nil done
---@return wxbot.Error|nil err kind "closed"
function Loop:sleep(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds then
    error("loop:sleep: seconds must be a number", 2)
  elseif self.closed then
    return nil, closed_error()
  end
  local task = current(self)
  if not task then
    local done, message, code = self.client:sleep(seconds)
    if done then
      return true
    end
    return nil, errors.new{ kind = code, code = code, message = message }
  end
  raise_if_cancelled(task)
  set_timer(self, task, seconds)
  suspend(self, task)
  raise_if_cancelled(task)
  return true
end

--- Makes a call; in a task the others go on meanwhile.
---@param req wxbot.transport.Request
---@return wxbot.transport.Response|nil response
---@return wxbot.Error|nil err
function Loop:request(req)
  local task, client = current(self), self.client
  if task then
    raise_if_cancelled(task)
  end
  if self.closed then
    curl.check_request("loop:request", req, 2)
    return nil, closed_error()
  elseif not task then
    return self.result(curl.call("loop:request", 2, client.request, client,
      req))
  end
  local id, spare = self.last_id + 1, self.spare
  local old = spare[#spare]
  spare[#spare] = nil
  local transfer, message, code, sent = curl.call("loop:request", 2,
    client.start, client, req, id, old)
  if not transfer then
    return self.result(nil, message, code, sent)
  end
  self.last_id = id
  self.calls[id], task.transfer = task, transfer
  suspend(self, task)
  self.calls[id], task.transfer = nil, nil
  raise_if_cancelled(task)
  local response, err = self.result(transfer:result())
  if #spare < SPARE then
    spare[#spare + 1] = transfer
  end
  return response, err
end

--- Seconds of a clock that never goes back.
---@return number
function Loop.now()
  return now()
end

--- Is the caller a task of this loop, so that `request` yields?
---@return boolean
function Loop:inside()
  return current(self) ~= nil
end

--- Has the task wait until somebody wakes those who wait for the same.
---@param what any
---@param seconds number to wait at most
---@return boolean|nil woken false: the time is over
---@return wxbot.Error|nil err kind "closed"
function Loop:wait(what, seconds)
  local task, waiting = current(self), self.waiting
  if self.closed then
    return nil, closed_error()
  elseif not task then
    error("loop:wait: only a task of the loop can wait", 2)
  end
  raise_if_cancelled(task)
  waiting[what] = waiting[what] or {}
  waiting[what][task], task.woken = true, false
  set_timer(self, task, seconds)
  suspend(self, task)
  if not task.woken and waiting[what] then
    waiting[what][task] = nil
    waiting[what] = next(waiting[what]) and waiting[what]
  end
  raise_if_cancelled(task)
  return task.woken
end

--- Lets all tasks go on that wait for it.
---@param what any
function Loop:wake(what)
  local tasks_of = self.waiting[what]
  self.waiting[what] = nil
  for task in pairs(tasks_of or {}) do
    task.woken = true
    wake(self, task)
  end
end

--- Closes the connections and ends all tasks where they are: whoever waits
--- for one gets nil and an error of kind "closed", as later calls do.
function Loop:close()
  if self.closed then
    return
  end
  self.closed = true
  self.client:close()
  local ended = {}
  for task in pairs(self.tasks) do
    if task ~= self.current then
      ended[#ended + 1] = task
    end
  end
  for _, task in ipairs(ended) do
    task.err = closed_error()
    conclude(self, task)
    drop_thread(task)
  end
  self.ready, self.calls, self.waiting = queue(), {}, {}
  self.sleepers = heap.new()
end

Loop.__close = Loop.close

function Loop:__tostring()
  return ("wxbot.loop (%s)"):format(self.closed and "closed"
    or self.live .. " tasks")
end

-- ------------------------------------------------------------------ making

local OPTIONS = { unpack(curl.OPTIONS) }
OPTIONS[#OPTIONS + 1] = { "on_error", function(value)
  return type(value) == "function"
end, "a function" }

---@class wxbot.LoopOptions
---@field max_connections integer|nil calls on their way at once, 64 by default; the others wait, not sent
---@field ca_file string|nil PEM file of the authorities to trust
---@field proxy string|nil URL of a proxy; none without it
---@field on_error fun(err: any, task: wxbot.Task)|nil told of errors that nobody waits for

--- Makes a loop.
---@param options wxbot.LoopOptions|nil
---@param level integer|nil whose line a wrong option is reported at; 1: the caller
---@return wxbot.Loop
function M.new(options, level)
  options = options or {}
  curl.check("wxbot.loop", OPTIONS, options, (level or 1) + 1)
  return setmetatable({
    client = core.client(options.ca_file, options.proxy,
      options.max_connections),
    result = curl.reader(options.ca_file),
    on_error = options.on_error,
    ready = queue(),        -- tasks to begin or to go on, in order
    sleepers = heap.new(),  -- tasks by the time when they go on
    calls = {},             -- id of a call -> the task that waits for it
    last_id = 0,
    spare = {},             -- transfers to be used again
    untold = queue(),       -- failed tasks whose waiters went away
    waiting = {},           -- what is waited for -> the tasks that do
    tasks = {},             -- those that have not ended
    live = 0,               -- their number
    current = nil,          -- the task that is running
    looked = false,         -- for sockets that are ready, in this step
    driver = nil,           -- the coroutine that runs the loop
  }, Loop)
end

return M
