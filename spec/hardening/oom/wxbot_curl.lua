-- Every function of wxbot.curl, once: over HTTP, or with true over TLS; with
-- another true in a thread.
local core = require "wxbot.curl"
local failure = require "wxbot.transport.curl_failure"
local scripted_server = require "spec.support.scripted_server"

local OK = "HTTP/1.1 200 OK\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 2\r\n\r\nok"
local tls, threaded = ...
local server = scripted_server(tls, { { { "read" }, { "send", OK }, { "again" } },
  quiet = true, life = 3600 })
local request = { method = "POST", url = server.url .. "/path", body = "body",
  headers = { ["Content-Type"] = "text/plain" },
  timeout = 30, connect_timeout = 30 }

local function check(good)
  if not good then
    error("wrong", 0)
  end
end

-- A failure of memory is an error of the call, or is raised.
local function got(value, message, code)
  if value == nil then
    error({ message = message .. " " .. tostring(code) }, 0)
  end
  return value
end

local function judge(status, headers, body, ...)
  if status == nil then
    error(failure(nil, nil, headers, body, ...), 0)
  end
  check(status == 200 and body == "ok" and headers["x-one"] == "1, 2")
end

-- Waits for the call of this id.
local function wait(client, id)
  local told
  repeat
    client:step(0.01)
    client:poll(0.01)
    told = client:finished()
  until told
  check(told == id)
end

return function()
  local client = core.client("/no/such/file", "", 4)
  client:close()
  client = core.client(server.ca_file, nil, nil, threaded)
  check(core.now() > 0 and client:sleep(0))
  judge(client:request(request))
  local transfer = got(client:start(request, 7))
  wait(client, 7)
  check(transfer:done())
  judge(transfer:result())
  transfer = got(client:start(request, 8, transfer))
  wait(client, 8)
  judge(transfer:result())
  transfer = got(client:start(request))
  transfer:cancel()
  check(select(3, transfer:result()) == "cancelled")
  check(client:request{ url = "http://127.0.0.1:1/" } == nil)
  transfer = got(client:start(request))
  client:close()
  local status, _, code = transfer:result()
  check(code == "closed" or threaded and status == 200) -- it was quick
  return true
end, server.stop
