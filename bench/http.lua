-- Calls over HTTP and HTTPS against plain libcurl in C on the same server:
-- one blocking call after another, and 64 in flight. They take turns; figures
-- are medians over the rounds, ratios medians of each round's ratio. "Own
-- handles" is libcurl in C with a handle for each call: between its versions
-- 7.83.0 and 8.1.0 no other way is safe (github.com/curl/curl/issues/11101), and
-- wxbot goes it there.
--
-- `lua bench/http.lua MODE SECONDS URL [CA_FILE]` is one round of ours, a
-- process of its own like the other one.

local wxbot = require "wxbot"

local IN_FLIGHT = 64
local ROUNDS = tonumber(os.getenv("ROUNDS")) or 9
local SECONDS = tonumber(os.getenv("SECONDS")) or 1
local WAITING = 1000
local FLOOR = (os.getenv("BUILD") or "build") .. "/bench/http_floor"

local BODY = ("x"):rep(450)

local modes = {}

-- Calls until the time is up, by one caller.
local function call_until(ends, transport, url)
  local req = { method = "POST", url = url, body = BODY, timeout = 30,
    headers = { ["content-type"] = "application/json" } }
  local n = 0
  while transport:now() < ends do
    assert(assert(transport:request(req)).status == 200)
    n = n + 1
  end
  return n
end

function modes.blocking(seconds, url, transport)
  return call_until(transport:now() + seconds, transport, url)
end

function modes.many(seconds, url, _, loop)
  local ends, n = loop:now() + seconds, 0
  for _ = 1, IN_FLIGHT do
    loop:spawn(function()
      local made = call_until(ends, loop, url)
      n = n + made
    end)
  end
  loop:run()
  return n
end

local function resident()
  local file = assert(io.open("/proc/self/statm"))
  local pages = file:read("*a"):match("%d+ (%d+)")
  file:close()
  return pages * 4096
end

-- Bytes of a call that waits for its answer, its fiber included.
local function memory(count, url, options)
  options.max_connections = count
  local loop = wxbot.loop(options)
  collectgarbage()
  collectgarbage()
  local before = resident()
  for _ = 1, count do
    loop:spawn(call_until, loop:now() + 1, loop, url)
  end
  local ends = loop:now() + 2
  while loop:now() < ends do
    assert(loop:step(0.01) == count)
  end
  return math.floor((resident() - before) / count)
end

local function round(mode, seconds, url, ca_file)
  local options = { ca_file = ca_file }
  if mode == "memory" then
    print(("%d"):format(memory(tonumber(seconds), url, options)))
    return
  end
  local transport, loop = wxbot.curl(options), wxbot.loop(options)
  -- The connections of the first moment are not measured.
  modes[mode](0.2, url, transport, loop)
  local cpu, began = os.clock(), loop:now()
  local n = modes[mode](tonumber(seconds), url, transport, loop)
  print(("%d %.6f %.6f"):format(n, loop:now() - began, os.clock() - cpu))
end

if arg[1] then
  round(arg[1], arg[2], arg[3], arg[4])
  return
end

local platform = require "bench.support.platform"

local LUA = type(jit) == "table" and "5.1" or "5.4"
local OURS = (".ci/lua %s bench/http.lua"):format(LUA)

local function figures(text)
  local n, wall, cpu = text:match("(%S+) (%S+) (%S+)")
  return n / wall, cpu / n
end

local function compare(mode, url, ca_file)
  local arguments = (" %g %s %s"):format(SECONDS, url, ca_file)
  local who = { OURS .. " " .. mode, FLOOR .. " " .. mode,
    FLOOR .. " " .. mode .. "+" }
  local rates, costs, ratios = { {}, {}, {} }, { {}, {}, {} }, { {}, {}, {} }
  for i = 1, ROUNDS do
    for turn = 1, #who do
      local at = (turn + i) % #who + 1
      rates[at][i], costs[at][i] = figures(platform.run(who[at] .. arguments))
    end
    for at = 1, #who do
      ratios[at][i] = rates[1][i] / rates[at][i]
    end
  end
  local found = {}
  for at = 1, #who do
    found[at] = { rate = platform.median(rates[at]),
      ratio = platform.median(ratios[at]),
      cost = platform.median(costs[at]) * 1e6 }
  end
  return found[1], found[2], found[3]
end

local server = platform.start()

local function main()
  print(("%d rounds of %g s, POST 450 B -> 600 B, nginx on loopback%s")
    :format(ROUNDS, SECONDS, platform.apart ~= ""
      and ", client on a core of its own" or ""))
  print("                     calls/s  libcurl in C  own handles"
    .. "   ratio to each   CPU us/call        in C")
  for _, scheme in ipairs{ "http", "https" } do
    for _, mode in ipairs{ "blocking", "many" } do
      local ours, kept, own = compare(mode, server[scheme] .. "/",
        scheme == "https" and server.ca_file or "")
      print(("%-6s %-12s %9.0f %13.0f %12.0f %8.2f %6.2f %13.1f %5.1f %5.1f")
        :format(scheme, mode == "many" and "64 in flight" or mode, ours.rate,
          kept.rate, own.rate, kept.ratio, own.ratio, ours.cost, kept.cost,
          own.cost))
    end
  end
  for _, scheme in ipairs{ "http", "https" } do
    local arguments = (" memory %d %s/hold %s"):format(WAITING,
      server[scheme], scheme == "https" and server.ca_file or "")
    print(("%-6s bytes of a waiting call: %d (libcurl in C: %d)"):format(
      scheme, platform.run(OURS .. arguments),
      platform.run(FLOOR .. arguments)))
  end
end

local ok, message = pcall(main)
server.stop()
assert(ok, message)
