--- Counts what one `bot:ask` passes through in Lua: calls of functions, calls
--- into another file, and looks at the clock. Exits with 1 beyond its limits.
--
--   .ci/lua 5.4 bench/calls_of_ask.lua [-v | -n COUNT | -w]
--
-- Functions of this project are counted, by the hook of the interpreter; a
-- transport with the answer at hand takes the place of the network and is not
-- counted. -v lists the functions and the calls into another file. -n asks so
-- many times and counts nothing: under `valgrind --tool=callgrind`, run twice,
-- the difference is what asks cost. -w tells how many bytes of Lua's a waiting
-- ask holds.

-- Whoever asks for the time asks here.
local looks = 0

function os.time() -- luacheck: ignore 122
  looks = looks + 1
  return 1700000000
end

local core = require "wxbot.core"
local wxbot = require "wxbot"

-- A tail call counts as one into another file: who made it is not known.
local LIMITS = { calls = 90, changes = 23, looks = 3 }

local ANSWER = '{"ret":0,"status":"FAQ","answer":"changed in the settings",'
  .. '"answer_type":"text","title":"how to change the password",'
  .. '"ans_node_id":"1","ans_node_name":"account","confidence":0.98,'
  .. '"from_user_name":"u","to_user_name":"bot","msg_id":"1234567890",'
  .. '"query":"how do I change the password","create_time":"1600000000000",'
  .. '"request_id":"r","session_id":"s","skill_name":"account",'
  .. '"msg":[{"ans_node_id":1,"ans_node_name":"account","content":"…",'
  .. '"status":"FAQ"}],"options":[]}'

local transport = {
  request = function(self)
    if self.waits then
      coroutine.yield()
    end
    return { status = 200, headers = {}, body = ANSWER }
  end,
  sleep = function() end,
}

local bot = assert(wxbot.new{ appid = "wx1234567890abcdef", token = "TOKEN",
  aes_key = core.base64_encode(("k"):rep(32)):sub(1, 43),
  transport = transport })

local function ask(user)
  return assert(bot:ask{ userid = user or "u",
    query = "how do I change the password" })
end

-- Bytes that each of 1,000 coroutines holds which a function left waiting.
local function bytes_of(wait)
  local waiting = {}
  for i = 1, 1000 do
    waiting[i] = coroutine.create(wait)
  end
  collectgarbage()
  local before = collectgarbage("count")
  for i = 1, 1000 do
    assert(coroutine.resume(waiting[i], "u" .. i))
  end
  collectgarbage()
  local bytes = (collectgarbage("count") - before) * 1024 / 1000
  for i = 1, 1000 do
    assert(coroutine.resume(waiting[i]))
  end
  return bytes
end

-- The function of Lua that called the one at a level of the stack.
local function caller_of(level)
  local info
  repeat
    level = level + 1
    info = debug.getinfo(level, "S")
  until not info or info.what ~= "C"
  return info
end

local function add(list, name)
  list[#list + 1], list[name] = name, (list[name] or 0) + 1
end

local function count(call)
  local here = debug.getinfo(1, "S").source
  local calls, changes = {}, {}
  local function hook()
    local info = debug.getinfo(2, "S")
    if info.what == "Lua" and info.source ~= here then
      local caller = caller_of(3)
      local name = ("%s:%d"):format(info.short_src, info.linedefined)
      add(calls, name)
      if not caller or caller.source ~= info.source then
        add(changes, ("%s -> %s"):format(caller and caller.short_src or "?",
          name))
      end
    end
  end
  looks = 0
  debug.sethook(hook, "c")
  call()
  debug.sethook()
  return { calls = calls, changes = changes, looks = looks }
end

if arg[1] == "-n" then
  for i = 1, tonumber(arg[2]) do
    ask("user" .. i % 64)
  end
  os.exit(0)
elseif arg[1] == "-w" then
  transport.waits = true
  bytes_of(ask)
  print(("%.0f bytes for each ask that waits"):format(bytes_of(ask)))
  os.exit(0)
end
for _ = 1, 3 do -- what is loaded and kept by the first calls
  ask()
end
local found, is_within = count(ask), true
found.calls.n, found.changes.n = #found.calls, #found.changes
for _, name in ipairs{ "calls", "changes", "looks" } do
  local number = name == "looks" and found.looks or found[name].n
  is_within = is_within and number <= LIMITS[name]
  print(("%-8s %4d   at most %d"):format(name, number, LIMITS[name]))
end
for _, name in ipairs(arg[1] == "-v" and { "calls", "changes" } or {}) do
  print("\n" .. name)
  for i, line in ipairs(found[name]) do
    print(("%4d %s"):format(i, line))
  end
end
os.exit(is_within and 0 or 1)
