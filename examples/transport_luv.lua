-- A transport over luv, the event loop of libuv: yielding, plain http.
--
--   local transport = dofile("examples/transport_luv.lua").new()
--   local bot = wxbot.new{ …, transport = transport }
--   coroutine.wrap(function() print(bot:ask{ … }) end)()
--   require "luv".run()
--
-- In a coroutine a call yields until its answer is there, and others go on;
-- outside of any it turns the event loop itself until then. A coroutine that
-- waits here must not be resumed by anybody else.
--
-- luv alone has no TLS: for https use wxbot.curl, wxbot.loop, or a TLS
-- filter on the streams. One connection per call; HTTP itself is read by
-- wxbot.transport.http1. It sees secrets, since the token is part of the
-- URL: it keeps the URL to itself and names scheme, host and port only.

local http1 = require "wxbot.transport.http1"
local uv = require "luv"

local M = {}

local function now()
  return uv.hrtime() / 1e9
end

-- The coroutine that may yield; nil in the main program.
local function current()
  local thread, is_main = coroutine.running()
  return not is_main and thread or nil
end

-- Waits for `begin(done)` to call done(...), once; returns what it is given.
local function await(begin)
  local thread, results, waiting = current(), nil, false
  begin(function(...)
    results = results or { n = select("#", ...), ... }
    if waiting then
      waiting = false
      assert(coroutine.resume(thread))
    end
  end)
  if results == nil and thread then
    waiting = true
    coroutine.yield()
  end
  while results == nil do
    uv.run("once")
  end
  return (table.unpack or unpack)(results, 1, results.n)
end

local function close(handle)
  if not handle:is_closing() then
    handle:close()
  end
end

-- Calls back after so many seconds; returns the timer.
local function after(seconds, callback)
  local timer = uv.new_timer()
  -- libuv counts from the beginning of the loop's turn.
  uv.update_time()
  -- libuv counts in whole numbers, so not to infinity.
  local ms = math.min(math.ceil(seconds * 1000), 1e12)
  timer:start(math.floor(math.max(0, ms)), 0, callback)
  return timer
end

-- A call: its connection, its timers, and the one way in which it ends.
local function new_call(url, done)
  local call = { timers = {}, sent = false }

  function call.finish(response, err)
    if call.over then
      return
    end
    call.over = true
    for _, timer in ipairs(call.timers) do
      close(timer)
    end
    if call.lookup then
      call.lookup:cancel()
    end
    close(call.tcp)
    done(response, err)
  end

  -- `sent` is what is known of the request, unless the caller knows better.
  function call.fail(kind, why, sent)
    if sent == nil then
      sent = call.sent
    end
    if sent == "unknown" then
      sent = nil
    end
    call.finish(nil, { kind = kind, code = kind, sent = sent,
      message = url.origin .. ": " .. why })
  end

  call.tcp = uv.new_tcp()
  return call
end

local function read(call, parser)
  call.tcp:read_start(function(err, data)
    local done, kind, why
    if call.over then
      return
    elseif err then
      return call.fail("transport", "the connection failed: " .. err)
    elseif data then
      done, kind, why = parser:feed(data)
    else
      done, kind, why = parser:finish()
    end
    if done then
      call.finish(parser:response())
    elseif done == nil then
      call.fail(kind, why, kind == "limit" and parser.status and true or nil)
    end
  end)
end

local function talk(call, data, parser)
  call.tcp:nodelay(true)
  read(call, parser)
  -- From here on nobody can say that nothing has arrived.
  call.sent = "unknown"
  call.tcp:write(data, function(err)
    if err and not call.over then
      call.fail("transport", "the connection failed: " .. err)
    end
  end)
end

local function connect(call, address, url, connected)
  call.tcp:connect(address, url.port, function(err)
    if call.over then
      return
    elseif err then
      return call.fail("transport", "no connection: " .. err)
    end
    call.connected = true
    connected()
  end)
end

-- Finds the address of a host, then connects to it.
local function reach(call, url, connected)
  local host = url.host:match("^%[(.*)%]$") or url.host
  if not url.is_name then
    return connect(call, host, url, connected)
  end
  call.lookup = uv.getaddrinfo(host, nil, { socktype = "stream" },
    function(err, list)
      call.lookup = nil
      if call.over then
        return
      elseif err or not list[1] then
        return call.fail("transport", "the host name is not known")
      end
      connect(call, list[1].addr, url, connected)
    end)
end

local function begin(url, head, req, done)
  local call = new_call(url, done)
  local body = req.body or ""
  local parser = http1.parser(req.method or "GET", req.max_body or 2 ^ 20)
  call.timers[1] = after(req.timeout or 10, function()
    call.fail("timeout", "the time for the call is up")
  end)
  call.timers[2] = after(req.connect_timeout or 3, function()
    if not call.connected then
      call.fail("timeout", "no connection in time")
    end
  end)
  reach(call, url, function()
    talk(call, { head, body }, parser)
  end)
end

local function refused(kind, why)
  return nil, { kind = kind, code = kind, message = why, sent = false }
end

--- Makes a transport.
function M.new()
  local transport = {}

  function transport.request(_, req)
    local url, why = http1.url(req.url)
    if not url then
      return refused("invalid", why)
    elseif url.scheme ~= "http" then
      return refused("unavailable", url.origin .. ": luv has no TLS: use "
        .. "wxbot.curl or wxbot.loop for https, or a base_url of http")
    elseif (req.timeout or 10) <= 0 then
      return refused("timeout", "there is no time left for the call")
    end
    local head
    head, why = http1.head(req.method or "GET", url, req.headers or {},
      #(req.body or ""))
    if not head then
      return refused("invalid", why)
    end
    return await(function(done)
      begin(url, head, req, done)
    end)
  end

  function transport.sleep(_, seconds)
    return await(function(done)
      local timer
      timer = after(seconds, function()
        close(timer)
        done(true)
      end)
    end)
  end

  function transport.now()
    return now()
  end

  return transport
end

-- Run as a program: two questions at once to what WXBOT_BASE_URL names, a
-- sandbox that is served there, say.
if arg and (arg[0] or ""):find("transport_luv%.lua$") then
  local wxbot = require "wxbot"
  local options = wxbot.sandbox{}:credentials()
  options.base_url = assert(os.getenv("WXBOT_BASE_URL"),
    "set WXBOT_BASE_URL, to http://127.0.0.1:8080 for example")
  options.transport = M.new()
  local bot = assert(wxbot.new(options))
  for i, query in ipairs{ arg[1] or "你好", arg[2] or "怎么修改密码" } do
    coroutine.wrap(function()
      local reply, err = bot:ask{ userid = "u" .. i, query = query }
      print(query, reply and reply.text or err)
    end)()
  end
  uv.run()
end

return M
