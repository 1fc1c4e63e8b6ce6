-- A TCP server that does as it is told, to break in every way in which a
-- real one can. Run as `lua5.4 fault.lua SCRIPT`; spec.server.start does.
--
-- SCRIPT returns a list with one list of steps for each connection; the
-- last one serves all further connections. A step is { name, arguments }:
--   { "read" }               a whole request (head and Content-Length)
--   { "head" }               the head of a request only
--   { "send", text }         these bytes
--   { "drip", text, s }      these bytes, one every s seconds
--   { "flood", text, n }     these bytes n times
--   { "sleep", s }           nothing, for s seconds
--   { "close" }              the orderly end; also at the end of the steps
--   { "reset" }              the end by RST
--   { "again" }              from the first step
--   { "deafen" }             no further connections for anybody
--
-- It reports on standard output, one line each: "port P" when it listens,
-- then "accept N", "request N BODYBYTES HEAD" (line ends as |) and
-- "eof N", N being the number of the connection.

local socket = require "socket"

local LIFE = 120 -- seconds; a server whose spec was killed goes away

local script = dofile(arg[1])
local listener = assert(socket.bind("127.0.0.1", 0))
listener:settimeout(0)

local function report(...)
  io.stdout:write(table.concat({ ... }, " "), "\n")
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
      report("eof", conn.number)
      return nil
    end
  end
end

-- A step returns whether the connection goes on.
local steps = {}

function steps.head(conn)
  local head = read_head(conn)
  if head then
    report("request", conn.number, "-", (head:gsub("\r\n", "|")))
  end
  return head ~= nil
end

function steps.read(conn)
  local head = read_head(conn)
  if not head then
    return false
  end
  local length = tonumber(head:lower():match("content%-length: *(%d+)")) or 0
  while #conn.input < length do
    if not receive(conn) then
      report("eof", conn.number)
      return false
    end
  end
  conn.input = conn.input:sub(length + 1)
  report("request", conn.number, length, (head:gsub("\r\n", "|")))
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

function steps.again(conn)
  conn.step = 0
  return true
end

function steps.deafen()
  listener:close()
  listener = nil
  return true
end

local function serve(conn)
  local list = script[conn.number] or script[#script]
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

local connections, accepted = {}, 0
local born = socket.gettime()

-- Lets a connection go on until it waits again.
local function resume(conn)
  local ok, wait = coroutine.resume(conn.thread, conn)
  assert(ok, wait)
  conn.wait = wait
  if coroutine.status(conn.thread) == "dead" then
    connections[conn] = nil
  end
end

local function accept()
  local peer = listener:accept()
  if peer then
    accepted = accepted + 1
    report("accept", accepted)
    peer:settimeout(0)
    peer:setoption("tcp-nodelay", true)
    local conn = { socket = peer, number = accepted, input = "" }
    conn.thread = coroutine.create(serve)
    connections[conn] = true
    resume(conn)
  end
end

report("port", (select(2, listener:getsockname())))
while socket.gettime() - born < LIFE do
  local reading, writing, owner = { listener }, {}, {}
  local timeout = 1
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
  if listener and readable[listener] then
    accept()
  end
end
