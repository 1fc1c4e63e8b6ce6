--- What has been handed over, remembered in memory for a while.
--
-- A store of a receiver has two methods: `add(key, seconds)`, which is true
-- for the first and false for everybody after (and nil, or true and a message,
-- if duplicates may pass now), and `delete(key)`. This one is of one process;
-- wxbot.receive.shared is for the workers of nginx.

local heap = require "wxbot.util.heap"

local error, setmetatable, time, type = error, setmetatable, os.time, type

local M = {}

-- Two keys a message: the newest 10,000 messages.
local LIMIT = 20000

---@class wxbot.Seen
local Seen = { __name = "wxbot.seen" }
Seen.__index = Seen

local function drop(seen, entry)
  seen.order:remove(entry)
  seen.entries[entry.value] = nil
end

local function drop_expired(seen, now)
  local first = seen.order:first()
  while first and first.at <= now do
    drop(seen, first)
    first = seen.order:first()
  end
end

--- Remembers a key, unless it is remembered.
---@param key string
---@param seconds number how long to remember it
---@return boolean first false: it was remembered already
---@return string|nil message "full": one that is not over yet was forgotten for it
function Seen:add(key, seconds)
  local now, order = self.clock(), self.order
  drop_expired(self, now)
  if self.entries[key] then
    return false
  end
  local full = order.size >= self.limit
  if full then
    drop(self, order:first())
  end
  self.entries[key] = order:add(now + seconds, key)
  return true, full and "full" or nil
end

--- Forgets a key.
---@param key string
function Seen:delete(key)
  local entry = self.entries[key]
  if entry then
    drop(self, entry)
  end
end

--- Makes a store in the memory of this process.
---@param options table|nil { limit = keys (20000), clock = returns unix seconds }
---@return wxbot.Seen
function M.new(options)
  options = options or {}
  local limit = options.limit or LIMIT
  if type(limit) ~= "number" or limit < 1 then
    error("wxbot.receive.seen: limit must be a number of at least 1", 2)
  end
  return setmetatable({
    limit = limit, clock = options.clock or time,
    entries = {}, order = heap.new(),
  }, Seen)
end

return M
