-- Without this wxbot receive loses pushes, hands them over twice, or leaves
-- users without a reply.
--
-- A receiver behind nginx whose handler is plain Lua, over real sockets: each
-- program is started as a user does.
-- #once
-- #long
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local output_of, quote = start.output_of, run.quote
local unpack = table.unpack or unpack

local ACCOUNT = wxbot.sandbox():credentials()

local folder -- where nginx has its own folders; whatever stays is seen
local folders -- to be removed

local function with_account(args)
  args.env = { TMPDIR = folder, WXBOT_APPID = ACCOUNT.appid,
    WXBOT_TOKEN = ACCOUNT.token, WXBOT_AES_KEY = ACCOUNT.aes_key }
  return args
end

-- Starts a command that listens; its address is in `url`. What a spec waits for
-- in vain ends with it.
local function listen(args)
  args[#args + 1] = "--port"
  args[#args + 1] = "0"
  local server = start.run("timeout 120 " .. run.line(args))
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return server
end

local function platform(...)
  return listen{ "serve", env = { TMPDIR = folder }, ... }
end

local function receiver(url, handler, ...)
  return listen(with_account{ "--base-url", url, "receive", handler, ... })
end

local function push(url, ...)
  return run.run(with_account{ "push", "--url", url, "--userid", "u1", ... })
end

-- A handler in a file, in a folder of its own.
local function file(text)
  local path = output_of("mktemp -d"):match("[^\n]+")
  folders[#folders + 1] = path
  local name = path .. "/handler.lua"
  local out = assert(io.open(name, "wb"))
  out:write(text)
  out:close()
  return name, path
end

local transport = wxbot.curl()

local function post(url, body, headers)
  return assert(transport:request{ method = "POST", url = url, body = body,
    headers = headers or {} })
end

local seal = wxbot.msgcrypt(ACCOUNT.aes_key, ACCOUNT.appid)

local function sealed(text)
  return '{"encrypted":"' .. seal:encrypt(text) .. '"}'
end

local function said(text)
  return sealed("<xml><userid>u1</userid><content><msg>" .. text
    .. "</msg></content><from>0</from></xml>")
end

local function messages(url, userid)
  return json.decode(assert(transport:request{ method = "GET",
    url = url .. "/_wxbot/api/messages?openid=" .. userid }).body).messages
end

before_each(function()
  folder = output_of("mktemp -d"):match("[^\n]+")
  folders = { folder }
end)

after_each(function()
  start.stop_all()
  run.clean()
  for _, path in ipairs(folders) do
    os.execute("rm -rf " .. quote(path))
  end
end)

describe("wxbot receive", function()
  it("closes the circle: user, push, handler, sendmsg, user", function()
    local sandbox = platform()
    local server = receiver(sandbox.url, "examples/answer_pushes.lua")
    assert.matches("^http://127%.0%.0%.1:%d+/push$", server.url)
    for _ = 1, 3 do
      local result = push(server.url, "--kfstate", "3", "--createtime",
        "1716535576142", "人工 ]]> <b>")
      assert.equal("taken\n", result.out, result.err)
      assert.equal(0, result.status)
    end
    server:expect("^wxbot: answered u1$")
    assert.equal(0, push(server.url, "--from", "1", "不用谢").status)
    assert.equal(0, push(server.url, "--kfstate", "1", "在吗").status)
    server:expect("^wxbot: answered u1$")
    local list = messages(sandbox.url, "u1")
    assert.equal(2, #list)
    assert.equal("已转给客服：人工 ]]> <b>", list[1].msg)
    assert.equal("已转给客服：在吗", list[2].msg)
    assert.equal(7, list[1].channel)
    assert.same({}, messages(sandbox.url, "u2"))
    local function told(...)
      return run.run{ "kefu", "messages", "--base-url", sandbox.url, ... }
    end
    assert.same({ status = 0, err = "", out = "已转给客服：人工 ]]> <b>\n"
      .. "已转给客服：在吗\n" }, told("--openid", "u1"))
    assert.equal("已转给客服：在吗", json.decode(told("--openid", "u1",
      "--json").out).messages[2].msg)
    assert.same({ status = 0, err = "", out = '{"messages":[]}\n' },
      told("--openid", "u2&openid=u1", "--json"))
  end)

  it("is told of messages that are longer together than 1 MiB", function()
    local sandbox = platform()
    local bot = assert(wxbot.new{ appid = ACCOUNT.appid, token = ACCOUNT.token,
      aes_key = ACCOUNT.aes_key, base_url = sandbox.url })
    local long = ("x"):rep(700 * 1024)
    for _ = 1, 3 do
      assert(bot:sendmsg{ openid = "u1", channel = 7, msg = long })
    end
    local result = run.run{ "kefu", "messages", "--base-url", sandbox.url,
      "--openid", "u1" }
    assert.equal(0, result.status, result.err)
    assert.is_true(result.out == (long .. "\n"):rep(3))
  end)

  -- nginx compares names only, and an address is none: what it trusts shows in
  -- what it complains of.
  it("is https itself, and trusts --ca-file in the calls it makes", function()
    local certificates = start.authority()
    finally(function() start.remove_folder(certificates) end)
    local tls = { "--tls-cert", certificates .. "/good.pem", "--tls-key",
      certificates .. "/good.key" }
    local sandbox = platform(unpack(tls))
    local ca_file = certificates .. "/ca.pem"
    for complaint, options in pairs{
      ["with names only, not with addresses"] = { "--ca-file", ca_file,
        unpack(tls) },
      ["is not trusted"] = tls,
    } do
      local server = receiver(sandbox.url, "examples/answer_pushes.lua",
        unpack(options))
      assert.matches("^https://", server.url)
      assert.equal(1, push(server.url, "--kfstate", "3", "人工").status)
      local result = push(server.url, "--kfstate", "3", "人工", "--ca-file",
        ca_file)
      assert.equal(0, result.status, result.err)
      assert.matches(complaint,
        server:expect("^wxbot: the handler failed: (.*)$"), 1, true)
    end
  end)

  it("answers before the handler is done", function()
    local slow = assert(socket.bind("127.0.0.1", 0))
    finally(function() slow:close() end)
    local _, port = slow:getsockname()
    slow:settimeout(20)
    local handler = file("return function(message, bot)\n"
      .. "  print(message.content.msg, bot:sendmsg{ openid = message.userid,\n"
      .. "    channel = 7, msg = 'hi' })\nend\n")
    local server = receiver("http://127.0.0.1:" .. port, handler)
    for _, text in ipairs{ "one", "two" } do
      assert.equal(200, post(server.url, said(text)).status)
    end
    for _ = 1, 2 do
      local client = assert(slow:accept())
      client:settimeout(20)
      assert.matches("^POST /openapi/sendmsg/", client:receive("*l"))
      client:close()
    end
    server:expect("^wxbot: one%snil%s.*sendmsg")
  end)

  it("answers each of many that come at once, each once", function()
    local sandbox = platform()
    local server = receiver(sandbox.url, "examples/answer_pushes.lua")
    local loop, taken = wxbot.loop{ max_connections = 50 }, 0
    local bodies = {}
    for i = 1, 400 do
      bodies[i] = sealed(("<xml><userid>user%d</userid><content><msg>hi</msg>"
        .. "</content><from>0</from><kfstate>3</kfstate><channel>7</channel>"
        .. "<createtime>1716535576142</createtime></xml>"):format(i % 200))
    end
    for _, body in ipairs(bodies) do
      loop:spawn(function()
        local response = assert(loop:request{ method = "POST", body = body,
          url = server.url, headers = {}, timeout = 60 })
        taken = taken + (response.status == 200 and 1 or 0)
      end)
    end
    loop:run()
    assert.equal(400, taken)
    local answered = {}
    for _ = 1, 200 do
      local userid = server:expect("^wxbot: answered (user%d+)$")
      assert.is_nil(answered[userid])
      answered[userid] = true
    end
    for i = 0, 199 do
      assert.equal(1, #messages(sandbox.url, "user" .. i))
    end
  end)

  -- nginx would drop the connections of more, or their timers.
  it("takes no more than it has room for, and later what comes again", function()
    local handler, path = file("return function(message)\n"
      .. "  local file\n  repeat\n    ngx.sleep(0.2)\n"
      .. "    file = io.open((debug.getinfo(1, 'S').source:match('^@(.*/)'))\n"
      .. "      .. message.content.msg)\n  until file\n  file:close()\n"
      .. "  print('done ' .. message.content.msg)\nend\n")
    local server = receiver("http://127.0.0.1:1", handler)
    for i = 1, 400 do
      assert.equal(200, post(server.url, said(i)).status)
    end
    local body = said("last")
    assert.equal(503, post(server.url, body).status)
    server:expect("^wxbot: not taken: 400 ")
    for _, name in ipairs{ "7", "last" } do
      local out = assert(io.open(path .. "/" .. name, "wb"))
      out:close()
    end
    server:expect("^wxbot: done 7$")
    assert.equal(200, post(server.url, body).status)
    server:expect("^wxbot: done last$")
  end)

  it("shows what a handler raises, and has the next try handled again", function()
    local handler = file("local tries = 0\nreturn function(message)\n"
      .. "  tries = tries + 1\n  assert(tries > 1, 'the database is away')\n"
      .. "  if tries == 2 then\n    error(setmetatable({}, "
      .. "{ __tostring = error }))\n  end\n"
      .. "  print('saved ' .. message.content.msg)\nend\n")
    local server = receiver("http://127.0.0.1:1", handler)
    local body = said("hi")
    post(server.url, body)
    server:expect("^wxbot: the handler failed: .*the database is away$")
    post(server.url, body)
    server:expect("^wxbot: the handler failed: table$")
    post(server.url, body)
    server:expect("^wxbot: saved hi$")
  end)

  it("says which addresses a push can be sent to", function()
    local result = push("127.0.0.1:8081/push", "hi")
    assert.equal("wxbot: the URL must begin with https:// or http://\n",
      result.err)
    assert.equal(2, result.status)
  end)

  it("lets a handler require what is beside it", function()
    local name, path = file("local other = require 'other'\n"
      .. "return function(message) print(other .. message.userid) end\n")
    local out = assert(io.open(path .. "/other.lua", "wb"))
    out:write("return 'beside '")
    out:close()
    local server = receiver("http://127.0.0.1:1", name)
    post(server.url, said("hi"))
    server:expect("^wxbot: beside u1$")
  end)

  it("refuses all alike, and says why to who runs it", function()
    local server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua",
      "--path", "/push/Zk3_4a")
    local seen = {}
    for reason, body in pairs{ json = "x", decrypt = '{"encrypted":"AAAA"}',
        xml = sealed("<a/>"), too_large = ("x"):rep(65537) } do
      local response = post(server.url, body)
      seen[response.status .. response.body] = reason
      server:expect(("^wxbot: refused: %s, %s bytes from 127%%.0%%.0%%.1$")
        :format(reason, reason == "too_large" and "more than 65536" or #body))
    end
    assert.truthy(seen["403refused"])
    assert.is_nil(next(seen, (next(seen))))
    assert.equal(200, post(server.url, "{}").status)
    server:expect("^wxbot: taken: empty, 2 bytes from 127%.0%.0%.1$")
    local base = server.url:match("^(http://[^/]+)/push/Zk3_4a$")
    assert.equal(404, post(base .. "/push", "x").status)
    assert.equal(404, post(base .. "/", "x").status)
  end)

  it("stops listening to who fails too often: to the peer of a proxy only "
    .. "if told to", function()
    local function failures(server, from)
      for _ = 1, 20 do
        post(server.url, "x", { ["X-Forwarded-For"] = from })
      end
    end
    local function heard(server, from)
      return post(server.url, said("hi"),
        { ["X-Forwarded-For"] = from }).status == 200
    end
    local server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua")
    failures(server, "192.0.2.1")
    assert.is_false(heard(server, "192.0.2.2"))
    server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua",
      "--behind-proxy")
    failures(server, "192.0.2.9, 192.0.2.1")
    assert.is_true(heard(server, "192.0.2.1, 192.0.2.2"))
    assert.is_false(heard(server, "192.0.2.2, 192.0.2.1"))
  end)

  it("is not held up by who names an endless proxy", function()
    local server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua",
      "--behind-proxy")
    local began = transport:now()
    for _ = 1, 40 do
      post(server.url, "x", { ["X-Forwarded-For"] = ("a"):rep(7900) .. "," })
    end
    assert.is_true(transport:now() - began < 4)
  end)

  it("warns of an address that is easily guessed, and of a proxy", function()
    local server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua",
      "--behind-proxy")
    assert.matches("^wxbot: warning: .*%-%-path", server.lines[1])
    server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua")
    for _ = 1, 2 do
      post(server.url, said("hi"), { ["X-Forwarded-For"] = "192.0.2.1" })
    end
    post(server.url, "x")
    server:expect("^wxbot: refused: json")
    local warnings = 0
    for _, line in ipairs(server.lines) do
      warnings = warnings + (line:find("warning", 1, true) and 1 or 0)
    end
    assert.equal(1, warnings)
  end)

  it("refuses old pushes when it is given a window", function()
    local server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua",
      "--window", "600")
    local result = push(server.url, "--createtime", "1716535576142", "hi")
    assert.equal("wxbot: the receiver answered 403\n", result.err)
    server:expect("^wxbot: refused: stale")
    assert.equal(0, push(server.url, "hi").status)
  end)

  it("takes an access token as long as one may be", function()
    local handler = file("return function(_, bot)\n"
      .. "  print(select(2, bot:freepublish_get{ publish_id = '1' }))\nend\n")
    local args = with_account{ "--base-url", "http://127.0.0.1:1", "receive",
      handler }
    args.env.WXBOT_ACCESS_TOKEN = ("\1\"x"):rep(1365):gsub("\1", "\\")
    local server = listen(args)
    post(server.url, said("hi"))
    assert.matches("freepublish_get", server:expect("^wxbot: (.*)$"))
  end)

  for _, signal in ipairs{ "INT", "TERM" } do
    it("says at its end, by " .. signal .. ", what is not done", function()
      local handler = file("return function(message)\n"
        .. "  print('begun ' .. message.content.msg)\n"
        .. "  if message.content.msg ~= 'one' then ngx.sleep(100) end\nend\n")
      local server = receiver("http://127.0.0.1:1", handler)
      for _, text in ipairs{ "one", "two", "three" } do
        post(server.url, said(text))
        server:expect("^wxbot: begun " .. text .. "$")
      end
      local nginx = output_of("cat " .. quote(folder) .. "/*/nginx.pid")
        :match("%d+")
      os.execute(("kill -%s %s"):format(signal, nginx))
      server:expect("^wxbot: the end: of 2 answered pushes ")
    end)
  end

  it("ends on Ctrl-C with all that there is to say", function()
    local child = run.start(with_account{ "receive", (file(
      "return function() ngx.sleep(100) end\n")), "--port", "0" })
    local url = run.wait_for(function()
      return run.read(child.out):match("url: (%S+)\nstop: ")
    end, "the address")
    assert.equal(200, post(url, said("hi")).status)
    child:interrupt()
    local result = child:wait()
    assert.equal(130, result.status)
    assert.equal("wxbot: without --inbox: a push that is answered and not handled "
      .. "yet is lost when this ends\n"
      .. "wxbot: the end: of 1 answered pushes the handler is not done\n"
      .. "wxbot: stopped\n", result.err)
    assert.equal("", output_of("ls -A " .. quote(folder)))
  end)

  it("leaves no secret in a file, and nothing when it ends", function()
    local server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua")
    assert.equal("", output_of(("grep -rlF -e %s -e %s %s"):format(
      quote(ACCOUNT.aes_key), quote(ACCOUNT.token), quote(folder))))
    server:signal("TERM")
    run.wait_for(function()
      return output_of("ls -A " .. quote(folder)) == ""
    end, "the folder's end")
  end)

  local function refused(text, args)
    local result = run.run(args)
    assert.equal(2, result.status, result.err)
    assert.truthy(result.err:find(text, 1, true), result.err)
    assert.equal("", result.out)
    assert.equal("", output_of("ls -A " .. quote(folder)))
  end

  for what, case in pairs{
    ["is not Lua"] = { "return function(", "handler.lua:1:" },
    ["returns no function"] = { "return {}", "must return a function" },
    ["raises"] = { "error('no luck')", "handler.lua:1: no luck" },
    ["is empty"] = { "", "handler.lua: is empty" },
  } do
    it("does not start with a handler that " .. what, function()
      refused(case[2], with_account{ "receive", (file(case[1])), "--port", "0" })
    end)
  end

  it("does not start without a handler, an account or a good path", function()
    refused("no/such.lua: No such file", with_account{ "receive",
      "no/such.lua" })
    refused("credentials are missing: appid, token, aes_key",
      { "receive", "examples/answer_pushes.lua", env = { TMPDIR = folder } })
    for _, path in ipairs{ "push", "/a b", "/a?b", "/\n" } do
      refused("--path begins with /", with_account{ "receive",
        "examples/answer_pushes.lua", "--path", path })
    end
    refused("wxbot serve", { "--sandbox", "receive",
      "examples/answer_pushes.lua", env = { TMPDIR = folder } })
  end)

  it("needs somebody to trust only where it calls over TLS", function()
    -- A machine without a file of authorities.
    local without = [[
      local open = io.open
      io.open = function(path, ...)
        if path:find("^/etc/ssl/") or path:find("^/etc/pki/") then
          return nil, path .. ": No such file or directory"
        end
        return open(path, ...)
      end]]
    local args = with_account{ "receive", "examples/answer_pushes.lua" }
    args.before = without
    local result = run.run(args)
    assert.equal(1, result.status)
    assert.truthy(result.err:find("no file of authorities to trust could be "
      .. "read", 1, true), result.err)
    local emulator = listen{ "serve", env = { TMPDIR = folder },
      before = without }
    args = with_account{ "receive", "examples/answer_pushes.lua",
      "--base-url", emulator.url }
    args.before = without
    assert.equal(0, push(listen(args).url, "hi").status)
  end)
end)

describe("wxbot push", function()
  it("says that a receiver refused, or is not there", function()
    local server = receiver("http://127.0.0.1:1", "examples/answer_pushes.lua")
    local result = run.run{ "--sandbox", "push", "--url", server.url .. "/no",
      "--userid", "u1" }
    assert.equal(1, result.status)
    assert.equal("wxbot: the receiver answered 404\n", result.err)
    result = push("http://127.0.0.1:1/", "hi")
    assert.equal(1, result.status)
    assert.equal("", result.out)
  end)

  it("is told by messages what to look at, when they cannot be got",
    function()
      local server = receiver("http://127.0.0.1:1",
        "examples/answer_pushes.lua")
      for complaint, args in pairs{
        ["wxbot: --base-url is missing: it says where "] = {},
        ["wxbot: base_url must be http"] = { "--base-url", "127.0.0.1" },
      } do
        local result = run.run{ "kefu", "messages", "--openid", "u", unpack(args) }
        assert.equal(2, result.status)
        assert.truthy(result.err:find(complaint, 1, true), result.err)
      end
      for complaint, url in pairs{ ["no connection"] = "http://127.0.0.1:1",
          ["is it `wxbot serve` that"] = server.url:gsub("/push$", "") } do
        local result = run.run{ "kefu", "messages", "--openid", "u", "--base-url", url }
        assert.equal(1, result.status)
        assert.equal("", result.out)
        assert.truthy(result.err:find(complaint, 1, true), result.err)
      end
    end)

  it("does not push what XML cannot hold", function()
    local result = push("http://127.0.0.1:1/", "a\1")
    assert.equal(2, result.status)
    assert.truthy(result.err:find("XML forbids", 1, true))
  end)
end)
