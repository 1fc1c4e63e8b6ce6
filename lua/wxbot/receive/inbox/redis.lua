--- An inbox in Redis, for many processes on many machines.
--
-- Each push stands in the stream of its shard, which its user decides. One
-- worker at a time reads a shard: it has a lease, and has the shard's first
-- pushes first, those too that the worker before it left. Whatever a worker
-- notes counts only while the lease is its own.
--
-- All that a worker says to Redis besides putting goes in rounds, one at a time:
-- marks and leases of many pushes in one command.

local checks = require "wxbot.receive.inbox.redis_check"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local lists = require "wxbot.receive.inbox.redis_list"
local scripts = require "wxbot.receive.inbox.redis_scripts"
local shards_of = require "wxbot.receive.inbox.shards"
local queue = require "wxbot.util.queue"
local texts = require "wxbot.util.text"

local byte, floor, min, pcall = string.byte, math.floor, math.min, pcall
local ipairs, next, pairs = ipairs, next, pairs
local setmetatable, type = setmetatable, type
local unpack = table.unpack or unpack -- luacheck: ignore

local M = {}

--- How many streams there are. A user's order needs one reader for each; so many
-- processes can share the work, and so many streams cost a round next to nothing.
M.shards = 16

-- Seconds that a lease is good for in Redis; here it is taken for a second less,
-- from before it was asked for.
local LEASE = 5

-- Seconds after which a worker that has nothing to note looks for what is new.
local PAUSE = 0.1

-- The same while somebody waits for what another worker makes of a push.
local PAUSE_OF_WAITER = 0.02

-- Seconds until it tries again when Redis did not answer.
local PAUSE_AFTER_FAILURE = 0.5

-- Pushes of a shard and bytes that a round reads; bytes of a shard that wait here.
local AHEAD, MOST_BYTES, MOST_HERE = 256, 4 * 1024 * 1024, 4 * 1024 * 1024

-- Marks of a round; rounds that one caller makes for others.
local MOST_MARKS, MOST_ROUNDS = 200, 20

---@class wxbot.receive.inbox.Redis
local Redis = {}
Redis.__index = Redis

local function whole(number)
  return ("%.0f"):format(number)
end

local function milliseconds(seconds)
  return whole(floor(seconds * 1000))
end

-- What sends a command, and what runs a script. A client may raise as well.
local function senders(command, prefix)
  local function send(...)
    local ran, reply, message = pcall(command, ...)
    local answer, err = checks.answered(ran and reply, ran and message or reply)
    return answer, err
  end
  return send, function(script, ...)
    local answer, err = send("EVAL", script, "1", prefix, ...)
    return answer, err
  end
end

--- Opens an inbox.
---@param options table command, owner, clock
---@return wxbot.receive.inbox.Redis|nil inbox
---@return wxbot.Error|nil err kind "unavailable"
function M.open(options)
  local prefix = "wxbot:{" .. options.owner .. "}:inbox:"
  local send, run = senders(options.command, prefix)
  local done, err, warning = checks.check(send, options.owner, prefix)
  if not done then
    return nil, err
  end
  return setmetatable({ run = run, clock = options.clock, warning = warning,
    worker = core.base64url_encode(core.random(9)),
    shards = shards_of.new(M.shards, AHEAD, MOST_HERE), marks = queue.new(),
    awaited = {}, answered = -LEASE, next_round = 0 }, Redis)
end

-- ------------------------------------------------------------------ rounds

-- The marks that go with a round; they are taken away once it is answered.
local function first_marks(inbox)
  local list, marks = {}, inbox.marks
  local last = min(marks.last, marks.first + MOST_MARKS - 1)
  for i = marks.first, last do
    for j = 1, 7 do
      list[#list + 1] = marks[i][j]
    end
  end
  return list, last - marks.first + 1, last == marks.last
end

local function take_in(inbox, answer)
  local now, shards = inbox.clock(), inbox.shards
  shards.share = answer[1]
  for _, shard in ipairs(answer[2]) do
    shards:lose(shard)
  end
  for _, got in ipairs(answer[3]) do
    shards:get(got[1], got[2])
  end
  for _, push in ipairs(answer[4]) do
    shards:add(push[1], lists.with_failures({ stream_id = push[2], id = push[3],
      user = push[4], at = texts.number(push[5]) / 1000, text = push[6] }, push[7]), now)
  end
  shards:level()
  for _, reply in ipairs(answer[5]) do
    local deliver = inbox.awaited[reply[1]]
    inbox.awaited[reply[1]] = nil
    if deliver then
      deliver(reply[2])
    end
  end
end

local function awaited_ids(inbox)
  local list = {}
  for id in pairs(inbox.awaited) do
    list[#list + 1] = id
  end
  return list
end

local function pause_of(inbox)
  return next(inbox.awaited) ~= nil and PAUSE_OF_WAITER or PAUSE
end

-- So many marks are noted: only now their users' next can be taken, so that who
-- ends before has one push of a user handled twice, and not several.
local function settle(inbox, count)
  local now = inbox.clock()
  for _ = 1, count do
    local noted = queue.pop(inbox.marks)
    noted.settle(noted.entry, now)
  end
end

-- One round; nil, err.
local function round(inbox, leaves)
  local started = inbox.clock()
  local marks, count, all = first_marks(inbox)
  local answer, err = inbox.run(scripts.round, json.encode{
    worker = inbox.worker, lease = LEASE * 1000, shards = M.shards,
    held = json.list(inbox.shards:held()),
    given = json.list(all and inbox.shards:given(leaves) or {}),
    awaited = json.list(awaited_ids(inbox)), room = AHEAD, most = MOST_BYTES,
    leaves = leaves }, unpack(marks))
  if type(answer) ~= "table" then
    inbox.next_round = inbox.clock() + PAUSE_AFTER_FAILURE
    return nil, err or errors.new{ kind = "protocol",
      message = "Redis: a round was not answered" }
  end
  inbox.answered, inbox.next_round = started, inbox.clock() + pause_of(inbox)
  settle(inbox, count)
  take_in(inbox, answer)
  return true
end

-- One round after another while there is something to note; not beside another,
-- which then goes on with what there is to note. An error is that of the last.
local function rounds(inbox)
  if inbox.is_busy then
    return true
  end
  local done, err
  inbox.is_busy = true
  for _ = 1, MOST_ROUNDS do
    inbox.is_wanted = false
    done, err = round(inbox)
    if not done or inbox.marks.first > inbox.marks.last and not inbox.is_wanted then
      break
    end
  end
  inbox.is_busy = false
  return done, err
end

-- ------------------------------------------------------------------ pushes

--- Puts a push in, unless it is there or was.
---@param push table user, keys (as of wxbot.receive.duplicates), text (on one line)
---@return any id false: a duplicate; nil: it is not known to be kept
---@return wxbot.Error|nil err with nil
function Redis:put(push)
  local shard = whole(byte(core.sha256(push.user)) % M.shards)
  local values = { shard, push.user, milliseconds(self.clock()), push.text }
  for _, key in ipairs(push.keys) do
    values[#values + 1] = key[1]
    values[#values + 1] = milliseconds(key[2])
  end
  local reply, err = self.run(scripts.put, unpack(values))
  if reply == nil then
    return nil, err
  elseif reply == 0 then
    return false
  end
  if self.shards:has(shard) then
    self.is_wanted, self.next_round = true, 0
  end
  return shard .. ":" .. reply
end

--- Takes a push into hand: the first of a user of whom none is in hand.
---@param id any this one, if it is its turn; nil: whichever
---@return table|nil entry { id, user, at, text, failures }
---@return number seconds with nil: until there can be one
function Redis:take(id)
  local now = self.clock()
  -- A clock of whole seconds cannot tell.
  if now >= self.next_round or now % 1 == 0 then
    rounds(self)
    now = self.clock()
  end
  if now >= self.answered + LEASE - 1 then
    return nil, PAUSE_AFTER_FAILURE
  end
  local entry, seconds = self.shards:take(id, now)
  if entry then
    return entry
  end
  local pause = pause_of(self)
  return nil, min(seconds or pause, pause)
end

--- Has a function called with what whoever handles a push gives with `done`, if
--- that is soon.
---@param id any
---@param deliver fun(text: string)|nil nil: no more
function Redis:await(id, deliver)
  self.awaited[id] = deliver
end

local function mark(inbox, entry, sign, settle_by, reply)
  queue.push(inbox.marks, { sign, entry.lease.shard,
    whole(entry.lease.generation), entry.stream_id, whole(entry.failures),
    milliseconds(entry.due or 0), reply or entry.reason or "",
    entry = entry, settle = settle_by })
  return rounds(inbox)
end

--- What is in hand was handled.
---@param entry table
---@param reply string|nil for who awaits it
---@return true|nil done nil: the mark counts, but is not in Redis yet
---@return wxbot.Error|nil err
function Redis:done(entry, reply)
  return mark(self, entry, "-", shards_of.remove, reply or "")
end

--- What is in hand is put back; its user's others wait behind it.
---@param entry table
---@param due number unix seconds before which it is not taken again
---@param reason string on one line
function Redis:pause(entry, due, reason)
  entry.failures, entry.due, entry.reason = entry.failures + 1, due, reason
  return mark(self, entry, "f", shards_of.put_back)
end

--- What is in hand is put among the dead.
---@param entry table
---@param reason string on one line
function Redis:bury(entry, reason)
  entry.failures, entry.due, entry.reason = entry.failures + 1, nil, reason
  return mark(self, entry, "x", shards_of.remove)
end

-- ------------------------------------------------------------------- the dead

--- What there is, in the order in which it came.
---@return table[]|nil waiting entries { id, user, at, text, failures, due, reason }
---@return table[]|wxbot.Error|nil dead; with nil the error
function Redis:list()
  local waiting, dead = lists.list(self.run, M.shards)
  return waiting, dead
end

--- Has what is dead handled again, behind its users' others.
---@param ids any[]
---@return integer count how many of them there were
---@return wxbot.Error|nil err
function Redis:retry(ids)
  self.next_round = 0
  local count, err = lists.change(self.run, scripts.retry, ids)
  return count, err
end

--- Forgets what is dead; nothing of it stays.
---@param ids any[]
---@return integer count how many of them there were
---@return wxbot.Error|nil err
function Redis:purge(ids)
  local count, err = lists.change(self.run, scripts.purge, ids)
  return count, err
end

--- Notes what there is to note, and leaves the shards to others.
function Redis:close()
  if not self.is_closed then
    self.is_closed = true
    rounds(self)
    round(self, true)
  end
end

return M
