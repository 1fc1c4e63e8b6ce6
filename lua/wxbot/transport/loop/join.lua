--- Waiting for fibers to end, in a fiber of their loop or outside.

local drive = require "wxbot.transport.loop.drive"
local queue = require "wxbot.util.queue"
local fiber_of = require "wxbot.transport.loop.fiber"

local current, outcome = fiber_of.current, fiber_of.outcome
local error, getmetatable, ipairs, pcall, type = error, getmetatable, ipairs,
  pcall, type
local raise_if_cancelled, suspend = fiber_of.raise_if_cancelled,
  fiber_of.suspend

local M = {}

local Fiber = fiber_of.Fiber

local function all_ended(list)
  for _, fiber in ipairs(list) do
    if fiber.state ~= "ended" then
      return false
    end
  end
  return true
end

local function join_all(fiber, list)
  for _, other in ipairs(list) do
    if other.state ~= "ended" then
      other.waiters[fiber], fiber.joining = true, other
      suspend(fiber.loop, fiber)
      raise_if_cancelled(fiber)
    end
  end
end

-- Of a wait that is over, were it by an error.
local function leave(fiber)
  local waiters = fiber.joining and fiber.joining.waiters
  if waiters then
    waiters[fiber] = nil
  end
  fiber.joining = nil
end

-- Keeps the errors of a list that nobody will hear of for the next step.
local function remember(loop, list)
  for _, fiber in ipairs(list) do
    if fiber.failed and not fiber.told and fiber.awaited == 0 then
      queue.push(loop.untold, fiber)
    end
  end
end

-- Waits until the fibers of a list have ended.
local function await(loop, list, name, level)
  local fiber = current(loop)
  if fiber then
    raise_if_cancelled(fiber)
  elseif all_ended(list) then
    return
  else
    drive.begin(loop, name, level + 1)
  end
  for _, other in ipairs(list) do
    other.awaited = other.awaited + 1
  end
  local ok, err
  if fiber then
    ok, err = pcall(join_all, fiber, list)
    leave(fiber)
  else
    ok, err = pcall(drive.go, loop, drive.run_until, function()
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

--- Waits for the fiber to end. Raises the error that ended it.
---@return any ... its results; nil and an error when it was cancelled
function Fiber:join()
  if current(self.loop) == self then
    error("fiber:join: a fiber cannot wait for itself", 2)
  end
  await(self.loop, { self }, "fiber:join", 2)
  return outcome(self)
end

-- What is wrong with a list of fibers.
local function check_tasks(loop, list)
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
  local misuse = check_tasks(self, list)
  if misuse then
    error("loop:gather: " .. misuse, 2)
  end
  await(self, list, "loop:gather", 2)
  local results, errs = { n = #list }, {}
  for i, fiber in ipairs(list) do
    if fiber.failed then
      fiber.told = true
      remember(self, list)
    end
    local first, second = outcome(fiber)
    results[i] = first
    if first == nil then
      errs[i] = second
    end
  end
  return results, errs
end

return M
