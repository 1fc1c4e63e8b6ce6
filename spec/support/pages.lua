-- The pages of the guide, and what runs them: every block of a page runs from
-- top to bottom in one new folder, as a reader would do it in the checkout.
--
-- The first word after the fence is the language; the second may be
--   a name    the block is a file of that name, which later blocks use
--   terminal  of sh: its command goes on, as in a terminal of its own, until the
--             page ends; what it prints as `export NAME=value` is set below;
--             of nginx: nginx runs with this piece of http {}
-- A `text` block is what the block before it prints; `…` stands for anything. A
-- block without one prints no error.
-- The ports 8080 to 8089 become free ones.
-- A `lua` block without a name runs in this process: see `surroundings`.
-- apt-get and make change nothing here, but make must know target and variables.
-- What make installs and packs is held by install_spec.lua and package_spec.lua.

local busted = require "busted"
local client = require "spec.support.nginx_redis"
local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local lfs = require "lfs"
local quote = require "wxbot.serve.shell".quote
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local assert, pending = busted.assert, busted.pending
local describe, it = busted.describe, busted.it
local setup, teardown = busted.setup, busted.teardown

local M = {}

--- Pages in English -> the same in Chinese.
M.translations = { ["README.md"] = "README.zh-CN.md" }

for _, name in ipairs{ "getting-started", "scripts", "game-servers", "openresty",
  "publishing", "receiving", "third-parties", "errors", "emulator",
  "adding-an-endpoint" } do
  name = name .. ".md"
  M.translations["docs/guide/" .. name] = "docs/zh-CN/guide/" .. name
end

-- ------------------------------------------------------------------- reading

---@class Block
---@field language string
---@field name string|nil the second word after the fence
---@field code string
---@field line integer where it begins
---@field printed string|nil what it prints

--- The blocks of a page.
---@param text string
---@return Block[]
function M.blocks(text)
  local blocks, block, number = {}, nil, 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    local info = line:match("^```(.*)$")
    if info and block then
      block.code = table.concat(block, "\n") .. "\n"
      local last = blocks[#blocks]
      if block.language == "text" then
        assert(last and not last.printed, "what prints this?")
        last.printed = block.code
      else
        blocks[#blocks + 1] = block
      end
      block = nil
    elseif info then
      local language, name = info:match("^(%l+) ?(%S*)$")
      assert(language, "line " .. number .. ": a block says its language")
      block = { language = language, name = name ~= "" and name or nil,
        line = number }
    elseif block then
      block[#block + 1] = line
    end
  end
  assert(not block, "a block does not end")
  return blocks
end

-- How a comment begins, which a translation may change.
local COMMENT = { lua = "%-%-", sh = "#", nginx = "#" }

--- A block without its comments.
function M.without_comments(block)
  local mark = COMMENT[block.language]
  if not mark then
    return block.code
  end
  local lines = {}
  for written in block.code:gmatch("(.-)\n") do
    local line = written:gsub("^%s*" .. mark .. ".*$", "")
      :gsub("%s+" .. mark .. " .*$", "")
    if line ~= "" then
      lines[#lines + 1] = line
    end
  end
  return table.concat(lines, "\n")
end

-- Without spaces at the ends.
local function trim(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

--- Tells whether that was printed: `…` stands for anything, two spaces for a
--- tab, which no file of ours holds.
function M.is_printed(expected, printed)
  expected, printed = trim(expected), trim(printed:gsub("\t", "  "))
  local first, rest = expected:match("^(.-)…(.*)$")
  if not first then
    return expected == printed
  elseif printed:sub(1, #first) ~= first then
    return false
  end
  local place = #first + 1
  for part in rest:gmatch("(.-)…") do
    local _, to = printed:find(part, place, true)
    if not to then
      return false
    end
    place = to + 1
  end
  local last = rest:match("^.*…(.*)$") or rest
  return #printed - #last + 1 >= place and (last == ""
    or printed:sub(-#last) == last)
end

-- ------------------------------------------------------------------- running

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- Below the ports that connections going out get.
local function free_port()
  for _ = 1, 100 do
    local high, low = core.random(2):byte(1, 2)
    local port = 20000 + (high * 256 + low) % 12000
    local server = socket.bind("127.0.0.1", port)
    if server then
      server:close()
      return tostring(port)
    end
  end
  error("no port is free")
end

local CHECKOUT = lfs.currentdir()
local LUA = trim(start.output_of("command -v " .. (jit
  and (os.getenv("LUAJIT") or "luajit") or start.LUA)))
local BUILD = os.getenv("BUILD") or "build"
BUILD = BUILD:find("^/") and BUILD or CHECKOUT .. "/" .. BUILD

-- Where C modules are, for a Lua.
local function cpath(version)
  return quote(("%s/%s/?.so;;"):format(BUILD, version))
end

-- What a page finds on its PATH: this checkout's command, the Lua that runs the
-- spec by the name that the pages use, and what would change the system.
local PROGRAMS = {
  wxbot = "exec " .. start.LUA .. " " .. quote(CHECKOUT .. "/bin/wxbot") .. ' "$@"',
  ["lua5.4"] = ('LUA_CPATH=%s exec %s "$@"'):format(
    cpath(jit and "5.1" or _VERSION:match "[%d.]+$"), LUA),
  make = [[
for word; do case $word in
  *=*) grep -qw "${word%%=*}" Makefile || { echo "no ${word%%=*}"; exit 1; } ;;
  *) targets="$targets $word" ;;
esac; done
PATH=${PATH#*:}
exec env -u MAKEFLAGS -u MAKELEVEL make -n $targets >/dev/null]],
  ["apt-get"] = "exit 0",
}

local Page = {}
Page.__index = Page

-- Pages that change the checkout get copies of these instead of links.
local CHANGED = {
  ["docs/guide/adding-an-endpoint.md"] = { bin = true, docs = true,
    lua = true, spec = true, types = true },
}

local function speaks_to_redis(text)
  return text:find("redis://", 1, true) ~= nil
end

-- Its folder, and beside it what runs it.
local function open(path)
  local work = trim(start.output_of("mktemp -d"))
  local self = setmetatable({ work = work, folder = work .. "/checkout",
    ports = {}, terminals = {} }, Page)
  lfs.mkdir(self.folder)
  lfs.mkdir(work .. "/bin")
  lfs.mkdir(work .. "/home")
  local changed = CHANGED[path] or {}
  for name in lfs.dir(CHECKOUT) do
    local from, to = CHECKOUT .. "/" .. name, self.folder .. "/" .. name
    if changed[name] then
      os.execute(("cp -R %s %s"):format(quote(from), quote(to)))
    elseif name ~= "." and name ~= ".." and name ~= ".git" then
      lfs.link(from, to, true)
    end
  end
  -- What nginx of the reader has, or gets as the page says.
  self.has_redis_client = speaks_to_redis(start.read(path))
    and client.put_beside(self.folder)
  for name, line in pairs(PROGRAMS) do
    local program = work .. "/bin/" .. name
    write(program, "#!/bin/sh\n" .. line .. "\n")
    os.execute("chmod 755 " .. quote(program))
  end
  write(work .. "/state", ([[
unset LUA_PATH LUA_CPATH LUA_INIT WXBOT_APPID WXBOT_TOKEN WXBOT_AES_KEY
unset WXBOT_ACCESS_TOKEN WXBOT_MANAGERID WXBOT_SECRET WXBOT_BASE_URL WXBOT_DEBUG
unset HTTPS_PROXY https_proxy NO_PROXY no_proxy
export HOME='%s/home' PATH='%s/bin':"$PATH":/usr/sbin:/usr/local/sbin
export LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;'
export LUA_CPATH=%s LUA_CPATH_5_4=%s LC_ALL=C.UTF-8
cd '%s'
]]):format(work, work, CHECKOUT, CHECKOUT, cpath "5.1", cpath "5.4",
    self.folder))
  return self
end

-- A text of the page, with ports that are free.
function Page:with_ports(text)
  return (text:gsub("%f[%d]808%d%f[^%d]", function(port)
    self.ports[port] = self.ports[port] or free_port()
    return self.ports[port]
  end))
end

-- A script of the shell, which goes on where the one before it was.
function Page:script(code)
  self.scripts = (self.scripts or 0) + 1
  local path = ("%s/block%d"):format(self.work, self.scripts)
  write(path, ("set -e\n. '%s/state'\n%s"):format(self.work, code))
  return path
end

-- What is set and where the shell is, for the next one.
local KEEP = "{ export -p; echo \"cd '$PWD'\"; } >'%s/state'\n"

local function run_shell(page, block)
  local path = page:script(page:with_ports(block.code)
    .. KEEP:format(page.work))
  local text = start.output_of("timeout -k 5 30 sh " .. path
    .. " 2>&1 </dev/null; echo \"status $?\"")
  local printed, status = text:match("^(.*)status (%d+)\n$")
  assert.equal("0", status, printed)
  -- So begins what the command complains of.
  assert.is_true(block.printed ~= nil or not ("\n" .. printed):find("\nwxbot: "),
    printed)
  return printed
end

local function read_log(terminal)
  return start.read(terminal.log)
end

-- Who has ended is a zombie (Z) as long as nobody asked how.
local function check_alive(terminal)
  local state = start.output_of(("cat /proc/%s/stat 2>/dev/null")
    :format(terminal.process.pid))
  assert.truthy(state:find("%) [^Z]"), "has ended: " .. read_log(terminal))
end

local function accepts(port)
  local connection = socket.connect("127.0.0.1", tonumber(port))
  return connection and connection:close()
end

-- The command says when it is ready; of others a port of theirs tells.
local function wait_until_ready(terminal, ports)
  local ends = socket.gettime() + 20
  repeat
    socket.sleep(0.02)
    check_alive(terminal)
    local ready = read_log(terminal):find("stop:", 1, true) ~= nil
    for port in ports:gmatch("%S+") do
      ready = ready or not terminal.is_wxbot and accepts(port)
    end
    if ready then
      return
    end
  until socket.gettime() > ends
  error("does not get ready: " .. read_log(terminal))
end

local function start_terminal(page, block, code)
  code = page:with_ports(code)
  local ports = {}
  for port in page:with_ports(block.code):gmatch("%f[%d]%d%d%d%d%d?%f[^%d]") do
    ports[#ports + 1] = port
  end
  assert(#ports > 0, "what goes on must name its port")
  local terminal = { log = ("%s/log%d"):format(page.work, #page.terminals),
    block = block, is_wxbot = code:find("wxbot ", 1, true) ~= nil }
  page.terminals[#page.terminals + 1] = terminal
  local path = page:script("exec env --default-signal=INT,QUIT " .. code)
  terminal.process = start.run(("sh %s </dev/null >%s"):format(path,
    terminal.log))
  wait_until_ready(terminal, table.concat(ports, " "))
  local state = start.read(page.work .. "/state")
  for line in read_log(terminal):gmatch("[^\n]+") do
    if line:find("^export [%w_]+=") then
      state = state .. line .. "\n"
    end
  end
  write(page.work .. "/state", state)
end

local function check_printed(page, block, printed)
  local expected = block.printed and page:with_ports(block.printed)
  assert(not expected or M.is_printed(expected, printed),
    ("printed:\n%s\nnot:\n%s"):format(printed, expected))
end

-- Prints of a terminal may come late: they are looked at last.
local function stop_terminal(page, terminal)
  local expected = terminal.block.printed
  local ends = socket.gettime() + 5
  while expected and socket.gettime() < ends
      and not M.is_printed(page:with_ports(expected), read_log(terminal)) do
    socket.sleep(0.02)
  end
  check_alive(terminal)
  terminal.process:stop()
  check_printed(page, terminal.block, read_log(terminal))
end

-- What a Lua block finds: a bot on the sandbox, and the names it leaves open.
local function surroundings()
  local sandbox = assert(wxbot.sandbox{})
  local options = sandbox:credentials()
  options.transport = sandbox
  local lines = {}
  local env = setmetatable({
    APPID = options.appid, TOKEN = options.token, AES_KEY = options.aes_key,
    TASK_ID = sandbox:add_task{}, PUBLISH_ID = sandbox:add_publication{},
    ACCOUNT_APPID = sandbox:account().appid,
    SECRET = sandbox:account().secret,
    wxbot = wxbot, bot = assert(wxbot.new(options)), sandbox = sandbox,
  }, { __index = _G })
  function env.print(...)
    local words = {}
    for i = 1, select("#", ...) do
      local value = (select(i, ...))
      words[i] = tostring(value)
      lines.has_error = lines.has_error or errors.is(value)
        or words[i]:find("failed", 1, true) ~= nil
    end
    lines[#lines + 1] = table.concat(words, "\t")
  end
  return env, sandbox, lines
end

-- What needs a network gets one: the sandbox, served.
local function on_network(page, env)
  if not page.url then
    page.url = start.run(start.LUA .. " bin/wxbot serve --port 0")
      :expect("^url: (.*)$")
  end
  env.wxbot = setmetatable({ new = function(options)
    options.base_url = options.base_url or page.url
    return wxbot.new(options)
  end }, { __index = wxbot })
end

local function compile(code, name, env)
  if setfenv then -- luacheck: ignore
    local chunk = assert(loadstring(code, name)) -- luacheck: ignore
    return setfenv(chunk, env) -- luacheck: ignore
  end
  return assert(load(code, name, "t", env))
end

-- In the page's folder, where a bot that is given no transport finds the
-- sandbox in place of the network.
local function run_lua(page, block)
  local env, sandbox, lines = surroundings()
  local chunk = compile(block.code, "=line " .. block.line, env)
  if block.code:find("wxbot.loop", 1, true) then
    on_network(page, env)
  end
  local default = package.loaded["wxbot.transport.default"]
  package.loaded["wxbot.transport.default"] = sandbox
  lfs.chdir(page.folder)
  local ok, message = pcall(chunk)
  lfs.chdir(CHECKOUT)
  package.loaded["wxbot.transport.default"] = default
  assert.is_true(ok, tostring(message))
  local printed = table.concat(lines, "\n")
  if not block.printed then
    assert.is_falsy(lines.has_error, printed)
  end
  return printed
end

-- Runs nginx with a piece of http {}; its first argument is -t to test it only.
local CONF = [[
%s
daemon off;
pid nginx.pid;
error_log stderr warn;
env WXBOT_APPID;
env WXBOT_TOKEN;
env WXBOT_AES_KEY;
env WXBOT_SECRET;
env WXBOT_BASE_URL;
events {}
http {
  access_log off;
  client_body_temp_path temp;
  proxy_temp_path temp;
  fastcgi_temp_path temp;
  uwsgi_temp_path temp;
  scgi_temp_path temp;
%s
}
]]

-- The command that runs nginx with a piece of http {}.
local function nginx_command(page, block)
  local program = require "wxbot.serve.find_nginx".find()
  if not program then
    pending("needs nginx with its Lua module")
  end
  local main = trim(start.output_of("id -u")) == "0" and "user root;\n" or ""
  for _, path in ipairs(program.modules) do
    main = main .. "load_module " .. path .. ";\n"
  end
  write(page.folder .. "/piece.conf",
    CONF:format(main, page:with_ports(block.code)))
  return program.path .. ' -p "$PWD/" -c piece.conf -e stderr'
end

local function check_nginx(page, block)
  local said = run_shell(page, { code = nginx_command(page, block)
    .. " -t -q\n" })
  assert.equal("", said)
end

local RUN = { sh = run_shell, lua = run_lua, nginx = check_nginx }

local function run_block(page, block)
  if speaks_to_redis(block.code) and not page.has_redis_client then
    pending("nginx has no client of Redis here")
  elseif block.name == "terminal" then
    local code = block.language == "nginx" and nginx_command(page, block)
    return start_terminal(page, block, code or block.code)
  elseif block.name then
    assert.is_nil(block.printed, "a file prints nothing")
    write(page.folder .. "/" .. block.name, page:with_ports(block.code))
    if block.language == "lua" then
      compile(block.code, "=" .. block.name, {})
    end
  else
    local run = assert(RUN[block.language], "nothing runs such a block")
    check_printed(page, block, run(page, block))
  end
end

-- ---------------------------------------------------------------- specifying

local function title(block)
  local code = block.code:match("^[^\n]*")
  return ("line %d, %s%s: %s"):format(block.line, block.language,
    block.name and " " .. block.name or "", code)
end

--- Specifies that the blocks of a page run as they are written.
---@param path string of the page
function M.specify(path)
  describe(path, function()
    local page
    setup(function() page = open(path) end)
    teardown(function()
      start.stop_all()
      start.remove_folder(page.work)
    end)

    for _, block in ipairs(M.blocks(start.read(path))) do
      it("runs " .. title(block), function()
        run_block(page, block)
      end)
    end

    it("has terminals that print what it says", function()
      for _, terminal in ipairs(page.terminals) do
        stop_terminal(page, terminal)
      end
    end)
  end)
end

return M
