-- A transport over LuaSocket: blocking, plain http.
--
--   local transport = dofile("examples/transport_luasocket.lua").new()
--   local bot = wxbot.new{ …, transport = transport }
--
-- LuaSocket alone has no TLS: for https use wxbot.curl, the default. One
-- connection per call; HTTP itself is read by wxbot.transport.http1. While
-- the system looks up a name nothing can stop it: give an address where the
-- deadline must hold.
-- It sees secrets, since the token is part of the URL: it keeps the URL to
-- itself and names scheme, host and port only.

local http1 = require "wxbot.transport.http1"
local socket = require "socket"

local M = {}

-- LuaSocket has the wall clock only; this one never goes back.
local latest = 0
local function now()
  latest = math.max(latest, socket.gettime())
  return latest
end

local function failure(url, kind, why, sent)
  if url then
    why = url.origin .. ": " .. why
  end
  return nil, { kind = kind, code = kind, message = why, sent = sent }
end

-- What LuaSocket says, as an error.
local function broken(url, err, sent)
  if err == "timeout" then
    return failure(url, "timeout", "the time for the call is up", sent)
  end
  return failure(url, "transport", "the connection failed: " .. err, sent)
end

-- Sends all of it. `sent` of an error is nil once a byte has left.
local function send(conn, url, data, ends)
  local at = 1
  while at <= #data do
    conn:settimeout(math.max(0, ends - now()))
    local last, err, partial = conn:send(data, at)
    if not last then
      local begun = at > 1 or (partial or 0) > 0
      return broken(url, err, not begun and false or nil)
    end
    at = last + 1
  end
  return true
end

local function receive(conn, url, parser, ends)
  while true do
    conn:settimeout(math.max(0, ends - now()))
    -- One byte wakes us; the rest is what has come with it.
    local data, err, partial = conn:receive(1)
    if data then
      conn:settimeout(0)
      local more, _, rest = conn:receive(65536)
      data = data .. (more or rest or "")
    elseif err ~= "closed" then
      return broken(url, err, nil)
    end
    local done, kind, why
    if data or partial ~= "" then
      done, kind, why = parser:feed(data or partial)
    else
      done, kind, why = parser:finish()
    end
    if done then
      return parser:response()
    elseif done == nil then
      return failure(url, kind, why, kind == "limit" and parser.status
        and true or nil)
    end
  end
end

local function exchange(conn, url, head, req, ends)
  local patience = math.min(ends - now(), req.connect_timeout or 3)
  conn:settimeout(patience)
  local connected, err = conn:connect(url.host, url.port)
  if not connected then
    return broken(url, err, false)
  end
  conn:setoption("tcp-nodelay", true)
  local sent
  sent, err = send(conn, url, head .. (req.body or ""), ends)
  if not sent then
    return nil, err
  end
  return receive(conn, url, http1.parser(req.method or "GET",
    req.max_body or 2 ^ 20), ends)
end

--- Makes a transport.
function M.new()
  local transport = {}

  function transport.request(_, req)
    local ends = now() + (req.timeout or 10)
    local url, why = http1.url(req.url)
    if not url then
      return failure(nil, "invalid", why, false)
    elseif url.scheme ~= "http" then
      return failure(url, "unavailable", "LuaSocket has no TLS: use wxbot.curl"
        .. " for https, or a base_url of http", false)
    end
    local head
    head, why = http1.head(req.method or "GET", url, req.headers or {},
      #(req.body or ""))
    if not head then
      return failure(url, "invalid", why, false)
    elseif ends <= now() then
      return broken(url, "timeout", false)
    end
    local conn = socket.tcp()
    local response, err = exchange(conn, url, head, req, ends)
    conn:close()
    return response, err
  end

  function transport.sleep(_, seconds)
    socket.sleep(math.max(0, seconds))
    return true
  end

  function transport.now()
    return now()
  end

  -- No coroutine goes on while this one waits.
  function transport.inside()
    return false
  end

  return transport
end

-- Run as a program: a question to what WXBOT_BASE_URL names, a sandbox that
-- is served there, say.
if arg and (arg[0] or ""):find("transport_luasocket%.lua$") then
  local wxbot = require "wxbot"
  local options = wxbot.sandbox{}:credentials()
  options.base_url = assert(os.getenv("WXBOT_BASE_URL"),
    "set WXBOT_BASE_URL, to http://127.0.0.1:8080 for example")
  options.transport = M.new()
  local reply, err = assert(wxbot.new(options)):ask{
    userid = "u1", query = arg[1] or "你好" }
  print(reply and reply.text or err)
end

return M
