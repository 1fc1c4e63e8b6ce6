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
local drive = require "wxbot.transport.loop.drive"
local errors = require "wxbot.util.errors"
local heap = require "wxbot.util.heap"
local join = require "wxbot.transport.loop.join"
local options_of = require "wxbot.util.options"
local queue = require "wxbot.util.queue"
local task_of = require "wxbot.transport.loop.fiber"

local current, suspend = task_of.current, task_of.suspend
local error, next, pairs = error, next, pairs
local now = core.now
local raise_if_cancelled, set_timer = task_of.raise_if_cancelled,
  task_of.set_timer
local setmetatable, type = setmetatable, type
local unpack = table.unpack or unpack

local M = {}

-- As in wxbot.transport.loop.fiber.
local jit = package.loaded.jit
if jit then
  jit.off(true, true)
end

-- Transfers kept for later calls.
local SPARE = 64

---@class wxbot.Loop
---@field request fun(self, req: wxbot.transport.Request): wxbot.transport.Response|nil, wxbot.Error|nil
local Loop = { __name = "wxbot.loop" }
Loop.__index = Loop

local function closed_error()
  return errors.new{ kind = "closed", code = "closed", sent = false,
    message = "the loop is closed" }
end

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
  return task_of.new(self, fn, ...)
end

--- Goes on until every task has ended. Raises the error of a task that
--- nobody waits for, unless there is an on_error; the loop can go on after.
function Loop:run()
  drive.begin(self, "loop:run", 2)
  drive.go(self, drive.run_until, function()
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
  drive.begin(self, "loop:step", 2)
  if not self.closed then
    drive.go(self, drive.work, now() + (budget or drive.BUDGET))
  end
  self.driver = nil
  return self.live
end

Loop.gather = join.gather

--- Waits for so many seconds; in a task the others go on.
---@param seconds number
---@return boolean|nil done
---@return wxbot.Error|nil err kind "closed"
function Loop:sleep(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds then
    error("loop:sleep: seconds must be a number", 2)
  end
  local task = current(self)
  if task then
    raise_if_cancelled(task)
  end
  if self.closed then
    return nil, closed_error()
  elseif not task then
    local done, message, code = self.client:sleep(seconds)
    if done then
      return true
    end
    return nil, errors.new{ kind = code, code = code, message = message }
  end
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
  if task then
    raise_if_cancelled(task)
  end
  if self.closed then
    return nil, closed_error()
  elseif not task then
    error("loop:wait: only a task of the loop can wait", 2)
  end
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
    task_of.wake(self, task)
  end
end

--- Closes the connections and ends all tasks where they are: whoever waits
--- for one gets nil and an error of kind "closed", as later calls do. That
--- error is also raised where a task waits, once; one that goes on and waits
--- again ends there. Of another error that a task then raises only `on_error`
--- is told, when all have ended.
function Loop:close()
  if self.closed then
    return
  end
  self.closed = true
  self.client:close()
  local ended, failures = {}, {}
  for task in pairs(self.tasks) do
    if task ~= self.current then
      ended[#ended + 1] = task
    end
  end
  for _, task in ipairs(ended) do
    failures[task] = task_of.abandon(self, task, closed_error())
  end
  self.ready, self.calls, self.waiting = queue.new(), {}, {}
  self.sleepers = heap.new()
  if self.on_error then
    for task, failure in pairs(failures) do
      self.on_error(failure, task)
    end
  end
end

Loop.__close = Loop.close

function Loop:__tostring()
  return ("wxbot.loop (%s)"):format(self.closed and "closed"
    or self.live .. " tasks")
end

-- ------------------------------------------------------------------ making

local OPTIONS = { unpack(curl.OPTIONS) }
OPTIONS[#OPTIONS + 1] = { name = "on_error", check = function(value)
  return type(value) == "function"
end, expected = "a function" }

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
  options_of.check("wxbot.loop", OPTIONS, options, (level or 1) + 1)
  return setmetatable({
    client = core.client(options.ca_file, options.proxy,
      options.max_connections),
    result = curl.reader(options.ca_file),
    on_error = options.on_error,
    ready = queue.new(),    -- tasks to begin or to go on, in order
    sleepers = heap.new(),  -- tasks by the time when they go on
    calls = {},             -- id of a call -> the task that waits for it
    last_id = 0,
    spare = {},             -- transfers to be used again
    untold = queue.new(),   -- failed tasks whose waiters went away
    waiting = {},           -- what is waited for -> the tasks that do
    tasks = {},             -- those that have not ended
    live = 0,               -- their number
    current = nil,          -- the task that is running
    looked = false,         -- for sockets that are ready, in this step
    driver = nil,           -- the coroutine that runs the loop
  }, Loop)
end

return M
