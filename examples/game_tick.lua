-- A game server of 60 ticks a second, in which 1,000 characters chat.
--
--   lua5.4 examples/game_tick.lua [SECONDS [BASE_URL [CA_FILE]]]
--
-- Without a BASE_URL the characters talk to the embedded platform, whose
-- answers take 50 to 300 ms. Its work is then done in the steps, which it makes
-- longer; with a BASE_URL it is done elsewhere, as in a real game:
-- http://127.0.0.1:8080 of a `wxbot serve`, or a platform's own.
-- `make bench-tick` measures the steps over https.

local wxbot = require "wxbot"

local HZ, CHARACTERS = 60, 1000
local PACE = 20 -- seconds that a character thinks, on average
local SECONDS = tonumber(arg[1]) or 5
local BASE_URL, CA_FILE = arg[2], arg[3]
local LINES = { "你好", "怎么修改密码", "今天天气怎么样", "支持哪些支付方式" }

-- Ctrl-C is an error of the interpreter's wherever it strikes.
local function is_interrupt(err)
  return tostring(err):find("interrupted", 1, true) ~= nil
end

local interrupted = false
local loop = wxbot.loop{
  max_connections = 200, ca_file = CA_FILE,
  on_error = function(err)
    if is_interrupt(err) then
      interrupted = true
    else
      print("a character fell silent: " .. tostring(err))
    end
  end,
}

-- The embedded platform, at the distance of a network.
local function distant_sandbox()
  local sandbox = assert(wxbot.sandbox{})
  local options = sandbox:credentials()
  options.transport = setmetatable({ request = function(_, request)
    loop:sleep(0.05 + math.random() * 0.25)
    return sandbox:request(request)
  end }, { __index = function(_, name)
    return loop[name] and function(_, ...) return loop[name](loop, ...) end
  end })
  return options
end

local options = BASE_URL and { appid = os.getenv "WXBOT_APPID",
  token = os.getenv "WXBOT_TOKEN", aes_key = os.getenv "WXBOT_AES_KEY",
  base_url = BASE_URL, transport = loop } or distant_sandbox()
local bot = assert(wxbot.new(options))

-- A character thinks a while, says something, and waits for the answer.
local waits, failed = {}, 0

local function character(number)
  while true do
    loop:sleep(math.random() * 2 * PACE)
    local asked = loop:now()
    local reply = bot:ask{ userid = "character-" .. number,
      query = LINES[math.random(#LINES)] }
    if reply then
      waits[#waits + 1] = loop:now() - asked
    else
      failed = failed + 1
    end
  end
end

for number = 1, CHARACTERS do
  loop:spawn(character, number)
end

local pause = wxbot.curl()
local steps = {}

local function play()
  local started = loop:now()
  local tick = started
  while not interrupted and loop:now() < started + SECONDS do
    -- Here the world moves; then what the network has brought is dealt with,
    -- for half a millisecond at most. The rest waits for the next tick.
    local began = loop:now()
    loop:step()
    steps[#steps + 1] = (loop:now() - began) * 1000
    tick = tick + 1 / HZ
    if tick > loop:now() then
      pause:sleep(tick - loop:now())
    end
  end
end

local ok, err = pcall(play)
if not ok and not is_interrupt(err) then
  error(err, 0)
end
interrupted = interrupted or not ok
loop:close()

local function at(list, share)
  return list[math.max(1, math.ceil(#list * share))] or 0
end

table.sort(steps)
table.sort(waits)
print(("%d ticks, %d answers, %d failed; a step took %.2f ms at the median, "
  .. "%.2f ms at 99 %%, %.2f ms at most; an answer %.0f ms at the median, "
  .. "%.0f ms at 99 %%"):format(#steps, #waits, failed, at(steps, 0.5),
  at(steps, 0.99), at(steps, 1), at(waits, 0.5) * 1000, at(waits, 0.99) * 1000))
if at(waits, 0.99) > 1 then
  print("answers wait for their turn: the characters ask for more than the "
    .. "steps carry; more seconds a step, loop:step(seconds), carry more")
end
if interrupted then
  os.exit(130, true)
end
