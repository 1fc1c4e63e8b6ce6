-- Endurance: mixed calls and received messages against the served sandbox.
-- Memory and descriptors of both sides, and latencies at the start and at the
-- end. SECONDS (1800), CALLERS (8).

local run = require "spec.cli.run"
local start = require "spec.server.start"
local storm = require "spec.support.storm"
local wxbot = require "wxbot"

local SECONDS = tonumber(os.getenv("SECONDS")) or 1800
local CALLERS = tonumber(os.getenv("CALLERS")) or 8
local SAMPLES = 20
-- After a fifth of the time nothing may grow by more than this.
local ROOM_KIB, ROOM_DESCRIPTORS = 4096, 8
local USERS = 50

assert(SECONDS >= 10 and CALLERS >= 1, "SECONDS >= 10 and CALLERS >= 1")

local QUESTIONS = { "你好", "怎么修改密码", "密码", "qwertyuiop" }

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local server = start.run(run.line{ "serve", "--port", "0" })
local url = server:expect("^url: (.*)$")
server:expect("^stop: ")

local function nginx_pid()
  return output_of("pgrep -x nginx -P " .. server.pid):match("%d+")
end

local credentials = assert(wxbot.sandbox()):credentials()
local loop = wxbot.loop()
local options = { base_url = url, transport = loop }
for name, value in pairs(credentials) do
  options[name] = value
end
local bot = assert(wxbot.new(options))
local crypt = assert(wxbot.msgcrypt(credentials.aes_key, credentials.appid))
local PUSH = "<xml><userid>u</userid>" .. ("<event/>"):rep(40) .. "</xml>"

local function good(result, err)
  if not result then
    error(tostring(err), 0)
  end
end

local KINDS = {
  function(i)
    good(bot:ask{ userid = "u" .. i % USERS, query = QUESTIONS[i % 4 + 1] })
  end,
  function(i)
    good(bot:label_batchset{ appid = "wx1", category = "c",
      label = "l" .. i % 3, desc = "d", list = { "o" .. i % USERS } })
  end,
  function(i)
    good(bot:sendmsg{ openid = "o" .. i % USERS, msg = "你好", channel = 7 })
  end,
  function(i)
    good(bot:kefustate_get{ appid = "wx1", openid = "o" .. i % USERS })
  end,
  function(i)
    good(bot:sign{ userid = "u" .. i % USERS })
  end,
  function()
    good(crypt:decrypt(crypt:encrypt(PUSH)))
    assert(not crypt:decrypt(crypt:encrypt(PUSH):sub(5)))
  end,
}

local calls, failures, latencies = 0, {}, {}

local function one(i)
  local began = loop:now()
  local ok, message = pcall(KINDS[i % #KINDS + 1], i)
  if not ok then
    failures[#failures + 1] = tostring(message)
  end
  calls = calls + 1
  latencies[#latencies + 1] = (loop:now() - began) * 1000
end

local function quantile(list, share)
  return list[math.max(1, math.ceil(#list * share))] or 0
end

-- What a window came to; the list of its latencies is given up.
local function sample(began, pid)
  local window = latencies
  latencies = {}
  table.sort(window)
  local row = { seconds = loop:now() - began, calls = #window,
    p50 = quantile(window, 0.5), p99 = quantile(window, 0.99) }
  row.descriptors, row.kib = storm.footprint()
  row.server_descriptors, row.server_kib = storm.footprint(pid)
  print(("%7.0f %9d %9.2f %9.2f %9d %6d %11d %6d"):format(row.seconds, row.calls,
    row.p50, row.p99, row.kib, row.descriptors, row.server_kib,
    row.server_descriptors))
  io.stdout:flush()
  return row
end

local function main()
  local pid = assert(nginx_pid(), "the served sandbox has no nginx")
  local began, rows = loop:now(), {}
  print(("%7s %9s %9s %9s %9s %6s %11s %6s"):format("seconds", "calls",
    "p50 ms", "p99 ms", "KiB", "fds", "server KiB", "fds"))
  local ends = began + SECONDS
  for caller = 1, CALLERS do
    loop:spawn(function()
      local i = caller
      while loop:now() < ends and #failures < 100 do
        one(i)
        i = i + CALLERS
        loop:sleep(0.002)
      end
    end)
  end
  loop:spawn(function()
    for i = 1, SAMPLES do
      loop:sleep(began + SECONDS * i / SAMPLES - loop:now())
      rows[i] = sample(began, pid)
    end
  end)
  loop:run()
  return rows
end

-- How much a figure has grown after the warm-up: from the largest of the
-- second fifth to the largest of the last.
local function growth(rows, name)
  local function largest(from, to)
    local most = 0
    for i = from, to do
      most = math.max(most, rows[i] and rows[i][name] or 0)
    end
    return most
  end
  local fifth = SAMPLES / 5
  return largest(SAMPLES - fifth + 1, SAMPLES) - largest(fifth + 1, 2 * fifth)
end

local ok, rows = xpcall(main, debug.traceback)
start.stop_all()
if not ok then
  io.stderr:write(rows, "\n")
  os.exit(1)
end
local bad = #failures > 0
for name, room in pairs{ kib = ROOM_KIB, server_kib = ROOM_KIB,
    descriptors = ROOM_DESCRIPTORS, server_descriptors = ROOM_DESCRIPTORS } do
  local grown = growth(rows, name)
  print(("%s grew by %d (at most %d)"):format(name, grown, room))
  bad = bad or grown > room
end
print(("%d calls, %d failures"):format(calls, #failures))
for i = 1, math.min(#failures, 5) do
  print("  " .. failures[i])
end
os.exit(bad and 1 or 0)
