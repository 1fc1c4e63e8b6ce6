--- Inside nginx: sends commands to a Redis with the host's own client, OpenResty's
--- resty.redis or the same of a package of Debian, nginx.redis.

local errors = require "wxbot.util.errors"

local ipairs, pcall, require = ipairs, pcall, require
local find, lower, tostring, type = string.find, string.lower, tostring, type

local M = {}

local CLIENTS = { "resty.redis", "nginx.redis" }

-- Milliseconds for each step of a command; for an idle connection.
local TIMEOUT, IDLE = 2000, 60000

-- Connections that are kept.
local KEPT = 64

local function find_client()
  for _, name in ipairs(CLIENTS) do
    local found, client = pcall(require, name)
    if found and type(client) == "table" then
      return client
    end
  end
  return errors.unavailable("client", "in Redis needs a client inside nginx, and "
    .. "there is none: OpenResty brings resty.redis; Debian has nginx.redis in "
    .. "the package lua-nginx-redis, which needs nginx-extras")
end

-- What a new connection must be told first.
local function introduce(connection, where, password)
  local done, message = true, nil
  if password then
    done, message = connection:auth(password)
  end
  if done and where.db ~= 0 then
    done, message = connection:select(("%d"):format(where.db))
  end
  return done or nil, message
end

local function connect(client, where, password)
  local connection, message = client:new()
  if not connection then
    return nil, message
  end
  connection:set_timeout(TIMEOUT)
  local done
  done, message = connection:connect(find(where.host, ":", 1, true)
    and "[" .. where.host .. "]" or where.host, where.port, {
    pool = ("wxbot-redis %s:%d/%d"):format(where.host, where.port, where.db),
    pool_size = KEPT })
  if not done then
    return nil, message
  end
  local uses = connection:get_reused_times()
  if uses == 0 then
    done, message = introduce(connection, where, password)
    if not done then
      connection:close()
      return nil, message
    end
  end
  return connection, uses ~= nil and uses > 0
end

--- Makes what sends commands.
---@param where table of wxbot.serve.redis_url
---@param password string|nil
---@return (fun(name: string, ...: string): any, string|nil)|nil command
---@return wxbot.Error|nil err kind "unavailable"
function M.new(where, password)
  local client, err = find_client()
  if not client then
    return nil, err
  end
  -- One that was kept may have ended meanwhile. What an inbox says can be said
  -- twice.
  local function send(is_second, name, ...)
    local connection, reused = connect(client, where, password)
    if not connection then
      return nil, reused
    end
    local reply, message = connection[lower(name)](connection, ...)
    if reply == nil then
      connection:close()
      if reused and not is_second then
        return send(true, name, ...)
      end
      return nil, tostring(message)
    end
    connection:set_keepalive(IDLE, KEPT)
    return reply, message
  end
  return function(name, ...)
    return send(false, name, ...)
  end
end

return M
