--- What has been handed over, remembered in memory for a while.
--
-- A store of a receiver has two methods: `add(key, seconds)`, which is true
-- for the first and false for everybody after (and nil, or true and a message,
-- if duplicates may pass now), and `delete(key)`. This one is of one process;
-- wxbot.receive.shared is for the workers of nginx.

local queue = require "wxbot.queue"

local error, setmetatable, time, type = error, setmetatable, os.time, type

local M = {}

-- Two keys a message: the newest 10,000 messages.
local LIMIT = 20000

---@class wxbot.Seen
local Seen = { __name = "wxbot.seen" }
Seen.__index = Seen

-- Takes the oldest entry out; true if it was still good for something.
local function drop_oldest(seen)
  local entry = queue.pop(seen.order)
  if seen.entries[entry.key] == entry then
    seen.entries[entry.key] = nil
    return true
  end
  return false
end

local function drop_expired(seen, now)
  local order = seen.order
  while order.first <= order.last and order[order.first].expires <= now do
    drop_oldest(seen)
  end
end

--- Remembers a key, unless it is remembered.
---@param key string
---@param seconds number how long to remember it
---@return boolean first false: it was remembered already
---@return string|nil message "full": one that is not over yet was forgotten for it
function Seen:add(key, seconds)
  local now, order, full = self.clock(), self.order, false
  drop_expired(self, now)
  local known = self.entries[key]
  if known and known.expires > now then
    return false
  elseif order.last - order.first + 1 >= self.limit then
    full = drop_oldest(self)
  end
  local entry = { key = key, expires = now + seconds }
  queue.push(order, entry)
  self.entries[key] = entry
  return true, full and "full" or nil
end

--- Forgets a key.
---@param key string
function Seen:delete(key)
  self.entries[key] = nil
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
    entries = {}, order = queue.new(),
  }, Seen)
end

return M
