-- Pushes to several `wxbot receive --inbox redis://…`, of which one after another
-- is killed, and Redis once, and what of them was handled. A push comes to
-- whichever.
local client = require "spec.support.nginx_redis"
local platform = require "spec.hardening.inbox.platform"
local redis = require "spec.support.redis"
local run = require "spec.support.command"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local M = {}

-- Says what it handles to a file that outlives it, late, and of some pushes only
-- when they come again.
local HANDLER = [[
local log = assert(io.open(%q, "ab"))
log:setvbuf("no")
-- Failures are everybody's: who takes over must not fail again.
local function is_first(message)
  local path = %q .. message.userid .. "." .. message.text
  local known = io.open(path, "rb")
  local file = known or assert(io.open(path, "wb"))
  file:close()
  return not known
end
return function(message)
  local number = tonumber(message.text)
  if number %% 97 == 0 and is_first(message) then
    error("not yet")
  elseif number %% 3 == 0 then
    ngx.sleep(number %% 20 / 1000)
  end
  log:write(("%%s %%d %%d\n"):format(message.userid, number, ngx.worker.pid()))
end
]]

-- ------------------------------------------------------------ the receivers

local function begin(world, receiver)
  local args = platform.receive(world, receiver.port)
  receiver.process = start.run(("%s >>%s/said.%d"):format(run.line(args),
    world.folder, receiver.port))
end

-- The nginx of a receiver, or nil while it has none.
local function nginx_of(receiver)
  return start.output_of("ps -o pid= --ppid " .. receiver.process.pid)
    :match("%d+")
end

-- One that has ended by itself, since Redis was away when it started, is started
-- again as well.
local function kill(world, receiver)
  local pid = nginx_of(receiver)
  if pid then
    os.execute("kill -9 " .. pid)
    world.killed[pid], world.kills = true, world.kills + 1
  else
    local said = start.read(("%s/said.%d"):format(world.folder, receiver.port))
    world.ended[#world.ended + 1] = said:match("([^\n]*)\n$")
  end
  receiver.process:stop()
  begin(world, receiver)
end

local function begin_all(world, count)
  for i = 1, count do
    local receiver = { port = redis.free_port() }
    receiver.url = ("http://127.0.0.1:%d/push"):format(receiver.port)
    world.receivers[i] = receiver
    begin(world, receiver)
  end
end

-- ------------------------------------------------------------------ the proof

local function waiting(world)
  local count = 0
  for shard = 0, 15 do
    count = count + assert(world.command("XLEN", ("wxbot:{kefu:%s}:inbox:shard:%d")
      :format(platform.account.appid, shard)))
  end
  return count
end

local function wait_until_handled(world)
  local least, since = waiting(world), socket.gettime()
  while least > 0 and socket.gettime() < since + 60 do
    socket.sleep(0.2)
    local count = waiting(world)
    if count < least then
      least, since = count, socket.gettime()
    end
  end
end

local function disturb(world, loop, options)
  local number = 0
  while world.left > 0 do
    loop:sleep(options.pause)
    number = number + 1
    if world.left > 0 then
      kill(world, world.receivers[number % #world.receivers + 1])
    end
  end
end

-- Kills Redis once half of the pushes are answered; it is back a second later.
local function disturb_redis(world, loop)
  while world.answered < world.users * world.each / 2 do
    loop:sleep(0.05)
  end
  world.server.process:signal("KILL")
  world.server.process:stop()
  loop:sleep(1)
  world.server = redis.server(world.redis)
end

local function serve(world, options)
  local loop = assert(wxbot.loop{ max_connections = options.flight })
  world.next_url = function()
    return world.receivers[math.random(#world.receivers)].url
  end
  platform.spawn(world, loop, options.flight)
  loop:spawn(disturb, world, loop, options)
  loop:spawn(disturb_redis, world, loop)
  loop:run()
  loop:close()
end

--- Pushes, kills and looks.
---@param options table users, each = pushes of a user, flight = at once, receivers, pause = seconds between two kills, progress
---@return table|nil world users, each, kills, again, twice, wrong, seconds, ended = last lines of who ended by itself; nil: nginx has no client of Redis here
function M.run(options)
  local folder = start.output_of("mktemp -d"):match("[^\n]+")
  local world = { folder = folder, kills = 0, killed = {}, again = 0,
    answered = 0, twice = 0, users = options.users, each = options.each,
    receivers = {}, ended = {}, progress = options.progress }
  if not client.put_beside(folder) then
    start.remove_folder(folder)
    return nil
  end
  world.redis = { folder = folder, port = redis.free_port(),
    options = "--appendonly yes --appendfsync always" }
  world.server = redis.server(world.redis)
  world.command = redis.command(world.redis.port)
  world.inbox = "redis://127.0.0.1:" .. world.redis.port
  local file = assert(io.open(folder .. "/handler.lua", "wb"))
  file:write(HANDLER:format(folder .. "/log", folder .. "/failed."))
  file:close()
  local began = socket.gettime()
  begin_all(world, options.receivers)
  serve(world, options)
  world.pushed = socket.gettime() - began
  wait_until_handled(world)
  world.seconds = socket.gettime() - began
  for _, receiver in ipairs(world.receivers) do
    receiver.process:stop()
  end
  world.server.process:stop()
  world.wrong = platform.check(world, function(before)
    return world.killed[before] == true
  end)
  start.remove_folder(folder)
  return world
end

return M
