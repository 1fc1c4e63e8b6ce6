--- The transport of OpenResty and nginx: cosockets, so a worker never waits.
--
-- HTTPS only unless the URL of a request says http. Certificate and host
-- name are always checked; no redirects; nothing is ever sent a second time.
-- Connections are kept, one pool for each host and trust. One deadline holds
-- for the whole call: name resolution, connecting, TLS, sending, reading.
--
-- What nginx.conf must say, in http {}, for calls to the real platform:
--   lua_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
--   lua_ssl_verify_depth 5;
--   lua_ssl_protocols TLSv1.2 TLSv1.3;
--   resolver 192.0.2.53;    # the name server of /etc/resolv.conf
--
-- A transport sees secrets: the bot's token is part of the URLs. They do
-- not appear in its errors, nor in its table.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local http1 = require "wxbot.transport.http1"
local options_of = require "wxbot.util.options"

local ceil, max, min = math.ceil, math.max, math.min
local error, ipairs, pairs, pcall = error, ipairs, pairs, pcall
local require, tonumber, tostring, type = require, tonumber, tostring, type
local isyieldable = core.isyieldable

---@class wxbot.transport.RestyOptions
---@field ca_id string|nil any name for the authorities trusted here; when server blocks of one nginx trust different ones, it keeps their connections apart
---@field server_name string|nil the name that certificates must be for; by default the host of the URL
---@field pool_size integer|nil connections kept for a host by a worker, 30 by default
---@field idle_timeout number|nil seconds that a connection is kept unused, 60 by default

---@class wxbot.transport.Resty
---@field request fun(self, req: wxbot.transport.Request): wxbot.transport.Response|nil, wxbot.Error|nil
---@field spawn fun(self, fn: function, ...): boolean
---@field sleep fun(self, seconds: number): boolean|nil, wxbot.Error|nil
---@field now fun(self): number
---@field close fun(self)

local M = {}

local TIMEOUT = 10
local CONNECT_TIMEOUT = 3
local MAX_BODY = 1024 * 1024
local READ_SIZE = 65536
local PIECE_SIZE = 65536
-- What nginx's timers can hold, in seconds.
local MAX_WAIT = 2000000

-- ------------------------------------------------------------------ options

local function is_wait(value)
  return type(value) == "number" and value > 0 and value <= MAX_WAIT
end

local function is_text(value)
  return type(value) == "string" and value ~= "" and #value <= 255
    and not value:find("[%z\1-\32\127]")
end

local function is_host_name(value)
  return type(value) == "string" and #value <= 255
    and value:find("^[A-Za-z0-9._-]+$") ~= nil
end

local OPTIONS = {
  { name = "ca_id", check = is_text,
    expected = "a short name without blanks" },
  { name = "server_name", check = is_host_name, expected = "a host name" },
  { name = "pool_size", check = options_of.is_count,
    expected = "a whole number from 1 to 65535" },
  { name = "idle_timeout", check = is_wait,
    expected = "a number of seconds above 0" },
}

-- ------------------------------------------------------------------ failures

local function fail(call, kind, why, code)
  local sent
  if not call.begun then
    sent = false
  elseif kind == "limit" and call.parser.status then
    sent = true
  end
  local unknown = sent == nil
    and "; whether the request arrived is not known" or ""
  return nil, errors.new{ kind = kind, code = code or kind, sent = sent,
    message = call.url.origin .. ": " .. why .. unknown }
end

local function fail_timeout(call)
  local limit = call.timeout
  if not call.begun then
    limit = min(limit, call.connect_timeout)
  end
  return fail(call, "timeout", ("no %s within %.14g s"):format(
    call.begun and "answer" or "connection", limit))
end

-- Texts of nginx -> kind, what to tell, code.
local CONNECTING = {
  { "no resolver defined", "unavailable",
    "nginx cannot look up names: set resolver in nginx.conf to the address "
    .. "of a name server (/etc/hosts is not read)", "resolver" },
  { "could not be resolved %(110", "timeout",
    "the name server did not answer; check resolver in nginx.conf",
    "resolver" },
  { "could not be resolved", "transport",
    "the host name is not known; check it and resolver in nginx.conf",
    "resolver" },
  { "too many open files", "unavailable",
    "no file descriptor is left: raise worker_rlimit_nofile in nginx.conf" },
  -- All that nginx says when it has no room for a socket that it has opened.
  { "operation now in progress", "unavailable",
    "nginx has no connection left: raise worker_connections in nginx.conf" },
  { "", "transport", "no connection; check host, port and network" },
}

local UNTRUSTED = "the certificate is not trusted; name the file of its "
  .. "authority in lua_ssl_trusted_certificate in nginx.conf (in http {}, "
  .. "timers see no other), and raise lua_ssl_verify_depth (1 by default) "
  .. "if there are more certificates between"

local HANDSHAKE = {
  { "host mismatch", "tls", "the certificate is for another host name",
    "certificate" },
  { "expired", "tls",
    "the certificate is not valid today; check the clock too",
    "certificate" },
  { "not yet valid", "tls",
    "the certificate is not valid today; check the clock too",
    "certificate" },
  { "certificate", "tls", UNTRUSTED, "certificate" },
  { "", "tls", "the TLS handshake failed; the server must offer TLS 1.2 or "
    .. "newer on this port, and lua_ssl_protocols in nginx.conf allow it",
    "handshake" },
}

local function explain(call, rows, text)
  if text == "timeout" then
    return fail_timeout(call)
  end
  for _, row in ipairs(rows) do
    if text:find(row[1]) then
      return fail(call, row[2], row[3], row[4])
    end
  end
end

-- --------------------------------------------------------------- one exchange

-- Sets what is left until then for the next step; nil: nothing is left.
local function allow(call, ends)
  local left = ends - call.host.now()
  if left <= 0 then
    return nil
  end
  local ms = ceil(min(left, MAX_WAIT) * 1000)
  call.sock:settimeouts(ms, ms, ms)
  return true
end

-- A handshake that fails at once raises in some versions of lua-resty-core;
-- the reason is then where the C side has left it.
local function raised_reason(host, message)
  local text = host.last_error and message:find("assertion failed", 1, true)
    and host.last_error()
  return text or "handshake failed"
end

local ADDRESS = "nginx compares a certificate with names only, not with "
  .. "addresses: put a host name into base_url, or name the host in server_name "
  .. "of wxbot.resty"

-- The rightful certificate of an address is refused as well.
local function explain_handshake(call, text)
  if text:find("host mismatch", 1, true) and not call.url.is_name
      and call.server_name == call.url.host then
    return fail(call, "tls", ADDRESS, "certificate")
  end
  return explain(call, HANDSHAKE, text)
end

-- Without a name nginx would check none; and `false` for the session would
-- turn a failure into success: so always nil, the name, true.
local function handshake(call)
  if not allow(call, call.connect_by) then
    return fail_timeout(call)
  end
  local sock = call.sock
  local returned, session, why = pcall(sock.sslhandshake, sock, nil,
    call.server_name, true)
  if returned and session then
    return true
  end
  local text = returned and tostring(why)
    or raised_reason(call.host, tostring(session))
  return explain_handshake(call, text)
end

local function connect(call)
  if not allow(call, call.connect_by) then
    return fail_timeout(call)
  end
  local sock, url = call.sock, call.url
  local ok, why = sock:connect(url.host, url.port,
    { pool = call.pool, pool_size = call.pool_size })
  if not ok then
    return explain(call, CONNECTING, tostring(why))
  elseif url.scheme == "https" and sock:getreusedtimes() == 0 then
    local err
    ok, err = handshake(call)
    if not ok then
      return nil, err
    end
  end
  call.connected = true
  return true
end

local LOST = "the connection was lost before the answer was complete"

-- nginx copies what it is to send, and keeps the copy until the request or
-- timer that the call was made in ends if the peer takes only a part. So a
-- long body goes piece by piece.
local function send(call)
  local body, at = call.body, 1
  repeat
    if not allow(call, call.deadline) then
      return fail_timeout(call)
    end
    call.begun = true
    local piece = body
    if #body > PIECE_SIZE then
      piece = body:sub(at, at + PIECE_SIZE - 1)
    end
    local ok, why = call.sock:send{ at == 1 and call.head or "", piece }
    if why == "timeout" then
      return fail_timeout(call)
    elseif not ok then
      return fail(call, "transport", LOST)
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
    return fail(call, kind, why)
  end
end

-- The peer has ended the connection. nginx does not tell an orderly end of TLS
-- from a cut, so over TLS the end alone makes no answer whole.
local function at_end(call)
  if call.url.scheme == "https" and call.parser.state == "until_close" then
    return fail(call, "transport", "the answer tells no length, so whether "
      .. "it is whole is not known")
  end
  return verdict(call, call.parser:finish())
end

-- Reads what is there, never a line or a number of bytes: these would wait
-- anew for each drop.
local function receive(call)
  local parser = call.parser
  while true do
    if not allow(call, call.deadline) then
      return fail_timeout(call)
    end
    local data, why = call.sock:receiveany(READ_SIZE)
    local response, err
    if data then
      response, err = verdict(call, parser:feed(data))
    elseif why == "timeout" then
      return fail_timeout(call)
    else
      response, err = at_end(call)
    end
    if response or err then
      return response, err
    end
  end
end

local function exchange(call)
  local ok, err = connect(call)
  if ok then
    ok, err = send(call)
  end
  if not ok then
    return nil, err
  end
  local response
  response, err = receive(call)
  return response, err
end

-- ------------------------------------------------------------- the deadline

local function sleep_until(call, ends)
  call.host.sleep(min(MAX_WAIT, max(0.001, ends - call.host.now())))
end

-- Sleeps until the call must have ended.
local function watch(call)
  sleep_until(call, call.connect_by)
  if call.connected then
    sleep_until(call, call.deadline)
  end
end

-- Runs the exchange in a light thread and ends it when its time is over:
-- socket timeouts bound neither name resolution nor bytes that come or go
-- drop by drop.
local function run(call)
  local thread = call.host.thread
  local ended, response, err
  local worker = thread.spawn(function()
    response, err = exchange(call)
    ended = true
  end)
  local ok, message
  if ended then
    ok, message = thread.wait(worker)
  else
    local guard = thread.spawn(watch, call)
    ok, message = thread.wait(worker, guard)
    thread.kill(guard)
  end
  if not ok then
    error(message, 0)
  elseif not ended then
    thread.kill(worker)
    return fail_timeout(call)
  end
  return response, err
end

-- A connection may serve another call only if this one ended well on it.
local function leave(call, response)
  local sock = call.sock
  if not (response and call.parser.keep
      and sock:setkeepalive(call.idle_timeout * 1000, call.pool_size)) then
    sock:close()
  end
end

-- ------------------------------------------------------------------ requests

local function unavailable(code, message)
  return nil, errors.new{ kind = "unavailable", code = code, sent = false,
    message = message }
end

local function phase_failure(phase)
  local where = phase == "init"
    and "in init_worker_by_lua, and there " or ""
  return unavailable("phase", ("nginx has no sockets in the phase %s: make "
    .. "the call %sin a timer, ngx.timer.at(0, function() … end)")
    :format(phase, where))
end

-- Where waiting raises, nginx has been led to believe before that something
-- waits, and takes harm. So this is what to say when `isyieldable` says no.
local function cannot_wait(host)
  if not pcall(host.tcp) then
    return phase_failure(host.phase())
  end
  return unavailable("yield", "a call cannot wait here: it was made below a "
    .. "C function (require, dofile, table.sort, string.gsub …); make it "
    .. "after that has returned, or in a timer, ngx.timer.at(0, function() "
    .. "… end)")
end

local function invalid(why)
  return nil, errors.new{ kind = "invalid", code = "invalid", sent = false,
    message = why }
end

-- Whatever decides that a connection may be shared is in its pool's name:
-- nginx itself looks at host and port only.
local function pool_of(url, settings, server_name)
  return ("wxbot:%s:%s:%d:%s:verified:%s"):format(url.scheme, url.host,
    url.port, server_name, settings.ca_id)
end

local function header_texts(headers)
  local texts = {}
  for name, value in pairs(headers or {}) do
    texts[name] = tostring(value)
  end
  return texts
end

local function prepare(host, settings, req)
  local url, why = http1.url(req.url)
  if not url then
    return invalid(why)
  end
  local body, method = req.body or "", req.method or "GET"
  local head
  head, why = http1.head(method, url, header_texts(req.headers), #body)
  if not head then
    return invalid(url.origin .. ": " .. why)
  end
  local server_name = settings.server_name or url.host
  local now = host.now()
  local timeout = req.timeout or TIMEOUT
  local connect_timeout = req.connect_timeout or CONNECT_TIMEOUT
  return {
    host = host, url = url, head = head, body = body,
    server_name = server_name,
    pool = pool_of(url, settings, server_name),
    pool_size = settings.pool_size, idle_timeout = settings.idle_timeout,
    timeout = timeout, connect_timeout = connect_timeout,
    deadline = now + timeout, connect_by = now + min(timeout, connect_timeout),
    parser = http1.parser(method, req.max_body or MAX_BODY),
  }
end

local function request(host, settings, req)
  local call, err = prepare(host, settings, req)
  if not call then
    return nil, err
  end
  local allowed, sock = pcall(host.tcp)
  if not allowed then
    return phase_failure(host.phase())
  elseif not isyieldable() then
    return cannot_wait(host)
  end
  call.sock = sock
  local ran, response
  ran, response, err = pcall(run, call)
  leave(call, ran and response)
  if not ran then
    error(response, 0)
  end
  return response, err
end

-- ---------------------------------------------------------------------- host

-- The last error text of the C side of lua-resty-core.
local function last_error_of(base)
  local ffi = require "ffi"
  return function()
    local text = base.get_errmsg_ptr()[0]
    return text ~= nil and ffi.string(text) or nil
  end
end

-- What is used of nginx, looked up when the first transport is made.
local function find_host()
  local loaded, ngx = pcall(require, "ngx")
  if not loaded or type(ngx) ~= "table" or not ngx.socket then
    return nil
  end
  local has_base, base = pcall(require, "resty.core.base")
  local has_time, clock = pcall(require, "resty.core.time")
  local has_semaphore, semaphore = pcall(require, "ngx.semaphore")
  local now = has_time and clock.monotonic_time or ngx.now
  return {
    tcp = ngx.socket.tcp, thread = ngx.thread, sleep = ngx.sleep,
    phase = ngx.get_phase, timer = ngx.timer.at,
    semaphore = has_semaphore and semaphore.new or nil,
    now = function()
      ngx.update_time()
      return tonumber(now())
    end,
    last_error = has_base and base.get_errmsg_ptr and last_error_of(base),
  }
end

-- Gives a transport the methods that let others wait for what one does.
local function add_waiting(transport, host)
  -- What is waited for -> a semaphore, and how many wait. Threads that were
  -- killed are still counted.
  local waiting = setmetatable({}, { __mode = "k" })

  --- Lets others run until somebody wakes those who wait for the same; false
  --- when so many seconds are over.
  function transport.wait(_, what, seconds)
    if not isyieldable() then
      return cannot_wait(host)
    end
    local those = waiting[what] or { number = 0, semaphore = host.semaphore() }
    waiting[what], those.number = those, those.number + 1
    local ran, woken = pcall(those.semaphore.wait, those.semaphore,
      max(0, min(seconds, MAX_WAIT)))
    if woken ~= true and waiting[what] == those then
      those.number = those.number - 1
      waiting[what] = those.number > 0 and those or nil
    end
    if not ran then
      return phase_failure(host.phase())
    end
    return woken or false
  end

  --- Lets all go on that wait for it.
  function transport.wake(_, what)
    local those = waiting[what]
    waiting[what] = nil
    if those then
      those.semaphore:post(those.number)
    end
  end
end

--- Makes a transport. Raises outside nginx.
---@param options wxbot.transport.RestyOptions|nil
---@param level integer|nil whose line a wrong option is reported at; 1: the caller
---@return wxbot.transport.Resty
function M.new(options, level)
  options, level = options or {}, level or 1
  options_of.check("wxbot.resty", OPTIONS, options, level + 1)
  local host = find_host()
  if not host then
    error("wxbot.resty: there are cosockets inside nginx only", level + 1)
  end
  local settings = {
    ca_id = options.ca_id or "-", server_name = options.server_name,
    pool_size = options.pool_size or 30,
    idle_timeout = options.idle_timeout or 60,
  }
  local transport, closed = {}, false

  local function closed_failure()
    return nil, errors.new{ kind = "closed", code = "closed", sent = false,
      message = "the transport is closed" }
  end

  --- Lets others run until the answer is there. In a phase without sockets
  --- the error is of kind "unavailable" and says what to do.
  function transport.request(_, req)
    local message = http1.misuse(req)
    if message then
      error("request: " .. message, 2)
    elseif closed then
      return closed_failure()
    elseif (req.timeout or TIMEOUT) <= 0 then
      return nil, errors.new{ kind = "timeout", code = "timeout",
        sent = false, message = "there is no time left for the call" }
    end
    local response, err = request(host, settings, req)
    return response, err
  end

  --- Lets others run for so many seconds.
  function transport.sleep(_, seconds)
    if type(seconds) ~= "number" or seconds ~= seconds then
      error("sleep: expected seconds, a number", 2)
    elseif closed then
      return closed_failure()
    elseif not isyieldable() then
      return cannot_wait(host)
    end
    -- nginx counts from the time that it last looked at.
    host.now()
    if not pcall(host.sleep, max(0, min(seconds, MAX_WAIT))) then
      return phase_failure(host.phase())
    end
    return true
  end

  if host.semaphore then
    add_waiting(transport, host)
  end

  --- Runs a function in a thread of its own, which the end of the request
  --- does not end. It may never begin: nginx drops a timer when too many run,
  --- and tells its log only.
  function transport.spawn(_, fn, ...)
    local begun = host.timer(0, function(_, ...)
      fn(...)
    end, ...)
    return begun and true or false
  end

  --- Seconds of a clock that never goes back.
  function transport.now()
    return host.now()
  end

  --- Ends the transport; connections that are kept end when their time is
  --- over. Later calls fail with kind "closed".
  function transport.close()
    closed = true
  end

  return transport
end

return M
