--- What a worker of an inbox in Redis says to it besides putting: in rounds, one at a
-- time. Each is one command with marks and leases of many pushes.

local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local lists = require "wxbot.receive.inbox.redis_list"
local queue = require "wxbot.util.queue"
local scripts = require "wxbot.receive.inbox.redis_scripts"
local texts = require "wxbot.util.text"

local error, ipairs, next = error, ipairs, next
local pairs, pcall, type = pairs, pcall, type
local min = math.min
local unpack = table.unpack or unpack -- luacheck: ignore

local M = {}

--- Seconds that a lease is good for in Redis; here it is taken for a second less,
--- from before it was asked for.
M.LEASE = 5

-- Seconds after which a worker that has nothing to note looks for what is new.
local PAUSE = 0.1

-- The same while somebody waits for what another worker makes of a push.
local PAUSE_OF_WAITER = 0.02

--- Seconds until it tries again when Redis did not answer.
M.PAUSE_AFTER_FAILURE = 0.5

--- Pushes of a shard that a round reads.
M.AHEAD = 256

-- Bytes that a round reads.
local MOST_BYTES = 4 * 1024 * 1024

-- Marks of a round; rounds that one caller makes for others.
local MOST_MARKS, MOST_ROUNDS = 200, 20

-- The marks that go with a round; they are taken away once it is answered.
local function first_marks(inbox)
  local list, marks = {}, inbox.marks
  local last = min(marks.last, marks.first + MOST_MARKS - 1)
  for i = marks.first, last do
    for j = 1, 7 do
      list[#list + 1] = marks[i][j]
    end
  end
  return list, last - marks.first + 1
end

local function take_in(inbox, answer)
  local now, shards = inbox.clock(), inbox.shards
  shards.share = answer[1]
  for _, shard in ipairs(answer[2]) do
    shards:lose(shard)
  end
  for _, got in ipairs(answer[3]) do
    shards:get(got[1], got[2], got[3])
  end
  for _, push in ipairs(answer[4]) do
    local entry = { stream_id = push[2], id = push[3], user = push[4],
      at = texts.number(push[5]) / 1000, text = push[6] }
    shards:add(push[1], lists.with_failures(entry, push[7]), now)
  end
  shards:told()
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

--- Seconds after which a worker looks for what is new.
function M.pause(inbox)
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
  local marks, count = first_marks(inbox)
  local answer, err = inbox.run(scripts.round, json.encode{
    worker = inbox.worker, lease = M.LEASE * 1000, shards = inbox.shards.count,
    held = json.list(inbox.shards:held()),
    given = json.list(inbox.shards:given(leaves)),
    awaited = json.list(awaited_ids(inbox)), room = M.AHEAD, most = MOST_BYTES,
    leaves = leaves }, unpack(marks))
  if type(answer) ~= "table" then
    inbox.next_round = inbox.clock() + M.PAUSE_AFTER_FAILURE
    return nil, err or errors.new{ kind = "protocol",
      message = "Redis: a round was not answered" }
  end
  inbox.answered, inbox.next_round = started, inbox.clock() + M.pause(inbox)
  settle(inbox, count)
  take_in(inbox, answer)
  return true
end

--- One round after another while there is something to note; not beside another,
--- which then goes on with what there is to note. An error is that of the last.
---@return true|nil done
---@return wxbot.Error|nil err
function M.run(inbox)
  if inbox.is_busy then
    return true
  end
  local ran, done, err
  inbox.is_busy = true
  for _ = 1, MOST_ROUNDS do
    inbox.is_wanted = false
    ran, done, err = pcall(round, inbox)
    if not ran or not done
        or inbox.marks.first > inbox.marks.last and not inbox.is_wanted then
      break
    end
  end
  inbox.is_busy = false
  if not ran then
    error(done, 0)
  end
  return done, err
end

--- Leaves the shards to others.
function M.leave(inbox)
  round(inbox, true)
end

return M
