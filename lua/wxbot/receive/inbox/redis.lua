--- An inbox in Redis, for many processes on many machines.
--
-- Each push stands in the stream of its shard, which its user decides. One
-- worker at a time reads a shard: it has a lease, and has the shard's first
-- pushes first, those too that the worker before it left. Whatever a worker
-- notes counts only while the lease is its own.

local checks = require "wxbot.receive.inbox.redis_check"
local core = require "wxbot.core"
local lists = require "wxbot.receive.inbox.redis_list"
local rounds = require "wxbot.receive.inbox.redis_rounds"
local scripts = require "wxbot.receive.inbox.redis_scripts"
local shards_of = require "wxbot.receive.inbox.shards"
local queue = require "wxbot.util.queue"

local byte, floor, min, pcall = string.byte, math.floor, math.min, pcall
local ipairs, select, setmetatable = ipairs, select, setmetatable
local unpack = table.unpack or unpack -- luacheck: ignore

local M = {}

--- How many streams there are. A user's order needs one reader for each; so many
-- processes can share the work, and so many streams cost a round next to nothing.
M.shards = 16

-- Bytes of a shard that wait here.
local MOST_HERE = 4 * 1024 * 1024

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
    shards = shards_of.new(M.shards, rounds.AHEAD, MOST_HERE), marks = queue.new(),
    awaited = {}, answered = -rounds.LEASE, next_round = 0 }, Redis)
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
  elseif reply == 0 or reply == "0" then
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
---@return number|nil seconds with nil: until there can be one
---@return wxbot.Error|nil err with nil: Redis did not answer
function Redis:take(id)
  local now, err = self.clock(), nil
  -- A clock of whole seconds cannot tell.
  if now >= self.next_round or now % 1 == 0 then
    err = select(2, rounds.run(self))
    now = self.clock()
  end
  if now >= self.answered + rounds.LEASE - 1 then
    return nil, rounds.PAUSE_AFTER_FAILURE, err
  end
  local entry, seconds = self.shards:take(id, now)
  if entry then
    return entry
  end
  local pause = rounds.pause(self)
  return nil, min(seconds or pause, pause), err
end

--- Has a function called with what whoever handles a push gives with `done`, if
--- that is soon.
---@param id any
---@param deliver fun(text: string)|nil nil: no more
function Redis:await(id, deliver)
  self.awaited[id] = deliver
end

local function mark(inbox, entry, sign, settle_by, failures, due, text)
  queue.push(inbox.marks, { sign, entry.lease.shard,
    whole(entry.lease.generation), entry.stream_id, whole(failures),
    milliseconds(due or 0), text, entry = entry, settle = settle_by })
  return rounds.run(inbox)
end

--- Notes that what is in hand has failed, unless more is noted of it.
---@return true|nil done nil: it is not in Redis yet
---@return wxbot.Error|nil err
function Redis:begin(entry, due, reason)
  return mark(self, entry, "f", function() end, entry.failures + 1, due, reason)
end

--- What is in hand was handled.
---@param entry table
---@param reply string|nil for who awaits it
---@return true|nil done nil: the mark counts, but is not in Redis yet
---@return wxbot.Error|nil err
function Redis:done(entry, reply)
  return mark(self, entry, "-", shards_of.remove, 0, nil, reply or "")
end

--- What is in hand is put back; its user's others wait behind it.
---@param entry table
---@param due number unix seconds before which it is not taken again
---@param reason string on one line
function Redis:pause(entry, due, reason)
  entry.failures, entry.due, entry.reason = entry.failures + 1, due, reason
  return mark(self, entry, "f", shards_of.put_back, entry.failures, due, reason)
end

--- What is in hand is put among the dead.
---@param entry table
---@param reason string on one line
function Redis:bury(entry, reason)
  entry.failures, entry.due, entry.reason = entry.failures + 1, nil, reason
  return mark(self, entry, "x", shards_of.remove, entry.failures, nil, reason)
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
    rounds.run(self)
    rounds.leave(self)
  end
end

return M
