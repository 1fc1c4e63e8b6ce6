--- Whether a Redis can keep an inbox.

local errors = require "wxbot.util.errors"

local find, match = string.find, string.match
local ipairs, tonumber, type = ipairs, tonumber, type

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
  return match("\n" .. info, "\n" .. name .. ":([^\r\n]*)")
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

-- Why nothing can be asked of it.
local function unanswered(err)
  local text = err.message
  if find(text, "NOAUTH", 1, true) then
    return refuse("password", "demands a password, which is read from "
      .. "WXBOT_REDIS_PASSWORD")
  elseif find(text, "WRONGPASS", 1, true) then
    return refuse("password", "refuses the password")
  elseif find(text, "LOADING", 1, true) then
    return refuse("loading", "is still reading its data; try again")
  end
  return nil, err
end

local function check_version(send, prefix)
  local kept, err = send("EVAL", "redis.call('SETNX', KEYS[1], ARGV[1]) "
    .. "return redis.call('GET', KEYS[1])", "1", prefix .. "version", VERSION)
  if not kept then
    return nil, err
  elseif kept ~= VERSION then
    return refuse("version", ("keeps an inbox of version %s, this is version %s")
      :format(kept, VERSION))
  end
  return true
end

--- Finds out whether it can.
---@param send fun(...: string): any, wxbot.Error|nil sends a command
---@param prefix string of the inbox's keys
---@param say fun(text: string)|nil told what there is to warn of
---@return true|nil done
---@return wxbot.Error|nil err kind "unavailable"
function M.check(send, prefix, say)
  local info, err = send("INFO")
  if type(info) ~= "string" then
    return unanswered(err or errors.new{ kind = "protocol",
      message = "Redis: INFO was not answered" })
  end
  for _, check in ipairs(CHECKS) do
    local code, message = check(info)
    if code then
      return refuse(code, message)
    end
  end
  if say and field(info, "aof_enabled") ~= "1" then
    say("warning: this Redis keeps nothing on its disk at once (appendonly no): "
      .. "when it ends, pushes that wait can be lost")
  end
  return check_version(send, prefix)
end

return M
