-- A Redis server of a spec's own, and a client of a few lines for it.
local socket = require "socket"
local start = require "spec.server.start"

local M = {}

-- A port that nobody listens on.
function M.free_port()
  local probe = assert(socket.bind("127.0.0.1", 0))
  local port = select(2, probe:getsockname())
  probe:close()
  return port
end

-- Starts a server, on a free port, in a folder of its own and without files, or
-- as asked for: port, folder, options (of redis-server, in its words).
-- start.stop_all ends it, or M.server(…).process:stop().
function M.server(asked)
  asked = asked or {}
  local port = asked.port or M.free_port()
  local folder = asked.folder or start.output_of("mktemp -d"):match("[^\n]+")
  local process = start.run(("redis-server --bind 127.0.0.1 --port %s "
    .. "--dir %s --save '' --appendonly no --daemonize no %s"):format(port,
      folder, asked.options or ""))
  process:expect("Ready to accept connections")
  return { port = port, process = process, folder = folder }
end

local function encode(...)
  local parts = { ("*%d\r\n"):format(select("#", ...)) }
  for i = 1, select("#", ...) do
    local text = tostring((select(i, ...)))
    parts[#parts + 1] = ("$%d\r\n%s\r\n"):format(#text, text)
  end
  return table.concat(parts)
end

-- One reply of the kinds that are asked for: text, number, error, list.
local function reply(connection)
  local line, why = connection:receive("*l")
  if not line then
    return nil, why
  end
  local sign, rest = line:sub(1, 1), line:sub(2)
  if sign == "-" then
    return nil, rest
  elseif sign == ":" then
    return tonumber(rest)
  elseif sign == "*" then
    local list = {}
    for i = 1, tonumber(rest) do
      list[i] = reply(connection)
    end
    return list
  elseif sign ~= "$" then
    return rest
  elseif tonumber(rest) < 0 then
    return nil
  end
  local data = connection:receive(tonumber(rest) + 2)
  return data and data:sub(1, -3)
end

-- A function that sends a command, over LuaSocket or, inside nginx, over a
-- cosocket; a connection for each, since light threads cannot share one.
function M.command(port, tcp)
  return function(...)
    local connection = (tcp or socket.tcp)()
    connection:settimeout(tcp and 2000 or 2)
    local ok, why = connection:connect("127.0.0.1", port)
    if not ok then
      return nil, why
    end
    connection:send(encode(...))
    local value, message = reply(connection)
    connection:close()
    return value, message
  end
end

-- The same over one connection, for who asks often and alone.
function M.kept_command(port)
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:setoption("tcp-nodelay", true)
  return function(...)
    connection:send(encode(...))
    return reply(connection)
  end
end

-- A server that is there while the specs of the block run, and its command().
-- Inside nginx the client speaks over a cosocket.
function M.beside_specs()
  local busted, ngx = require "busted", package.loaded.ngx
  local running, command
  busted.setup(function()
    running = M.server()
    command = M.command(running.port, ngx and ngx.socket.tcp)
  end)
  busted.teardown(function()
    running.process:stop()
    start.remove_folder(running.folder)
  end)
  return function(...)
    return command(...)
  end
end

-- Waits until so many have come here, for a minute or so. The function counts,
-- and returns the number of those who came; a command of Redis does.
function M.barrier(count, together, sleep)
  local come, rounds = assert(count("INCR", "barrier")), 0
  while come < together do
    rounds = rounds + 1
    assert(rounds < 3000, "the others did not come")
    sleep(0.02)
    come = assert(count("INCRBY", "barrier", "0"))
  end
end

return M
