--- The fibers of a loop: how one begins, waits, goes on and ends.
--
-- Its state is one of these: "queued", not begun yet; "waiting" for a call, for
-- a time or for others; "ready" to go on; "running"; "done". A closed loop ends
-- one that was "waiting" or "ready": it is "abandoned" from then on.

local core = require "wxbot.curl"
local errors = require "wxbot.util.errors"
local queue = require "wxbot.util.queue"

local co_close, create = coroutine.close, coroutine.create -- close: 5.4 only
local co_resume, isyieldable = coroutine.resume, coroutine.isyieldable
local running, status, yield = coroutine.running, coroutine.status,
  coroutine.yield
local error, next, select, setmetatable, type = error, next, select,
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

-- What a fiber yields when it waits for its loop, and what it is given then.
local WAIT, NONE = {}, { n = 0 }
local NOBODY = {}

---@class wxbot.Fiber
---@field state string "queued" | "waiting" | "ready" | "running" | "done"
---@field outcome string|nil "returned" | "raised" | "cancelled", when it is done
local Fiber = { __name = "wxbot.fiber" }
Fiber.__index = Fiber
-- Its method `join` drives the loop, and stands with that.
M.Fiber = Fiber

-- ----------------------------------------------------------------- waiting

--- The fiber that is calling; nil: the caller has to block. That is also so
--- in coroutines that a fiber made, and where Lua cannot yield.
function M.current(loop)
  local fiber = loop.current
  if fiber and running() == fiber.thread and isyieldable() then
    return fiber
  end
end

--- Lets the others go on until somebody wakes this fiber.
---@param seconds number|nil it is woken after
---@param among table|nil a set that the fiber is in until then
function M.suspend(loop, fiber, seconds, among)
  fiber.state = "waiting"
  if seconds then
    fiber.timer = loop.sleepers:add(now() + seconds, fiber)
  end
  if among then
    among[fiber] = true
  end
  yield(WAIT)
  if among then
    among[fiber] = nil
  end
  if loop.current ~= fiber then
    error("a fiber of a loop was resumed by somebody else", 0)
  end
end

--- Raises in a fiber what it was cancelled with.
function M.raise_if_cancelled(fiber)
  if fiber.cancellation then
    error(fiber.cancellation, 0)
  end
end

--- The fiber that is calling, which is about to wait; nil as of M.current. One
--- that was abandoned has been told so where it waited: now it waits for ever.
function M.enter(loop)
  local fiber = M.current(loop)
  if fiber and fiber.state == "abandoned" then
    yield(WAIT)
  elseif fiber then
    M.raise_if_cancelled(fiber)
  end
  return fiber
end

-- Adds a fiber to those that are ready, where a host may wait for that.
local function make_ready(loop, fiber)
  push(loop.ready, fiber)
  if loop.listens and not loop.driver and not loop.closed then
    loop.client:listen(true)
  end
end

--- Makes a fiber that waits ready to go on.
function M.wake(loop, fiber)
  if fiber.state ~= "waiting" then
    return
  end
  if fiber.timer then
    loop.sleepers:remove(fiber.timer)
    fiber.timer = nil
  end
  fiber.state = "ready"
  make_ready(loop, fiber)
end

-- ------------------------------------------------------------- going on

local function explain(fiber, err)
  if type(err) == "string" then
    return traceback(fiber.thread, err)
  elseif errors.is(err) then
    err.traceback = err.traceback or traceback(fiber.thread)
  end
  return err
end

-- Runs what 5.4 still has to close in a coroutine that will not go on.
local function drop_thread(fiber)
  if co_close and status(fiber.thread) ~= "normal" then
    co_close(fiber.thread)
  end
end

local function conclude(loop, fiber, outcome, ...)
  fiber.state, fiber.thread = "done", nil
  fiber.outcome, fiber.values = outcome, { n = select("#", ...), ... }
  loop.fibers[fiber] = nil
  loop.live = loop.live - 1
  local waiters = fiber.waiters -- there is none where nobody has waited
  fiber.waiters = nil
  for waiter in next, waiters or NOBODY do
    M.wake(loop, waiter)
  end
end

--- Tells of an error that nobody waits for, or whose waiter went away.
function M.report(loop, fiber)
  fiber.heard = true
  if loop.on_error then
    loop.on_error(fiber.values[1], fiber)
  else
    error(fiber.values[1], 0)
  end
end

local function failed(loop, fiber, err)
  local reason = explain(fiber, err)
  drop_thread(fiber)
  if err == fiber.cancellation then
    return conclude(loop, fiber, "cancelled", nil, reason)
  end
  conclude(loop, fiber, "raised", reason)
  if fiber.awaited == 0 then
    M.report(loop, fiber)
  end
end

local function resumed(loop, fiber, ok, ...)
  loop.current = nil
  if not ok then
    failed(loop, fiber, (...))
  elseif status(fiber.thread) ~= "suspended" then
    conclude(loop, fiber, "returned", ...)
  elseif ... ~= WAIT then
    failed(loop, fiber, "a fiber yielded by itself: in a loop only the loop's "
      .. "own methods wait")
  end
end

--- Begins a fiber, or lets it go on to where it waits next.
function M.resume(loop, fiber)
  local args = fiber.args
  fiber.args, fiber.state, loop.current = NONE, "running", fiber
  resumed(loop, fiber, co_resume(fiber.thread, unpack(args, 1, args.n)))
end

--- What became of a fiber that is done: its results, raised, or nil, err.
function M.result(fiber)
  if fiber.outcome == "raised" then
    fiber.heard = true
    error(fiber.values[1], 0)
  end
  return unpack(fiber.values, 1, fiber.values.n)
end

-- Ends a call that a fiber waits for; true, false, nil as in err.sent.
local function cancel_call(transfer)
  transfer:cancel()
  local answered, _, _, sent = transfer:result()
  return answered ~= nil or sent
end

--- Ends a fiber of a loop that is being closed where it is: the error is raised
--- there, so that it gives back what it holds. Returns another error that this
--- made it raise.
function M.abandon(loop, fiber, err)
  local failure
  if fiber.state ~= "queued" then
    local caller = loop.current
    err.sent = fiber.transfer and cancel_call(fiber.transfer)
    fiber.cancellation = fiber.cancellation or err
    fiber.state, loop.current = "abandoned", fiber
    local ok, raised = co_resume(fiber.thread)
    loop.current = caller
    if not ok and raised ~= fiber.cancellation then
      failure = explain(fiber, raised)
    end
  end
  drop_thread(fiber)
  conclude(loop, fiber, "cancelled", nil, err)
  return failure
end

-- -------------------------------------------------------------- the object

--- A fiber that has not begun, last among those that are ready.
function M.new(loop, fn, ...)
  local fiber = setmetatable({ loop = loop, thread = create(fn),
    args = { n = select("#", ...), ... }, state = "queued", awaited = 0,
    heard = false }, Fiber)
  loop.fibers[fiber] = true
  loop.live = loop.live + 1
  make_ready(loop, fiber)
  return fiber
end

--- Ends the fiber where it waits: an error (kind "cancelled") is raised
--- there, and again at each later wait. A call that it waits for is dropped
--- and its connection closed. A fiber that has not begun never will.
function Fiber:cancel()
  if self.state == "done" or self.cancellation then
    return
  end
  local begun, transfer = self.state ~= "queued", self.transfer
  self.cancellation = errors.new{ kind = "cancelled", code = "cancelled",
    message = "the fiber was cancelled",
    sent = begun and (transfer and cancel_call(transfer)) }
  if begun then
    M.wake(self.loop, self)
  else
    conclude(self.loop, self, "cancelled", nil, self.cancellation)
  end
end

function Fiber:__tostring()
  return "wxbot.fiber (" .. self.state .. ")"
end

return M
