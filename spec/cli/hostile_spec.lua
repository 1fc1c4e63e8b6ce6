-- Without this strangers, and files with odd names, can stop or mislead receive
-- and serve.
--
-- `wxbot receive` and `wxbot serve` where not everybody means well, and where
-- files and folders have names that nobody should have given them.
-- #once
-- #long
local run = require "spec.support.command"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local output_of, quote = start.output_of, run.quote

local ACCOUNT = wxbot.sandbox():credentials()
local PUSHES = "examples/answer_pushes.lua"

local folder -- TMPDIR, and whatever a spec needs

local function sh(command)
  local status = os.execute(command)
  assert(status == true or status == 0, command)
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

local function with_account(args)
  args.env = args.env or {}
  args.env.TMPDIR = args.env.TMPDIR or folder
  args.env.WXBOT_APPID, args.env.WXBOT_TOKEN = ACCOUNT.appid, ACCOUNT.token
  args.env.WXBOT_AES_KEY = ACCOUNT.aes_key
  return args
end

local ROOT = output_of("pwd"):match("[^\n]+")

-- The command line of a command that is started in another folder.
local function line_in(place, args)
  return "env -C " .. quote(place) .. " timeout 120 "
    .. run.line(args):gsub("bin/wxbot", ROOT .. "/%0", 1)
end

-- Starts a command that listens on a free port, in a folder, by another one.
local function listen(args, place, by)
  args[#args + 1], args[#args + 2] = "--port", "0"
  local server = start.run((by or "") .. line_in(place or ROOT,
    with_account(args)))
  server.url = server:expect("^url: (.*)$")
  server.port = tonumber(server.url:match(":(%d+)"))
  server:expect("^stop: ")
  return server
end

local function receive(...)
  return listen{ "receive", ... }
end

local function nginx_pid()
  return output_of("cat " .. quote(folder) .. "/*/nginx.pid"):match("%d+")
end

local function connect(server, from)
  local client = assert(socket.tcp())
  if from then
    assert(client:bind(from, 0))
  end
  client:settimeout(20)
  assert(client:connect("127.0.0.1", server.port))
  return client
end

local function head(path, length, more)
  return ("POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n")
    :format(path, length, more or "")
end

-- An answer, without what differs from one to another.
local function answer_of(client)
  local lines, length = {}, nil
  for line in function() return client:receive("*l") end do
    length = line:lower():match("^content%-length: (%d+)") or length
    if not line:find("^Date: ") and not line:find("^Connection: ") then
      lines[#lines + 1] = line
    end
    if line == "" then
      break
    end
  end
  -- LuaSocket waits for a byte where none is asked for.
  return table.concat(lines, "\n") .. "\n"
    .. (length == "0" and "" or client:receive(tonumber(length)))
end

-- The answer to what is sent.
local function answer_to(server, text)
  local client = connect(server)
  client:send(text)
  local answer = answer_of(client)
  client:close()
  return answer
end

local seal = wxbot.msgcrypt(ACCOUNT.aes_key, ACCOUNT.appid)

local function said(text)
  return '{"encrypted":"' .. seal:encrypt("<xml><userid>u1</userid><content><msg>"
    .. text .. "</msg></content><from>0</from></xml>") .. '"}'
end

local function post(server, body, more)
  return answer_to(server, head("/push", #body, more) .. body)
end

local function is_empty(path)
  return output_of("ls -A " .. quote(path)) == ""
end

before_each(function()
  folder = output_of("mktemp -d"):match("[^\n]+")
end)

after_each(function()
  start.stop_all()
  run.clean()
  start.remove_folder(folder)
end)

describe("wxbot receive, of bodies", function()
  it("answers 404 elsewhere, and 403 to what is too long, before a body comes",
    function()
      local server = receive(PUSHES)
      for _, path in ipairs{ "/", "/other", "/push/", "/push/x", "/PUSH",
          "/messages" } do
        for _, length in ipairs{ 10, 70000, 1e9 } do
          local client = connect(server)
          client:send(head(path, length))
          assert.matches("^HTTP/1.1 404 ", client:receive("*l"))
          client:close()
        end
      end
      local refused = post(server, "x")
      assert.matches("^HTTP/1.1 403 .*\n\nrefused$", refused)
      for _, length in ipairs{ 65537, 1e9 } do
        assert.equal(refused, answer_to(server, head("/push", length)))
        server:expect("^wxbot: refused: too_large, more than 65536 bytes from "
          .. "127%.0%.0%.1$")
      end
    end)

  it("refuses in pieces what is too long as a whole", function()
    local server = receive(PUSHES)
    local piece = "4000\r\n" .. ("x"):rep(16384) .. "\r\n"
    local answer = answer_to(server, "POST /push HTTP/1.1\r\nHost: x\r\n"
      .. "Transfer-Encoding: chunked\r\n\r\n" .. piece:rep(5)
      .. "0\r\n\r\n")
    assert.equal(post(server, "x"), answer)
    server:expect("^wxbot: refused: too_large")
  end)

  it("takes one of 64 KiB", function()
    local server = receive(PUSHES)
    assert.matches("^HTTP/1.1 403 ", post(server, ("x"):rep(65536)))
    server:expect("^wxbot: refused: json, 65536 bytes")
  end)
end)

-- Connections that have sent a head and stay, from one address; then the first
-- line that the same address is answered, and another.
local CROWD = [[
  local socket, port, path, length, number = require "socket", ...
  local clients = {}
  local function ask(from, path, length, body)
    local client = assert(socket.tcp())
    client:settimeout(5)
    client:bind(from, 0)
    assert(client:connect("127.0.0.1", port))
    client:send("POST " .. path .. " HTTP/1.1\r\nHost: x\r\nContent-Length: "
      .. length .. "\r\n\r\n" .. body)
    clients[#clients + 1] = client
    return client
  end
  for i = 1, number do
    local client = ask("127.0.0.1", path, length, "")
    if length == "0" then
      client:settimeout(0.5)
      client:receive("*l")
    end
  end
  io.stdout:setvbuf("no")
  for _, from in ipairs{ "127.0.0.1", "127.0.0.2" } do
    print(ask(from, "/push", 1, "x"):receive("*l"))
  end
]]

describe("wxbot receive, of connections", function()
  local function crowd(server, ...)
    local asker = start.run("sh -c " .. quote("ulimit -n 4096; exec lua5.4 "
      .. write(folder .. "/crowd.lua", CROWD) .. " " .. server.port .. " "
      .. table.concat({ ... }, " ")))
    return { asker:line():sub(1, 12), asker:line():sub(1, 12) }
  end

  local YES, NO = "HTTP/1.1 403", "HTTP/1.1 503"

  it("gives one address half of them at most", function()
    assert.same({ NO, YES }, crowd(receive(PUSHES), "/push", 10, 1024))
  end)

  it("leaves none to who is refused, and sends no body", function()
    local server = receive(PUSHES)
    for _, path in ipairs{ "/other", "/push" } do
      assert.equal(YES, crowd(server, path, 10, 2100)[2])
    end
  end)

  it("has more than there are for who is idle, with few files, too", function()
    local limit = "prlimit --nofile=256 "
    if output_of(limit .. "echo may") ~= "may\n" then
      return pending("there is no prlimit")
    end
    assert.same({ YES, YES }, crowd(listen({ "receive", PUSHES }, nil, limit),
      "/push", 0, 256))
  end)

  it("gives all of them to a proxy", function()
    assert.same({ YES, YES }, crowd(receive(PUSHES, "--behind-proxy", "--path", "/push"),
      "/push", 10, 1024))
  end)
end)

describe("what wxbot receive says", function()
  it("stops nothing when nobody reads it, and how much was lost is said",
    function()
      local server = receive(PUSHES)
      local client = connect(server)
      local number, good = 4000, 0
      for _ = 1, number / 100 do
        client:send((head("/push", 1) .. "x"):rep(100))
        for _ = 1, 100 do
          good = good + (answer_of(client):find("^HTTP/1.1 403 ") and 1 or 0)
        end
      end
      client:close()
      assert.equal(number, good)
      local seen, lost = 0, 0
      while seen + lost < number do
        local line = assert(server:line())
        lost = lost + tonumber(line:match("^wxbot: (%d+) lines are missing")
          or 0)
        seen = seen + (line:find("^wxbot: refused: ") and 1 or 0)
      end
      assert.equal(number, seen + lost)
      assert.is_true(lost > 0)
    end)

  it("stops nothing when a handler says it, in any way", function()
    local server = receive(write(folder .. "/h.lua", "return function()\n"
      .. "  for _, file in ipairs{ io.stdout, io.stderr, io.output() } do\n"
      .. "    for _ = 1, 3000 do file:write(('y'):rep(70), '\\n') end\n"
      .. "  end\nend\n"))
    for i = 1, 3 do
      assert.matches("^HTTP/1.1 200 ", post(server, said(i)))
    end
    server:expect("^wxbot: y+$")
  end)

  it("changes how nobody else writes", function()
    local function waits(pid, fd)
      local flags = run.read(("/proc/%s/fdinfo/%d"):format(pid, fd))
        :match("flags:%s*(%d+)")
      return tonumber(flags, 8) % 4096 < 2048
    end
    receive(PUSHES)
    local nginx = nginx_pid()
    local starter = run.read(("/proc/%s/stat"):format(nginx))
      :match("%) %a (%d+)")
    for fd = 0, 2 do
      assert.is_true(waits(starter, fd), "the starter's " .. fd)
    end
    assert.is_true(waits(nginx, 1))
    assert.is_false(waits(nginx, 2))
  end)

  it("shows all that a handler's own programs print, and io.write", function()
    local server = receive(write(folder .. "/h.lua", "return function()\n"
      .. "  os.execute('seq 1 30000')\n  io.write('written\\n')\n"
      .. "  io.stdout:write('to stdout\\n')\n  io.stdout:close()\n"
      .. "  io.stderr:write('to stderr\\n')\n  print('done')\nend\n"))
    post(server, said("hi"))
    for _, line in ipairs{ "1", "30000", "written", "to stdout",
        "to stderr", "done" } do
      server:expect("^wxbot: " .. line .. "$")
    end
  end)

  it("is one line for each report, whatever a user writes", function()
    local server = receive(write(folder .. "/h.lua", "return function(message)\n"
      .. "  local text = message.content.msg\n"
      .. "  if text:find('^raise') then error(text, 0) end\n"
      .. "  print(message.userid, text)\nend\n"))
    post(server, said("a\nwxbot: refused: forged\nready\nfailed busy"))
    post(server, said("raise\nwxbot: refused: forged"))
    post(server, said("tab\tand the end"))
    assert.equal("a\\nwxbot: refused: forged\\nready\\nfailed busy",
      server:expect("^wxbot: u1\t(.*)$"))
    assert.equal("raise\\nwxbot: refused: forged",
      server:expect("^wxbot: the handler failed: (.*)$"))
    assert.equal("tab\tand the end", server:expect("^wxbot: u1\t(.*)$"))
  end)

  it("is cut where it is endless, in whole characters", function()
    local server = receive(write(folder .. "/h.lua",
      "return function() for i = 0, 3 do print(('x'):rep(i) .. "
      .. "('中'):rep(5000)) end print('done') end"))
    post(server, said("hi"))
    for i = 0, 3 do
      local line = server:expect("^wxbot: (x*中.*)$")
      assert.matches("^" .. ("x"):rep(i) .. "中中.*中 …$", line)
      assert.is_true(#line < 4096)
    end
    server:expect("^wxbot: done$")
  end)

  it("does not deceive who waits for its start", function()
    local server = receive(write(folder .. "/h.lua", "print('ready')\n"
      .. "print('failed busy')\nprint('log me')\n"
      .. "return function(message) print('got ' .. message.userid) end\n"))
    assert.same({ "wxbot: ready", "wxbot: failed busy", "wxbot: log me" },
      { server.lines[1], server.lines[2], server.lines[3] })
    post(server, said("hi"))
    server:expect("^wxbot: got u1$")
  end)
end)

-- A program that stands where nginx is looked for first.
local function false_nginx(script)
  write(folder .. "/nginx", "#!/bin/sh\n" .. script)
  sh(("chmod 755 %s/nginx && mkdir %s/tmp"):format(folder, folder))
  return { PATH = folder .. ":" .. os.getenv("PATH"), TMPDIR = folder .. "/tmp" }
end

-- Of a proxy that the environment names.
local PASSWORD = "password-of-the-proxy"
local REDIS_PASSWORD = "password-of-redis"

-- What nginx -V says.
local VERSION = "case $1 in -V) echo nginx version: openresty/1; exit; esac\n"

describe("the secrets of wxbot receive", function()
  -- Starts it with an nginx that waits until the file `go` is there; all of it
  -- is one group of processes.
  local function halfway()
    local env = false_nginx("PATH=${PATH#*:}:/usr/sbin"
      .. ":/usr/local/sbin:/usr/local/openresty/nginx/sbin\n"
      .. "case $1 in -V) exec nginx -V; esac\ncd " .. folder .. "\n"
      .. "echo $$ >pid\nn=0; until [ -e go ] || [ $n = 500 ]; do\n"
      .. "n=$((n + 1)); sleep 0.02; done\n"
      .. 'exec nginx "$@"\n')
    env.HTTPS_PROXY = "http://u:" .. PASSWORD .. "@127.0.0.1:9"
    env.https_proxy = env.HTTPS_PROXY
    env.WXBOT_REDIS_PASSWORD = REDIS_PASSWORD
    local server = start.run("setsid " .. run.line(with_account{ "receive",
      PUSHES, "--port", "0", env = env }))
    return server, run.wait_for(function()
      return run.read(folder .. "/pid"):match("%d+")
    end, "nginx")
  end

  local function gone(nginx)
    write(folder .. "/go", "")
    run.wait_for(function() return is_empty(folder .. "/tmp") end,
      "the folder's end")
    run.wait_for(function()
      return not run.read(("/proc/%s/stat"):format(nginx)):find("%) [^Z]")
    end, "nginx's end")
  end

  it("are in no file, no argument and no environment while it starts, and "
    .. "nothing stays of a starter that is killed", function()
    local server, nginx = halfway()
    assert.equal("", output_of(("find %s/tmp -type f -exec grep -lF -e %s -e %s "
      .. "-e %s -e %s {} +"):format(folder, quote(ACCOUNT.aes_key),
      quote(ACCOUNT.token), PASSWORD, REDIS_PASSWORD)))
    for _, file in ipairs{ "environ", "cmdline" } do
      local text = run.read(("/proc/%s/%s"):format(nginx, file))
      assert.is_nil(text:find(ACCOUNT.aes_key, 1, true))
      assert.is_nil(text:find(ACCOUNT.token, 1, true))
      assert.is_nil(text:find(PASSWORD, 1, true))
      assert.is_nil(text:find(REDIS_PASSWORD, 1, true))
    end
    server:signal("KILL")
    gone(nginx)
  end)

  for _, signal in ipairs{ "TERM", "HUP" } do
    it("are gone with all the rest when " .. signal .. " comes to all that "
      .. "start", function()
      local server, nginx = halfway()
      sh(("kill -%s -%s"):format(signal, server.pid))
      gone(nginx)
    end)
  end

  it("are gone with all the rest when Ctrl-C comes to all that start", function()
    local server, nginx = halfway()
    sh("kill -INT -" .. server.pid)
    server:expect("^wxbot: stopped$")
    gone(nginx)
  end)
end)

-- io.popen in the command: one that Ctrl-C has struck, one without room.
local STRUCK = "io.popen = function() error('interrupted!', 0) end"
local NO_ROOM = "io.popen = function(c) return nil, c .. ': No more processes' end"

describe("a command that cannot start others", function()
  it("hears Ctrl-C while it tries", function()
    local result = run.run{ "--version", before = STRUCK }
    assert.same({ status = 130, out = "", err = "" }, result)
    package.loaded["wxbot.cli.terminal"] = nil
    local popen = io.popen
    io.popen = function() error("interrupted!", 0) end -- luacheck: ignore
    local terminal = require "wxbot.cli.terminal"
    io.popen = popen -- luacheck: ignore
    assert.has_error(terminal.width, "interrupted!")
  end)

  it("does without them, or says so", function()
    assert.equal("wxbot " .. wxbot._VERSION,
      run.run{ "--version", before = NO_ROOM }.out:match("[^\n]*"))
    local result = run.run(with_account{ "receive", PUSHES, before = NO_ROOM })
    assert.same({ status = 1, out = "",
      err = "wxbot: no process can be started: No more processes\n" }, result)
  end)
end)

describe("Ctrl-C while wxbot receive starts", function()
  -- A program that does its work, says so, and takes its time to end.
  local function slow(name)
    sh(("mkdir %s/bin %s/tmp"):format(folder, folder))
    write(("%s/bin/%s"):format(folder, name), ("#!/bin/sh\nPATH=${PATH#*:}\n"
      .. "%s \"$@\"\nexec >&- 2>&-\n: >%s/done\nn=0\nuntil [ -e %s/go ] "
      .. "|| [ $n = 500 ]; do n=$((n + 1)); sleep 0.02; done\n"):format(name,
      folder, folder))
    sh(("chmod 755 %s/bin/%s"):format(folder, name))
    return { PATH = folder .. "/bin:" .. os.getenv("PATH"),
      TMPDIR = folder .. "/tmp" }
  end

  for _, name in ipairs{ "readlink", "mkdir" } do
    it("ends it, and leaves nothing, in the middle of " .. name, function()
      local child = run.start(with_account{ "receive", PUSHES, "--port", "0",
        env = slow(name) })
      run.wait_for(function() return io.open(folder .. "/done") end, name)
      child:interrupt()
      write(folder .. "/go", "")
      local result = child:wait()
      assert.equal(130, result.status, result.err)
      assert.equal(name == "mkdir" and "wxbot: stopped\n" or "", result.err)
      assert.is_true(is_empty(folder .. "/tmp"))
    end)
  end
end)

local ODD = "a b'\"$x${y};{}\\\n`é%n?"

describe("wxbot serve and receive, with odd names,", function()
  it("have their folder wherever TMPDIR says, and remove no other", function()
    sh("mkdir -p " .. quote(folder .. "/foreign/kept"))
    for _, name in ipairs{ "foreign\nplace", ODD, "-rf" } do
      sh("mkdir -- " .. quote(folder .. "/" .. name))
      for _, place in ipairs{ folder .. "/" .. name, name } do
        local server = listen({ "serve", env = { TMPDIR = place } }, folder)
        assert.is_false(is_empty(folder .. "/" .. name))
        server:stop()
        run.wait_for(function() return is_empty(folder .. "/" .. name) end,
          "the folder's end")
      end
    end
    assert.is_false(is_empty(folder .. "/foreign"))
  end)

  it("take certificates, keys and authorities from any file", function()
    local certificates = start.authority()
    finally(function() start.remove_folder(certificates) end)
    local place = folder .. "/" .. ODD
    sh("mkdir -- " .. quote(place))
    -- The command takes no ca_file with a newline in its name.
    local ca_file = folder .. "/" .. ODD:gsub("\n", "")
    sh(("cp %s/ca.pem %s"):format(certificates, quote(ca_file)))
    for _, name in ipairs{ "good.pem", "good.key" } do
      sh(("cp %s/%s %s"):format(certificates, name, quote(place .. "/" .. ODD
        .. name)))
    end
    local server = listen({ "receive", ROOT .. "/" .. PUSHES,
      "--tls-cert", ODD .. "good.pem", "--tls-key", ODD .. "good.key",
      "--ca-file", ca_file }, place)
    local transport = wxbot.curl{ ca_file = certificates .. "/ca.pem" }
    assert.equal(403, assert(transport:request{ method = "POST",
      url = server.url, body = "x" }).status)
  end)

  it("call a handler anywhere, which stands where the user does", function()
    local place = folder .. "/" .. ODD:gsub("[;?]", "")
    sh("mkdir -- " .. quote(place))
    write(place .. "/other.lua", "return 'beside'")
    write(place .. "/-h;?.lua", "local file = assert(io.open('here'))\n"
      .. "local text = file:read('*a')\nfile:close()\n"
      .. "return function() print(require 'other', text) end\n")
    write(folder .. "/here", "stands here")
    local server = listen({ "receive", place .. "/-h;?.lua" }, folder)
    post(server, said("hi"))
    assert.equal("beside\tstands here", server:expect("^wxbot: (.*)$"))
  end)

  it("read no file of where the user happens to stand", function()
    sh(("mkdir -p %s/resty %s/wxbot"):format(folder, folder))
    for _, name in ipairs{ "resty/core", "cjson", "lxp", "ngx", "table",
        "wxbot/json", "wxbot/init" } do
      write(folder .. "/" .. name .. ".lua", "error 'not this one'")
    end
    post(listen({ "receive", ROOT .. "/" .. PUSHES }, folder), said("hi"))
  end)
end)

describe("wxbot serve and receive do not start, and say why,", function()
  local function refused(status, text, args)
    local result = run.run(with_account(args))
    assert.equal(status, result.status, result.err)
    assert.truthy(result.err:find(text, 1, true), result.err)
    assert.equal("", result.out)
    return result
  end

  it("where TMPDIR is no folder", function()
    local file = write(folder .. "/file", "")
    for trouble, place in pairs{ ["No such file"] = folder .. "/none",
        ["Not a directory"] = file } do
      local result = refused(1, trouble, { "serve", env = { TMPDIR = place } })
      assert.matches("TMPDIR says where", result.err, 1, true)
      assert.falsy(result.err:find("rm: ", 1, true))
    end
    assert.equal("file\n", output_of("ls -A " .. quote(folder)))
  end)

  it("where the disk is full", function()
    local place = folder .. "/full"
    sh("mkdir " .. place)
    -- A disk of its own, with room for folders alone.
    local function on_full_disk(command)
      return "unshare -m sh -c " .. quote(("mount -t tmpfs -o size=4k t %s && "
        .. "head -c 4096 /dev/zero >%s/fill && exec %s"):format(place, place,
        command))
    end
    if output_of(on_full_disk("echo may") .. " 2>&1") ~= "may\n" then
      return pending("no file system can be mounted here")
    end
    local server = start.run(on_full_disk(run.line(with_account{ "receive",
      PUSHES, "--port", "0", env = { TMPDIR = place } })))
    server:expect("^wxbot: nginx.conf could not be written: No space left")
  end)

  it("with a file that cannot be used, which is named", function()
    local good = start.authority()
    finally(function() start.remove_folder(good) end)
    local empty = write(folder .. "/empty", "")
    local text = write(folder .. "/$text", "hello\n")
    for trouble, path in pairs{ [folder .. "/no: No such file"] = folder .. "/no",
        [folder .. ": Is a directory"] = folder, [empty .. ": is empty"] = empty,
        [": No such file"] = "" } do
      refused(2, "tls_cert: " .. trouble, { "serve", "--tls-cert", path,
        "--tls-key", good .. "/good.key" })
      refused(2, "tls_key: " .. trouble, { "serve", "--tls-key", path,
        "--tls-cert", good .. "/good.pem" })
      refused(2, path == "" and "--ca-file must be a file name"
        or "ca_file: " .. trouble, { "receive", PUSHES, "--ca-file", path })
      refused(2, "handler: " .. trouble, { "receive", path })
    end
    local complaint = text .. ": no certificate or key that nginx can use"
    refused(2, "tls_cert: " .. complaint, { "serve", "--port", "0",
      "--tls-cert", text, "--tls-key", good .. "/good.key" })
    refused(2, "tls_key: " .. complaint, { "serve", "--port", "0",
      "--tls-cert", good .. "/good.pem", "--tls-key", text })
    refused(2, "ca_file: " .. complaint, { "receive", PUSHES, "--port", "0",
      "--ca-file", text })
    refused(2, "key values mismatch", { "serve", "--port", "0",
      "--tls-cert", good .. "/good.pem", "--tls-key", good .. "/other.key" })
  end)

  it("with a handler beside which nothing could be looked for", function()
    for _, name in ipairs{ "a;b", "a?b" } do
      sh("mkdir " .. quote(folder .. "/" .. name))
      write(folder .. "/" .. name .. "/h.lua", "return function() end")
      refused(2, "handler: no folder on the way to it may have ; or ? in its "
        .. "name", { "receive", folder .. "/" .. name .. "/h.lua" })
    end
  end)

  it("with a path that would never match", function()
    for _, path in ipairs{ "", "push", "//", "/a//b", "//push", "/push//", "/.",
        "/..", "/./a", "/a/..", "/a/./b", "/a%2fb", "/a?b", "/a#b", "/a b",
        "/a\n", "/é", "/$x", "/a;b", '/"', "/{", "\\" } do
      refused(2, "--path begins with /", { "receive", PUSHES, "--path=" .. path })
    end
    for _, path in ipairs{ "/", "/a/", "/.a", "/a..b", "/~a/-_/.../9" } do
      local server = receive(PUSHES, "--path", path)
      assert.matches("^HTTP/1.1 403 ", answer_to(server, head(path, 1)
        .. "x"))
      server:stop()
    end
  end)
end)

describe("the nginx of wxbot serve", function()
  -- Another lua-resty-core may be where Lua 5.4's modules are.
  it("looks for modules in its own places first", function()
    sh("mkdir " .. quote(folder .. "/resty"))
    write(folder .. "/resty/core.lua", "error 'made for another nginx'")
    listen{ "serve", env = { LUA_PATH = folder .. "/?.lua;;" } }
  end)

  -- What it says when it does not start; its words are those of real ones.
  local function says(text)
    sh(("rm -rf %s/nginx %s/tmp"):format(folder, folder))
    local result = run.run(with_account{ "serve", "--port", "0",
      env = false_nginx(VERSION .. "cat <<'E'\n" .. text .. "\nE\nexit 1\n") })
    return result.err, result.status
  end

  it("is quoted where it does not start", function()
    local err, status = says("nginx: [alert] failed to load the 'resty.core' "
      .. "module (https://github.com/openresty/lua-resty-core); ensure you are "
      .. "using an OpenResty release from https://openresty.org/en/download.html"
      .. " (reason: /usr/share/lua/5.1/resty/core/base.lua:24: "
      .. "ngx_http_lua_module 0.10.28 required) in nginx.conf:31")
    assert.equal("wxbot: nginx did not start: /usr/share/lua/5.1/resty/core/"
      .. "base.lua:24: ngx_http_lua_module 0.10.28 required\n", err)
    assert.equal(1, status)
    err, status = says("nginx: [emerg] mmap(2097152) failed (12: Cannot "
      .. "allocate memory)")
    assert.matches("did not start: .*Cannot allocate memory", err)
    assert.equal(1, status)
    assert.matches("^wxbot: port %d+ of 127%.0%.0%.1 is in use\n",
      (says("nginx: [emerg] bind() to 127.0.0.1:8080 failed (98: Address "
        .. "already in use)\nnginx: [emerg] still could not bind()")))
  end)

  it("is told to be lacking a part only if it is", function()
    local err, status = says("nginx: [alert] failed to load the 'resty.core' "
      .. "module (x) (reason: module 'resty.core' not found:\n"
      .. "no field package.preload['resty.core']\nno file './resty/core.lua') in")
    assert.matches("lua-resty-core is not installed", err, 1, true)
    assert.equal(69, status)
    err, status = says('nginx: [emerg] unknown directive "init_by_lua_block" in')
    assert.matches("nginx has no Lua module", err, 1, true)
    assert.equal(69, status)
  end)

  it("is told to be broken if it is", function()
    local result = run.run(with_account{ "serve", env = false_nginx("echo "
      .. "'nginx: error while loading shared libraries: libx.so'\nexit 127\n")
    })
    assert.matches("does not run: nginx: error while loading shared libraries: "
      .. "libx.so", result.err, 1, true)
    assert.equal(69, result.status)
  end)
end)
