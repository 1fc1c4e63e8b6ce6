--- What a loop does: fibers whose calls are over go on, until a time or until
--- all is over.

local core = require "wxbot.curl"
local queue = require "wxbot.util.queue"
local fiber_of = require "wxbot.transport.loop.fiber"

local error, next, pcall = error, next, pcall
local huge, max, min = math.huge, math.max, math.min
local now, pop = core.now, queue.pop
local report, resume, wake = fiber_of.report, fiber_of.resume, fiber_of.wake
local running, status = coroutine.running, coroutine.status
local type = type

local M = {}

-- As in wxbot.transport.loop.fiber.
local jit = package.loaded.jit
if jit then
  jit.off(true, true)
end

--- Seconds of a step, by default.
M.STEP = 0.0005
-- Seconds between two looks at whether `run` is over.
local ROUND = 0.01

-- Wakes those whose calls are over. True if there was one.
local function network(loop)
  local client, calls, woken = loop.client, loop.calls, false
  local id, left = client:finished()
  while id do
    local fiber = calls[id]
    calls[id] = nil
    if fiber then
      wake(loop, fiber)
      woken = true
    end
    id, left = client:finished()
  end
  loop.more = left
  return woken
end

-- Lets those go on that are ready by now. True if there was one.
local function fibers(loop, ends)
  local last, ran = loop.ready.last, false
  while loop.ready.first <= last do
    local fiber = pop(loop.ready)
    if fiber and fiber.state ~= "done" then
      resume(loop, fiber)
      ran = true
    end
    if loop.closed or now() >= ends then
      break
    end
  end
  return ran
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
  local fiber = pop(loop.untold)
  while fiber do
    if not fiber.heard then
      report(loop, fiber)
    end
    fiber = pop(loop.untold)
  end
end

--- Is there more to do at once, so that the next step need not wait?
function M.is_busy(loop)
  local sleeper = loop.sleepers:first()
  return loop.live > 0 and not loop.closed
    and (loop.more or loop.ready.first <= loop.ready.last
      or sleeper ~= nil and sleeper.at <= now())
end

--- Seconds after which a step is due: 0 when it is busy; not more than these few
--- while a call is on its way, unless a descriptor tells of that. nil: nothing
--- comes by itself.
function M.timeout(loop)
  local sleeper, seconds = loop.sleepers:first(), loop.client:timeout()
  if M.is_busy(loop) then
    return 0
  elseif not loop.listens and next(loop.calls) ~= nil then
    seconds = ROUND
  end
  if sleeper then
    return max(0, min(sleeper.at - now(), seconds or huge))
  end
  return seconds
end

--- Does what can be done at this moment, until its seconds are spent. The
--- network has a thread of its own: here is only seen what is over.
function M.work(loop, ends)
  if loop.closed then
    return
  end
  tell(loop)
  loop.client:step()
  wake_sleepers(loop, now(), ends)
  repeat
    local woken = network(loop)
    local ran = fibers(loop, ends)
  until not (woken or ran) or loop.closed or now() >= ends
end

-- Waits for what comes next; raises when nothing can.
local function wait(loop)
  local sleeper = loop.sleepers:first()
  if loop.ready.first <= loop.ready.last or loop.closed then
    return
  elseif not sleeper and next(loop.calls) == nil then
    error(("%d fibers of the loop wait for each other"):format(loop.live), 0)
  end
  local seconds = sleeper and sleeper.at - now() or huge
  if not loop.client:poll(seconds) then
    error("interrupted", 0)
  end
end

local function goes_on(loop, is_over, what)
  return loop.live > 0 and not (is_over and is_over(what))
end

--- Goes on, waiting where there is nothing to do, until `is_over(what)`, if that
--- is given, or no fiber is left.
function M.run_until(loop, is_over, what)
  while goes_on(loop, is_over, what) do
    M.work(loop, now() + ROUND)
    if goes_on(loop, is_over, what) then
      wait(loop)
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
    error(("%s: called from inside the loop; a fiber waits with "
      .. "loop:gather, fiber:join or loop:sleep"):format(name), level + 1)
  elseif driver then
    error(name .. ": the loop is used from two coroutines at once",
      level + 1)
  end
  loop.driver = running() or "main"
end

--- Drives a loop by a function of this file.
---@param loop wxbot.Loop
---@param name string of the caller's function, for an argument error
---@param level integer whose line it is reported at; 1: the caller
---@param drive fun(loop: wxbot.Loop, ...)
function M.go(loop, name, level, drive, ...)
  begin(loop, name, level + 1)
  local ok, err = pcall(drive, loop, ...)
  loop.driver = nil
  if loop.listens and not loop.closed then
    loop.client:listen(M.is_busy(loop))
  end
  if not ok then
    error(err, 0)
  end
end

return M
