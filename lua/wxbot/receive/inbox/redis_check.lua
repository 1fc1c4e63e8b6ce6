--- Whether a Redis can keep an inbox.

local errors = require "wxbot.util.errors"

local find, match = string.find, string.match
local ipairs, tonumber = ipairs, tonumber
local tostring, type = tostring, type

local M = {}

-- Of what stands below an inbox's prefix.
local VERSION = "1"

-- The oldest version with all that the scripts use.
local OLDEST = 7

local function refuse(code, message)
  return errors.unavailable(code, "Redis " .. message)
end

-- A field of INFO.
local function field(info, name)
  local text = "\n" .. info
  local _, stop = find(text, "\n" .. name .. ":", 1, true)
  return stop and match(text, "^[^\r\n]*", stop + 1)
end

-- Each is given INFO; gives code, message if it cannot be used.
local CHECKS = {
  function(info)
    if field(info, "redis_mode") == "cluster" then
      return "cluster", "is a cluster, which cannot keep an inbox"
    end
  end,
  function(info)
    if field(info, "role") ~= "master" then
      return "replica", "is a replica, which cannot be written to; "
        .. "name its master"
    end
  end,
  function(info)
    local version = field(info, "redis_version") or "?"
    if (tonumber(match(version, "^[0-9]+")) or 0) < OLDEST then
      return "version", ("has the version %s, an inbox needs %d or newer")
        :format(version, OLDEST)
    end
  end,
  function(info)
    local policy = field(info, "maxmemory_policy")
    if policy and policy ~= "noeviction" then
      return "evicts", "evicts keys (maxmemory-policy " .. policy .. "), and "
        .. "with them pushes; set it to noeviction"
    end
  end,
}

--- What a client gave for a command, or why it gave nothing.
---@param reply any
---@param message any with nil or false
---@return any reply
---@return wxbot.Error|nil err kind "unavailable"
function M.answered(reply, message)
  local text = tostring(message or "no answer")
  if reply ~= nil and reply ~= false then
    return reply
  elseif find(text, "WRONGPASS", 1, true) then
    return refuse("password", "refuses the password")
  elseif find(text, "NOAUTH", 1, true) then
    return refuse("password", "demands a password, which is read from "
      .. "WXBOT_REDIS_PASSWORD, or redis_password of --config")
  elseif find(text, "LOADING", 1, true) then
    return refuse("loading", "is still reading its data; try again")
  end
  return errors.unavailable("redis", "Redis: " .. text)
end

--- The key of a set: the owners of all inboxes.
M.owners = "wxbot:inboxes"

local BEGIN = [[
redis.call('SETNX', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[2], ARGV[2])
return redis.call('GET', KEYS[1])]]

local function check_version(send, owner, prefix)
  local kept, err = send("EVAL", BEGIN, "2", prefix .. "version", M.owners,
    VERSION, owner)
  if not kept then
    return nil, err
  elseif kept ~= VERSION then
    return refuse("version", ("keeps an inbox of version %s, this is version %s")
      :format(kept, VERSION))
  end
  return true
end

-- It goes on without, but somebody should know.
local NOT_KEPT = "warning: this Redis does not write down at once what it is told "
  .. "(appendonly no): when it ends, pushes that wait can be lost"

--- Finds out whether it can, and enters the inbox there.
---@param send fun(...: string): any, wxbot.Error|nil sends a command
---@param owner string
---@param prefix string of the inbox's keys
---@return true|nil done
---@return wxbot.Error|nil err kind "unavailable"
---@return string|nil warning
function M.check(send, owner, prefix)
  local info, failure = send("INFO")
  if type(info) ~= "string" then
    return nil, failure or errors.new{ kind = "protocol",
      message = "Redis: INFO was not answered" }
  end
  for _, check in ipairs(CHECKS) do
    local code, message = check(info)
    if code then
      return refuse(code, message)
    end
  end
  local done, err = check_version(send, owner, prefix)
  return done, err, field(info, "aof_enabled") ~= "1" and NOT_KEPT or nil
end

return M
