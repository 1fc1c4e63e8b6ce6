-- 1,000 calls of one thread, in all the ways that there are to make, to drive
-- and to end them; each must get its own answer.
local wxbot = require "wxbot"

local number, url = ...

local CALLS, FLIGHT = 1000, 32
local made, answered = 0, 0

local function request()
  made = made + 1
  return { method = "POST", url = url, timeout = 30,
    body = ("call %.0f of %.0f"):format(made, number)
      .. (made % 50 == 0 and ("x"):rep(100000) or "") }
end

local function call(transport)
  local req = request()
  local result, err = transport:request(req)
  if result then
    assert(result.body == req.body)
    answered = answered + 1
  else
    assert(err.kind == "closed" or err.kind == "cancelled", tostring(err))
  end
end

local drives = {
  function(loop) loop:run() end,
  function(loop)
    repeat
      local live = loop:step()
    until live == 0
  end,
  function(loop) -- as hosts do that wait for descriptors
    assert(loop:fd())
    repeat
      local live = loop:step()
      loop:sleep(0.001)
    until live == 0
  end,
  function(loop, fibers) -- some are cancelled, early or late
    for i = 1, #fibers, 3 do
      loop:step(i % 2 * 0.001)
      fibers[i]:cancel()
    end
    loop:run()
  end,
  function(loop) -- in the middle of all of them
    loop:step(0.002)
    loop:close()
  end,
  function(loop) -- beside one that blocks
    loop:step()
    call(loop)
    loop:run()
  end,
}

local round = 0
while made < CALLS do
  round = round + 1
  local loop, fibers = wxbot.loop{ max_connections = FLIGHT / 2 }, {}
  for i = 1, FLIGHT do
    fibers[i] = loop:spawn(call, loop)
  end
  drives[round % #drives + 1](loop, fibers)
  if round % 2 == 0 then -- else it is forgotten
    loop:close()
  end
  call(wxbot.curl())
  collectgarbage()
end
assert(answered > CALLS / 2, answered)
-- The state ends with calls on their way.
local last = wxbot.loop{}
for _ = 1, FLIGHT do
  last:spawn(call, last)
end
last:step()
