-- A TCP server that does as it is told, to break in every way in which a
-- real one can. Run as `lua5.4 by_script.lua SCRIPT`; spec.server.start does.
--
-- SCRIPT returns a list with one list of steps for each connection; the
-- last one serves all further connections. Or it returns { named = {…} }
-- with such a list for each name: each gets a port of its own.
-- A step is { name, arguments }:
--   { "read" }               a whole request (head and Content-Length)
--   { "head" }               the head of a request only
--   { "take", n }            n bytes, whatever they are
--   { "echo", s }            a whole request, answered by its own body, at
--                            once or after s seconds
--   { "send", text }         these bytes
--   { "drip", text, s }      these bytes, one every s seconds
--   { "flood", text, n }     these bytes n times
--   { "sleep", s }           nothing, for s seconds
--   { "close" }              the orderly end; also at the end of the steps
--   { "reset" }              the end by RST
--   { "again" }              from the first step; { "again", n }: from step n
--   { "deafen" }             no further connections for anybody
--   { "relay", port, type }  what comes goes to that port and back, up to
--                            the first TLS record of that type from there
-- A list with `backlog = "full"` accepts nobody and keeps others out; one
-- with "closed" has a port where nobody listens.
--
-- `life` in the script are the seconds after which it ends, 120; with
-- `quiet` it reports nothing but its port.
-- It reports on standard output, one line each: "port P" when it listens,
-- then "accept N", "request N BODYBYTES HEAD" (line ends as |) and
-- "eof N", N being the number of the connection. What is named says its
-- name first. "ready" follows the ports.

local socket = require "socket"

local script = dofile(arg[1])

-- Seconds; a server whose spec was killed goes away.
local LIFE = script.life or 120

local function report(name, what, ...)
  if script.quiet and what ~= "port" then
    return
  end
  io.stdout:write(name and name .. " " or "", table.concat({ what, ... }, " "), "\n")
  io.stdout:flush()
end

-- What a connection waits for is yielded: "read", "write" or a time.
local function receive(conn)
  coroutine.yield("read")
  local data, err, partial = conn.socket:receive(65536)
  conn.input = conn.input .. (data or partial or "")
  return err ~= "closed"
end

local function send(conn, text)
  local at = 1
  while at <= #text do
    coroutine.yield("write")
    local last, err, partial = conn.socket:send(text, at)
    if err == "closed" then
      return false
    end
    at = (last or partial) + 1
  end
  return true
end

local function read_head(conn)
  while true do
    local _, stop = conn.input:find("\r\n\r\n", 1, true)
    if stop then
      local head = conn.input:sub(1, stop)
      conn.input = conn.input:sub(stop + 1)
      return head
    end
    if not receive(conn) then
      report(conn.name, "eof", conn.number)
      return nil
    end
  end
end

-- A step returns whether the connection goes on.
local steps = {}

function steps.head(conn)
  local head = read_head(conn)
  if head then
    report(conn.name, "request", conn.number, "-", (head:gsub("\r\n", "|")))
  end
  return head ~= nil
end

-- Reads a request; returns its body.
local function read_request(conn)
  local head = read_head(conn)
  if not head then
    return nil
  end
  local length = tonumber(head:lower():match("content%-length: *(%d+)")) or 0
  while #conn.input < length do
    if not receive(conn) then
      report(conn.name, "eof", conn.number)
      return nil
    end
  end
  local body = conn.input:sub(1, length)
  conn.input = conn.input:sub(length + 1)
  report(conn.name, "request", conn.number, length, (head:gsub("\r\n", "|")))
  return body
end

function steps.read(conn)
  return read_request(conn) ~= nil
end

function steps.echo(conn, seconds)
  local body = read_request(conn)
  if body and seconds then
    coroutine.yield(socket.gettime() + seconds)
  end
  return body ~= nil and send(conn, ("HTTP/1.1 200 OK\r\n"
    .. "Content-Length: %d\r\n\r\n"):format(#body) .. body)
end

function steps.take(conn, n)
  while #conn.input < n do
    if not receive(conn) then
      report(conn.name, "eof", conn.number)
      return false
    end
  end
  conn.input = conn.input:sub(n + 1)
  report(conn.name, "took", conn.number, n)
  return true
end

steps.send = send

function steps.drip(conn, text, seconds)
  for i = 1, #text do
    if not send(conn, text:sub(i, i)) then
      return false
    end
    coroutine.yield(socket.gettime() + seconds)
  end
  return true
end

function steps.flood(conn, text, times)
  for _ = 1, times do
    if not send(conn, text) then
      return false
    end
  end
  return true
end

function steps.sleep(_, seconds)
  coroutine.yield(socket.gettime() + seconds)
  return true
end

function steps.close()
  return false
end

function steps.reset(conn)
  conn.socket:setoption("linger", { on = true, timeout = 0 })
  return false
end

function steps.again(conn, step)
  conn.step = (step or 1) - 1
  return true
end

function steps.deafen(conn)
  conn.listener.socket:close()
  conn.listener.socket = nil
  return true
end

-- Moves what the far side has sent, record by record; false: it was the last.
local function pass_records(conn, far, last)
  local data, err, partial = far.socket:receive(65536)
  far.input = far.input .. (data or partial or "")
  while #far.input >= 5 do
    local kind, high, low = far.input:byte(1), far.input:byte(4, 5)
    local size = 5 + high * 256 + low
    if #far.input < size then
      break
    end
    if kind == last or not send(conn, far.input:sub(1, size)) then
      return false
    end
    far.input = far.input:sub(size + 1)
  end
  return err ~= "closed"
end

function steps.relay(conn, port, last)
  local far = { socket = assert(socket.connect("127.0.0.1", port)), input = "" }
  far.socket:settimeout(0)
  local going = true
  while going do
    -- Polling is good enough for the few bytes of a handshake.
    coroutine.yield(socket.gettime() + 0.002)
    local data, err, partial = conn.socket:receive(65536)
    if #(data or partial or "") > 0 then
      far.socket:send(data or partial)
    end
    going = err ~= "closed" and pass_records(conn, far, last)
  end
  far.socket:close()
  return false
end

local function serve(conn)
  local list = conn.listener.script
  list = list[conn.number] or list[#list]
  conn.step = 1
  while list[conn.step] do
    local step = list[conn.step]
    if not steps[step[1]](conn, step[2], step[3]) then
      break
    end
    conn.step = conn.step + 1
  end
  conn.socket:close()
end

local connections, listeners, bound = {}, {}, {}
local born = socket.gettime()

-- One more than the kernel queues and its queue is full; then it drops
-- whoever else comes, without a word.
local function fill_backlog(listener)
  local _, port = listener.socket:getsockname()
  listener.fill = {}
  for i = 1, 4 do
    listener.fill[i] = socket.tcp()
    listener.fill[i]:settimeout(0)
    listener.fill[i]:connect("127.0.0.1", port)
  end
end

-- Takes a port where nobody listens, and keeps it from everybody else.
local function keep_closed(name)
  local sock = assert(socket.tcp())
  assert(sock:bind("127.0.0.1", 0))
  bound[#bound + 1] = sock
  report(name, "port", (select(2, sock:getsockname())))
end

local function listen(name, list)
  if list.backlog == "closed" then
    return keep_closed(name)
  end
  local full = list.backlog == "full"
  local listener = { name = name, script = list, accepted = 0,
    socket = assert(socket.bind("127.0.0.1", 0, full and 0 or 128)) }
  listener.socket:settimeout(0)
  local port = select(2, listener.socket:getsockname())
  if full then
    fill_backlog(listener)
  else
    listeners[#listeners + 1] = listener
  end
  report(name, "port", port)
end

-- Lets a connection go on until it waits again.
local function resume(conn)
  local ok, wait = coroutine.resume(conn.thread, conn)
  assert(ok, wait)
  conn.wait = wait
  if coroutine.status(conn.thread) == "dead" then
    connections[conn] = nil
  end
end

local function accept(listener)
  local peer = listener.socket and listener.socket:accept()
  if peer then
    listener.accepted = listener.accepted + 1
    report(listener.name, "accept", listener.accepted)
    peer:settimeout(0)
    peer:setoption("tcp-nodelay", true)
    local conn = { socket = peer, number = listener.accepted, input = "",
      name = listener.name, listener = listener }
    conn.thread = coroutine.create(serve)
    connections[conn] = true
    resume(conn)
  end
end

-- What to wait for: sockets to read and to write, and how long.
local function interests()
  local reading, writing, owner, timeout = {}, {}, {}, 1
  for _, listener in ipairs(listeners) do
    if listener.socket then
      reading[#reading + 1] = listener.socket
    end
  end
  for conn in pairs(connections) do
    owner[conn.socket] = conn
    if conn.wait == "read" then
      reading[#reading + 1] = conn.socket
    elseif conn.wait == "write" then
      writing[#writing + 1] = conn.socket
    else
      timeout = math.max(0, math.min(timeout, conn.wait - socket.gettime()))
    end
  end
  return reading, writing, timeout, owner
end

if script.named then
  for name, list in pairs(script.named) do
    listen(name, list)
  end
  report(nil, "ready")
else
  listen(nil, script)
end
while socket.gettime() - born < LIFE do
  local reading, writing, timeout, owner = interests()
  local readable, writable = socket.select(reading, writing, timeout)
  local ready = {}
  for _, list in ipairs{ readable, writable } do
    for _, sock in ipairs(list) do
      ready[#ready + 1] = owner[sock]
    end
  end
  for conn in pairs(connections) do
    if type(conn.wait) == "number" and conn.wait <= socket.gettime() then
      ready[#ready + 1] = conn
    end
  end
  for _, conn in ipairs(ready) do
    resume(conn)
  end
  for _, listener in ipairs(listeners) do
    if readable[listener.socket] then
      accept(listener)
    end
  end
end
