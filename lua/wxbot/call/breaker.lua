--- A circuit breaker: spares a service that is down the calls that would fail.
--
-- Only when asked for: wxbot.new{ retry = { breaker = true } }. Closed, it
-- counts; when enough calls of a window have failed it opens and every call
-- fails at once; after a pause one call is let through as a probe.

local options_of = require "wxbot.call.schema.options"

local setmetatable = setmetatable

local M = {}

local Breaker = {}
Breaker.__index = Breaker

--- The `breaker` option.
M.OPTIONS = {
  { name = "failures", type = "number", exclusive_min = 0, default = 20,
    doc = "Failures that open it, if more than half of a window's calls fail" },
  { name = "window", type = "number", exclusive_min = 0, default = 10,
    doc = "Seconds of a window" },
  { name = "pause", type = "number", exclusive_min = 0, default = 5,
    doc = "Seconds until the next call is tried" },
}

--- Makes a breaker.
---@param options table|boolean not kept
---@return table breaker
function M.new(options)
  local breaker = options_of.complete(M.OPTIONS, options)
  breaker.calls, breaker.failed, breaker.since, breaker.probe = 0, 0, 0, 0
  return setmetatable(breaker, Breaker)
end

--- May a call be made now? While one probes, others may not.
---@param now number seconds
---@return integer|boolean admitted a number: the call is this probe
function Breaker:admits(now)
  if not self.opened then
    return true
  elseif self.probing and now < self.probing + self.pause
      or now < self.opened + self.pause then
    return false
  end
  self.probing, self.probe = now, self.probe + 1
  return self.probe
end

local function reset(breaker, now)
  breaker.calls, breaker.failed, breaker.since = 0, 0, now
end

--- Notes how a call ended. Once it is open, only its probe tells it anything:
--- the others may have begun long before.
---@param admitted integer|boolean what `admits` said of the call
---@param failed boolean the service was not there
---@param now number seconds
function Breaker:note(admitted, failed, now)
  if self.opened then
    if self.probing and admitted == self.probe then
      self.opened, self.probing = failed and now or nil, nil
      reset(self, now)
    end
    return
  elseif now - self.since >= self.window then
    reset(self, now)
  end
  self.calls = self.calls + 1
  self.failed = self.failed + (failed and 1 or 0)
  if self.failed >= self.failures and self.failed * 2 > self.calls then
    self.opened = now
  end
end

--- A call that will not end: were it the probe, the next call is one.
---@param admitted integer|boolean what `admits` said of the call
function Breaker:forget(admitted)
  if admitted == self.probe then
    self.probing = nil
  end
end

return M
