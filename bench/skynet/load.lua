-- 100 asks at once, 100 times; meanwhile one service pings another. Prints how long
-- that took. The services are started by run, on skynet.
local skynet = require "skynet"

local ASKS, ROUNDS = 100, 100
local NANOSECOND = 1e-9

local function now()
  return skynet.hpc() * NANOSECOND
end

local failed, waits, done = 0, {}, 0
local function ask(bot, i)
  local began = now()
  local reply, err = bot:ask{ userid = "u" .. i, query = "怎么修改密码" }
  if not reply then
    failed = failed + 1
    skynet.error(tostring(err))
  end
  waits[#waits + 1] = now() - began
  done = done + 1
end

local function told(name, list)
  table.sort(list)
  local function at(share)
    return list[math.max(1, math.ceil(#list * share))] * 1000
  end
  return ("%s of %d: %.2f ms at the median, %.2f at 99 %%, %.2f at most"):format(
    name, #list, at(0.5), at(0.99), at(1))
end

local roles = {}

function roles.neighbour()
  skynet.dispatch("lua", function() skynet.ret(skynet.pack(true)) end)
end

-- Pings the neighbour 100 times a second; who asks is told the seconds of each
-- since the last time.
function roles.pinger()
  local pings, neighbour = {}, skynet.newservice("load", "neighbour")
  skynet.dispatch("lua", function()
    skynet.ret(skynet.pack(pings))
    pings = {}
  end)
  skynet.fork(function()
    while true do
      local began = now()
      skynet.call(neighbour, "lua")
      pings[#pings + 1] = now() - began
      skynet.sleep(1)
    end
  end)
end

function roles.main()
  local bot = require "wxbot_client"
  local pinger = skynet.newservice("load", "pinger")
  skynet.sleep(300)
  local quiet = skynet.call(pinger, "lua")
  local began = now()
  for round = 1, ROUNDS do
    for i = 1, ASKS do
      skynet.fork(ask, bot, i)
    end
    while done < round * ASKS do
      skynet.sleep(1)
    end
  end
  local seconds = now() - began
  local pings = skynet.call(pinger, "lua")
  print(_VERSION)
  print(("%d asks, %d at once, %d failed: %.0f a second"):format(#waits, ASKS,
    failed, #waits / seconds))
  print(told("asks", waits))
  print(told("pings before", quiet))
  print(told("pings meanwhile", pings))
  os.exit(failed == 0)
end

skynet.start(roles[... or "main"])
