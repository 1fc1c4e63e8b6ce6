--- A call that waits for another, as the transport at hand can wait.
--
-- With `sleep` alone a waiter looks again a little later each time. With `wait`
-- and `wake` it is woken. `inside()` is false where waiting would stop the other
-- as well, and then nobody waits. With `spawn` a call can run in a thread of
-- its own.

local errors = require "wxbot.util.errors"
local holders = require "wxbot.util.holder"

local floor, max, min = math.floor, math.max, math.min

local M = {}

---@class wxbot.Waiter
---@field ends number when it gives up, by the clock of its transport
---@field timeout number seconds that it was given
---@field reason string what it waits for, as the beginning of a sentence
---@field step number|nil seconds of its last sleep
---@field longest number|nil seconds of a sleep at most

-- Seconds between two looks where nobody wakes the waiter: at first, at most,
-- and how they grow.
local SHORTEST, LONGEST, GROWTH = 0.001, 0.1, 1.5
-- Seconds between two looks whether the holder has vanished.
local LOOK = 0.5

local function lets_others_go_on(transport)
  return transport.sleep ~= nil
    and (not transport.inside or transport:inside())
end

--- Can a call run while its caller goes on?
function M.has_background(transport)
  return transport.spawn ~= nil and lets_others_go_on(transport)
end

--- Can the caller wait for a holder?
function M.can_wait(transport, holder)
  return lets_others_go_on(transport) and not holders.is_above(holder)
end

--- Waits until something is woken, where the transport can, otherwise for a
--- little while.
---@param context table of a client: its transport and its clock
---@param waiter wxbot.Waiter
---@param event table what is woken; its `transport` is that of who wakes it
---@param ends number when to look again at the latest
---@return wxbot.Error|nil err it cannot, or must not, wait any longer
function M.pause(context, waiter, event, ends)
  local transport, now = context.transport, context.now()
  if now >= waiter.ends then
    return errors.new{ kind = "timeout", code = "queue", sent = false,
      message = ("%s took more than %d ms"):format(waiter.reason,
        floor(waiter.timeout * 1000)) }
  end
  local left = min(waiter.ends, ends) - now
  local _, why
  if transport.wait and event.transport == transport then
    _, why = transport:wait(event, min(LOOK, left))
  else
    waiter.step = min(waiter.longest or LONGEST,
      (waiter.step or SHORTEST) * GROWTH)
    -- What is next to nothing may be no time at all for a clock that ticks.
    _, why = transport:sleep(max(SHORTEST, min(waiter.step, left)))
  end
  return why and errors.from(why)
end

--- Wakes those who wait for an event, where the transport can.
function M.wake(transport, event)
  if transport.wake then
    transport:wake(event)
  end
end

return M
