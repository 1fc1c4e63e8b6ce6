--- Makes a call: connects, sends the request, reads the answer, and ends when
--- the time is over.

local hosts = require "wxbot.transport.resty.host"
local http1 = require "wxbot.transport.http1"
local words = require "wxbot.transport.words"

local ceil, max = math.ceil, math.max
local pcall, tostring = pcall, tostring

local READ_SIZE = 65536
local PIECE_SIZE = 65536

-- Texts of nginx -> kind, what to tell, code. The last two tell of the peer,
-- the platform or a proxy.
local function connecting(unknown, unreached, code)
  return {
    { "no resolver defined", "unavailable",
      "nginx cannot look up names: set resolver in nginx.conf to the address "
      .. "of a name server (/etc/hosts is not read)", "resolver" },
    { "could not be resolved %(110", "timeout",
      "the name server did not answer; check resolver in nginx.conf",
      "resolver" },
    { "too many open files", "unavailable",
      "no file descriptor is left: raise worker_rlimit_nofile in nginx.conf" },
    -- All that nginx says when it has no room for a socket that it has opened.
    { "operation now in progress", "unavailable",
      "nginx has no connection left: raise worker_connections in nginx.conf" },
    { "could not be resolved", "transport", unknown, code or "resolver" },
    { "", "transport", unreached, code },
  }
end

local TO_PLATFORM = connecting(
  "the host name is not known; check it and resolver in nginx.conf",
  "no connection; check host, port and network")
local TO_PROXY = connecting("the name of the proxy is not known; check proxy, "
  .. "and resolver in nginx.conf",
  words.NO_PROXY, "proxy")

local UNTRUSTED = "the certificate is not trusted; name the file of its "
  .. "authority in lua_ssl_trusted_certificate in nginx.conf (in http {}, "
  .. "timers see no other), and raise lua_ssl_verify_depth (1 by default) "
  .. "if there are more certificates between"

local HANDSHAKE = {
  { "host mismatch", "tls", words.OTHER_HOST, "certificate" },
  { "expired", "tls", words.NOT_TODAY, "certificate" },
  { "not yet valid", "tls", words.NOT_TODAY, "certificate" },
  { "certificate", "tls", UNTRUSTED, "certificate" },
  { "", "tls", "the TLS handshake failed; the server must offer TLS 1.2 or "
    .. "newer on this port, and lua_ssl_protocols in nginx.conf allow it",
    "handshake" },
}

local ADDRESS = "nginx compares a certificate with names only, not with "
  .. "addresses: put a host name into base_url, or name the host in server_name "
  .. "of wxbot.resty"

-- A handshake that fails at once raises in some versions of lua-resty-core;
-- the reason is then where the C side has left it.
local function raised_reason(host, message)
  local text = host.last_error and message:find("assertion failed", 1, true)
    and host.last_error()
  return text or "handshake failed"
end

-- The rightful certificate of an address is refused as well.
local function explain_handshake(call, text)
  if text:find("host mismatch", 1, true) and not call.url.is_name
      and call.server_name == call.url.host then
    return call:fail("tls", ADDRESS, "certificate")
  end
  return call:explain(HANDSHAKE, text)
end

-- Without a name nginx would check none; and `false` for the session would
-- turn a failure into success: so always nil, the name, true.
local function handshake(call)
  local sock = call.sock
  local returned, session, why = pcall(sock.sslhandshake, sock, nil,
    call.server_name, true)
  if returned and session then
    return true
  end
  return explain_handshake(call, returned and tostring(why)
    or raised_reason(call.host, tostring(session)))
end

-- What the proxy's answer to CONNECT means. What it says of a body is not
-- waited for.
local function tunnel_verdict(call, parser, done)
  local status = parser.headers and parser.status
  local refusal = status and words.of_proxy(status)
  if refusal then
    return call:fail("transport", refusal, "proxy", status)
  elseif done == nil or parser.has_more then
    return call:explain(TO_PROXY, "")
  end
  return done
end

-- Asks the proxy for a tunnel. No byte of the platform's comes before we have
-- sent one.
local function open_tunnel(call)
  local parser, sock = http1.parser("CONNECT", 0), call.sock
  local opened, err
  local data, why = sock:send(http1.connect_head(call.url,
    call.settings.proxy))
  while data and not opened and not err do
    data, why = sock:receiveany(READ_SIZE)
    if data then
      opened, err = tunnel_verdict(call, parser, parser:feed(data))
    end
  end
  if not data then
    return call:explain(TO_PROXY, why)
  end
  return opened, err
end

local function secure(call)
  local ok, err = true, nil
  if call.settings.proxy then
    ok, err = open_tunnel(call)
  end
  if ok then
    ok, err = handshake(call)
  end
  return ok, err
end

local function connect(call)
  local sock, url, proxy = call.sock, call.url, call.settings.proxy
  local peer = proxy or url
  local ok, err = sock:connect(peer.host, peer.port,
    { pool = call.pool, pool_size = call.settings.pool_size })
  if not ok then
    return call:explain(proxy and TO_PROXY or TO_PLATFORM, tostring(err))
  elseif url.scheme == "https" and sock:getreusedtimes() == 0 then
    ok, err = secure(call)
  end
  call.connected = ok
  return ok, err
end

-- nginx copies what it is to send, and keeps the copy until the request or
-- timer that the call was made in ends if the peer takes only a part. So a
-- long body goes piece by piece.
local function send(call)
  local body, at = call.body, 1
  call.begun = true
  repeat
    local piece = body:sub(at, at + PIECE_SIZE - 1)
    local ok, why = call.sock:send{ at == 1 and call.head or "", piece }
    if why == "timeout" then
      return call:fail_timeout()
    elseif not ok then
      return call:fail("transport", words.LOST)
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

-- Sleeps until the call must have ended: no timeout of a socket bounds name
-- resolution, or bytes that come drop by drop.
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
  if call.timeout <= 0 then
    return call:fail_timeout()
  end
  local ms = ceil(hosts.bounded(call.timeout) * 1000)
  call.sock:settimeouts(ms, ms, ms)
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
