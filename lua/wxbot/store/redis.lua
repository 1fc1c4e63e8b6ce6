--- A store of small values in Redis, for many machines (wxbot.store.memory says
--- what a store is).
--
-- It has no client of its own: it is given a function that sends one command
-- and returns the reply, or nil and a message. nil, false and nginx's null
-- all stand for a missing value. The keys of an account share a hash tag, so
-- that a cluster keeps them together.

local error, floor, setmetatable = error, math.floor, setmetatable
local tonumber, type = tonumber, type

local M = {}

local Redis = {}
Redis.__index = Redis

-- KEYS: value. ARGV: value, milliseconds.
local ADD = [[
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0]]

-- KEYS: lock, generations. ARGV: milliseconds.
local LOCK = [[
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local generation = redis.call('HINCRBY', KEYS[2], 'granted', 1)
redis.call('SET', KEYS[1], generation, 'PX', ARGV[1])
return generation]]

-- KEYS: lock. ARGV: generation.
local UNLOCK = [[
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])]]

-- KEYS: value, generations. ARGV: generation, value, milliseconds. A server
-- that lost its memory must not grant what was granted before.
local PUT = [[
local mine = tonumber(ARGV[1])
local function known(name)
  return tonumber(redis.call('HGET', KEYS[2], name) or '0')
end
if mine < known('written') then return 0 end
redis.call('HSET', KEYS[2], 'written', ARGV[1])
if known('granted') < mine then
  redis.call('HSET', KEYS[2], 'granted', ARGV[1])
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1]]

--- Makes a store.
---@param command fun(...: string): any, string|nil sends a command: command("EVAL", script, "1", key, …)
---@return table store
function M.new(command)
  if type(command) ~= "function" then
    error("wxbot.store.redis: expected a function that sends a command", 2)
  end
  return setmetatable({ command = command }, Redis)
end

local function milliseconds(seconds)
  return ("%d"):format(floor(seconds * 1000))
end

-- The number that a script returns.
local function number(reply, message)
  local value = tonumber(reply)
  if not value then
    return nil, message or "Redis did not answer with a number"
  end
  return value
end

function Redis:get(key)
  local reply, message = self.command("GET", key)
  if type(reply) == "string" then
    return reply
  end
  return nil, message
end

-- What a script that returns 1 or 0 says.
local function yes(reply, message)
  local value, why = number(reply, message)
  return value and value == 1, why
end

function Redis:add(key, value, ttl)
  return yes(self.command("EVAL", ADD, "1", key, value, milliseconds(ttl)))
end

function Redis:delete(key)
  return yes(self.command("DEL", key))
end

function Redis:lock(key, ttl)
  local generation, message = number(self.command("EVAL", LOCK, "2",
    key .. ":lock", key .. ":generations", milliseconds(ttl)))
  if generation == 0 then
    return false
  end
  return generation, message
end

function Redis:unlock(key, generation)
  return yes(self.command("EVAL", UNLOCK, "1", key .. ":lock",
    ("%d"):format(generation)))
end

function Redis:put(key, value, generation, ttl)
  return yes(self.command("EVAL", PUT, "2", key, key .. ":generations",
    ("%d"):format(generation), value, milliseconds(ttl)))
end

return M
