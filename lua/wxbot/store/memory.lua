--- A store of access tokens in the memory of a process.
--
-- What a store is, of any kind: an object with four methods. Values are
-- strings, times are seconds. A failure of the store itself is nil, message.
--
--   get(key)                           the value; nil when there is none
--   lock(key, ttl)                     a generation, greater than any before;
--                                      false while another holds the lock
--   unlock(key, generation)            only the lock of that generation
--   put(key, value, generation, ttl)   true; false when a newer generation
--                                      has put something already

local setmetatable, time = setmetatable, os.time

local M = {}

local Memory = {}
Memory.__index = Memory

--- Makes a store.
---@param options table|nil { clock: a function that returns unix seconds }
---@return table store
function M.new(options)
  return setmetatable({ clock = options and options.clock or time,
    slots = {} }, Memory)
end

local function slot_of(memory, key)
  local slot = memory.slots[key]
  if not slot then
    slot = { granted = 0, written = 0 }
    memory.slots[key] = slot
  end
  return slot
end

---@param key string
---@return string|nil value
function Memory:get(key)
  local slot = slot_of(self, key)
  return slot.value and self.clock() < slot.ends and slot.value or nil
end

---@param key string
---@param ttl number seconds after which the lock is free again
---@return integer|false generation
function Memory:lock(key, ttl)
  local slot, now = slot_of(self, key), self.clock()
  -- A clock that was put back must not prolong the lock of who died.
  if slot.holder and now >= slot.held_at and now < slot.free_at then
    return false
  end
  slot.granted = slot.granted + 1
  slot.holder, slot.held_at, slot.free_at = slot.granted, now, now + ttl
  return slot.holder
end

---@param key string
---@param generation integer
---@return boolean freed
function Memory:unlock(key, generation)
  local slot = slot_of(self, key)
  if slot.holder ~= generation then
    return false
  end
  slot.holder = nil
  return true
end

---@param key string
---@param value string
---@param generation integer
---@param ttl number seconds
---@return boolean stored
function Memory:put(key, value, generation, ttl)
  local slot = slot_of(self, key)
  if generation < slot.written then
    return false
  end
  slot.written, slot.value, slot.ends = generation, value, self.clock() + ttl
  return true
end

return M
