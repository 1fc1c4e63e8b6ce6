-- A game server of 60 ticks a second, in which 1,000 characters chat.
--
--   lua5.4 examples/game_tick.lua [SECONDS [BASE_URL [CA_FILE]]]
--
-- Without a BASE_URL the characters talk to the embedded platform, whose
-- answers take 50 to 300 ms; with one, over the network:
-- https://127.0.0.1:8443 of a `wxbot serve`, or a platform's own.
-- `make bench-tick` measures the steps over https.

local wxbot = require "wxbot"

local HZ, CHARACTERS = 60, 1000
local SECONDS = tonumber(arg[1]) or 5
local BASE_URL, CA_FILE = arg[2], arg[3]
local LINES = { "你好", "怎么修改密码", "今天天气怎么样", "支持哪些支付方式" }

local loop = wxbot.loop{
  max_connections = 200, ca_file = CA_FILE,
  on_error = function(err) print("a character fell silent: " .. tostring(err)) end,
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

-- A character says something, waits for the answer, and thinks a while.
local said, failed = 0, 0

local function character(number)
  while true do
    loop:sleep(math.random() * 10)
    local reply = bot:ask{ userid = "character-" .. number,
      query = LINES[math.random(#LINES)] }
    if reply then
      said = said + 1
    else
      failed = failed + 1
    end
  end
end

for number = 1, CHARACTERS do
  loop:spawn(character, number)
end

local pause = wxbot.curl()
local steps, started = {}, loop:now()
local tick = started
while loop:now() < started + SECONDS do
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
loop:close()

table.sort(steps)
print(("%d ticks, %d answers, %d failed; a step took %.2f ms at the median, "
  .. "%.2f ms at 99 %%, %.2f ms at most"):format(#steps, said, failed,
  steps[math.ceil(#steps / 2)], steps[math.ceil(#steps * 0.99)],
  steps[#steps]))
