--- Makes a call over a connection: sends the request, reads the answer, and
--- ends when the time is over.

local connect = require "wxbot.transport.resty.connect"
local hosts = require "wxbot.transport.resty.host"

local max = math.max

local READ_SIZE = 65536
local PIECE_SIZE = 65536

local LOST = "the connection was lost before the answer was complete"

-- nginx copies what it is to send, and keeps the copy until the request or
-- timer that the call was made in ends if the peer takes only a part. So a
-- long body goes piece by piece.
local function send(call)
  local body, at = call.body, 1
  repeat
    local allowed, err = call:allow(call.deadline)
    if not allowed then
      return nil, err
    end
    call.begun = true
    local piece = body
    if #body > PIECE_SIZE then
      piece = body:sub(at, at + PIECE_SIZE - 1)
    end
    local ok, why = call.sock:send{ at == 1 and call.head or "", piece }
    if why == "timeout" then
      return call:fail_timeout()
    elseif not ok then
      return call:fail("transport", LOST)
    end
    at = at + PIECE_SIZE
  until at > #body
  return true
end

-- What the parser made of the bytes.
local function verdict(call, done, kind, why)
  if done then
    return call.parser:response()
  elseif done == nil then
    return call:fail(kind, why)
  end
end

-- The peer has ended the connection. nginx does not tell an orderly end of TLS
-- from a cut, so over TLS the end alone makes no answer whole.
local function at_end(call)
  if call.url.scheme == "https" and call.parser.state == "until_close" then
    return call:fail("transport", "the answer tells no length, so whether "
      .. "it is whole is not known")
  end
  return verdict(call, call.parser:finish())
end

-- Reads what is there, never a line or a number of bytes: these would wait
-- anew for each drop.
local function receive(call)
  local response, err
  repeat
    local allowed, late = call:allow(call.deadline)
    if not allowed then
      return nil, late
    end
    local data, why = call.sock:receiveany(READ_SIZE)
    if data then
      response, err = verdict(call, call.parser:feed(data))
    elseif why == "timeout" then
      return call:fail_timeout()
    else
      response, err = at_end(call)
    end
  until response or err
  return response, err
end

local function exchange(call)
  local ok, err = connect(call)
  if ok then
    ok, err = send(call)
  end
  if not ok then
    return nil, err
  end
  return receive(call)
end

local function sleep_until(call, ends)
  hosts.sleep(call.host, max(0.001, ends - call.host.now()))
end

-- Sleeps until the call must have ended.
local function watch(call)
  sleep_until(call, call.connect_by)
  if call.connected then
    sleep_until(call, call.deadline)
  end
end

---@param call wxbot.transport.resty.Call with a socket
---@return wxbot.transport.Response|nil response
---@return wxbot.Error|nil err
return function(call)
  local response, err
  local unended = hosts.watched(call.host, function()
    response, err = exchange(call)
  end, watch, call)
  if unended then
    call.host.thread.kill(unended)
    return call:fail_timeout()
  end
  return response, err
end
