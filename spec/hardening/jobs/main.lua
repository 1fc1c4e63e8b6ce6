-- A job that finishes, whatever happens: openids are tagged at the served platform
-- by `wxbot tag --job`, which is killed (-9) again and again, and so is the
-- platform. At the end all are tagged, few were sent twice, the rate was kept.
-- The last line is the verdict.
--
-- OPENIDS (1000000), RATE (200 requests a second), EVERY (5 seconds between two
-- kills of the job), RESTARTS (10, of the platform), PARALLEL (4).

local json = require "wxbot.codec.json"
local nginx = require "spec.server.nginx"
local run = require "spec.support.command"
local served = require "spec.support.served"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local function number(name, default)
  return tonumber(os.getenv(name)) or default
end

local OPENIDS, RATE = number("OPENIDS", 1000000), number("RATE", 200)
local EVERY, RESTARTS = number("EVERY", 5), number("RESTARTS", 10)
local PARALLEL, BATCH = number("PARALLEL", 4), 50
local MOST_KIB = 30 * 1024
-- Requests that the platform may have got between the last look at its number of
-- requests and its end, for each restart.
local UNSEEN = 2

local folder = start.output_of("mktemp -d"):match("[^\n]+")
local port = nginx.free_port()
local url = "http://127.0.0.1:" .. port
local http = wxbot.curl{}
local figures = { kills = 0, restarts = 0, requests = 0, kib = 0, rates = {} }

-- ---------------------------------------------------------------- processes

local function lines_of(command)
  local list = {}
  for line in start.output_of(command):gmatch("[^\n]+") do
    list[#list + 1] = line
  end
  return list
end

-- Starts the command; what it says goes to a file.
local function begin(name, args)
  local pid_file, said = folder .. "/pid", folder .. "/" .. name
  os.remove(pid_file)
  os.execute(("sh -c %s &"):format(run.quote(("echo $$ >%s.new; mv %s.new %s; "
    .. "exec %s >%s 2>&1 </dev/null"):format(pid_file, pid_file, pid_file,
    run.line(args), said))))
  local pid = run.wait_for(function()
    return run.read(pid_file):match("%d+")
  end, "the number of a process")
  return { pid = pid, said = said }
end

local function is_alive(pid)
  local status = run.read("/proc/" .. pid .. "/status")
  return status ~= "" and not status:find("State:%s+Z")
end

local function await_end(pid)
  local ends = socket.gettime() + 30
  while is_alive(pid) do
    assert(socket.gettime() < ends, "a process does not end")
    socket.sleep(0.01)
  end
end

local function kill(process)
  local status = run.read("/proc/" .. process.pid .. "/status")
  figures.kib = math.max(figures.kib, tonumber(status:match("VmHWM:%s+(%d+)"))
    or 0)
  os.execute("kill -9 " .. process.pid)
  await_end(process.pid)
end

-- ----------------------------------------------------------------- platform

local function ask(path)
  local response = http:request{ url = url .. "/_wxbot/api/" .. path,
    timeout = 5 }
  return response and response.status == 200 and json.decode(response.body)
    or nil
end

local function newest()
  local answer = ask "requests?limit=1"
  return answer and answer.newest
end

local function serve()
  local platform = begin("platform", { "serve", "--port", tostring(port),
    "--state", folder .. "/state" })
  run.wait_for(newest, "the platform: " .. run.read(platform.said))
  platform.children = lines_of("pgrep -P " .. platform.pid)
  for i = 1, #platform.children do
    for _, pid in ipairs(lines_of("pgrep -P " .. platform.children[i])) do
      platform.children[#platform.children + 1] = pid
    end
  end
  return platform
end

-- Every other time it is killed, too.
local function stop_platform(platform)
  local hard = figures.restarts % 2 == 1
  local seen = newest()
  os.execute(("kill -%s %s %s 2>/dev/null"):format(hard and "9" or "TERM",
    platform.pid, hard and table.concat(platform.children, " ") or ""))
  figures.requests = figures.requests + (seen or 0)
  await_end(platform.pid)
  for _, pid in ipairs(platform.children) do
    await_end(pid)
  end
end

-- ---------------------------------------------------------------------- job

local function job()
  local env = served.env()
  env.XDG_STATE_HOME = folder
  return begin("job", { "tag", "--job", "proof", "--file", folder .. "/openids",
    "--rate", tostring(RATE), "--parallel", tostring(PARALLEL), "--base-url",
    url, "--appid", "wx1", "--category", "c", "--label", "l", "--desc", "d",
    env = env })
end

-- The rate while both were there: from the first second with requests on.
local function watch(seconds)
  local ends, first, last = socket.gettime() + seconds, nil, nil
  local before
  repeat
    local count, now = newest(), socket.gettime()
    if count and before and count > before then
      first = first or { now, count }
      last = { now, count }
    end
    before = count
    socket.sleep(0.2)
  until socket.gettime() >= ends
  if last and last[1] - first[1] > seconds / 3 then
    figures.rates[#figures.rates + 1] = (last[2] - first[2])
      / (last[1] - first[1])
  end
end

local function write_openids()
  local file = assert(io.open(folder .. "/openids", "w"))
  for i = 1, OPENIDS do
    file:write(("oXYZ%024d\n"):format(i))
  end
  file:close()
end

local function done_by_now()
  local tags = ask "tags"
  return tags and tags.count or 0
end

local function main()
  write_openids()
  local platform, began = serve(), socket.gettime()
  local worker = job()
  while is_alive(worker.pid) do
    watch(EVERY)
    if is_alive(worker.pid) then
      kill(worker)
      figures.kills = figures.kills + 1
      if figures.restarts < RESTARTS and done_by_now()
          >= OPENIDS * (figures.restarts + 1) / (RESTARTS + 1) then
        worker = job()
        socket.sleep(EVERY / 2)
        stop_platform(platform)
        figures.restarts = figures.restarts + 1
        platform = serve()
      else
        worker = job()
      end
    end
  end
  figures.seconds = socket.gettime() - began
  figures.tagged = done_by_now()
  stop_platform(platform)
  return run.read(worker.said)
end

local function mean(list)
  local sum = 0
  for _, value in ipairs(list) do
    sum = sum + value
  end
  return #list > 0 and sum / #list or 0
end

local ran, said = pcall(main)
for _, name in ipairs{ "pid", "platform", "job" } do
  if not ran then
    print(name .. ": " .. run.read(folder .. "/" .. name):sub(-2000))
  end
end
start.stop_all()
run.clean()
start.remove_folder(folder)
assert(ran, said)

local batches = math.ceil(OPENIDS / BATCH)
local again = figures.requests - batches
local allowed = (figures.kills + figures.restarts) * PARALLEL
local rate = mean(figures.rates)
print(("%d openids in %.0f s, %d kills of the job, %d restarts of the platform")
  :format(OPENIDS, figures.seconds, figures.kills, figures.restarts))
print(("tagged %d; requests %d for %d batches: %d again (allowed %d; %d may not "
  .. "have been seen)"):format(figures.tagged, figures.requests, batches, again,
  allowed, UNSEEN * figures.restarts))
print(("rate %.1f (asked for %g) in %d intervals; %d KiB at most"):format(rate,
  RATE, #figures.rates, figures.kib))
local good = figures.tagged == OPENIDS and again >= -UNSEEN * figures.restarts
  and again + UNSEEN * figures.restarts <= allowed and figures.kib <= MOST_KIB
  and said:find("tagged", 1, true) ~= nil
print(good and "jobs: good" or "jobs: BAD: " .. said)
os.exit(good and 0 or 1, true)
