--- Calls of one key run one after another, in the order in which they came.
--
-- Calls overlap in the fibers of a loop, in the light threads and requests of a
-- worker of nginx, and in any coroutines whose transport lets others go on
-- while it waits. A call that cannot wait for the holder runs at once: in a
-- transport without sleep, where waiting would stop the holder as well, and
-- when the holder waits for this call.
--
-- A holder that vanished is passed over: see wxbot.util.holder.

local errors = require "wxbot.util.errors"
local holders = require "wxbot.util.holder"
local waiters = require "wxbot.util.waiter"

local error, pcall, setmetatable = error, pcall, setmetatable
local remove = table.remove

local M = {}

-- Seconds that a function may take beyond its timeout.
local SLACK = 1

-- Client -> key -> mutex: the waiters in their order; the first one is the
-- holder. The waiter of who found none is the mutex, too: whoever is alone makes
-- one table. Each of them keeps it; one whose callers all vanished is collected.
local mutexes = setmetatable({}, { __mode = "k", __index = function(known, client)
  known[client] = setmetatable({}, { __mode = "v" })
  return known[client]
end })

-- The holder; those before it are gone.
local function holder_of(mutex, now)
  local waiter = mutex[1]
  while waiter and holders.is_gone(waiter, now) do
    remove(mutex, 1)
    waiter = mutex[1]
  end
  return waiter
end

-- The caller's place among the waiters; nil: it runs at once.
local function enter(context, key, now, timeout)
  local mutex = mutexes[context][key]
  local holder = mutex and holder_of(mutex, now)
  if holder and not waiters.can_wait(context.transport, holder) then
    return nil
  end
  local waiter = { false, ends = now + timeout + (holder and 0 or SLACK),
    transport = context.transport, over = false, watcher = false }
  if mutex then
    mutex[#mutex + 1] = waiter
  else
    mutex, waiter[1], mutexes[context][key] = waiter, waiter, waiter
  end
  holders.begin(waiter, context.now) -- others may run meanwhile
  return waiter, mutex
end

-- Waits until the waiter is the holder, and runs.
local function run_later(context, mutex, waiter, timeout, run, ...)
  local now = context.now()
  waiter.timeout, waiter.reason = timeout, "earlier calls for the same"
  local holder = holder_of(mutex, now)
  while holder ~= waiter do
    local err = waiters.pause(context, waiter, waiter,
      holder and holder.ends or 0)
    if err then
      return nil, err
    end
    now = context.now()
    holder = holder_of(mutex, now)
  end
  waiter.ends = now + timeout + SLACK
  return run(...)
end

local function leave(context, key, mutex, waiter)
  holders.finish(waiter)
  local following = (mutex[1] ~= waiter or mutex[2])
    and holder_of(mutex, context.now())
  if following then
    waiters.wake(context.transport, following)
  elseif mutexes[context][key] == mutex then
    mutexes[context][key] = nil
  end
end

--- Runs a function when no other of the same key runs, first come, first
--- served. A function that takes longer than its timeout loses the mutex.
---@param context table of a client: its transport and clock
---@param key any whose turns they are, of this client
---@param endpoint string what an error of the wait names
---@param timeout number seconds to wait at most, and for the function
---@param run fun(deadline: number, first: any, second: any, third: any): any, wxbot.Error|nil is told when the timeout is over, with the wait
---@param first any
---@param second any
---@param third any
---@return any result
---@return wxbot.Error|nil err
function M.run(context, key, endpoint, timeout, run, first, second, third)
  local now = context.now()
  local waiter, mutex = enter(context, key, now, timeout)
  if not waiter then
    local result, err = run(now + timeout, first, second, third)
    return result, err
  end
  local done, result, err
  if mutex[1] == waiter then
    done, result, err = pcall(run, now + timeout, first, second, third)
  else
    done, result, err = pcall(run_later, context, mutex, waiter, timeout,
      run, now + timeout, first, second, third)
  end
  leave(context, key, mutex, waiter)
  if not done then
    error(result, 0)
  elseif result == nil and errors.is(err) then
    err.endpoint = err.endpoint or endpoint
  end
  return result, err
end

return M
