--- Calls for one result run once: who comes while one runs waits for its
--- result.
--
-- A call is pending (given to a thread that has not begun), running, done or
-- failed (its function raised, and it has no result). It is abandoned when its
-- thread does not begin, when whoever runs it is gone (wxbot.util.holder), and
-- at its deadline; then another begins. Whoever cannot wait for a call runs one
-- of its own: see wxbot.util.waiter.

local errors = require "wxbot.util.errors"
local holders = require "wxbot.util.holder"
local waiters = require "wxbot.util.waiter"

local error, pcall, setmetatable = error, pcall, setmetatable

local M = {}

-- Seconds that a function may take beyond its timeout.
local SLACK = 1
-- Seconds that a thread may take to begin. nginx drops a timer when too many
-- run, and who set it does not hear of it.
local START = 2

-- Owner -> key -> call.
local calls = setmetatable({}, { __mode = "k" })

local function is_abandoned(call, now)
  return now >= call.ends
    or call.state == "running" and holders.is_gone(call, now)
end

-- The call that runs, or is about to; nil: none that could be waited for.
local function current(context, owner, key)
  local call = calls[owner] and calls[owner][key]
  return call and not is_abandoned(call, context.now()) and call or nil
end

local function execute(call, context, owner, key, run, ...)
  if calls[owner][key] ~= call then
    -- Its thread began late: whoever waits for it looks anew.
    call.ends = context.now()
    waiters.wake(context.transport, call)
    return
  end
  call.state, call.ends = "running", context.now() + call.life
  holders.begin(call, context.now)
  local done, result, err = pcall(run, ...)
  if calls[owner][key] == call then
    calls[owner][key] = nil
  end
  call.state, call.result, call.err = done and "done" or "failed", result, err
  holders.finish(call)
  waiters.wake(context.transport, call)
  if call.is_alone and not done then
    error(result, 0)
  end
end

local function new_call(context, owner, key, life)
  -- All fields are preset: the end of a call must not allocate.
  local call = { state = "pending", ends = context.now() + START,
    life = life + SLACK, transport = context.transport,
    over = false, result = false, err = false, is_alone = false }
  calls[owner] = calls[owner] or {}
  calls[owner][key] = call
  return call
end

-- Has the transport run a call in a thread of its own; true if it does.
local function spawn(context, ...)
  local transport = context.transport
  local ok, spawned = pcall(transport.spawn, transport, execute, ...)
  return ok and spawned and true or false
end

-- Where the host has threads of its own, one of them runs the call, and whoever
-- waits may give up. Otherwise, or when such a thread did not begin, the caller
-- does.
local function start(context, owner, key, life, in_background, run, ...)
  local call = new_call(context, owner, key, life)
  if not in_background or not waiters.has_background(context.transport)
      or not spawn(context, call, context, owner, key, run, ...) then
    execute(call, context, owner, key, run, ...)
  end
  return call
end

-- Waits until a call is over or abandoned.
local function await(context, waiter, call)
  while not call.over and not is_abandoned(call, context.now()) do
    local err = waiters.pause(context, waiter, call, call.ends)
    if err then
      return err
    end
  end
end

--- Runs a function for all who ask for the same at a time. One that raised, or
--- took longer than its timeout, has no result, and another begins.
---@param context table of a client: its transport and its clock
---@param owner table whose result it is, of all who have the same owner
---@param key string which of the owner's
---@param timeout number seconds to wait at most, and for the function
---@param run fun(...): any, wxbot.Error|nil
---@param ... any
---@return any result the same for all
---@return wxbot.Error|nil err everybody's own
function M.run(context, owner, key, timeout, run, ...)
  local waiter = { ends = context.now() + timeout, timeout = timeout,
    reason = "what several calls wait for" }
  local in_background = true
  while true do
    local call = current(context, owner, key)
    local mine = not call or not waiters.can_wait(context.transport, call)
    if mine then
      call = start(context, owner, key, timeout, in_background, run, ...)
    end
    local err = await(context, waiter, call)
    if err then
      return nil, err
    elseif call.state == "done" then
      return call.result, call.err and errors.copy(call.err)
    elseif call.state == "failed" and mine then
      error(call.result, 0)
    end
    in_background = in_background and call.state ~= "pending"
  end
end

--- Begins to run a function in the background, for those who will ask for its
--- result, unless a call for the same runs already. Its arguments are those of
--- M.run, but that the time is the function's alone.
---@return boolean running
function M.start(context, owner, key, life, run, ...)
  if current(context, owner, key) then
    return true
  end
  local call = new_call(context, owner, key, life)
  -- Nobody waits for it: its thread hears of what it raises.
  call.is_alone = true
  if spawn(context, call, context, owner, key, run, ...) then
    return true
  end
  calls[owner][key] = nil
  return false
end

--- Does a call for that run already?
function M.is_running(context, owner, key)
  return current(context, owner, key) ~= nil
end

return M
