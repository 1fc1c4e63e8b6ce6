-- Endurance: calls to the served sandbox mixed with pushes to receivers, here
-- and behind nginx. Memory and descriptors of all three sides, and latencies
-- at the start and at the end. The last line is the verdict.
--
-- SECONDS (1800), RATE (calls and pushes in a second, 150), CALLERS (8).

local nginx = require "spec.server.nginx"
local run = require "spec.support.command"
local soak = require "spec.hardening.soak.mix"
local start = require "spec.server.start"
local storm = require "spec.hardening.storm.calls"
local wxbot = require "wxbot"

local SECONDS = tonumber(os.getenv("SECONDS")) or 1800
local RATE = tonumber(os.getenv("RATE")) or 150
local CALLERS = tonumber(os.getenv("CALLERS")) or 8
local SAMPLES = 20
-- Up to this sample caches fill up: by default for 12 minutes, and what a
-- receiver has seen it remembers for 10.
local WARM = 8
-- What may be gained from the samples after that to the last ones.
local ROOM = {
  { "kib", 2048 }, { "lua_kib", 256 }, { "descriptors", CALLERS },
  { "sandbox_kib", 2048 }, { "sandbox_descriptors", CALLERS },
  { "service_kib", 2048 }, { "service_descriptors", CALLERS },
}
local MAX_FAILURES = 20

assert(SECONDS >= 10 and RATE >= 1 and CALLERS >= 1,
  "SECONDS >= 10, RATE >= 1 and CALLERS >= 1")

-- ------------------------------------------------------------------ servers

local function children_of(pid)
  local pipe = assert(io.popen("pgrep -x nginx -P " .. pid))
  local pids = {}
  for line in pipe:lines() do
    pids[#pids + 1] = line
    for _, child in ipairs(children_of(line)) do
      pids[#pids + 1] = child
    end
  end
  pipe:close()
  return pids
end

local function serve_sandbox()
  local server = start.run(run.line{ "serve", "--port", "0" })
  local url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return url, children_of(server.pid)
end

-- The example service; what it complains of goes into a file.
local function serve_receiver(sandbox_url)
  local log = start.file("")
  local service = start.run(("sh -c 'exec env -u WXBOT_TOKEN PORT=%d "
    .. "WXBOT_BASE_URL=%s examples/openresty/run 2>%s'"):format(nginx.free_port(),
    sandbox_url, log))
  local url = service:expect("^(http://127.0.0.1:%d+)/$")
  local transport = wxbot.curl{}
  for _ = 1, 200 do
    if transport:request{ url = url .. "/ping" } then
      transport:close()
      return url .. "/push", children_of(service.pid), log
    end
    transport:sleep(0.05)
  end
  error("the receiver did not start: " .. run.read(log), 0)
end

-- ------------------------------------------------------------------- figures

local function quantile(list, share)
  return list[math.max(1, math.ceil(#list * share))] or 0
end

local function footprint(pids)
  local descriptors, kib = 0, 0
  for _, pid in ipairs(pids) do
    local more, larger = storm.footprint(pid)
    descriptors, kib = descriptors + more, kib + larger
  end
  return descriptors, kib
end

-- What a window came to; its latencies are given up.
local function sample(state, seconds)
  local row = { seconds = seconds }
  for _, name in ipairs{ "calls", "pushes" } do
    local list = state.latencies[name]
    state.latencies[name] = {}
    table.sort(list)
    row[name], state[name] = #list, state[name] + #list
    row[name .. "_p50"] = quantile(list, 0.5)
    row[name .. "_p99"] = quantile(list, 0.99)
  end
  row.descriptors, row.kib = storm.footprint()
  row.lua_kib = collectgarbage("count")
  row.sandbox_descriptors, row.sandbox_kib = footprint(state.sandbox)
  row.service_descriptors, row.service_kib = footprint(state.service)
  return row
end

local COLUMNS = {
  { "seconds", "s", "%5.0f" },
  { "calls", "calls", "%7d" }, { "calls_p50", "p50 ms", "%8.2f" },
  { "calls_p99", "p99 ms", "%8.2f" },
  { "pushes", "pushes", "%7d" }, { "pushes_p50", "p50 ms", "%8.2f" },
  { "pushes_p99", "p99 ms", "%8.2f" },
  { "kib", "KiB", "%7d" }, { "lua_kib", "in Lua", "%7.0f" },
  { "descriptors", "fds", "%4d" },
  { "sandbox_kib", "sandbox", "%8d" }, { "sandbox_descriptors", "fds", "%4d" },
  { "service_kib", "service", "%8d" }, { "service_descriptors", "fds", "%4d" },
}

local function print_row(row)
  local parts = {}
  for i, column in ipairs(COLUMNS) do
    local format = column[3]
    parts[i] = row and format:format(row[column[1]])
      or format:gsub("%..*", ""):gsub("[df]", ""):gsub("$", "s")
        :format(column[2])
  end
  print(table.concat(parts, " "))
  io.stdout:flush()
end

-- ------------------------------------------------------------------- running

-- One of four is a push.
local function one(state, mix, i)
  local name = i % 4 == 0 and "pushes" or "calls"
  local kinds, number = mix[name], math.floor(i / 4)
  if name == "calls" then
    number = i - number
  end
  local began = state.loop:now()
  local ok, message = pcall(kinds[number % #kinds + 1],
    math.floor(number / #kinds) + 1)
  if not ok then
    state.failures[#state.failures + 1] = tostring(message)
  end
  local list = state.latencies[name]
  list[#list + 1] = (state.loop:now() - began) * 1000
end

-- Each takes the next number when it is its time, and makes up for delays.
local function work(state, mix)
  local loop = state.loop
  while loop:now() < state.ends and #state.failures < MAX_FAILURES do
    local i = state.next
    state.next = i + 1
    one(state, mix, i)
    local pause = state.began + state.next / RATE - loop:now()
    if pause > 0 then
      loop:sleep(pause)
    end
  end
end

local function main()
  local url, sandbox_pids = serve_sandbox()
  local push_url, service_pids, log = serve_receiver(url)
  assert(#sandbox_pids > 0 and #service_pids > 1, "there is no nginx")
  local loop = wxbot.loop()
  local state = { loop = loop, began = loop:now(), next = 1, failures = {},
    calls = 0, pushes = 0, latencies = { calls = {}, pushes = {} },
    sandbox = sandbox_pids, service = service_pids, rows = {} }
  state.ends = state.began + SECONDS
  local mix = soak.new(loop, url, push_url)
  print_row()
  for _ = 1, CALLERS do
    loop:spawn(work, state, mix)
  end
  loop:spawn(function()
    for i = 1, SAMPLES do
      local at = SECONDS * i / SAMPLES
      repeat
        loop:sleep(math.max(0, math.min(1, state.began + at - loop:now())))
        if #state.failures >= MAX_FAILURES then
          return
        end
      until loop:now() >= state.began + at
      state.rows[i] = sample(state, at)
      print_row(state.rows[i])
    end
  end)
  loop:run()
  for line in run.read(log):gmatch("[^\n]+") do
    state.failures[#state.failures + 1] = "service: " .. line
  end
  return state
end

-- ------------------------------------------------------------------- verdict

-- From the largest of the first samples after the warm-up to the largest of
-- the last ones.
local function growth(rows, name)
  local function largest(from, to)
    local most = 0
    for i = from, to do
      most = math.max(most, rows[i][name])
    end
    return most
  end
  return largest(SAMPLES - 3, SAMPLES) - largest(WARM + 1, WARM + 4)
end

local function judge(state)
  local faults = {}
  for _, room in ipairs(state.rows[SAMPLES] and ROOM or {}) do
    local grown = growth(state.rows, room[1])
    print(("%-20s grew by %5.0f after the warm-up (at most %d)"):format(
      room[1], grown, room[2]))
    if grown > room[2] then
      faults[#faults + 1] = room[1] .. " grew"
    end
  end
  if #state.failures > 0 then
    faults[#faults + 1] = #state.failures .. " failures"
  end
  return faults
end

local ok, state = xpcall(main, debug.traceback)
start.stop_all()
if not ok then
  io.stderr:write(state, "\nsoak: FAILED: it did not run\n")
  os.exit(1)
end
local faults = judge(state)
for i = 1, math.min(#state.failures, MAX_FAILURES) do
  print("  " .. state.failures[i])
end
print(("soak: %s: %d calls and %d pushes in %d s%s"):format(
  #faults == 0 and "PASSED" or "FAILED", state.calls, state.pushes, SECONDS,
  #faults == 0 and "" or ": " .. table.concat(faults, ", ")))
os.exit(#faults == 0 and 0 or 1)
