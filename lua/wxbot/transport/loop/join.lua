--- Waiting for fibers to end, in a fiber of their loop or outside; and for
--- what one fiber tells others.

local drive = require "wxbot.transport.loop.drive"
local errors = require "wxbot.util.errors"
local fiber_of = require "wxbot.transport.loop.fiber"

local current, enter, result = fiber_of.current, fiber_of.enter,
  fiber_of.result
local error, getmetatable, type = error, getmetatable, type
local ipairs, next, pairs, pcall = ipairs, next, pairs, pcall
local push = require "wxbot.util.queue".push
local raise_if_cancelled, suspend = fiber_of.raise_if_cancelled,
  fiber_of.suspend

local M = {}

local Fiber = fiber_of.Fiber

local function all_done(list)
  for _, fiber in ipairs(list) do
    if fiber.state ~= "done" then
      return false
    end
  end
  return true
end

-- In a fiber, or when all are done.
local function wait_for_each(loop, list, fiber)
  for _, other in ipairs(list) do
    if other.state ~= "done" then
      other.waiters = other.waiters or {}
      suspend(loop, fiber, nil, other.waiters)
      raise_if_cancelled(fiber)
    end
  end
end

-- Waits until the fibers of a list are done. Errors that nobody hears of now are
-- told by the next step.
local function await(loop, list, name)
  local fiber = enter(loop)
  for _, other in ipairs(list) do
    other.awaited = other.awaited + 1
  end
  local ok, err
  if fiber or all_done(list) then
    ok, err = pcall(wait_for_each, loop, list, fiber)
  else -- an argument error is reported at the line of who called `name`
    ok, err = pcall(drive.go, loop, name, 4, drive.run_until, all_done, list)
  end
  for _, other in ipairs(list) do
    other.awaited = other.awaited - 1
    if other.outcome == "raised" and other.awaited == 0 and not other.heard then
      push(loop.untold, other)
    end
  end
  if not ok then
    error(err, 0)
  end
end

--- Waits for the fiber to end. Raises the error that ended it.
---@return any ... its results; nil and an error when it was cancelled
function Fiber:join()
  if current(self.loop) == self then
    error("fiber:join: a fiber cannot wait for itself", 2)
  end
  await(self.loop, { self }, "fiber:join")
  return result(self)
end

-- What is wrong with a list of fibers, if anything.
local function argument_error(loop, list)
  if type(list) ~= "table" then
    return "a list of fibers is needed (got " .. type(list) .. ")"
  end
  for i = 1, #list do
    local fiber = list[i]
    if getmetatable(fiber) ~= Fiber or fiber.loop ~= loop then
      return "number " .. i .. " is not a fiber of this loop"
    elseif fiber == current(loop) then
      return "a fiber cannot wait for itself"
    end
  end
end

--- Waits for all the fibers of a list, in a fiber or outside. Raises the
--- error of the first of them that an error ended.
---@param list wxbot.Fiber[]
---@return table results the first result of each, in order; n: their number
---@return table errors the second result where the first is nil
function M.gather(self, list)
  local message = argument_error(self, list)
  if message then
    error("loop:gather: " .. message, 2)
  end
  await(self, list, "loop:gather")
  local results, errs = { n = #list }, {}
  for i, fiber in ipairs(list) do
    local first, second = result(fiber)
    results[i] = first
    if first == nil then
      errs[i] = second
    end
  end
  return results, errs
end

--- Has the fiber wait until somebody wakes those who wait for the same.
---@param what any
---@param seconds number to wait at most
---@return boolean|nil woken false: the time is over
---@return wxbot.Error|nil err kind "closed"
function M.wait(self, what, seconds)
  local fiber, waiting = enter(self), self.waiting
  if self.closed then
    return nil, errors.closed "the loop"
  elseif not fiber then
    error("loop:wait: only a fiber of the loop can wait", 2)
  end
  local those = waiting[what] or {}
  waiting[what] = those
  suspend(self, fiber, seconds, those)
  local woken = waiting[what] ~= those -- they were all taken out
  if not woken and next(those) == nil then
    waiting[what] = nil
  end
  raise_if_cancelled(fiber)
  return woken
end

--- Lets all fibers go on that wait for it.
---@param what any
function M.wake(self, what)
  local those = self.waiting[what]
  self.waiting[what] = nil
  for fiber in pairs(those or {}) do
    fiber_of.wake(self, fiber)
  end
end

return M
