-- Everything that is measured without a network, in one run: tokens and
-- messages against OpenSSL in plain C (bench/floor.c) and other libraries,
-- whole calls in process and where their time goes, growth with users,
-- openids and calls in flight. Tables on standard output; the same as JSON
-- in the file that is named as the argument.
--
-- Who is measured is a process of its own (bench/support/subject.lua). They
-- take turns, many short rounds, so that what disturbs the machine disturbs
-- all. Times are CPU times of a call, medians over the rounds; a ratio is the
-- median of each round's ratio, 1.00 being as fast as the first column, 2.00
-- twice as fast.
--
-- ROUNDS (default 31) and SECONDS (of one round, default 0.01) change it; ONLY
-- (tokens, calls or growth) leaves out the rest.

local inputs = require "bench.support.inputs"
local json = require "wxbot.codec.json"
local subject = require "bench.support.subject"
local core = require "wxbot.core"

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 31
local SECONDS = tonumber(os.getenv("SECONDS")) or 0.01
local BUILD = os.getenv("BUILD") or "build"

local report = { rounds = ROUNDS, seconds_of_a_round = SECONDS,
  absent = {}, tokens = {}, calls = {}, growth = {} }

-- nginx, for the calls in flight; without it they are left out.
local function start_platform()
  if os.execute("PATH=$PATH:/usr/sbin command -v nginx >/dev/null") then
    return require "bench.support.platform".start()
  end
  print("absent: nginx (calls in flight)")
  report.absent.nginx = "it is not installed"
end

local platform = start_platform()

-- `less`: how much lower than on Lua 5.4 a ratio may be.
local WXBOT = "env URL=" .. (platform and platform.http or "")
  .. " .ci/lua %s bench/support/wxbot.lua"
local PARTIES = {
  { name = "OpenSSL, C", command = BUILD .. "/bench/floor" },
  { name = "Lua 5.4", command = WXBOT:format("5.4"), less = 0 },
  { name = "LuaJIT", command = WXBOT:format("5.1"), less = 0.1,
    needs = BUILD .. "/5.1/wxbot/core.so" },
  { name = "luaossl 5.4", command = ".ci/lua 5.4 bench/peers/luaossl.lua" },
  { name = "luaossl JIT", command = ".ci/lua 5.1 bench/peers/luaossl.lua" },
  { name = "jsonwebtoken", node = "jsonwebtoken" },
  { name = "@wecom/crypto", node = "@wecom/crypto" },
}

-- What is measured, at which sizes, and the ratio that is wanted on Lua 5.4.
-- LuaJIT maps memory for each string of 128 KiB and more and gives it back when
-- it is collected: of 1 MiB encrypted a quarter of the time is page faults, and
-- more on a busy machine. No module can help that; glibc keeps such memory.
local TOKENS = {
  { "sign", { 150, 0.80 }, { 500, 0.80 } },
  { "verify", { 150, 0.80 }, { 500, 0.80 } },
  { "encrypt", { 200, 0.80 }, { 4096, 0.93 }, { 65536, 0.93 },
    { 1048576, 0.80 } },
  { "decrypt", { 200, 0.80 }, { 4096, 0.93 }, { 65536, 0.93 },
    { 1048576, 0.80 } },
  { "encode", { 150 }, { 500 } },
  { "decode", { 150 }, { 500 } },
}

local ASK_WANTED = 40 -- microseconds, on Lua 5.4
local PARTS = { "ask.check", "ask.sign", "ask.encode", "ask.decode",
  "ask.shape" }

local function median(list)
  local sorted = {}
  for i, value in ipairs(list) do
    sorted[i] = value
  end
  table.sort(sorted)
  local middle = (#sorted + 1) / 2
  return (sorted[math.floor(middle)] + sorted[math.ceil(middle)]) / 2
end

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

-- ----------------------------------------------------------------- who is there

local function start(who)
  if who.node then
    who.command = ("env NODE_PATH=%s/peers/node_modules "
      .. "node bench/peers/node.js %s 2>&1"):format(BUILD, who.node)
  end
  local absent = who.needs and not exists(who.needs) and "it was not built"
  local found = not absent and subject.start(who.command) or nil
  absent = absent or found.absent
  if absent then
    print(("absent: %s (%s)"):format(who.name, absent))
    report.absent[who.name] = absent
    return nil
  end
  found.name, found.less = who.name, who.less
  return found
end

local parties = {}
for _, who in ipairs(PARTIES) do
  parties[#parties + 1] = start(who)
end

local function seconds(who, name, size, count)
  return tonumber((who.ask(name, size, count):match("^%S+")))
end

-- So many calls that a round is filled: the shortest of three times, since the
-- first ones may have been disturbed.
local function calibrate(who, name, size)
  local count, took = 1, 0
  while took < SECONDS / 4 do
    count = count * 2
    took = math.huge
    for _ = 1, 3 do
      took = math.min(took, seconds(who, name, size, count))
    end
  end
  return math.max(1, math.floor(count * SECONDS / took))
end

-- ---------------------------------------------------------------------- rounds

-- Everybody's seconds of a call, round by round; who begins changes.
local function rounds(who, name, size)
  local counts, times = {}, {}
  for i, one in ipairs(who) do
    counts[i], times[i] = calibrate(one, name, size), {}
  end
  for round = 1, ROUNDS do
    for turn = 1, #who do
      local i = (round + turn) % #who + 1
      times[i][round] = seconds(who[i], name, size, counts[i]) / counts[i]
    end
  end
  return times
end

local function ratio(base, times)
  local ratios = {}
  for i = 1, #base do
    ratios[i] = base[i] / times[i]
  end
  return median(ratios)
end

local function those_with(name)
  local who = {}
  for _, one in ipairs(parties) do
    who[#who + 1] = one.has(name) and one or nil
  end
  return who
end

local function measure(name, size, wanted)
  local who = those_with(name)
  local times, found = rounds(who, name, size), {}
  for i, one in ipairs(who) do
    local least = wanted and one.less and wanted - one.less or nil
    local figure = { operation = name, bytes = size, party = one.name,
      ns = median(times[i]) * 1e9, ratio = ratio(times[1], times[i]),
      at_least = least }
    figure.missed = least ~= nil and figure.ratio < least or nil
    found[one.name] = figure
    report.tokens[#report.tokens + 1] = figure
  end
  return found
end

-- ---------------------------------------------------------------------- tables

local function row_of(name, size, wanted)
  local found = measure(name, size, wanted)
  local cells = { ("%-8s %7d"):format(name, size) }
  for _, one in ipairs(parties) do
    local figure = found[one.name]
    cells[#cells + 1] = figure and ("%9.0f %5.2f%s"):format(figure.ns,
      figure.ratio, figure.missed and "!" or " ") or (" "):rep(16)
  end
  cells[#cells + 1] = wanted and ("%.2f"):format(wanted) or "-"
  print(table.concat(cells))
end

local function tokens()
  print(("\nTokens and messages: ns of a call, ratio; %d rounds of %g s"):format(
    ROUNDS, SECONDS))
  local heads = { (" "):rep(16) }
  for _, one in ipairs(parties) do
    heads[#heads + 1] = ("%15s "):format(one.name)
  end
  print(table.concat(heads) .. "wanted on 5.4 (! missed)")
  for _, row in ipairs(TOKENS) do
    for i = 2, #row do
      row_of(row[1], row[i][1], row[i][2])
    end
  end
end

-- What others make, we must understand: they do the same work.
local function agree()
  local key = core.hs256(inputs.SECRET)
  local crypt = core.msgcrypt(inputs.SECRET, inputs.RECEIVE_ID)
  for _, one in ipairs(parties) do
    for _, name in ipairs{ "sign", "encode" } do
      assert(not one.has(name) or key:verify(one.ask(name, 150, 0)))
    end
    for _, size in ipairs{ 200, 4096, 65536 } do
      assert(not one.has("encrypt")
        or #crypt:decrypt(one.ask("encrypt", size, 0)) == size)
      assert(not one.has("decrypt") or #one.ask("decrypt", size, 0) == size)
    end
  end
end

local function microseconds(who, name, size)
  return median(rounds({ who }, name, size)[1]) * 1e6
end

local function note_call(who, what, figure, wanted)
  local missed = wanted and figure > wanted
  report.calls[#report.calls + 1] = { party = who.name, what = what,
    us = figure, at_most = wanted, missed = missed or nil }
  print(("%-10s %-36s %8.2f%s"):format(who.name, what, figure,
    wanted and (missed and "  more than %g" or "  at most %g")
      :format(wanted) or ""))
end

local function whole_calls(who)
  local whole = microseconds(who, "ask", 600)
  local rest, times = whole, {}
  note_call(who, "bot:ask, an answer of 600 bytes", whole,
    who.less == 0 and ASK_WANTED or nil)
  for _, name in ipairs(PARTS) do
    times[name] = microseconds(who, name, 600)
  end
  times["ask.shape"] = times["ask.shape"] - times["ask.decode"]
  for _, name in ipairs(PARTS) do
    rest = rest - times[name]
    note_call(who, "  " .. name:gsub("ask.", ""), times[name])
  end
  note_call(who, "  call, retry, mutex and the rest", rest)
end

-- ---------------------------------------------------------------------- growth

local function note_growth(who, what, size, figure, unit, more)
  report.growth[#report.growth + 1] = { party = who.name, what = what,
    size = size, figure = figure, unit = unit, memory = more }
  print(("%-10s %-28s %8d %9.2f %s%s"):format(who.name, what, size, figure,
    unit, more and "   " .. more or ""))
end

local function median_of(who, name, size, count, times)
  local list, more = {}, nil
  for i = 1, times do
    local took
    took, more = who.ask(name, size, count):match("^(%S+) ?(.*)$")
    list[i] = tonumber(took) / count * 1e6
  end
  return median(list), more
end

local function growth(who)
  if who.has("in_flight") then
    who.ask("in_flight", 1000, 1000)
    for _, size in ipairs{ 1, 10, 100, 1000 } do
      who.ask("in_flight", size, size)
      note_growth(who, "bot:ask in flight, HTTP", size,
        median_of(who, "in_flight", size, 5000, 5), "us")
    end
  end
  for _, size in ipairs{ 10, 1000, 100000 } do
    local figure, kib = median_of(who, "sandbox", size, 1000, 9)
    note_growth(who, "sandbox, users who asked", size, figure, "us",
      ("Lua %s KiB"):format(kib))
  end
  for _, size in ipairs{ 10, 1000, 100000, 1000000 } do
    local figure, kib = median_of(who, "tag", size, size,
      size < 100000 and 99 or 1)
    note_growth(who, "openids tagged", size, figure, "us",
      ("Lua %s KiB at most, resident %s KiB"):format(kib:match("(%S+) (%S+)")))
  end
end

local function write_report(path)
  local file = assert(io.open(path, "w"))
  assert(file:write(json.encode(report), "\n"))
  file:close()
  print("\nThe same as JSON: " .. path)
end

local function wanted(part)
  local only = os.getenv("ONLY")
  return only == nil or only == part
end

local function main()
  local ours = {}
  for _, one in ipairs(parties) do
    ours[#ours + 1] = one.less and one or nil
  end
  if wanted("tokens") then
    agree()
    tokens()
  end
  if wanted("calls") then
    print("\nWhole calls in process, where their time goes: us of a call")
    for _, who in ipairs(ours) do
      whole_calls(who)
    end
  end
  if wanted("growth") then
    print("\nGrowth: CPU time of a call, of an openid")
    for _, who in ipairs(ours) do
      growth(who)
    end
  end
  if arg[1] then
    write_report(arg[1])
  end
end

local ok, message = pcall(main)
if platform then
  platform.stop()
end
assert(ok, message)
