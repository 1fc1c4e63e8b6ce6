--- Pushes that nobody has asked for, until a receiver has taken them.
--
-- Each is delivered when its time has come and the ones before it of the same
-- lane (a user's, a publication's) are done. Who delivers takes one, sends it
-- and says what became of it; several may do so at once. One that is being sent
-- when the process ends is sent again by the next one.

local bytes = require "wxbot.sandbox.bytes"
local heaps = require "wxbot.util.heap"
local queue = require "wxbot.util.queue"

local max, pairs, setmetatable = math.max, pairs, setmetatable

local M = {}

-- What waits: beyond that a push is dropped, and the record says so.
local MOST, MOST_BYTES = 10000, 2 ^ 25

-- A push that is not answered with 200 is sent three times in all, each 5 s
-- after the one before it, as projects have counted.
local TRIES, PAUSE = 3, 5

local Outbox = {}
Outbox.__index = Outbox

--- An empty one.
---@param options table time; pushed, the record of pushes; address_of(kind), nil: there is none; make(item), its push; number, after which those of items begin
---@param note fun(record: table) hears of each change
---@return table outbox
function M.new(options, note)
  return setmetatable({ time = options.time, pushed = options.pushed,
    address_of = options.address_of, make = options.make, note = note,
    idle = heaps.new(), lanes = {}, items = {}, waiting = 0, bytes = 0,
    number = options.number }, Outbox)
end

-- The first of a lane has to wait for its time, and nobody delivers from it. One
-- without an address, for the callbacks are others than when it was added, waits
-- for a start that has one.
local function rest(outbox, lane)
  local first = lane[lane.first]
  if lane.rests then
    outbox.idle:remove(lane.rests)
  end
  lane.rests = first and first.url and outbox.idle:add(first.due, lane)
  if not first then
    outbox.lanes[lane.name] = nil
  end
end

-- The record tells of a push when its time has come. What makes it says nothing
-- before.
local function tell_of(outbox, item, state)
  item.entry = item.entry or outbox.pushed:note{ kind = item.kind,
    url = item.url, push = item.push, state = state, tries = item.tries }
end

local function put(outbox, item)
  outbox.waiting = outbox.waiting + 1
  outbox.bytes = outbox.bytes + item.bytes
  if item.number then
    outbox.items[item.number] = item
  end
  local lane = outbox.lanes[item.lane]
  if lane then
    queue.push(lane, item)
    return
  end
  lane = queue.new()
  lane.name = item.lane
  outbox.lanes[item.lane] = lane
  queue.push(lane, item)
  rest(outbox, lane)
end

-- What makes the same item again.
local function record_of(item)
  return { number = item.number, kind = item.kind, lane = item.lane,
    push = item.push, of = item.of, id = item.id, at = item.at,
    due = item.due, tries = item.tries }
end

--- Adds a push, or what one is made of at its time.
---@param item table kind, lane, push, or what `make` needs (of, id); at = unix seconds; passing = true: the next start has another one; kept
function Outbox:add(item)
  item.url, item.due, item.tries = self.address_of(item.kind), item.at, 0
  item.bytes = bytes.of(item.push)
  -- What is passing makes its own next: without it there would be none.
  if not item.passing and (self.waiting >= MOST
      or self.bytes + item.bytes > MOST_BYTES) then
    tell_of(self, item, "dropped")
    item.entry.error = "too many pushes are waiting"
    self.pushed.changed(item.entry)
    return
  elseif item.at <= self.time() then
    tell_of(self, item, "waiting")
  end
  if not item.passing then
    self.number = self.number + 1
    item.number = self.number
    self.note(record_of(item))
  end
  put(self, item)
end

--- Is something of a lane waiting?
---@param lane string
---@return boolean
function Outbox:has(lane)
  return self.lanes[lane] ~= nil
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
  tell_of(self, item, "waiting")
  item.began = self.time()
  return item
end

local function drop(outbox, item)
  local lane = outbox.lanes[item.lane]
  queue.pop(lane)
  outbox.waiting = outbox.waiting - 1
  outbox.bytes = outbox.bytes - item.bytes
  if item.number then
    outbox.items[item.number] = nil
  end
  rest(outbox, lane)
end

--- Says that there is nothing left to do for the push that was taken.
function Outbox:done(item)
  drop(self, item)
  if item.number then
    self.note{ number = item.number }
  end
end

--- Has the push that was taken sent once more, unless that was the last time.
---@return boolean again
function Outbox:again(item)
  if item.tries >= TRIES then
    self:done(item)
    return false
  end
  item.due = max(item.began + PAUSE, self.time())
  if item.number then
    self.note{ number = item.number, due = item.due, tries = item.tries }
  end
  rest(self, self.lanes[item.lane])
  return true
end

--- Does what a record says.
---@param record table of `snapshot`; { number, due, tries }: it is due again; { number }: it is done
function Outbox:apply(record)
  local item = self.items[record.number]
  if record.kind then
    record.url = self.address_of(record.kind)
    record.bytes = bytes.of(record.push)
    self.number = max(self.number, record.number)
    put(self, record)
  elseif item and record.due then
    item.due, item.tries = record.due, record.tries
    rest(self, self.lanes[item.lane])
  elseif item then
    drop(self, item)
  end
end

--- Gives records that make the same of an empty one.
---@param emit fun(record: table)
function Outbox:snapshot(emit)
  for _, lane in pairs(self.lanes) do
    for i = lane.first, lane.last do
      if lane[i].number then
        emit(record_of(lane[i]))
      end
    end
  end
end

return M
