-- The platform of who kills receivers: it pushes, and looks at what was handled.
--
-- As the real one does, a user's next push comes once the last one was answered
-- with 200, and what was not answered so is sent again as it was.
local wxbot = require "wxbot"

local M = {}

M.account = wxbot.sandbox():credentials()

--- The command of a receiver.
---@param world table folder, inbox
---@param port any
---@return table args of spec.support.command
function M.receive(world, port)
  return { env = { TMPDIR = world.folder, WXBOT_APPID = M.account.appid,
    WXBOT_TOKEN = M.account.token, WXBOT_AES_KEY = M.account.aes_key },
    "receive", world.folder .. "/handler.lua", "--inbox", world.inbox, "--port",
    tostring(port), "--base-url", "http://127.0.0.1:1" }
end

local function push_to(world, loop, body)
  while true do
    local response = loop:request{ method = "POST", url = world.next_url(),
      body = body, headers = {}, timeout = 5 }
    if response and response.status == 200 then
      return
    end
    world.again = world.again + 1
    loop:sleep(0.02)
  end
end

local function push_all(world, loop, first, step)
  local seal = wxbot.msgcrypt(M.account.aes_key, M.account.appid)
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

--- Pushes what there is, so many at once.
---@param world table users, each = pushes of a user, next_url(), progress; counts answered and again; left = how many are at it
---@param loop wxbot.Loop
---@param flight integer
function M.spawn(world, loop, flight)
  world.left = flight
  for first = 1, flight do
    loop:spawn(function()
      push_all(world, loop, first, flight)
      world.left = world.left - 1
    end)
  end
end

--- What is wrong with what was handled; also counts what was handled twice.
---@param world table folder, users, each; counts twice
---@param may_repeat fun(before: string, pid: string): boolean may this process have handled once more what that one did?
---@return string[] wrong
function M.check(world, may_repeat)
  local last, wrong = {}, {}
  for line in io.lines(world.folder .. "/log") do
    local user, number, pid = line:match("^(%S+) (%d+) (%d+)$")
    user, number = user or line, tonumber(number) or -1
    local before = last[user] or { number = 0 }
    if number == before.number and may_repeat(before.pid, pid) then
      world.twice = world.twice + 1
    elseif number ~= before.number + 1 then
      wrong[#wrong + 1] = ("%s: %d after %d, process %s after %s"):format(user,
        number, before.number, tostring(pid), tostring(before.pid))
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

-- ---------------------------------------------------------------- as a program

--- How many users, pushes of each, and the seed that were asked for: N, SEED.
---@return table
function M.asked()
  local users = 500
  local pushes = tonumber(os.getenv("N") or 100000)
  local seed = tonumber(os.getenv("SEED") or os.time() % 1000000)
  assert(pushes and pushes >= users and seed, "N and SEED must be numbers")
  print(("%d pushes of %d users, seed %d"):format(pushes, users, seed))
  return { users = users, each = math.floor(pushes / users), flight = 50,
    seed = seed }
end

--- Says what came of it, and ends the program.
---@param ran boolean
---@param world table|string|nil why it is none
---@param missing string said when there is neither
---@param lines fun() says what is known of this proof alone
function M.tell(ran, world, missing, lines)
  if not ran or not world then
    io.stderr:write(tostring(world or missing), "\n")
    os.exit(1)
  end
  print(("answered with 200: %d; not, and sent again: %d"):format(
    world.answered, world.again))
  lines()
  for i, wrong in ipairs(world.wrong) do
    if i <= 20 then
      print("WRONG: " .. wrong)
    end
  end
  print(#world.wrong .. " lost, or out of order")
  os.exit(#world.wrong == 0 and 0 or 1)
end

return M
