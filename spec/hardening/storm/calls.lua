-- Many calls of all endpoints at once against a platform in bad weather
-- (spec/hardening/storm/server.lua), with a ledger on both sides.
--
--   local report = storm.run{ calls = 2000, flight = 64, seed = 1 }
--   report.violations   a list of sentences, empty when all is well
--   report.lines        what it came to, for a person

local canary = require "spec.support.canary"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local M = {}

-- What the documents print.
local APPID = "Gg8HejYTkUsEIlG"
local AES_KEY = canary.credentials.aes_key

-- Seconds of a call.
local TIMEOUT = 1
-- KiB that the process may grow by after the first tenth of the calls.
local ROOM = 8192

-- For each endpoint: a call with a mark, and where the answer has it.
local CALLS = {
  { name = "sign", field = "signature", params = function(mark)
    return { userid = mark }
  end },
  { name = "aibot", act = true, field = "answer", params = function(mark)
    return { signature = "s", query = mark }
  end },
  { name = "label_batchset", field = "msg", params = function(mark)
    return { appid = "wx", category = "c", label = "l", desc = "d",
      list = { mark } }
  end },
  { name = "task_fetch", field = "request_id", params = function(mark)
    return { openid = "admin", task_id = mark }
  end },
  { name = "freepublish_get", field = "publish_id", params = function(mark)
    return { publish_id = mark }
  end },
}

local KINDS = { transport = true, timeout = true, protocol = true,
  limit = true, unavailable = true, platform = true }

local function endpoint_of(number)
  return CALLS[number % #CALLS + 1]
end

local read = start.read

--- Descriptors and KiB of a process; this one's when nil.
function M.footprint(pid)
  collectgarbage()
  collectgarbage()
  pid = pid or read("/proc/self/stat"):match("^%d+")
  local handle = assert(io.popen("ls /proc/" .. pid .. "/fd | wc -l"))
  local descriptors = handle:read("*n")
  handle:close()
  return descriptors,
    tonumber(read("/proc/" .. pid .. "/status"):match("VmRSS:%s+(%d+)"))
end

-- How a call ended, as one word: it takes no memory to keep.
local function outcome(storm, number, result, err)
  local call = endpoint_of(number)
  if result then
    if result[call.field] ~= ("call-%d-end"):format(number) then
      storm.complain("call %d was given another's answer", number)
    end
    return "ok"
  elseif type(err) ~= "table" or not KINDS[err.kind] then
    storm.complain("call %d failed as %s", number, tostring(err))
  end
  local sent = err.sent
  storm.kinds[err.kind] = (storm.kinds[err.kind] or 0) + 1
  return sent == nil and "unknown" or sent and "answered" or "unsent"
end

local function make_call(storm, number)
  local call = endpoint_of(number)
  local begun = storm.loop:now()
  local result, err = storm.bot[call.name](storm.bot,
    call.params(("call-%d-end"):format(number)))
  storm.latest = math.max(storm.latest, storm.loop:now() - begun - TIMEOUT)
  if storm.ended[number] then
    storm.complain("call %d ended twice", number)
  end
  storm.ended[number] = outcome(storm, number, result, err)
end

local function work(storm)
  while storm.next <= storm.calls do
    local number = storm.next
    storm.next = number + 1
    make_call(storm, number)
    if storm.progress and number % 1000 == 0 then
      storm.progress(number, storm.calls)
    end
  end
end

-- Lets the workers make all calls up to number `last`.
local function make_calls(storm, last)
  storm.calls = last
  for _ = 1, storm.flight do
    storm.loop:spawn(work, storm)
  end
  storm.loop:run()
end

-- ------------------------------------------------------------------ ledgers

local function fetch_ledger(storm, url)
  local answer = assert(storm.loop:request{ method = "GET",
    url = url .. "/ledger", timeout = 60, max_body = 2 ^ 28 })
  local seen, done = {}, {}
  for digits, times, carried in answer.body:gmatch("call (%d+) (%d+) (%d+)") do
    local number = tonumber(digits)
    seen[number], done[number] = tonumber(times), tonumber(carried)
  end
  for times, name in answer.body:gmatch("fault (%d+) ([^\n]+)") do
    storm.faults[#storm.faults + 1] = { name = name, times = tonumber(times) }
  end
  table.sort(storm.faults, function(a, b)
    return a.name < b.name
  end)
  return seen, done
end

-- Compares what the caller heard with what the server did.
local function compare(storm, number, seen, done)
  local heard = storm.ended[number]
  if not heard then
    storm.complain("call %d never ended", number)
  elseif heard == "ok" and done < 1 then
    storm.complain("call %d succeeded though it was not carried out", number)
  elseif heard == "unsent" and seen > 0 then
    storm.complain("call %d arrived though it was not sent", number)
  elseif endpoint_of(number).act and done > 1 then
    storm.complain("call %d acted %d times (the caller heard: %s)", number,
      done, heard)
  end
end

local function count(storm, seen)
  local table_of = {}
  for number = 1, storm.calls do
    local name = endpoint_of(number).name
    local row = table_of[name] or { ok = 0, answered = 0, unknown = 0,
      unsent = 0, requests = 0 }
    table_of[name] = row
    local heard = storm.ended[number]
    row[heard or "lost"] = (row[heard or "lost"] or 0) + 1
    row.requests = row.requests + (seen[number] or 0)
  end
  return table_of
end

local function describe_report(storm, seen)
  local lines = {}
  local function add(...)
    lines[#lines + 1] = string.format(...)
  end
  local rows = count(storm, seen)
  add("%-16s %8s %8s %8s %8s %9s", "endpoint", "ok", "refused", "unknown",
    "unsent", "requests")
  for _, call in ipairs(CALLS) do
    local row = rows[call.name]
    add("%-16s %8d %8d %8d %8d %9d", call.name, row.ok, row.answered,
      row.unknown, row.unsent, row.requests)
  end
  for _, fault in ipairs(storm.faults) do
    add("  %8d  %s", fault.times, fault.name)
  end
  return lines, add
end

--- Lets a storm pass.
---@param options table { calls, flight, seed, slack = seconds that a deadline may be missed by, progress = function(done, all) }
---@return table report { violations, lines, faults }
function M.run(options)
  local violations = {}
  local storm = { flight = options.flight or 64, next = 1, latest = 0,
    ended = {}, kinds = {}, faults = {}, progress = options.progress }
  function storm.complain(text, ...)
    violations[#violations + 1] = text:format(...)
  end
  -- All the room that the ledger needs, before the first measurement.
  for number = 1, options.calls do
    storm.ended[number] = false
  end
  local server = start.run((".ci/lua 5.4 spec/hardening/storm/server.lua %d %s %s"):format(
    options.seed, APPID, AES_KEY))
  local url = "http://127.0.0.1:" .. server:expect("^port (%d+)")
  storm.loop = wxbot.loop{ max_connections = storm.flight }
  storm.bot = assert(wxbot.new{ appid = APPID, token = canary.credentials.token,
    aes_key = AES_KEY, access_token = canary.access_token, base_url = url,
    transport = storm.loop, timeout = TIMEOUT,
    retry = { base = 0.005, cap = 0.02, bucket = 1e9 } })
  local begun = storm.loop:now()
  make_calls(storm, math.ceil(options.calls / 10))
  local descriptors, memory = M.footprint()
  make_calls(storm, options.calls)
  local took = storm.loop:now() - begun
  local descriptors_after, memory_after = M.footprint()

  local seen, done = fetch_ledger(storm, url)
  storm.loop:close()
  server:stop()
  for number = 1, options.calls do
    compare(storm, number, seen[number] or 0, done[number] or 0)
  end
  if storm.latest > (options.slack or 0.25) then
    storm.complain("a call ended %.3f s after its deadline", storm.latest)
  end
  -- Connections that are kept come and go; there is a bound to them.
  if descriptors_after > descriptors + storm.flight then
    storm.complain("%d descriptors became %d", descriptors, descriptors_after)
  end
  if memory_after > memory + ROOM then
    storm.complain("%d KiB of memory became %d", memory, memory_after)
  end
  local lines, add = describe_report(storm, seen)
  add("%d calls, %d in flight, seed %d: %.1f s, %.0f calls/s", options.calls,
    storm.flight, options.seed, took, options.calls / took)
  add("latest end after its deadline: %.0f ms; descriptors %d -> %d; "
    .. "memory %d -> %d KiB", math.max(0, storm.latest) * 1000, descriptors,
    descriptors_after, memory, memory_after)
  return { violations = violations, lines = lines, faults = storm.faults }
end

return M
