-- Pushes to `wxbot receive --inbox` while its nginx is killed at random moments,
-- and what of them was handled.
--
-- As the platform does, a user's next push comes once the last one was answered
-- with 200, and what was not answered so is sent again as it was.
local look = require "wxbot.receive.inbox.look"
local run = require "spec.support.command"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local unpack = table.unpack or unpack

local M = {}

local ACCOUNT = wxbot.sandbox():credentials()

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
  local args = { env = { TMPDIR = world.folder, WXBOT_APPID = ACCOUNT.appid,
    WXBOT_TOKEN = ACCOUNT.token, WXBOT_AES_KEY = ACCOUNT.aes_key }, "receive",
    world.folder .. "/handler.lua", "--inbox", world.inbox, "--port",
    tostring(world.port or 0), "--base-url", "http://127.0.0.1:1",
    unpack(world.flags or {}) }
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

-- --------------------------------------------------------------- the platform

local function push_to(world, loop, body)
  while true do
    local response = loop:request{ method = "POST", url = world.url,
      body = body, headers = {}, timeout = 5 }
    if response and response.status == 200 then
      return
    end
    world.again = world.again + 1
    loop:sleep(0.02)
  end
end

local function platform(world, loop, first, step)
  local seal = wxbot.msgcrypt(ACCOUNT.aes_key, ACCOUNT.appid)
  for number = 1, world.each do
    for user = first, world.users, step do
      push_to(world, loop, '{"encrypted":"' .. seal:encrypt(
        ("<xml><userid>u%d</userid><content><msg>%d</msg><msgtype>text</msgtype>"
          .. "</content><from>0</from><createtime>%d</createtime></xml>")
          :format(user, number, 1700000000 + number)) .. '"}')
      world.answered = world.answered + 1
    end
    if world.progress then
      world.progress(world.answered, world.users * world.each)
    end
  end
end

-- ------------------------------------------------------------------- the proof

-- What is wrong with what was handled; also counts what was handled twice.
local function check(world)
  local last, wrong = {}, {}
  for line in io.lines(world.folder .. "/log") do
    local user, number, pid = line:match("^(%S+) (%d+) (%d+)$")
    user, number = user or "?", tonumber(number) or -1
    local before = last[user] or { number = 0 }
    if number == before.number and pid ~= before.pid then
      world.twice = world.twice + 1
    elseif number ~= before.number + 1 then
      wrong[#wrong + 1] = ("%s: %d after %d, process %s after %s"):format(user,
        number, before.number, pid, before.pid)
    end
    last[user] = { number = number, pid = pid }
  end
  for user = 1, world.users do
    local number = (last["u" .. user] or { number = 0 }).number
    if number ~= world.each then
      wrong[#wrong + 1] = ("u%d: the last is %d"):format(user, number)
    end
  end
  return wrong
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
  local left, began = options.flight, os.time()
  for first = 1, options.flight do
    loop:spawn(function()
      platform(world, loop, first, options.flight)
      left = left - 1
    end)
  end
  loop:spawn(function()
    while left > 0 and world.kills < (options.kills or math.huge) do
      loop:sleep(0.05 + math.random() * options.pause)
      if left > 0 then
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
  world.wrong = check(world)
  start.remove_folder(folder)
  return world
end

return M
