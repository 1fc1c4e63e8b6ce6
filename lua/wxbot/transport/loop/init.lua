--- Many calls at once: coroutines over one HTTP client.
--
-- A loop runs fibers, coroutines of its own, and is a transport. In a fiber
-- `request` and `sleep` let the other fibers go on; everywhere else they
-- block, and no fiber goes on meanwhile. `run` goes on until all fibers are
-- done; `step` does what can be done now and never waits.
--
-- Calls beyond `max_connections` wait in a queue, certainly not sent.

local core = require "wxbot.curl"
local curl = require "wxbot.transport.curl"
local drive = require "wxbot.transport.loop.drive"
local errors = require "wxbot.util.errors"
local fiber_of = require "wxbot.transport.loop.fiber"
local heap = require "wxbot.util.heap"
local join = require "wxbot.transport.loop.join"
local options_of = require "wxbot.util.options"
local queue = require "wxbot.util.queue"
local request = require "wxbot.transport.request"

local current, enter, suspend = fiber_of.current, fiber_of.enter,
  fiber_of.suspend
local error, pairs = error, pairs
local now = core.now
local raise_if_cancelled, setmetatable = fiber_of.raise_if_cancelled,
  setmetatable
local type = type
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

--- Begins a fiber: fn(...) in a coroutine of the loop's, from the next step
--- on.
---@param fn function
---@return wxbot.Fiber
function Loop:spawn(fn, ...)
  if type(fn) ~= "function" then
    error("loop:spawn: a function is needed (got " .. type(fn) .. ")", 2)
  elseif self.closed then
    error("loop:spawn: the loop is closed", 2)
  end
  return fiber_of.new(self, fn, ...)
end

--- Goes on until every fiber has ended. Raises the error of a fiber that
--- nobody waits for, unless there is an on_error; the loop can go on after.
function Loop:run()
  drive.go(self, "loop:run", 2, drive.run_until)
end

--- Does what can be done now and returns, never waiting. What does not fit
--- into its seconds is carried on by the next step.
---@param seconds number|nil 0.0005 by default
---@return integer live number of fibers that have not ended
---@return boolean busy its seconds were spent, and more can be done at once
function Loop:step(seconds)
  if seconds ~= nil and not (type(seconds) == "number" and seconds >= 0) then
    error("loop:step: seconds must be a number, 0 or more", 2)
  end
  drive.go(self, "loop:step", 2, drive.work, now() + (seconds or drive.STEP))
  return self.live, drive.is_busy(self)
end

--- A file descriptor that is readable as soon as `step` has something to do,
--- for a host that waits for descriptors (luv's uv_poll, poll); `timeout` tells
--- of times. Neither close it nor rely on what is read there.
---@return integer|nil fd
---@return wxbot.Error|nil err kind "closed", "unavailable"
function Loop:fd()
  if self.closed then
    return nil, errors.closed "the loop"
  end
  local fd, message, code = self.client:listen(drive.is_busy(self))
  if not fd then
    return self.result(nil, message, code, false)
  end
  self.listens = true
  return fd
end

--- Seconds after which the next step is due, for a host's timer: 0 when more can
--- be done at once; at most 0.01 while a call is on its way, unless the host
--- waits for `fd` as well. nil: nothing is to be done until there is a new fiber,
--- or one is woken.
---@return number|nil seconds
function Loop:timeout()
  return drive.timeout(self)
end

Loop.gather, Loop.wait, Loop.wake = join.gather, join.wait, join.wake

--- Waits for so many seconds; in a fiber the others go on.
---@param seconds number
---@return boolean|nil done
---@return wxbot.Error|nil err kind "closed"
function Loop:sleep(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds then
    error("loop:sleep: seconds must be a number", 2)
  end
  local fiber = enter(self)
  if self.closed then
    return nil, errors.closed "the loop"
  elseif not fiber then
    return curl.sleep(self.client, seconds)
  end
  suspend(self, fiber, seconds)
  raise_if_cancelled(fiber)
  return true
end

-- Waits in a fiber for a call that was begun.
local function wait_for(loop, fiber, id, transfer)
  loop.calls[id], fiber.transfer = fiber, transfer
  suspend(loop, fiber)
  loop.calls[id], fiber.transfer = nil, nil
  raise_if_cancelled(fiber)
  local response, err = loop.result(transfer:result())
  local spare = loop.spare
  if #spare < SPARE then
    spare[#spare + 1] = transfer
  end
  return response, err
end

--- Makes a call; in a fiber the others go on meanwhile.
---@param req wxbot.transport.Request
---@return wxbot.transport.Response|nil response
---@return wxbot.Error|nil err
function Loop:request(req)
  local fiber, client = enter(self), self.client
  if self.closed then
    request.check("loop:request", req, 2)
    return nil, errors.closed "the loop"
  elseif not fiber then
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
  -- A tail call: what waits holds little.
  return wait_for(self, fiber, id, transfer)
end

--- Seconds of a clock that never goes back.
---@return number
function Loop.now()
  return now()
end

--- Is the caller a fiber of this loop, so that `request` yields?
---@return boolean
function Loop:inside()
  return current(self) ~= nil
end

--- Closes the connections and ends all fibers where they are: whoever waits
--- for one gets nil and an error of kind "closed", as later calls do. That
--- error is also raised where a fiber waits, once; one that goes on and waits
--- again ends there. Of another error that a fiber then raises only `on_error`
--- is told, when all have ended.
function Loop:close()
  if self.closed then
    return
  end
  self.closed = true
  self.client:close()
  local failures = {}
  for fiber in pairs(self.fibers) do -- none is added any more
    if fiber ~= self.current then
      failures[fiber] = fiber_of.abandon(self, fiber, errors.closed "the loop")
    end
  end
  self.ready, self.calls, self.waiting = queue.new(), {}, {}
  self.sleepers = heap.new()
  if self.on_error then
    for fiber, failure in pairs(failures) do
      self.on_error(failure, fiber)
    end
  end
end

Loop.__close = Loop.close

function Loop:__tostring()
  return ("wxbot.loop (%s)"):format(self.closed and "closed"
    or self.live .. " fibers")
end

-- ------------------------------------------------------------------ making

--- What wxbot.loop takes.
M.OPTIONS = { unpack(curl.OPTIONS) }
M.OPTIONS[#M.OPTIONS + 1] = { name = "on_error", type = "function",
  expected = "a function", doc = "Told of errors that nobody waits for" }

---@class wxbot.LoopOptions: wxbot.transport.CurlOptions
---@field max_connections integer|nil calls on their way at once, 64 by default; the others wait, not sent
---@field on_error fun(err: any, fiber: wxbot.Fiber)|nil told of errors that nobody waits for

--- Makes a loop.
---@param options wxbot.LoopOptions|nil
---@param level integer|nil whose line a wrong option is reported at; 1: the caller
---@return wxbot.Loop
function M.new(options, level)
  options = options or {}
  options_of.check("wxbot.loop", M.OPTIONS, options, (level or 1) + 1)
  return setmetatable({
    client = curl.client(options, true),
    result = curl.reader(options),
    on_error = options.on_error,
    ready = queue.new(),    -- fibers to begin or to go on, in order
    sleepers = heap.new(),  -- fibers by the time when they go on
    calls = {},             -- id of a call -> the fiber that waits for it
    last_id = 0,
    untold = queue.new(),   -- failed fibers whose waiters went away
    waiting = {},           -- what is waited for -> the fibers that do
    fibers = {},            -- those that have not ended
    live = 0,               -- their number
    current = nil,          -- the fiber that is running
    spare = {},             -- transfers to be used again
    more = false,           -- is a call over that waits for the next step?
    listens = false,        -- does a host wait for `fd`?
    driver = nil,           -- the coroutine that runs the loop
  }, Loop)
end

return M
