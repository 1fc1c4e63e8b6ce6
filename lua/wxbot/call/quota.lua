--- Quotas of calls: how long one that is used up stays so. Until then no further
--- call of the endpoint is made for the account, by nobody who shares its access
--- token.
--
-- The platform counts the calls of a day until midnight at UTC+8, those of a
-- minute until the next one. Whoever calls before gets the same answer again.

local errors = require "wxbot.util.errors"

local floor = math.floor

local M = {}

local DAY, MINUTE = 86400, 60
local ZONE = 8 * 3600

-- The platform's code -> seconds of what it counts.
local PERIODS = { [45009] = DAY, [45011] = MINUTE }

--- Until when a quota is used up.
---@param code any of an error
---@param now number unix seconds
---@return number|nil ends unix seconds; nil: the code is not about a quota
function M.ends(code, now)
  local period = PERIODS[code]
  return period and floor((now + ZONE) / period + 1) * period - ZONE
end

local function clock_of(ends)
  local seconds = floor(ends + ZONE) % DAY
  return ("%02d:%02d:%02d"):format(floor(seconds / 3600),
    floor(seconds / 60) % 60, seconds % 60)
end

--- The error of a call that is not made, for its quota is used up.
---@param context wxbot.Context with a quota
---@param endpoint table
---@return wxbot.Error|nil err
function M.pending(context, endpoint)
  local err = endpoint.query and context.quota:pending(endpoint.name)
  if err then
    err = errors.copy(err)
    err.sent = false
    err.message = ("%s; not called before %s (UTC+8)"):format(err.message,
      clock_of(err.quota_ends))
  end
  return err or nil
end

--- Notes in the error of a call that its quota is used up, and has others know.
---@param context wxbot.Context
---@param endpoint table
---@param err wxbot.Error changed
function M.note(context, endpoint, err)
  err.quota_ends = err.kind == "platform"
    and M.ends(err.code, context.clock()) or nil
  if err.quota_ends and context.quota and endpoint.query then
    context.quota:note(endpoint.name, err)
  end
end

return M
