-- Runs bin/wxbot as a user does: a program of its own, started by a shell.
local canary = require "spec.support.canary"
local watch = require "spec.support.watch"
local socket = require "socket"

local M = {}

local LUA = os.getenv("LUA") or "lua5.4"
-- Their access token is made of words: no part of it tells that it is one.
local CREDENTIALS = require "wxbot.sandbox".new():credentials()

-- Nothing of the caller's reaches the command, but where the build is (BUILD).
local CLEAN = "env -u LUA_PATH -u LUA_CPATH -u LUA_INIT -u WXBOT_APPID "
  .. "-u WXBOT_TOKEN -u WXBOT_AES_KEY -u WXBOT_ACCESS_TOKEN "
  .. "-u WXBOT_MANAGERID -u WXBOT_SECRET -u WXBOT_DEBUG -u COLUMNS -u HTTPS_PROXY "
  .. "-u https_proxy -u NO_PROXY -u no_proxy -u ALL_PROXY -u all_proxy "
  .. "-u HTTP_PROXY -u http_proxy "

local files = {}

--- An argument for the shell.
function M.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The name of a file that `clean` will remove, with that content.
function M.file(text)
  local path = os.tmpname()
  files[#files + 1] = path
  if text then
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end
  return path
end

function M.clean()
  for _, path in ipairs(files) do
    os.remove(path)
  end
  files = {}
end

function M.read(path)
  local file = io.open(path, "rb")
  if not file then
    return ""
  end
  local text = file:read("*a")
  file:close()
  return text
end

--- A text in another encoding.
function M.converted(text, encoding)
  local from, to = M.file(text), M.file()
  assert(os.execute(("iconv -f UTF-8 -t %s <%s >%s"):format(encoding, from, to)))
  return M.read(to)
end

--- The command line of the command, for the shell.
---@param args string[] env = names and values of variables, before = Lua to run before it
function M.line(args)
  local parts = { CLEAN }
  for name, value in pairs(args.env or {}) do
    watch.know{ [(name:gsub("^WXBOT_", "")):lower()] = value }
    parts[#parts + 1] = name .. "=" .. M.quote(value)
  end
  parts[#parts + 1] = LUA
  if args.before then
    parts[#parts + 1] = "-e " .. M.quote(args.before)
  end
  parts[#parts + 1] = "bin/wxbot"
  for _, argument in ipairs(args) do
    parts[#parts + 1] = M.quote(argument)
  end
  return table.concat(parts, " ")
end

-- No output of any run may hold a secret, whatever the spec is about.
local function check_secrets(result)
  for _, stream in ipairs{ "out", "err" } do
    local name, part = canary.found(result[stream])
    if not name and result[stream]:find(CREDENTIALS.access_token, 1, true) then
      name, part = "access_token", CREDENTIALS.access_token
    end
    if name then
      error(("%s is in %s, as %s: %s"):format(name, stream, part,
        result[stream]))
    end
  end
end

--- Runs the command to its end.
---@param args string[] arguments; env = variables, input = standard input
---@return table { status, out, err }
function M.run(args)
  local input = M.file(args.input or "")
  local out, err, status = M.file(), M.file(), M.file()
  os.execute(("%s <%s >%s 2>%s; echo $? >%s"):format(M.line(args), input,
    args.out or out, err, status))
  local result = { status = tonumber(M.read(status)), out = M.read(out),
    err = M.read(err) }
  check_secrets(result)
  return result
end

--- Runs the command on the embedded platform.
function M.sandbox(args)
  table.insert(args, 1, "--sandbox")
  return M.run(args)
end

--- Waits until a condition holds.
---@return any what the condition returned
function M.wait_for(condition, what)
  local ends = socket.gettime() + 20
  repeat
    local value = condition()
    if value then
      return value
    end
    socket.sleep(0.02)
  until socket.gettime() > ends
  error("waited in vain for " .. what, 2)
end

---@class Child
local Child = {}
Child.__index = Child

--- Starts the command in the background.
---@param args string[] arguments; input = path that is its standard input
---@return Child
function M.start(args)
  local child = setmetatable({ out = M.file(), err = M.file(),
    pid_file = M.file(), status_file = M.file() }, Child)
  os.execute(("sh -c %s &"):format(M.quote(
    ("exec <%s >%s 2>%s; %s & echo $! >%s; wait $!; echo $? >%s"):format(
      args.input or "/dev/null", child.out, child.err, M.line(args)
        .. (args.input and " <" .. args.input or ""), child.pid_file,
      child.status_file))))
  return child
end

-- What `env` becomes keeps its number.
function Child:interrupt()
  local pid = M.wait_for(function()
    return M.read(self.pid_file):match("%d+")
  end, "the number of the process")
  os.execute("kill -INT " .. pid)
end

---@return table { status, out, err }
function Child:wait()
  local status = M.wait_for(function()
    return tonumber(M.read(self.status_file))
  end, "the end of the command")
  local result = { status = status, out = M.read(self.out),
    err = M.read(self.err) }
  check_secrets(result)
  return result
end

-- Types once the screen shows what is waited for, then stays until the end.
local TYPE = [[
wait_for() {
  n=0
  until grep -qF -e "$1" %s || [ $n -gt 400 ]; do n=$((n + 1)); sleep 0.05; done
}
%swait_for status:
]]

--- Runs the command on a terminal. nil where there is no program for that.
---@param args string[] arguments; columns = width, to = where output goes, keys = typed after the screen shows `after`
---@return string|nil screen every byte that it wrote
function M.on_terminal(args)
  local found = os.execute("SHELL=/bin/sh script -qec true /dev/null >/dev/null 2>&1")
  if found ~= true and found ~= 0 then
    return nil
  end
  local log = M.file()
  local keys = args.keys and ("wait_for %s; printf %s\n"):format(
    M.quote(args.after), M.quote(args.keys)) or ""
  -- ^C reaches the shell, too: it must live on to tell the status.
  local pipe = io.popen(
    ("(%s) | TERM=xterm SHELL=/bin/sh script -qefc %s %s"):format(
      TYPE:format(log, keys), M.quote(
        ("trap : INT; stty cols %d; %s; echo status: $?"):format(
          args.columns or 60, M.line(args) .. " " .. (args.to or ""))), log))
  local screen = pipe:read("*a")
  pipe:close()
  check_secrets{ out = screen, err = "" }
  return screen
end

return M
