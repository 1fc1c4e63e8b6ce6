--- How fast a job sends, and how long it waits where that fails.

local core = require "wxbot.core"

local max, min, setmetatable = math.max, math.min, setmetatable

local M = {}

-- Seconds by which who was late may hurry after.
local CATCH_UP = 1

-- What a rate is after a refusal, and after each request that is confirmed, of
-- what it was before.
local SLOWER, FASTER = 0.5, 1.02
-- Requests a second, to which no refusal slows a job that may make more.
local SLOWEST = 0.2

-- Seconds before it is tried again: at first, at most, and at most where a quota
-- is used up.
local SHORTEST, LONGEST, LONGEST_QUOTA = 0.5, 60, 600

-- Where a quota ends, the platform's clock may be a little behind.
local AFTER_QUOTA = 5

---@class wxbot.Pace
local Pace = {}
Pace.__index = Pace

--- A pace.
---@param limit number|nil requests a second at most
---@param patience number seconds
---@return wxbot.Pace
function M.new(limit, patience)
  return setmetatable({ limit = limit, rate = limit, patience = patience,
    turns = 0 }, Pace)
end

--- The time at which the caller may send; nobody else gets it.
---@param now number
---@return number
function Pace:turn(now)
  -- What was read before the first is not caught up.
  self.begun = self.begun or now
  self.turns = self.turns + 1
  if not self.rate then
    return now
  end
  local turn = max(self.next or now, now - CATCH_UP)
  self.next = turn + 1 / self.rate
  return turn
end

-- Uniform from half of it to all.
local function about(seconds)
  local high, low = core.random(2):byte(1, 2)
  return seconds * (1 + (high * 256 + low) / 65536) / 2
end

--- Notes a failure that passes. Failures at once are one.
---@param now number
---@param too_fast boolean the platform refused, so that less is sent
---@param quota number|nil seconds until a quota is used up no more
---@param after number|nil seconds that the platform asks to wait
---@return boolean goes_on false: it has lasted too long
function Pace:fail(now, too_fast, quota, after)
  local renewed = quota and now + quota + AFTER_QUOTA
  -- No patience is lost while a quota is used up.
  self.since = renewed or self.since or now
  local ends = self.since + self.patience
  if now >= ends then
    return false
  elseif now < (self.again or now) then
    return true
  end
  self.pause = min(self.pause and 2 * self.pause or SHORTEST,
    quota and LONGEST_QUOTA or LONGEST)
  self.again = min(now + max(about(self.pause), after or 0), renewed or ends)
  -- A pause is not caught up.
  self.next = max(self.next or 0, self.again)
  if too_fast then
    local rate = self.rate or self.turns / max(now - self.begun, 1)
    self.rate = min(max(rate * SLOWER, SLOWEST), rate)
  end
  return true
end

--- Notes a request that was confirmed.
function Pace:succeed()
  self.since, self.again, self.pause = nil, nil, nil
  if self.rate then
    self.rate = min(self.rate * FASTER, self.limit or self.rate * FASTER)
  end
end

return M
