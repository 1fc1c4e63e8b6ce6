-- A process that calls, forks, and goes on to call in both: run as
--   LUA spec/support/forking.lua URL RUNS [CA_FILE]
-- URL echoes bodies, in a while. For each way to use the library it prints
-- what went wrong in both processes: "NAME: N answers, N crossed, N lost", an
-- answer being crossed if it is the other's, and lost if there is none soon.

local loop_of = require "wxbot.transport.loop"
local process = require "spec.process"
local shared = require "wxbot.transport.default"
local wxbot = require "wxbot"

local url, runs, ca_file = arg[1], tonumber(arg[2]), arg[3]

local CALLS = 5
-- Seconds for one call, and for a child.
local SOON, LONG = 2, 20

-- What the status of a child counts by.
local CROSSED, LOST = 16, 1

-- Asks and looks whose answer it is.
local function ask(transport, who, count)
  local body = who .. " says what is its own"
  local answer = transport:request{ method = "POST", url = url, body = body,
    timeout = SOON }
  if not answer then
    count.lost = count.lost + 1
  elseif answer.body ~= body then
    count.crossed = count.crossed + 1
  end
  count.asked = count.asked + 1
end

-- How calls are made.
local function in_turn(transport, who, count)
  for i = 1, CALLS do
    ask(transport, who .. i, count)
  end
end

local function at_once(loop, who, count)
  for i = 1, CALLS do
    loop:spawn(ask, loop, who .. i, count)
  end
  loop:run()
end

local function new_loop()
  return loop_of.new{ ca_file = ca_file }
end

-- The default transport cannot be told whom to trust, nor be made anew.
local WAYS = {
  { "wxbot.curl", function()
    return wxbot.curl{ ca_file = ca_file }
  end, in_turn },
  { "a loop, outside its fibers", new_loop, in_turn },
  { "a loop, in fibers", new_loop, at_once },
  not ca_file and { "the default transport", function()
    return shared
  end, in_turn, true } or nil,
}

-- How a child ends.
local ENDS = {
  { "return", function() end },
  { "os.exit(code)", function(code) os.exit(code) end },
  { "os.exit(code, true)", function(code) os.exit(code, true) end },
  { "_exit", function(code) process.exit(code) end },
}

local function add_status(count, status)
  count.asked = count.asked + CALLS
  count.crossed = count.crossed + math.floor((status or LOST) / CROSSED)
  count.lost = count.lost + (status or LOST) % CROSSED
end

-- One run. True in a child that ends by returning: it has nothing to say,
-- for it got its own answers only; else it has exited before.
local function run(way, first, finish, count)
  local transport, calls = way[2](), way[3]
  if first then
    calls(transport, "before", count)
  end
  local pid = process.fork()
  if pid == 0 then
    local mine = { asked = 0, crossed = 0, lost = 0 }
    calls(transport, "child", mine)
    local code = mine.crossed * CROSSED + mine.lost * LOST
    finish(code)
    if code ~= 0 then
      process.exit(code)
    end
    return true
  end
  calls(transport, "parent", count)
  add_status(count, process.wait(pid, LONG))
  calls(transport, "after", count)
  if transport.close then
    transport:close()
  end
end

-- In the child that ends by returning, true.
local function try(way, first, ending)
  local count = { asked = 0, crossed = 0, lost = 0 }
  for _ = 1, runs do
    if run(way, first, ending[2], count) then
      return true
    end
  end
  print(("%s, forked %s, ended by %s: %d answers, %d crossed, %d lost"):format(
    way[1], first and "after calls" or "before any", ending[1], count.asked,
    count.crossed, count.lost))
  io.stdout:flush()
end

for _, way in ipairs(WAYS) do
  for _, ending in ipairs(ENDS) do
    if try(way, true, ending) or not way[4] and try(way, false, ending) then
      return
    end
  end
end
