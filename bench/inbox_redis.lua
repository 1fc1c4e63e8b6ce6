-- What one Redis carries of an inbox, and what gives first: `make
-- bench-inbox-redis`. N: pushes, 40000.
--
-- The scripts run in a real Redis that redis-benchmark asks from 50 connections;
-- what they cost is what Redis says itself. Figures of the machine at hand.
local redis = require "wxbot.receive.inbox.redis"
local scripts = require "wxbot.receive.inbox.redis_scripts"
local server = require "spec.support.redis"
local socket = require "socket"
local start = require "spec.server.start"

local N = tonumber(os.getenv("N") or 40000)
local TEXT = ("x"):rep(600) -- a sealed text message
local OWNER, PREFIX = "kefu:bench", "wxbot:{kefu:bench}:inbox:"
local KEY = "wxbot:" .. ("k"):rep(30) -- with what follows as long as a real one
local MEMORY = 601 -- seconds that a push is remembered

local running, command

local function info(name)
  return tonumber(command("INFO", "everything"):match(name .. "[:=]([0-9.]+)"))
end

-- Seconds of the processor that Redis has had: it has one thread, and what else
-- runs here does not matter.
local function spent()
  local text = command("INFO", "cpu")
  return tonumber(text:match("used_cpu_user:([0-9.]+)"))
    + tonumber(text:match("used_cpu_sys:([0-9.]+)"))
end

-- Puts of redis-benchmark, in each shard as many; requests a second.
local function put(count, connections)
  local each, seconds = math.floor(count / redis.shards), 0
  for shard = 0, redis.shards - 1 do
    local said = start.output_of(("redis-benchmark -p %d -n %d -c %d -r 100000000 "
      .. "--csv EVAL %s 1 %s %d u__rand_int__ 1700000000000 %s %s%d-__rand_int__ "
      .. "%d %s%d+__rand_int__ %d 2>&1"):format(running.port, each, connections,
        "'" .. scripts.put:gsub("'", "'\\''") .. "'", "'" .. PREFIX .. "'", shard,
        TEXT, KEY, shard, MEMORY * 1000, KEY, shard, MEMORY * 1000))
    local rate = assert(said:match('",?"?([0-9.]+)","[0-9.]+","[0-9.]+"'), said)
    seconds = seconds + each / tonumber(rate)
  end
  return count / seconds
end

local function open()
  return assert(redis.open{ command = command, owner = OWNER,
    clock = socket.gettime })
end

-- Takes all that waits and says that it is done, `many` in hand at a time;
-- how many.
local function drain(many)
  local inbox, count = open(), 0
  local note = inbox.done
  while true do
    local list = {}
    for i = 1, many do
      list[i] = inbox:take()
    end
    if #list == 0 then
      break
    end
    -- As light threads do: what comes while a round is made goes with the next.
    inbox.is_busy = true
    for i = 1, #list do
      inbox.is_busy = i < #list
      note(inbox, list[i])
    end
    count = count + #list
  end
  inbox:close()
  return count
end

local function begin(options)
  running = server.server{ options = options }
  command = server.kept_command(running.port)
end

local function finish()
  running.process:stop()
  start.remove_folder(running.folder)
end

-- Microseconds of a push in Redis, and bytes that it leaves there.
local function measure(fsync)
  begin("--appendonly yes --appendfsync " .. fsync)
  local bare, began = info("used_memory"), spent()
  local rate = put(N, 50)
  local put_cost, full = (spent() - began) / N * 1e6, info("used_memory")
  local shown = socket.gettime()
  began = spent()
  local count = drain(64)
  local done_cost, seen = (spent() - began) / count * 1e6, info("used_memory")
  print(("appendfsync %-9s %6.0f puts/s; of Redis' thread a put %5.1f us, "
    .. "handled %5.1f us"):format(fsync, rate, put_cost, done_cost))
  print(("  drained %d in %.1f s by one worker; waits: %.0f bytes, seen: %.0f bytes")
    :format(count, socket.gettime() - shown, (full - seen) / N,
      (seen - bare) / N))
  finish()
  return put_cost + done_cost, (seen - bare) / N
end

-- Microseconds of a round of a worker that has nothing to do.
local function idle()
  begin()
  local inboxes, rounds = {}, 100
  for i = 1, 16 do
    inboxes[i] = open()
  end
  local began
  for round = 1, rounds + 10 do
    began = round > 10 and began or spent()
    for _, inbox in ipairs(inboxes) do
      inbox.next_round = 0
      inbox:take()
    end
  end
  local each = (spent() - began) / rounds / #inboxes * 1e6
  finish()
  return each
end

local function main()
  local push, seen = measure("everysec")
  measure("always")
  local each = idle()
  print(("a round with nothing to do: %.1f us; 16 workers, 10 a second: %.1f %% of "
    .. "Redis"):format(each, each * 160 / 1e4))
  print(("arithmetic: a push is %.1f us of Redis' one thread: %.0f pushes/s fill it")
    :format(push, 1e6 / push))
  print(("  1 GB holds what was seen in %d s of %.0f pushes/s, two keys each")
    :format(MEMORY, 1e9 / (seen * MEMORY)))
end

local ok, raised = pcall(main)
start.stop_all()
if not ok then
  io.stderr:write(tostring(raised), "\n")
  os.exit(1)
end
