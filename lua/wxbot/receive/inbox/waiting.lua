--- The pushes of an inbox that wait to be handled: those of one user in their
-- order, one at a time; those of others beside them.
--
-- A user has a place in one of three lists: of those whose first push can be
-- taken, of those whose first push has a pause before it, and of those whose first
-- push is a suspect, of which one is in hand at a time. A user whose first push is
-- in hand is in none.

local heap = require "wxbot.util.heap"
local queue = require "wxbot.util.queue"

local max, setmetatable = math.max, setmetatable

local M = {}

local Waiting = {}
Waiting.__index = Waiting

--- None yet.
---@param hand table|nil { suspect } of others in this process: of all of them one suspect is in hand
function M.new(hand)
  return setmetatable({ entries = {}, users = {}, ready = queue.new(),
    paused = heap.new(), suspects = queue.new(), hand = hand or {}, last = 0,
    bytes = 0 }, Waiting)
end

local function first_of(user)
  return user[user.first]
end

-- Gives a user, whose first push is not in hand, a place.
local function place(waiting, user, now)
  local entry = first_of(user)
  if not entry then
    waiting.users[user.name] = nil
  elseif entry.due and entry.due > now then
    waiting.paused:add(entry.due, user)
  elseif entry.is_suspect then
    queue.push(waiting.suspects, user)
  else
    user.is_ready = true
    queue.push(waiting.ready, user)
  end
end

--- Adds a push as the last of its user.
---@param entry table { id, user, text, due = unix seconds before which it is not taken, or nil, is_suspect = its process may end by it }
---@param now number
function Waiting:add(entry, now)
  local user = self.users[entry.user]
  self.entries[entry.id] = entry
  self.last, self.bytes = self.last + 1, self.bytes + #entry.text
  entry.place = self.last
  if user then
    queue.push(user, entry)
    return
  end
  user = queue.new()
  user.name, self.users[entry.user] = entry.user, user
  queue.push(user, entry)
  place(self, user, now)
end

-- Pushes whose pause is over can be taken.
local function wake(waiting, now)
  local paused = waiting.paused
  while paused:first() and paused:first().at <= now do
    local user = paused:first().value
    paused:remove(paused:first())
    place(waiting, user, now)
  end
end

-- The next user of whom something can be taken. Whose push was taken by its id
-- may still stand in the list, and stand there twice.
local function next_ready(waiting)
  local user
  repeat
    user = queue.pop(waiting.ready)
  until not user or user.is_ready
  return user
end

local function ready_with(waiting, id)
  local entry = waiting.entries[id]
  local user = entry and waiting.users[entry.user]
  return user and user.is_ready and first_of(user) == entry and user or nil
end

--- Takes a push into hand.
---@param id any this one, if it is its turn; nil: whichever
---@param now number
---@return table|nil entry
---@return number|nil seconds with nil: until there can be one; nil: there is none but in hand
function Waiting:take(id, now)
  wake(self, now)
  local user
  if id ~= nil then
    user = ready_with(self, id)
  else
    user = not self.hand.suspect and queue.pop(self.suspects)
      or next_ready(self)
  end
  if user then
    local entry = first_of(user)
    user.is_ready = false
    self.hand.suspect = entry.is_suspect and entry or self.hand.suspect
    return entry
  end
  local next_due = self.paused:first()
  return nil, next_due and max(next_due.at - now, 0)
end

-- It is in hand no more, and a suspect no more: its process has outlived it.
local function acquit(waiting, entry)
  if waiting.hand.suspect == entry then
    waiting.hand.suspect = nil
  end
  entry.is_suspect = nil
end

--- Takes away what is in hand: it waits no more.
function Waiting:remove(entry, now)
  local user = self.users[entry.user]
  acquit(self, entry)
  queue.pop(user)
  self.entries[entry.id] = nil
  self.bytes = self.bytes - #entry.text
  place(self, user, now)
end

--- Puts back what is in hand, where it was.
---@param entry table its `due` says when it can be taken again
function Waiting:put_back(entry, now)
  acquit(self, entry)
  place(self, self.users[entry.user], now)
end

return M
