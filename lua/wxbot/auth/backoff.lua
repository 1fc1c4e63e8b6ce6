--- When an access token may be fetched again after a fetch of no avail: one
--- that failed, or one whose token was refused before it was ever accepted.
--- Shared like the token, so that a quota is not used up by one worker after
--- another.
--
-- Those in a row are 1 s apart, then twice as long, up to a minute. A token
-- that was accepted ends the row; since that may be for a moment only, where
-- somebody else takes tokens of the account too, no more than ten are fetched
-- at once and one in each minute from then on: 70 in an hour and 1,450 in a
-- day, of the 2,000 that a classic token has.

local errors = require "wxbot.util.errors"
local quota = require "wxbot.call.quota"
local redact = require "wxbot.call.redact"

local ceil, floor, max, min = math.ceil, math.floor, math.max, math.min
local tonumber, tostring, type = tonumber, tostring, type

local M = {}

local MAX_BACKOFF = 60 -- seconds
local AT_ONCE = 10     -- fetches; then one every MAX_BACKOFF
local MEMORY = 3600    -- seconds for which the last one counts
local DAY = 86400      -- no quota is used up for longer
local REFUSED = "access_token"
local MAX_MESSAGE = 300

---@class wxbot.Backoff
---@field ends number unix seconds
---@field failures integer in a row
---@field paid number unix seconds; each fetch costs MAX_BACKOFF of them
---@field err wxbot.Error

--- What a token that was just fetched will mean if it is refused.
---@return wxbot.Error
function M.refused()
  return errors.new{ kind = "unavailable", code = REFUSED, sent = false,
    message = "the platform refuses access tokens that it has just given: "
      .. "somebody else takes tokens of this account, or the credentials are "
      .. "another account's" }
end

-- What may be paid for before the next fetch.
local CREDIT = (AT_ONCE - 1) * MAX_BACKOFF

--- The backoff that a fetch begins, or goes on with.
---@param before wxbot.Backoff|nil what preceded it
---@param err wxbot.Error why it is of no avail
---@param now number unix seconds
---@return wxbot.Backoff
function M.after(before, err, now)
  if not before or now > before.ends + MEMORY then
    before = { failures = 0, paid = now }
  end
  local failures = before.failures + 1
  -- No more than it can have been: a clock may have been put back.
  local paid = min(max(before.paid, now), now + CREDIT) + MAX_BACKOFF
  local ends = quota.ends(err.code, now)
    or now + min(MAX_BACKOFF, 2 ^ (failures - 1))
  return { failures = failures, paid = paid, err = err,
    ends = max(ends, paid - CREDIT) }
end

local ACCEPTED = { [REFUSED] = true }

--- What is left of it when its reason is gone: the token that was fetched last
--- is accepted, or what it lacked is there.
---@param backoff wxbot.Backoff|nil
---@param reasons table<any, boolean>|nil codes that are gone
---@return wxbot.Backoff|nil nil: that changes nothing
function M.settled(backoff, reasons)
  if backoff and backoff.failures > 0
      and (reasons or ACCEPTED)[backoff.err.code] then
    return { failures = 0, paid = backoff.paid, err = backoff.err,
      ends = backoff.paid - CREDIT }
  end
end

--- The failure that a further attempt has to wait for.
---@param backoff wxbot.Backoff|nil
---@param now number unix seconds
---@return wxbot.Error|nil err says for how long
function M.pending(backoff, now)
  local left = backoff and backoff.ends - now or 0
  if left > 0 and left <= (quota.ends(backoff.err.code, now) and DAY
      or MAX_BACKOFF) then
    local err = errors.copy(backoff.err)
    err.sent = false
    err.message = ("%s; the next attempt is made in %d s"):format(err.message,
      ceil(left))
    return err
  end
end

--- How long it has to be known.
---@param backoff wxbot.Backoff
---@param now number unix seconds
---@return number seconds
function M.life(backoff, now)
  return max(0, backoff.ends - now) + MEMORY
end

--- What a store keeps: whole milliseconds, which no locale writes in a way of
--- its own.
---@param backoff wxbot.Backoff
---@return string
function M.write(backoff)
  local err = backoff.err
  local message = redact.beginning(
    err.message:gsub("[%z\1-\31\127]+", " "), MAX_MESSAGE)
  return ("%d %d %d %s %s %s"):format(floor(backoff.ends * 1000),
    floor(backoff.paid * 1000), backoff.failures, err.kind,
    tostring(err.code or "-"):gsub("%s+", "_"), message)
end

--- The backoff that a store kept.
---@param value any what is no string is none
---@return wxbot.Backoff|nil
function M.read(value)
  value = type(value) == "string" and value or ""
  local ends, paid, failures, kind, code, message = value
    :match("^(%d+) (%d+) (%d+) (%a+) (%S+) (.+)$")
  if not ends then
    return nil
  end
  return { ends = tonumber(ends) / 1000, paid = tonumber(paid) / 1000,
    failures = tonumber(failures),
    err = errors.new{ kind = kind, message = message, sent = false,
      code = code:find("^-?%d+$") and tonumber(code)
        or code ~= "-" and code or nil } }
end

return M
