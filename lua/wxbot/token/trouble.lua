--- What the last fetch of an access token failed with, and until when nobody
-- shall ask again: shared like the token, so that a quota is not used up by
-- one worker after another.

local errors = require "wxbot.error"
local redact = require "wxbot.redact"

local floor, min = math.floor, math.min
local tonumber, tostring, type = tonumber, tostring, type

local M = {}

local MAX_BACKOFF = 60 -- seconds
local QUOTA = 45009    -- the day's calls are used up …
local DAY, ZONE = 86400, 8 * 3600 -- … until midnight at UTC+8
local MAX_MESSAGE = 300

---@class wxbot.token.Trouble
---@field ends number unix seconds
---@field failures integer in a row
---@field err wxbot.Error

local function end_of_day(now)
  return floor((now + ZONE) / DAY + 1) * DAY - ZONE
end

--- The trouble that begins with a failure.
---@param before wxbot.token.Trouble|nil what preceded it
---@param err wxbot.Error
---@param now number unix seconds
---@return wxbot.token.Trouble
function M.after(before, err, now)
  local failures = (before and before.failures or 0) + 1
  return { failures = failures, err = err, ends = err.code == QUOTA
    and end_of_day(now) or now + min(MAX_BACKOFF, 2 ^ (failures - 1)) }
end

--- The failure that a further attempt has to wait for.
---@param trouble wxbot.token.Trouble|nil
---@param now number unix seconds
---@return wxbot.Error|nil
function M.pending(trouble, now)
  local left = trouble and trouble.ends - now or 0
  -- No longer than it can have been: a clock may have been put back.
  if left > 0 and left <= (trouble.err.code == QUOTA and DAY
      or MAX_BACKOFF) then
    return trouble.err
  end
end

--- How long it has to be known, for the number of failures in a row.
---@param trouble wxbot.token.Trouble
---@param now number unix seconds
---@return number seconds
function M.life(trouble, now)
  return trouble.ends - now + 2 * MAX_BACKOFF
end

--- What a store keeps.
---@param trouble wxbot.token.Trouble
---@return string
function M.write(trouble)
  local err = trouble.err
  local message = redact.beginning(err.message:gsub("%c+", " "), MAX_MESSAGE)
  return ("%.3f %d %s %s %s"):format(trouble.ends, trouble.failures,
    err.kind, tostring(err.code or "-"):gsub("%s+", "_"), message)
end

--- The trouble that a store kept.
---@param value any what is no string is none
---@return wxbot.token.Trouble|nil
function M.read(value)
  value = type(value) == "string" and value or ""
  local ends, failures, kind, code, message = value
    :match("^(%d+%.%d+) (%d+) (%a+) (%S+) (.+)$")
  if not ends then
    return nil
  end
  return { ends = tonumber(ends), failures = tonumber(failures),
    err = errors.new{ kind = kind, message = message, sent = false,
      code = code ~= "-" and (tonumber(code) or code) or nil } }
end

return M
