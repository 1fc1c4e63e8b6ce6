-- Tokens and messages against OpenSSL in plain C (bench/floor.c): each
-- operation in turn here and there, many times, over distinct inputs whose
-- results stay alive. Times are CPU times of a call, medians over the
-- rounds; a ratio is the median of each round's ratio, 1.00 being as fast
-- as the floor. One line of JSON follows the table.
--
-- ROUNDS (default 15) and SECONDS (of one round, default 0.02) change it.

local core = require "wxbot.core"

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 15
local SECONDS = tonumber(os.getenv("SECONDS")) or 0.02
local FLOOR = (os.getenv("BUILD") or "build") .. "/bench/floor"
local JIT = type(jit) == "table"

-- The same as in bench/floor.c.
local SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
local RECEIVE_ID = "wxb11529c136998cb6"

local token_key = core.hs256(SECRET)
local message_key = assert(core.msgcrypt(SECRET, RECEIVE_ID))

-- What is called, what makes its input of a text, and the ratio that is
-- wanted on Lua 5.4; LuaJIT may be 0.10 lower.
local OPERATIONS = {
  { name = "sign", key = token_key, call = token_key.sign,
    aims = { { 150, 0.80 }, { 500, 0.80 } } },
  { name = "verify", key = token_key, call = token_key.verify,
    make = token_key.sign, aims = { { 150, 0.80 }, { 500, 0.80 } } },
  { name = "encrypt", key = message_key, call = message_key.encrypt,
    aims = { { 200, 0.80 }, { 4096, 0.93 }, { 65536, 0.93 },
      { 1048576, 0.80 } } },
  { name = "decrypt", key = message_key, call = message_key.decrypt,
    make = message_key.encrypt, aims = { { 200, 0.80 }, { 4096, 0.93 },
      { 65536, 0.93 }, { 1048576, 0.80 } } },
}

-- A loop of its own for every measurement: LuaJIT compiles each for what it
-- sees in it.
local LOOP = [[
  local call, key, inputs, slots = ...
  local kept, slot = {}, 0
  return function(count)
    for _ = 1, count do
      slot = slot % slots + 1
      kept[slot] = call(key, inputs[slot])
    end
  end
]]

local function median(list)
  local sorted = {}
  for i, value in ipairs(list) do
    sorted[i] = value
  end
  table.sort(sorted)
  local middle = (#sorted + 1) / 2
  return (sorted[math.floor(middle)] + sorted[math.ceil(middle)]) / 2
end

-- The floor stays for the whole run: it is asked through its standard input
-- and answers through a pipe with a name.
local function start_floor()
  local path = os.tmpname()
  os.remove(path)
  if os.execute(("mkfifo -m 600 '%s'"):format(path)) == nil then
    error("cannot make a named pipe")
  end
  local input = assert(io.popen(("exec %s >'%s'"):format(FLOOR, path), "w"))
  local output = assert(io.open(path))
  os.remove(path)
  return function(name, size, count)
    input:write(("%s %d %d\n"):format(name, size, count))
    input:flush()
    local line = output:read("*l")
    return line or error("bench/floor.c ended")
  end
end

local floor = start_floor()

local function floor_seconds(name, size, count)
  return tonumber((floor(name, size, count):match("^%S+")))
end

-- Printable bytes, different each time.
local function text(size)
  local parts = {}
  for _ = 1, math.ceil(size / 60000) do
    parts[#parts + 1] = core.base64url_encode(core.random(45000))
  end
  return table.concat(parts):sub(1, size)
end

local function prepare(operation, size)
  local inputs = {}
  local slots = math.min(64, math.max(4, math.floor(262144 / size)))
  for i = 1, slots do
    inputs[i] = text(size)
    if operation.make then
      inputs[i] = operation.make(operation.key, inputs[i])
    end
  end
  local loop = assert((loadstring or load)(LOOP))
  return loop(operation.call, operation.key, inputs, slots)
end

local function seconds(run, count)
  local began = os.clock()
  run(count)
  return os.clock() - began
end

-- So many calls that the floor is busy for a round.
local function calibrate(name, size)
  local count, took = 1, 0
  while took < SECONDS / 4 do
    count = count * 2
    took = floor_seconds(name, size, count)
  end
  return math.max(1, math.floor(count * SECONDS / took))
end

local function measure(operation, size)
  local run, count = prepare(operation, size), calibrate(operation.name, size)
  local ours, floors, ratios = {}, {}, {}
  run(count)
  for i = 1, ROUNDS do
    if i % 2 == 0 then
      ours[i] = seconds(run, count)
    end
    floors[i] = floor_seconds(operation.name, size, count)
    ours[i] = ours[i] or seconds(run, count)
    ratios[i] = floors[i] / ours[i]
  end
  return median(ours) / count * 1e9, median(floors) / count * 1e9,
    median(ratios)
end

-- What the floor makes, we must understand: it does the same work.
local function agree()
  for _, size in ipairs{ 150, 500 } do
    assert(#token_key:verify(floor("sign", size, 0)) == size)
    assert(#floor("verify", size, 0) == size)
  end
  for _, size in ipairs{ 200, 4096, 65536, 1048576 } do
    assert(#assert(message_key:decrypt(floor("encrypt", size, 0))) == size)
    assert(#floor("decrypt", size, 0) == size)
  end
end

local ROW = '{"operation":"%s","bytes":%d,"ns":%.1f,"floor_ns":%.1f,'
  .. '"ratio":%.3f,"at_least":%.2f}'

agree()
local rows = {}
print(("%s, %d rounds of %g s, CPU time"):format(JIT and jit.version
  or _VERSION, ROUNDS, SECONDS))
print("operation    bytes      ns/call   OpenSSL in C   ratio   wanted")
for _, operation in ipairs(OPERATIONS) do
  for _, aim in ipairs(operation.aims) do
    local size, wanted = aim[1], JIT and aim[2] - 0.1 or aim[2]
    local ours, theirs, ratio = measure(operation, size)
    print(("%-9s %8d %12.0f %14.0f %7.2f %8.2f%s"):format(operation.name,
      size, ours, theirs, ratio, wanted, ratio < wanted and "  missed" or ""))
    rows[#rows + 1] = ROW:format(operation.name, size, ours, theirs, ratio,
      wanted)
  end
end
print(('{"lua":"%s","rounds":%d,"results":[%s]}'):format(JIT and jit.version
  or _VERSION, ROUNDS, table.concat(rows, ",")))
