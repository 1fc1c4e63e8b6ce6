--- Waiting for fibers to end, in a fiber of their loop or outside.

local drive = require "wxbot.transport.loop.drive"
local fiber_of = require "wxbot.transport.loop.fiber"

local current, result = fiber_of.current, fiber_of.result
local error, getmetatable, ipairs, pcall, type = error, getmetatable, ipairs,
  pcall, type
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
      suspend(loop, fiber, other.waiters)
      raise_if_cancelled(fiber)
    end
  end
end

local function drive_until_done(loop, list)
  drive.go(loop, drive.run_until, function()
    return all_done(list)
  end)
end

-- Waits until the fibers of a list are done. Errors that nobody hears of now are
-- told by the next step.
local function await(loop, list, name, level)
  local fiber, wait = current(loop), wait_for_each
  if fiber then
    raise_if_cancelled(fiber)
  elseif not all_done(list) then
    drive.begin(loop, name, level + 1)
    wait = drive_until_done
  end
  for _, other in ipairs(list) do
    other.awaited = other.awaited + 1
  end
  local ok, err = pcall(wait, loop, list, fiber)
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
  await(self.loop, { self }, "fiber:join", 2)
  return result(self)
end

-- What is wrong with a list of fibers, if anything.
local function misuse_of(loop, list)
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
  local misuse = misuse_of(self, list)
  if misuse then
    error("loop:gather: " .. misuse, 2)
  end
  await(self, list, "loop:gather", 2)
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

return M
