--- A sandbox as a transport: in process, by a clock that is moved.

local errors = require "wxbot.util.errors"
local parts = require "wxbot.sandbox.parts"

-- What a caller hears of a connection that was cut, or of an answer that comes
-- too late: whether the platform got the call is unknown.
local function lost(kind, message)
  return nil, errors.new{ kind = kind, code = kind == "timeout" and "timeout"
    or "reset", message = message }
end

--- Adds the methods of a transport to the class of sandboxes.
---@param Sandbox table
---@param sandboxes wxbot.Class
return function(Sandbox, sandboxes)
  --- Transport: answers in process. A late answer moves the clock.
  ---@param request table
  ---@return table|nil response
  ---@return wxbot.Error|nil err
  function Sandbox:request(request)
    local response = self:handle(request)
    local delay, timeout = response.delay, request.timeout
    if delay and timeout and delay >= timeout then
      self:sleep(timeout)
      return lost("timeout", "no answer in time")
    elseif delay then
      self:sleep(delay)
    end
    if response.cut then
      return lost("transport", "the connection was cut")
    end
    return response
  end

  --- Transport: moves the platform's clock; returns at once.
  ---@param seconds number
  function Sandbox:sleep(seconds)
    local platform = sandboxes:of(self, "sleep")
    platform.clock:skip(seconds)
    local done, err = parts.committed(platform)
    return done, err
  end

  --- Transport: monotonic seconds.
  ---@return number
  function Sandbox:now()
    return sandboxes:of(self, "now").now()
  end

  --- Transport: the platform's wall clock; bots sign by it.
  ---@return number unix seconds
  function Sandbox:time()
    return sandboxes:of(self, "time").time()
  end
end
