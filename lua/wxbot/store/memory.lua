--- A store of small values in the memory of a process.
--
-- A store, of any kind, is an object with these methods. Keys and values are
-- strings, `ttl` is in seconds, a generation is an integer. A failure of the
-- store itself is nil, message.
--
--   get(key)                           the value; nil when there is none
--   add(key, value, ttl)               true; false when there is a value; true
--                                      and a message when another value was
--                                      given up for it before its time
--   delete(key)                        what was added
--   lock(key, ttl)                     a generation, greater than any before;
--                                      false while another holds the lock
--   unlock(key, generation)            only the lock of that generation
--   put(key, value, generation, ttl)   true; false when a newer generation
--                                      has put something already
--
-- A key is used with add and delete, or with a lock and put: not with both. What
-- was put is given up for nothing.

local heap = require "wxbot.util.heap"

local error, pairs, setmetatable = error, pairs, setmetatable
local time, type = os.time, type

local M = {}

local LIMIT = 20000

---@class wxbot.MemoryStore
local Memory = {}
Memory.__index = Memory

--- Makes a store.
---@param options table|nil { limit = values that are added (20000), clock = returns unix seconds }
---@return wxbot.MemoryStore store
function M.new(options)
  options = options or {}
  local limit = options.limit or LIMIT
  if type(limit) ~= "number" or limit < 1 then
    error("wxbot.store.memory: limit must be a number of at least 1", 2)
  end
  return setmetatable({ clock = options.clock or time, limit = limit,
    locks = {}, entries = {}, order = heap.new() }, Memory)
end

local function drop(memory, entry)
  memory.order:remove(entry)
  memory.entries[entry.value] = nil
end

local function drop_expired(memory, now)
  local first = memory.order:first()
  while first and first.at <= now do
    drop(memory, first)
    first = memory.order:first()
  end
end

--- Of a key that is locked, what was put; of another, what was added.
function Memory:get(key)
  local kept = self.locks[key] or self.entries[key]
  return kept and kept.text and self.clock() < kept.at and kept.text or nil
end

--- When all room is used up, what ends first is given up.
function Memory:add(key, value, ttl)
  local now = self.clock()
  drop_expired(self, now)
  if self.entries[key] then
    return false
  end
  local full = self.order.size >= self.limit
  if full then
    drop(self, self.order:first())
  end
  local entry = self.order:add(now + ttl, key)
  entry.text, self.entries[key] = value, entry
  return true, full and "full" or nil
end

function Memory:delete(key)
  local entry = self.entries[key]
  if entry then
    drop(self, entry)
  end
end

--- Gives what was added and is not over: each key, and when that ends.
---@param visit fun(key: string, ends: number)
function Memory:each(visit)
  drop_expired(self, self.clock())
  for key, entry in pairs(self.entries) do
    visit(key, entry.at)
  end
end

local function lock_of(memory, key)
  local lock = memory.locks[key]
  if not lock then
    lock = { granted = 0, written = 0 }
    memory.locks[key] = lock
  end
  return lock
end

function Memory:lock(key, ttl)
  local lock, now = lock_of(self, key), self.clock()
  -- A clock that was put back must not prolong the lock of who died.
  if lock.holder and now >= lock.held_at and now < lock.free_at then
    return false
  end
  lock.granted = lock.granted + 1
  lock.holder, lock.held_at, lock.free_at = lock.granted, now, now + ttl
  return lock.holder
end

function Memory:unlock(key, generation)
  local lock = lock_of(self, key)
  if lock.holder ~= generation then
    return false
  end
  lock.holder = nil
  return true
end

function Memory:put(key, value, generation, ttl)
  local lock = lock_of(self, key)
  if generation < lock.written then
    return false
  end
  lock.written, lock.text, lock.at = generation, value, self.clock() + ttl
  return true
end

return M
