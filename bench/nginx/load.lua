-- Clients of the chat service: load.lua PORT chat|ping CLIENTS SECONDS PAUSE
--
-- Each asks, waits for the answer, pauses, asks again, on one connection. The
-- first two seconds warm up and do not count. Prints how many were answered
-- and the latencies; ends with 1 if anything else than an answer came.

local uv = require "luv"

local PORT, KIND = tonumber(arg[1]), arg[2]
local CLIENTS, SECONDS, PAUSE = tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5])
local WARM_UP, RAMP = 2, 1

local QUERIES = { "你好", "怎么修改密码", "如何退款", "手机号在哪里绑定",
  "今天天气怎么样" }

local function request_of(client, n)
  if KIND == "ping" then
    return "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
  end
  local body = ('{"userid":"u%d","query":"%s"}'):format(client,
    QUERIES[n % #QUERIES + 1])
  return ("POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
    .. "Content-Type: application/json\r\n\r\n%s"):format(#body, body)
end

local took, errors, first_error = {}, 0, nil
local begun = uv.hrtime()

local function seconds()
  return (uv.hrtime() - begun) / 1e9
end

local function note(since, err)
  if since < WARM_UP then
    return
  elseif err then
    errors = errors + 1
    first_error = first_error or err
  else
    took[#took + 1] = seconds() - since
  end
end

-- The answer when it is whole: true, or what is wrong with it.
local function read_answer(text)
  local head, body = text:match("^(.-)\r\n\r\n(.*)$")
  local length = head and tonumber(head:match("Content%-Length: (%d+)"))
  if not length or #body < length then
    return nil
  end
  local good = KIND == "ping" and body == "pong\n"
    or body:find('"answer":"', 1, true)
  return head:find("^HTTP/1.1 200 ") and good and true or text
end

local function run(client)
  local socket, n, input, since = uv.new_tcp(), 0, "", 0

  local function ask()
    if socket:is_closing() then
      return
    elseif seconds() > SECONDS + WARM_UP then
      return socket:close()
    end
    n, input, since = n + 1, "", seconds()
    socket:write(request_of(client, n))
  end

  local function pause()
    if PAUSE == 0 then
      return ask()
    end
    local timer = uv.new_timer()
    timer:start(PAUSE * 1000, 0, function()
      timer:close()
      ask()
    end)
  end

  local function lose(err)
    note(since, err)
    socket:close()
  end

  socket:connect("127.0.0.1", PORT, function(err)
    if err then
      since = seconds()
      return lose(err)
    end
    socket:nodelay(true)
    socket:read_start(function(failed, data)
      if not data then
        return lose(failed or "closed")
      end
      input = input .. data
      local answer = read_answer(input)
      if answer then
        note(since, answer ~= true and answer or nil)
        pause()
      end
    end)
    ask()
  end)
end

for client = 1, CLIENTS do
  local timer = uv.new_timer()
  timer:start(math.floor(client / CLIENTS * RAMP * 1000), 0, function()
    timer:close()
    run(client)
  end)
end
uv.run()

table.sort(took)
local function at(share)
  return (took[math.max(1, math.ceil(#took * share))] or 0 / 0) * 1000
end
print(("/%s  %d clients: %d answers in %d s (%.0f a second), %d errors; "
  .. "p50 %.1f ms, p99 %.1f ms, max %.1f ms"):format(KIND, CLIENTS, #took,
  SECONDS, #took / SECONDS, errors, at(0.5), at(0.99), at(1)))
if first_error then
  print("  first error: " .. first_error)
end
os.exit(errors == 0 and #took > 0 and 0 or 1)
