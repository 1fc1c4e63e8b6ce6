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
local scripts = require "wxbot.receive.inbox.redis_scripts"
local shards_of = require "wxbot.receive.inbox.shards"
local queue = require "wxbot.util.queue"
local texts = require "wxbot.util.text"

local byte, floor, min, pcall = string.byte, math.floor, math.min, pcall
local ipairs, setmetatable = ipairs, setmetatable
local sort, type = table.sort, type
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

-- Seconds until it tries again when Redis did not answer.
local PAUSE_AFTER_FAILURE = 0.5

-- Pushes of a shard, and bytes of a round, that are read ahead.
local AHEAD, MOST_BYTES = 256, 4 * 1024 * 1024

-- Pushes that are listed at once.
local PAGE = 200

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

-- Sends a command. A client may raise as well.
local function send(inbox, ...)
  local ran, reply, message = pcall(inbox.command, ...)
  local answer, err = checks.answered(ran and reply, ran and message or reply)
  return answer, err
end

local function run(inbox, script, ...)
  return send(inbox, "EVAL", script, "1", inbox.prefix, ...)
end

--- Opens an inbox.
---@param options table command, owner, clock
---@return wxbot.receive.inbox.Redis|nil inbox
---@return wxbot.Error|nil err kind "unavailable"
function M.open(options)
  local inbox = setmetatable({ command = options.command, clock = options.clock,
    prefix = "wxbot:{" .. options.owner .. "}:inbox:",
    worker = core.base64url_encode(core.random(9)),
    shards = shards_of.new(M.shards, AHEAD), marks = queue.new(),
    answered = -LEASE, next_round = 0 }, Redis)
  local done, err, warning = checks.check(function(...)
    return send(inbox, ...)
  end, options.owner, inbox.prefix)
  if not done then
    return nil, err
  end
  inbox.warning = warning
  return inbox
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

local function read_failures(entry, text)
  local failures, due, reason =
    text:match("^([0-9]+) ([0-9]+) (.*)$")
  entry.failures = texts.number(failures) or 0
  entry.due, entry.reason = due and texts.number(due) / 1000, reason
  return entry
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
    shards:add(push[1], read_failures({ stream_id = push[2], id = push[3],
      user = push[4], at = texts.number(push[5]) / 1000, text = push[6] }, push[7]), now)
  end
  shards:level()
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
  local answer, err = run(inbox, scripts.round, json.encode{
    worker = inbox.worker, lease = LEASE * 1000, shards = M.shards,
    held = json.list(inbox.shards:held()),
    given = json.list(all and inbox.shards:given(leaves) or {}),
    room = AHEAD, most = MOST_BYTES, leaves = leaves }, unpack(marks))
  if type(answer) ~= "table" then
    inbox.next_round = inbox.clock() + PAUSE_AFTER_FAILURE
    return nil, err or errors.new{ kind = "protocol",
      message = "Redis: a round was not answered" }
  end
  inbox.answered, inbox.next_round = started, inbox.clock() + PAUSE
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
  local reply, err = run(self, scripts.put, unpack(values))
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
  if now >= self.next_round then
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
  return nil, min(seconds or PAUSE, PAUSE)
end

local function mark(inbox, entry, sign, settle_by)
  queue.push(inbox.marks, { sign, entry.lease.shard,
    whole(entry.lease.generation), entry.stream_id, whole(entry.failures),
    milliseconds(entry.due or 0), entry.reason or "",
    entry = entry, settle = settle_by })
  return rounds(inbox)
end

--- What is in hand was handled.
---@return true|nil done nil: the mark counts, but is not in Redis yet
---@return wxbot.Error|nil err
function Redis:done(entry)
  return mark(self, entry, "-", shards_of.remove)
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

-- A script's lines, so many at a time.
local function each(text, count)
  local next_line = text:gmatch("([^\n]*)\n")
  return function()
    local values = {}
    for i = 1, count do
      values[i] = next_line()
    end
    return values[count] and values
  end
end

local function list_shard(inbox, shard, waiting)
  local from, count = "-", PAGE
  while count == PAGE do
    local text, err = run(inbox, scripts.list, shard, from, whole(PAGE))
    if not text then
      return nil, err
    end
    count = 0
    for push in each(text, 6) do
      from, count = push[1], count + 1
      waiting[#waiting + 1] = read_failures({ id = push[2], user = push[3],
        at = texts.number(push[4]) / 1000, text = push[6] }, push[5])
    end
  end
  return true
end

local function list_dead(inbox)
  local text, err = run(inbox, scripts.dead)
  if not text then
    return nil, err
  end
  local dead = {}
  for push in each(text, 3) do
    local failures, at, user, reason =
      push[2]:match("^([0-9]+) ([0-9]+) ([^ ]+) (.*)$")
    dead[#dead + 1] = { id = push[1], user = user, text = push[3],
      failures = texts.number(failures), at = texts.number(at) / 1000,
      reason = reason }
  end
  return dead
end

local function by_time(a, b)
  return a.at < b.at or a.at == b.at and a.id < b.id
end

--- What there is, in the order in which it came.
---@return table[]|nil waiting entries { id, user, at, text, failures, due, reason }
---@return table[]|wxbot.Error|nil dead; with nil the error
function Redis:list()
  local waiting = {}
  for shard = 0, M.shards - 1 do
    local done, err = list_shard(self, whole(shard), waiting)
    if not done then
      return nil, err
    end
  end
  local dead, err = list_dead(self)
  if not dead then
    return nil, err
  end
  sort(waiting, by_time)
  sort(dead, by_time)
  return waiting, dead
end

-- What a script did with those ids.
local function count_of(inbox, script, ids)
  if #ids == 0 then
    return 0
  end
  local count, err = run(inbox, script, unpack(ids))
  return texts.number(count) or 0, err
end

--- Has what is dead handled again, behind its users' others.
---@param ids any[]
---@return integer count how many of them there were
---@return wxbot.Error|nil err
function Redis:retry(ids)
  self.next_round = 0
  local count, err = count_of(self, scripts.retry, ids)
  return count, err
end

--- Forgets what is dead; nothing of it stays.
---@param ids any[]
---@return integer count how many of them there were
---@return wxbot.Error|nil err
function Redis:purge(ids)
  local count, err = count_of(self, scripts.purge, ids)
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
