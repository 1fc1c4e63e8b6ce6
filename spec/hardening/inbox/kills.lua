-- Pushes to `wxbot receive --inbox` while its nginx is killed at random moments,
-- and what of them was handled.
local look = require "wxbot.receive.inbox.look"
local platform = require "spec.hardening.inbox.platform"
local run = require "spec.support.command"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local M = {}

-- Says what it handles to a file that outlives it, late, and of some pushes only
-- when they come again. What it has refused outlives it, too: who is killed often
-- would refuse a push five times. Each line is one write.
local HANDLER = [[
local folder = %q
local log = assert(io.open(folder .. "/log", "ab"))
log:setvbuf("no")
local refused, failed = {}, assert(io.open(folder .. "/failed", "a+b"))
failed:setvbuf("no")
for line in failed:lines() do
  refused[line] = true
end
return function(message)
  local name = message.userid .. " " .. message.text
  local number = tonumber(message.text)
  if number %% 101 == 0 and not refused[name] then
    refused[name] = true
    failed:write(name .. "\n")
    error("not yet")
  elseif number %% 3 == 0 then
    ngx.sleep(number %% 20 / 1000)
  end
  log:write(name .. " " .. ngx.worker.pid() .. "\n")
end
]]

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- ------------------------------------------------------------- the receiver

local function begin(world)
  local args = platform.receive(world, world.port or 0)
  for _, flag in ipairs(world.flags or {}) do
    args[#args + 1] = flag
  end
  world.server = start.run(run.line(args) .. " 2>" .. world.folder .. "/said")
  world.url = world.server:expect("^url: (.*)$")
  world.port = world.url:match(":(%d+)/")
  world.server:expect("^stop: ")
end

-- Kills nginx, and starts it anew.
local function kill(world)
  local pids = start.output_of("ps -o pid= --ppid " .. world.server.pid)
  local nginx = assert(pids:match("%d+"), "there is no nginx")
  os.execute("kill -9 " .. nginx)
  world.server:stop()
  world.kills = world.kills + 1
  begin(world)
end

-- ------------------------------------------------------------------- the proof

-- Each process was killed but the last.
local function may_repeat(before, pid)
  return pid ~= before
end

local function wait_until_handled(world)
  for _ = 1, 600 do
    if #assert(look.read(world.inbox)).waiting == 0 then
      return
    end
    os.execute("sleep 0.2")
  end
end

--- Pushes, kills and looks.
---@param options table users, each = pushes of a user, flight = at once, seed, pause = seconds between two kills at most, kills = how many at most, progress
---@return table world users, each, kills, again, twice, wrong, seconds, bytes
function M.run(options)
  math.randomseed(options.seed)
  local folder = start.output_of("mktemp -d"):match("[^\n]+")
  local world = { folder = folder, inbox = folder .. "/inbox", kills = 0,
    again = 0, answered = 0, twice = 0, users = options.users,
    each = options.each, flags = options.flags, progress = options.progress }
  write(folder .. "/handler.lua", HANDLER:format(folder))
  begin(world)
  local loop = assert(wxbot.loop{ max_connections = options.flight })
  local began = os.time()
  world.next_url = function() return world.url end
  platform.spawn(world, loop, options.flight)
  loop:spawn(function()
    while world.left > 0 and world.kills < (options.kills or math.huge) do
      loop:sleep(0.05 + math.random() * options.pause)
      if world.left > 0 then
        kill(world)
      end
    end
  end)
  loop:run()
  loop:close()
  wait_until_handled(world)
  world.seconds = os.time() - began
  world.server:stop()
  world.bytes = #start.read(world.inbox)
  world.wrong = platform.check(world, may_repeat)
  start.remove_folder(folder)
  return world
end

return M
