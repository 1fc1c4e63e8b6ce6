--- What a loop does: the network and the fibers take turns, until a time or
--- until all is over.

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
-- Network and fibers take turns after so many seconds. Not shorter: each
-- turn begins by fetching all that it needs into the processor's caches.
local SLICE = M.STEP
-- Seconds between two looks at whether `run` is over.
local ROUND = 0.01

-- The network's turn. True if it woke somebody or has more to do at once.
local function network(loop, ends)
  local _, busy = loop.client:step(max(0, min(SLICE, ends - now())),
    loop.looked)
  loop.looked, loop.more = true, busy
  local id = loop.client:finished()
  while id do
    local fiber = loop.calls[id]
    loop.calls[id] = nil
    if fiber then
      wake(loop, fiber)
      busy = true
    end
    id = loop.client:finished()
  end
  return busy
end

-- The fibers' turn: those that are ready by now. True if there was one.
local function fibers(loop, ends)
  local last = loop.ready.last
  local stop, busy = min(now() + SLICE, ends), false
  while loop.ready.first <= last do
    local fiber = pop(loop.ready)
    if fiber and fiber.state ~= "done" then
      resume(loop, fiber)
      busy, loop.more = true, true -- it may have begun a call
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

--- Seconds after which a step is due: 0 when it is busy, and not more than these
--- few while a call is on its way, of which only a step tells. nil: nothing comes
--- by itself.
function M.timeout(loop)
  local sleeper = loop.sleepers:first()
  if M.is_busy(loop) then
    return 0
  elseif next(loop.calls) ~= nil then
    return max(0, min(ROUND, sleeper and sleeper.at - now() or ROUND))
  end
  return sleeper and max(0, sleeper.at - now())
end

--- Does what can be done at this moment, until its seconds are spent. The two
--- kinds of work take turns, and in every step the other begins.
function M.work(loop, ends, looked)
  if loop.closed then
    return
  end
  tell(loop)
  loop.looked = looked
  wake_sleepers(loop, now(), ends)
  local one, other = network, fibers
  loop.fibers_first = not loop.fibers_first
  if loop.fibers_first then
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
    error(("%d fibers of the loop wait for each other"):format(loop.live), 0)
  end
  local seconds = sleeper and sleeper.at - now() or huge
  if not loop.client:poll(seconds) then
    error("interrupted", 0)
  end
  return true
end

local function goes_on(loop, is_over, what)
  return loop.live > 0 and not (is_over and is_over(what))
end

--- Goes on, waiting where there is nothing to do, until `is_over(what)`, if that
--- is given, or no fiber is left.
function M.run_until(loop, is_over, what)
  local looked = false
  while goes_on(loop, is_over, what) do
    M.work(loop, now() + ROUND, looked)
    looked = goes_on(loop, is_over, what) and wait(loop)
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
  if not ok then
    error(err, 0)
  end
end

return M
