--- Pushes that nobody has asked for, until a receiver has taken them.
--
-- Each is delivered when its time has come and the ones before it of the same
-- lane (a user's, a publication's) are done. Who delivers takes one, sends it
-- and says what became of it; several may do so at once.

local heaps = require "wxbot.util.heap"
local queue = require "wxbot.util.queue"
local secrets = require "wxbot.sandbox.secrets"

local max, setmetatable = math.max, setmetatable
local ipairs, pairs, type = ipairs, pairs, type
local remove = table.remove

local M = {}

-- The newest pushes that are told of.
local KEPT = 100

-- What waits: beyond that a push is dropped, and the record says so.
local MOST, MOST_BYTES = 10000, 2 ^ 25

-- A push that is not answered with 200 is sent three times in all, each 5 s
-- after the one before it, as projects have counted.
local TRIES, PAUSE = 3, 5

local Outbox = {}
Outbox.__index = Outbox

--- An empty one.
---@param time fun(): number unix seconds
---@param on_change fun(entry: table) hears of each push that is noted, and of each change of what the record says of it
---@return table outbox
function M.new(time, on_change)
  return setmetatable({ time = time, changed = on_change, idle = heaps.new(),
    lanes = {}, waiting = 0, bytes = 0, record = {}, serial = 0 }, Outbox)
end

-- What the record says of a push elsewhere, or nobody can read.
local ASIDE = { kind = true, url = true, timeout = true, transport = true }

-- Bytes of a text in the record.
local LONGEST = 16384

-- The beginning of a text that is too long, in whole characters.
local function cut(text)
  local length = LONGEST
  while length > LONGEST - 4 and text:find("^[\128-\191]", length + 1) do
    length = length - 1
  end
  return text:sub(1, length) .. "…"
end

local function shown_value(name, value)
  if secrets.is_name(name) then
    return "***"
  elseif type(value) == "string" and #value > LONGEST then
    return cut(value)
  end
  return value
end

--- What the record says of a push.
---@param push table
---@return table
function M.shown(push)
  local shown = {}
  for name, value in pairs(push) do
    if not ASIDE[name] then
      shown[name] = shown_value(name, value)
    end
  end
  return shown
end

--- Writes a push down, from which time on the record tells of it.
---@param entry table kind, url, push (or nil), state, tries (default 0); kept
---@return table entry with id, time and tries
function Outbox:note(entry)
  self.serial = self.serial + 1
  entry.id, entry.time = self.serial, self.time()
  entry.tries = entry.tries or 0
  entry.push = entry.push and M.shown(entry.push)
  self.record[#self.record + 1] = entry
  if #self.record > KEPT then
    remove(self.record, 1)
  end
  self.changed(entry)
  return entry
end

-- Its first has to wait for its time, and nobody delivers from it.
local function rest(outbox, lane)
  local first = lane[lane.first]
  if first then
    outbox.idle:add(first.at, lane)
  else
    outbox.lanes[lane.name] = nil
  end
end

-- The record tells of a push when its time has come. What makes it says nothing
-- before.
local function note_item(outbox, item, state)
  item.entry = item.entry or outbox:note{ kind = item.kind, url = item.url,
    push = type(item.push) == "table" and item.push or nil, state = state }
end

--- Adds a push.
---@param item table kind, url, push, lane (string), bytes, at = unix seconds; kept
function Outbox:add(item)
  if self.waiting >= MOST or self.bytes + item.bytes > MOST_BYTES then
    note_item(self, item, "dropped")
    item.entry.error = "too many pushes are waiting"
    self.changed(item.entry)
    return
  elseif item.at <= self.time() then
    note_item(self, item, "waiting")
  end
  self.waiting, self.bytes = self.waiting + 1, self.bytes + item.bytes
  local lane = self.lanes[item.lane]
  if lane then
    queue.push(lane, item)
    return
  end
  lane = queue.new()
  lane.name = item.lane
  self.lanes[item.lane] = lane
  queue.push(lane, item)
  rest(self, lane)
end

--- Is there a push whose time has come?
---@return boolean
function Outbox:due()
  local first = self.idle:first()
  return first ~= nil and first.at <= self.time()
end

--- Takes a push to deliver; `done` or `again` must follow.
---@return table|nil item
function Outbox:take()
  if not self:due() then
    return nil
  end
  local first = self.idle:first()
  self.idle:remove(first)
  local lane = first.value
  local item = lane[lane.first]
  note_item(self, item, "waiting")
  item.began = self.time()
  return item
end

--- Says that there is nothing left to do for the push that was taken.
function Outbox:done(item)
  local lane = self.lanes[item.lane]
  queue.pop(lane)
  self.waiting, self.bytes = self.waiting - 1, self.bytes - item.bytes
  rest(self, lane)
end

--- Has the push that was taken sent once more, unless that was the last time.
---@return boolean again
function Outbox:again(item)
  if item.entry.tries >= TRIES then
    self:done(item)
    return false
  end
  item.at = max(item.began + PAUSE, self.time())
  rest(self, self.lanes[item.lane])
  return true
end

--- The newest pushes, oldest first.
---@return table[] entries copies
function Outbox:pushes()
  local list = {}
  for i, entry in ipairs(self.record) do
    list[i] = {}
    for name, value in pairs(entry) do
      list[i][name] = value
    end
  end
  return list
end

return M
