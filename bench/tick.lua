-- A game's tick: a loop is stepped 60 times a second, with the default
-- budget, while so many calls wait for a platform that answers over https
-- after 50 to 300 ms. A call that has ended begins anew. Beside it, a loop
-- in C over plain libcurl with the same budget, and one over the engine of our
-- loops. They take turns; figures are medians over the rounds, ratios medians
-- of each round's ratio to the former.
--
-- `request` makes bare calls, as the C loops do; `ask` is bot:ask, which also
-- signs, encodes and reads the answer. `large` are bare calls with answers of
-- 1 MiB, to all of them.
--
-- `lua bench/tick.lua KIND WAITING SECONDS URL CA_FILE` is one run of ours.

local socket = require "socket"
local wxbot = require "wxbot"

local HZ = 60
local BUDGET = 0.0005
local SECONDS = tonumber(os.getenv("SECONDS")) or 5
local ROUNDS = tonumber(os.getenv("ROUNDS")) or 3
local WARM = 2
local FLOOR = (os.getenv("BUILD") or "build") .. "/bench/tick"
local AES_KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"

local function at(sorted, part)
  return sorted[math.max(1, math.ceil(#sorted * part))] or 0
end

-- What a fiber calls again and again; each returns when the answer was ready.
local kinds = {}

function kinds.request(loop, url, path)
  local req = { method = "POST", url = url .. (path or "/late"),
    body = ("x"):rep(450), timeout = 30, connect_timeout = 30,
    max_body = 2 ^ 21, headers = { ["content-type"] = "application/json" } }
  return function()
    return tonumber(assert(loop:request(req)).headers["x-ready"])
  end
end

function kinds.large(loop, url)
  return kinds.request(loop, url, "/large")
end

function kinds.ask(loop, url)
  local ready
  -- Between bot and loop, to see when the answer was ready.
  local between = {}
  for _, name in ipairs{ "now", "sleep", "inside", "wait", "wake" } do
    between[name] = function(_, ...) return loop[name](loop, ...) end
  end
  function between.request(_, req)
    req.url, req.connect_timeout = url .. "/late", 30
    local response, err = loop:request(req)
    ready = response and tonumber(response.headers["x-ready"])
    return response, err
  end
  local bot = assert(wxbot.new{ appid = "A", token = "T", aes_key = AES_KEY,
    base_url = url, transport = between, timeout = 30 })
  return function(i)
    assert(bot:ask{ userid = "user" .. i, query = "怎么修改密码" })
    return ready
  end
end

-- Steps until a time; the length of each step, in microseconds.
local function tick(loop, ends)
  local steps, nth = {}, loop:now()
  while loop:now() < ends do
    local began = loop:now()
    loop:step()
    steps[#steps + 1] = (loop:now() - began) * 1e6
    nth = nth + 1 / HZ
    socket.sleep(math.max(0, nth - loop:now()))
  end
  table.sort(steps)
  return steps
end

local function run(kind, waiting, seconds, url, ca_file)
  local loop = wxbot.loop{ ca_file = ca_file, max_connections = waiting }
  local call = kinds[kind](loop, url)
  local measuring, finished, late, unserved = false, 0, {}, waiting
  local all_served
  local began = loop:now()
  for i = 1, waiting do
    loop:spawn(function()
      while true do
        local ready = call(i)
        if measuring then
          finished = finished + 1
          late[#late + 1] = (socket.gettime() - ready) * 1000
        end
        if unserved > 0 then
          unserved = unserved - 1
          all_served = unserved == 0 and loop:now() - began or nil
        end
        if unserved == 0 and not measuring then
          loop:sleep(0)
        end
      end
    end)
  end
  local cold = tick(loop, began + WARM)
  while unserved > 0 do
    loop:step()
    all_served = loop:now() - began
  end
  -- As the C loop does, so that no connection is left to be made.
  local warm = loop:now() + WARM
  while loop:now() < warm do
    loop:step(0.02)
    socket.sleep(0.001)
  end
  measuring = true
  local start = loop:now()
  local steps = tick(loop, start + seconds)
  local spent = loop:now() - start
  table.sort(late)
  print(("%d %.6f %.0f %.0f %.0f %.1f %.1f %.0f %.2f"):format(finished, spent,
    at(steps, 0.5), at(steps, 0.99), steps[#steps], at(late, 0.5),
    at(late, 0.99), cold[#cold], all_served))
end

if arg[1] then
  run(arg[1], tonumber(arg[2]), tonumber(arg[3]), arg[4], arg[5])
  return
end

local platform = require "bench.support.platform"

local LUA = type(jit) == "table" and "5.1" or "5.4"

local server = platform.start()

local C = { ["C loop"] = FLOOR, ["C engine"] = FLOOR .. "_engine" }

local function command(kind, waiting, path)
  if C[kind] then
    return ("%s %d %g %g %s%s %s"):format(C[kind], waiting, SECONDS, BUDGET,
      server.https, path, server.ca_file)
  end
  return (".ci/lua %s bench/tick.lua %s %d %g %s %s"):format(LUA, kind,
    waiting, SECONDS, server.https, server.ca_file)
end

-- Adds the figures of one run to those of its kind; its calls a second.
local function add(columns, kind, waiting, path)
  local n, line = 0, platform.run(command(kind, waiting, path))
  for number in line:gmatch("%S+") do
    n = n + 1
    columns[n] = columns[n] or {}
    table.insert(columns[n], tonumber(number))
  end
  return columns[1][#columns[1]] / columns[2][#columns[2]]
end

local SMALL = { "C loop", "C engine", "request", "ask" }

-- What is measured: how many wait, who, and for what.
local SCENES = {
  { 10, SMALL, "/late" }, { 100, SMALL, "/late" }, { 1000, SMALL, "/late" },
  { 10, { "C loop", "C engine", "large" }, "/large" },
}

local function measure(waiting, list, path)
  local columns, rates, ratios = {}, {}, {}
  for _, kind in ipairs(list) do
    columns[kind], rates[kind], ratios[kind] = {}, {}, {}
  end
  for round = 1, ROUNDS do
    local base
    for _, kind in ipairs(list) do
      local rate = add(columns[kind], kind, waiting, path)
      base = base or rate
      rates[kind][round], ratios[kind][round] = rate, rate / base
    end
  end
  return columns, rates, ratios
end

local function main()
  print(("%d steps a second for %g s, %d rounds, budget %g ms, https, "
    .. "answers after 50 to 300 ms"):format(HZ, SECONDS, ROUNDS,
    BUDGET * 1000))
  print("waiting  what        step us: p50    p99    max   calls/s  of C   "
    .. "late ms: p50   p99   cold: longest step ms, all served s")
  for _, scene in ipairs(SCENES) do
    local waiting, list, path = scene[1], scene[2], scene[3]
    local columns, rates, ratios = measure(waiting, list, path)
    for _, kind in ipairs(list) do
      local n = {}
      for i, column in ipairs(columns[kind]) do
        n[i] = platform.median(column)
      end
      io.write(("%7d  %-8s %15.0f %6.0f %6.0f %9.0f %5.2f"):format(waiting, kind,
        n[3], n[4], n[5], platform.median(rates[kind]),
        platform.median(ratios[kind])))
      if n[6] then
        io.write((" %14.1f %5.1f %12.1f %10.1f"):format(n[6], n[7],
          n[8] / 1000, n[9]))
      end
      print()
    end
  end
end

local ok, message = pcall(main)
server.stop()
assert(ok, message)
