--- Inside nginx: opens the inbox of what `receive` serves. A file is there at once;
-- Redis can be asked only when nginx runs.

local redis = require "wxbot.serve.redis"
local redis_url = require "wxbot.serve.redis_url"
local wxbot = require "wxbot"

local assert, tostring = assert, tostring

local M = {}

-- Gives what handles messages its inbox; others may put something into one that
-- is shared.
local function open(handled, options)
  local inbox, err, warning = wxbot.inbox(options)
  if not inbox then
    return nil, tostring(err)
  elseif warning then
    handled.say(warning)
  end
  handled.inbox = inbox
  return true
end

--- Opens the inbox, or says how it will be opened: `handled.open_later`.
---@param handled table of wxbot.serve.inbox
---@param options table receiver
---@param settings table inbox, fsync
---@param account table redis_password
---@return true|nil done
---@return string|nil why
function M.prepare(handled, options, settings, account)
  local url = settings.inbox
  if not redis_url.is_url(url) then
    local done, why = open(handled, { receiver = options.receiver, path = url,
      fsync = settings.fsync })
    return done, why
  end
  local command, err = redis.new(assert(redis_url.read(url)),
    account.redis_password)
  if not command then
    return nil, tostring(err)
  end
  handled.is_shared = true
  function handled.open_later()
    local done, why = open(handled, { receiver = options.receiver,
      command = command })
    return done, not done and ("cannot be kept in %s: %s"):format(url, why)
      or nil
  end
  return true
end

return M
