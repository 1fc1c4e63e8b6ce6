-- Starts the servers and programs that specs talk to, and stops them by
-- their pids: `after_each(start.stop_all)` also when the spec failed.

local canary = require "spec.support.canary"

local M = {}

--- What runs programs: the Lua of the specs, unless that is LuaJIT, or
-- WXBOT_LUA where LUA is no interpreter (make oom, make tsan).
M.LUA = os.getenv("WXBOT_LUA") or os.getenv("LUA") or "lua5.4"

local running = {}

-- An argument for the shell.
local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function serialise(value)
  if type(value) == "string" then
    return ("%q"):format(value)
  elseif type(value) ~= "table" then
    return (tostring(value):gsub(",", ".")) -- of a locale
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = serialise(item)
  end
  for name, item in pairs(value) do
    if type(name) == "string" then
      parts[#parts + 1] = ("[%q]=%s"):format(name, serialise(item))
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- Writes a file of its own, removed by stop_all; returns its name.
local files = {}
function M.file(text)
  local name = os.tmpname()
  files[#files + 1] = name
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
  return name
end

-- The content of a file.
function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- What a command of the shell prints.
function M.output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local Process = {}
Process.__index = Process

-- Programs of ours show no secret; but a served sandbox is asked for its own.
local function check_secrets(line)
  local name, part = canary.found(line)
  if name and not line:find("^export WXBOT_") and not line:find('^{.*"url":')
  then
    error(("%s is in what a program says, as %s"):format(name, part))
  end
end

local function is_ours(command)
  return command:find("bin/wxbot", 1, true)
    or command:find("examples/", 1, true)
end

-- The next line that it printed; nil at its end. Waits for it.
function Process:line()
  local line = self.pipe:read("*l")
  if line then
    if self.ours then
      check_secrets(line)
    end
    self.lines[#self.lines + 1] = line
  end
  return line
end

-- Waits for a line that matches; returns the captures.
function Process:expect(pattern)
  for line in function() return self:line() end do
    if line:find(pattern) then
      return line:match(pattern)
    end
  end
  error(("%q did not come, but:\n%s"):format(pattern, table.concat(self.lines, "\n")), 2)
end

function Process:signal(name)
  os.execute(("kill -%s %s 2>/dev/null"):format(name, self.pid))
end

-- Ends it; returns all the lines that it printed.
function Process:stop()
  if running[self] then
    running[self] = nil
    self:signal("TERM")
    while self:line() do end
    self.pipe:close()
  end
  return self.lines
end

-- How many of its lines begin like that, once it is stopped.
function Process:count(prefix)
  local n = 0
  for _, line in ipairs(self:stop()) do
    if line:sub(1, #prefix) == prefix then
      n = n + 1
    end
  end
  return n
end

-- Runs a command of the shell; standard error comes with the lines.
function M.run(command)
  local pipe = assert(io.popen("echo $$; exec " .. command .. " 2>&1", "r"))
  local self = setmetatable({ pipe = pipe, lines = {},
    ours = is_ours(command) }, Process)
  self.pid = assert(pipe:read("*l"))
  running[self] = true
  return self
end

-- A server that follows a script (see by_script.lua); `port` is where.
function M.scripted(script)
  local name = M.file("return " .. serialise(script))
  local self = M.run(M.LUA .. " spec/server/by_script.lua " .. name)
  self.port = self:expect("^port (%d+)")
  self.url = "http://127.0.0.1:" .. self.port
  return self
end

local TOKEN = '{"access_token":"%s","expires_in":7200}'

-- What a scripted server does with a connection: gives out an access token,
-- after some seconds.
function M.token_answer(token, seconds)
  local body = TOKEN:format(token)
  return { { "head" }, { "sleep", seconds }, { "send",
    ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s")
      :format(#body, body) },
    { "close" } }
end

-- One server with a port for each of the named scripts; `ports` holds them.
function M.named(scripts)
  local name = M.file("return " .. serialise{ named = scripts })
  local self = M.run(M.LUA .. " spec/server/by_script.lua " .. name)
  self.ports = {}
  for line in function() return self:line() end do
    if line == "ready" then
      return self
    end
    local which, port = line:match("^(.+) port (%d+)$")
    self.ports[which or ""] = port
  end
  error("the server did not start:\n" .. table.concat(self.lines, "\n"), 2)
end

-- `openssl s_server` on a free port, with further options; answers GET, by a
-- page about the connection or with the files of a folder (whole answers).
function M.tls(options, folder)
  local program = folder and "env -C " .. quote(folder)
    .. " openssl s_server -HTTP" or "openssl s_server -www"
  local self = M.run(program .. " -accept 127.0.0.1:0 " .. options)
  self.port = self:expect("^ACCEPT 127.0.0.1:(%d+)")
  return self
end

-- Has make build a file below its folder; returns where it is.
local function build(name)
  local path = (os.getenv("BUILD") or "build") .. "/" .. name
  local said = M.output_of("env -u MAKEFLAGS -u MAKELEVEL make -s " .. path
    .. " 2>&1 && echo made")
  assert(said:find("made\n$"), said)
  return path
end

-- The module spec.process (see support/process.c).
function M.process()
  build((jit and "5.1" or _VERSION:match "[%d.]+$") .. "/spec/process.so")
  return require "spec.process"
end

-- A server that asks for new handshakes (see renegotiate.c) and shows good.pem
-- of a folder; how: words, one for each connection.
function M.renegotiating(folder, how)
  local program = build("spec/renegotiate")
  local good = quote(folder) .. "/good"
  local self = M.run(("%s %s.pem %s.key %s"):format(program, good, good, how))
  self.port = self:expect("^port (%d+)")
  return self
end

-- A folder with ca.pem and certificates: see authority.sh.
function M.authority()
  local handle = io.popen("mktemp -d", "r")
  local folder = handle:read("*l")
  handle:close()
  local made = os.execute("sh spec/server/authority.sh " .. quote(folder)
    .. " >/dev/null 2>&1")
  assert(made == true or made == 0, "openssl could not make certificates")
  return folder
end

function M.remove_folder(folder)
  os.execute("rm -rf " .. quote(folder))
end

function M.stop_all()
  for process in pairs(running) do
    process:stop()
  end
  for _, name in ipairs(files) do
    os.remove(name)
  end
  files = {}
end

return M
