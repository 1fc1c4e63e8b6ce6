-- Without this wxbot serve does not start, does not end, or is not the platform
-- to bots.
--
-- The sandbox behind nginx, over real sockets, started as a user does.
-- #once
-- #long
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local socket = require "socket"
local served = require "spec.support.served"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local output_of, quote = start.output_of, run.quote

local folder -- where the command makes its own; whatever stays is seen

local function leftovers()
  return output_of("ls -A " .. quote(folder))
end

-- Whether a process of that number runs; one that waits to be reaped does not.
local function is_running(pid)
  local state = run.read("/proc/" .. pid .. "/stat"):match("%) (%a)")
  return state ~= nil and state ~= "Z"
end

local function args_of(args)
  table.insert(args, 1, "serve")
  args.env = args.env or {}
  args.env.TMPDIR = folder
  return args
end

-- Starts it on a free port, up to its last line.
local function serve(args)
  args = args_of(args or {})
  args[#args + 1] = "--port"
  args[#args + 1] = "0"
  local server = start.run(run.line(args))
  server.url = server:expect("^url: (.*)$")
  server.port = tonumber(server.url:match("%d+$"))
  server:expect("^stop: ")
  server.nginx = output_of("cat " .. quote(folder) .. "/*/nginx.pid")
    :match("%d+")
  return server
end

local function bot_of(server, transport)
  local options = wxbot.sandbox():credentials()
  options.base_url, options.transport = server.url, transport
  return wxbot.new(options)
end

local function connect(server)
  local connection = assert(socket.connect("127.0.0.1", server.port))
  connection:settimeout(20)
  return connection
end

local function is_listening(port)
  local connection = socket.connect("127.0.0.1", port)
  if connection then
    connection:close()
  end
  return connection ~= nil
end

local function gone(server)
  run.wait_for(function() return leftovers() == "" end, "the folder's end")
  run.wait_for(function() return not is_running(server.nginx) end, "nginx's end")
  assert.is_false(is_listening(server.port))
end

-- A bot of the user's.
local OWN = { WXBOT_APPID = "ownbot123", WXBOT_TOKEN = "OwnToken0123456789x",
  WXBOT_AES_KEY = "kP3vXq7Lw9Zs5Tn1Rb8Yd4Fg6Hj2Mc0AeUiOoQyWzxA",
  WXBOT_ACCESS_TOKEN = "OwnAccess9876543210y", WXBOT_MANAGERID = "boss",
  WXBOT_SECRET = "OwnSecret13579bdf2468ace" }

local function copied(env)
  local new = {}
  for name, value in pairs(env) do
    new[name] = value
  end
  return new
end

local function own_bot(server)
  return wxbot.new{ appid = OWN.WXBOT_APPID, token = OWN.WXBOT_TOKEN,
    aes_key = OWN.WXBOT_AES_KEY, access_token = OWN.WXBOT_ACCESS_TOKEN,
    base_url = server.url }
end

before_each(function()
  folder = output_of("mktemp -d"):match("[^\n]+")
end)

after_each(function()
  start.stop_all()
  run.clean()
  os.execute("rm -rf " .. quote(folder))
end)

describe("wxbot serve", function()
  it("starts without an answer, and says which one is missing", function()
    local copy = output_of("mktemp -d"):match("[^\n]+")
    finally(function() os.execute("rm -rf " .. quote(copy)) end)
    os.execute(("cp -R bin lua %s && ln -s \"$PWD/build\" %s && rm "
      .. "%s/lua/wxbot/sandbox/answer/sign.lua && chmod -R a+rX %s"):format(
      quote(copy), quote(copy), quote(copy), quote(copy)))
    local line = run.line(args_of{ "--port", "0" })
    local server = start.run((line:gsub("bin/wxbot", function()
      return quote(copy .. "/bin/wxbot")
    end)))
    server:expect("^wxbot: warning: the sandbox has no answer for sign, and "
      .. "says so with status 501: module 'wxbot%.sandbox%.answer%.sign' not "
      .. "found$")
    server.url = server:expect("^url: (.*)$")
    local bot = assert(bot_of(server))
    local _, err = bot:sign{ userid = "u" }
    assert.equal(501, err.status)
    assert(bot:ask{ userid = "u", query = "你好" })
  end)

  it("says where it is and what to use, the secrets being public", function()
    local server = serve()
    local said = table.concat(server.lines, "\n")
    assert.truthy(server.url:find("^http://127%.0%.0%.1:%d+$"))
    assert.truthy(said:find("--base-url " .. server.url, 1, true))
    assert.truthy(said:find("public examples", 1, true))
    for _, name in ipairs{ "APPID", "TOKEN", "AES_KEY", "ACCESS_TOKEN" } do
      assert.truthy(said:find("\nexport WXBOT_" .. name .. "=%S+"), name)
    end
  end)

  it("says it in one line of JSON when asked to", function()
    local server = start.run(run.line(args_of{ "--json", "--port", "0" }))
    local said = assert(json.decode(server:line()))
    assert.truthy(said.url:find("^http://127%.0%.0%.1:%d+$"))
    assert.equal(wxbot.sandbox():credentials().token, said.token)
  end)

  it("answers all five endpoints to a bot", function()
    local server = serve{ "--skills", "spec/dialogue/skills.json" }
    local bot = bot_of(server)
    local signed = assert(bot:sign{ userid = "u1" })
    local reply = assert(bot:aibot{ signature = signed.signature,
      query = "怎么修改密码" })
    assert.equal("FAQ", reply.status)
    assert.equal("answer", assert(bot:ask{ userid = "u1",
      query = "怎么修改密码" }).tier)
    assert(bot:label_batchset{ appid = "wx1", category = "c", label = "l",
      desc = "d", list = { "o1", "o2" } })
    assert.truthy(assert(bot:task_fetch{ openid = "admin",
      task_id = "demo-import" }).state_name)
    assert.truthy(assert(bot:freepublish_get{
      publish_id = "100000001" }).publish_status_name)
  end)

  it("answers the command and curl", function()
    local server = serve()
    local credentials = wxbot.sandbox():credentials()
    local result = run.run{ "--base-url", server.url, "ask", "你好", env = {
      WXBOT_TOKEN = credentials.token, WXBOT_AES_KEY = credentials.aes_key } }
    assert.equal(0, result.status, result.err)
    assert.truthy(#result.out > 1)
    if output_of("command -v curl") ~= "" then
      local answer = output_of(("curl -s -d '{\"userid\":\"u1\"}' "
        .. "-H 'Content-Type: application/json' %s/openapi/sign/%s")
        :format(server.url, credentials.token))
      assert.truthy(assert(json.decode(answer)).signature)
    end
  end)

  it("learns what is imported, and tells it once that is published", function()
    local server = serve()
    local env = {}
    for name, value in pairs(wxbot.sandbox():credentials()) do
      env["WXBOT_" .. name:upper()] = type(value) == "string" and value or nil
    end
    local function command(...)
      return run.run{ "--base-url", server.url, env = env, ... }
    end
    local path = run.file("skill,question,similar,answer\n"
      .. "店,营业到几点,几点关门|几点下班,晚上九点\n")
    local function import(...)
      return command("import", path, "--format", "csv", "--managerid", "admin",
        "--wait", ...)
    end
    local result = import()
    assert.equal(0, result.status, result.err)
    assert.equal("1 imported\n", result.out)
    assert.equal("晚上九点\n", command("ask", "几点关门", "--env", "debug").out)
    assert.are_not.equal("晚上九点\n",
      command("ask", "几点关门", "--env", "online").out)
    result = import("--publish")
    assert.equal(0, result.status, result.err)
    assert.equal("1 imported\npublished\n", result.out)
    assert.equal("晚上九点\n",
      command("ask", "几点关门", "--env", "online").out)
    assert.equal("晚上九点\n", command("message", "几点下班").out)
  end)

  it("says at / what it is, and 404 elsewhere", function()
    local transport = wxbot.curl()
    local server = serve()
    local page = assert(transport:request{ method = "GET",
      url = server.url .. "/" })
    assert.equal(200, page.status)
    assert.truthy(page.body:find("sandbox of wxbot", 1, true))
    assert.equal("nginx", page.headers.server)
    assert.equal(404, assert(transport:request{ method = "GET",
      url = server.url .. "/etc/passwd" }).status)
  end)

  it("moves its tasks with the real time", function()
    local server = serve()
    local bot = bot_of(server)
    local task, err = bot:wait_task{ openid = "admin",
      task_id = "demo-failure", interval = 0.5, max_interval = 0.5,
      timeout = 20 }
    assert.is_nil(task)
    assert.equal("a skill was refused", err.result.msg)
  end)

  it("takes ten thousand openids at once", function()
    local server, list = serve(), {}
    for i = 1, 10000 do
      list[i] = ("oGZUI0egBJY1zhBYw2Kh%08d"):format(i)
    end
    assert(bot_of(server):label_batchset{ appid = "wx1", category = "c",
      label = "l", desc = "d", list = list })
  end)

  it("serves on an address of IPv6, and is called there", function()
    if not run.read("/proc/net/if_inet6"):find("lo\n", 1, true) then
      pending("this machine has no IPv6")
      return
    end
    local server = serve{ "--host", "::1" }
    assert.truthy(server.url:find("^http://%[::1%]:%d+$"))
    assert.equal("answer", assert(bot_of(server):ask{ userid = "u1",
      query = "你好" }).tier)
    assert.is_false(is_listening(server.port))
  end)

  it("serves https with the certificate that it is given", function()
    local certificates = start.authority()
    finally(function() start.remove_folder(certificates) end)
    local server = serve{ "--tls-cert", certificates .. "/good.pem",
      "--tls-key", certificates .. "/good.key" }
    assert.truthy(server.url:find("^https://"))
    local transport = wxbot.curl{ ca_file = certificates .. "/ca.pem" }
    assert(bot_of(server, transport):ask{ userid = "u1", query = "你好" })
    local _, err = bot_of(server):ask{ userid = "u1", query = "你好" }
    assert.equal("tls", err.kind)
  end)

  it("answers the command over https to who trusts its authority", function()
    local certificates = start.authority()
    finally(function() start.remove_folder(certificates) end)
    local server = serve{ "--tls-cert", certificates .. "/good.pem",
      "--tls-key", certificates .. "/good.key" }
    local credentials = wxbot.sandbox():credentials()
    local function ask(...)
      return run.run{ "--json", "--base-url", server.url, "ask", "你好", env = {
        WXBOT_TOKEN = credentials.token,
        WXBOT_AES_KEY = credentials.aes_key }, ... }
    end
    local result = ask("--ca-file", certificates .. "/ca.pem")
    assert.equal(0, result.status, result.err)
    assert.equal("answer", json.decode(result.out).tier)
    assert.equal("tls", json.decode(ask().err).error.kind)
    result = ask("--ca-file", certificates .. "/none.pem")
    assert.equal(1, result.status)
    assert.truthy(result.err:find("none.pem", 1, true))
  end)

  it("answers in nginx, on LuaJIT, byte for byte as in process", function()
    local skills = "spec/dialogue/skills.json"
    local sandbox = wxbot.sandbox{ skills = skills }
    require "wxbot.sandbox.demo".add(sandbox)
    local server = serve{ "--skills", skills }
    local transport = wxbot.curl()
    local keys = sandbox:credentials()
    local seal = wxbot.msgcrypt(keys.aes_key, keys.appid)
    local function sealed(xml)
      return assert(json.encode{ encrypt = seal:encrypt(xml) })
    end
    local signed = wxbot.jwt.encode({ userid = "u1", iat = os.time(),
      exp = os.time() + 600 }, keys.aes_key)
    local REQUESTS = {
      { "GET", "/openapi/sign/" .. keys.token, "" },
      { "POST", "/nowhere?a=b", "{}" },
      { "POST", "/openapi/sign/wrong", '{"userid":"u"}' },
      { "POST", "/openapi/sign/" .. keys.token, "{}" },
      { "POST", "/openapi/sign/" .. keys.token, '{"userid":' },
      { "POST", "/openapi/label/batchset/" .. keys.token, '{"encrypt":"x"}' },
      { "POST", "/openapi/label/batchset/" .. keys.token,
        sealed("<xml><appid><![CDATA[wx1]]></appid></xml>") },
      { "POST", "/openapi/bts/taskfetch/" .. keys.token,
        sealed("<xml><openid><![CDATA[nobody]]></openid>"
          .. "<task_id><![CDATA[demo-import]]></task_id></xml>") },
      { "POST", "/cgi-bin/freepublish/get?access_token=" .. keys.access_token,
        '{"publish_id":"100000001"}' },
      { "POST", "/cgi-bin/freepublish/get?access_token=", "{}" },
      { "POST", "/openapi/aibot/" .. keys.token, assert(json.encode{
        signature = signed, query = "怎么修改密码" }) },
    }
    for _, case in ipairs(REQUESTS) do
      local request = { method = case[1], url = server.url .. case[2],
        headers = { ["Content-Type"] = "application/json" }, body = case[3] }
      local here = sandbox:handle(request)
      local there = assert(transport:request(request))
      assert.equal(here.status, there.status, case[2])
      assert.equal(here.body, there.body)
      assert.equal(here.headers["content-type"], there.headers["content-type"])
    end
  end)
end)

describe("wxbot serve, under load that does it no good,", function()
  it("refuses a body of more than 1 MiB and closes", function()
    local connection = connect(serve())
    connection:send("POST /openapi/sign/x HTTP/1.1\r\nHost: x\r\n"
      .. "Content-Length: 1048577\r\n\r\n")
    local answer = connection:receive("*a")
    connection:close()
    assert.truthy(answer:find("^HTTP/1.1 413 "))
  end)

  it("takes a body of 1 MiB however small its chunks are", function()
    local server = serve()
    local connection = connect(server)
    local head, tail = '{"userid":"small","x":"', '"}'
    local body = head .. ("x"):rep(1048576 - #head - #tail) .. tail
    local chunks = body:gsub(("."):rep(16), "10\r\n%0\r\n")
    connection:send("POST /openapi/sign/" .. wxbot.sandbox():credentials().token
      .. " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      .. "Content-Type: application/json\r\n"
      .. "Transfer-Encoding: chunked\r\n\r\n" .. chunks .. "0\r\n\r\n")
    local answer = connection:receive("*a")
    connection:close()
    assert.truthy(answer:find('"signature":', 1, true), answer)
  end)

  it("refuses more than 16 KiB of headers and closes", function()
    local connection = connect(serve())
    connection:send("GET / HTTP/1.1\r\nHost: x\r\n"
      .. ("X-Long: " .. ("x"):rep(4000) .. "\r\n"):rep(5) .. "\r\n")
    local answer = connection:receive("*a")
    connection:close()
    assert.truthy(answer:find("^HTTP/1.1 400 "))
  end)

  for name, case in pairs{
    ["400 to broken chunks"] = { "zz\r\n", "400" },
    ["413 to a chunk of 2 MiB"] = { "200000\r\nx", "413" },
  } do
    it("answers " .. name .. ", at once or late", function()
      local server = serve()
      for _, pause in ipairs{ 0, 0.2 } do
        local connection = connect(server)
        connection:send("POST /openapi/sign/x HTTP/1.1\r\nHost: x\r\n"
          .. "Transfer-Encoding: chunked\r\n\r\n")
        socket.sleep(pause)
        connection:send(case[1])
        assert.equal("HTTP/1.1 " .. case[2], connection:receive("*l"):sub(1, 12))
        connection:close()
      end
    end)
  end

  it("closes on who never finishes headers, or a body", function()
    local server = serve()
    local slow = { header = connect(server), body = connect(server) }
    slow.header:send("GET / HTTP/1.1\r\nX-Slow: ")
    slow.body:send("POST /openapi/sign/x HTTP/1.1\r\nHost: x\r\n"
      .. "Content-Length: 1000\r\n\r\n")
    local began, lasted = socket.gettime(), {}
    while next(slow) and socket.gettime() < began + 30 do
      for name, connection in pairs(slow) do
        connection:send("x")
        connection:settimeout(0.1)
        local _, why = connection:receive(1)
        if why == "closed" then
          lasted[name] = socket.gettime() - began
          connection:close()
          slow[name] = nil
        end
      end
      socket.sleep(0.3)
    end
    assert.truthy(lasted.header and lasted.header > 3 and lasted.header < 9)
    assert.truthy(lasted.body and lasted.body > 3 and lasted.body < 9)
  end)

  it("serves 100 clients at once", function()
    local server, clients = serve(), {}
    local path = "/openapi/sign/" .. wxbot.sandbox():credentials().token
    for i = 1, 100 do
      clients[i] = connect(server)
    end
    for i = 1, 100 do
      local body = ('{"userid":"u%03d"}'):format(i)
      clients[i]:send(("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        .. "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s")
        :format(path, #body, body))
    end
    local good = 0
    for i = 1, 100 do
      local answer = clients[i]:receive("*a")
      clients[i]:close()
      if answer:find("^HTTP/1.1 200 .*\"signature\"") then
        good = good + 1
      end
    end
    assert.equal(100, good)
  end)
end)

describe("wxbot serve with a bot's credentials", function()
  -- Words of the processes and files that are there while it serves.
  local function seen(server)
    return output_of(("cat /proc/%s/cmdline /proc/%s/cmdline /proc/%s/environ; "
      .. "grep -r '' %s"):format(server.pid, server.nginx, server.nginx,
      quote(folder)))
  end

  local function uses(server)
    local bot = own_bot(server)
    assert.equal("answer", assert(bot:ask{ userid = "u", query = "你好" }).tier)
    assert(bot:freepublish_get{ publish_id = "100000001" })
    assert(bot:task_fetch{ openid = "boss", task_id = "demo-import" })
    assert.is_nil(bot_of(server):sign{ userid = "u" })
    assert.matches("access_token", output_of(("curl -s '%s/cgi-bin/token?"
      .. "grant_type=client_credential&appid=wx1&secret=%s'"):format(server.url,
      OWN.WXBOT_SECRET)))
  end

  it("answers as this bot, says whose it is, and shows none of them", function()
    local server = serve{ env = copied(OWN) }
    uses(server)
    local said = table.concat(server.lines, "\n")
    assert.truthy(said:find("with your credentials, of the bot ownbot123", 1,
      true))
    assert.is_nil(said:find("export", 1, true))
    local text = seen(server)
    local asked = output_of("curl -s '" .. server.url
      .. "/_wxbot/api/requests?secrets=1'; curl -s '" .. server.url
      .. "/_wxbot/api/requests/1?secrets=1'; curl -s '" .. server.url
      .. "/_wxbot/api/about'; curl -s " .. server.url)
    assert.truthy(asked:find("/openapi/", 1, true))
    server:stop()
    for _, name in ipairs{ "TOKEN", "AES_KEY", "ACCESS_TOKEN", "SECRET" } do
      local secret = OWN["WXBOT_" .. name]
      assert.is_nil((said .. text .. asked .. table.concat(server.lines))
        :find(secret, 1, true), name)
    end
  end)

  it("answers at the printed address only, also below the platform's paths",
    function()
      local server = serve{ env = copied(OWN) }
      local function status(host, path)
        return output_of(("curl -s -o /dev/null -w '%%{http_code}' -d '{}' "
          .. "-H 'Host: %s' '%s%s'"):format(host, server.url, path))
      end
      for _, path in ipairs{ "/", "/openapi/sign/" .. OWN.WXBOT_TOKEN,
          "/openapi/publish/" .. OWN.WXBOT_TOKEN, "/cgi-bin/token", "/nothing",
          "/_wxbot/api/about" } do
        for _, host in ipairs{ "evil.example", "evil.example:" .. server.port,
            "127.0.0.1:1", "127.0.0.1" } do
          assert.equal("403", status(host, path), path)
        end
      end
      for _, host in ipairs{ "127.0.0.1:", "localhost:", "LocalHost:" } do
        assert.equal("200", status(host .. server.port, "/openapi/sign/"
          .. OWN.WXBOT_TOKEN))
      end
      local said = output_of("curl -s -H 'Host: evil.example' " .. server.url)
      assert.equal("403 Host is not the address that wxbot serve has printed\n",
        said)
      local asked = output_of("curl -s " .. server.url
        .. "/_wxbot/api/requests")
      -- Nothing that was refused is in the record.
      assert.equal(3, #json.decode(asked).requests)
    end)

  it("takes them from a file", function()
    local config = run.file(json.encode{ appid = OWN.WXBOT_APPID,
      token = OWN.WXBOT_TOKEN, aes_key = OWN.WXBOT_AES_KEY,
      access_token = OWN.WXBOT_ACCESS_TOKEN, secret = OWN.WXBOT_SECRET,
      managerid = "boss" })
    os.execute("chmod 600 " .. quote(config))
    uses(serve{ "--config", config })
  end)

  it("tells programs the appid only", function()
    local server = start.run(run.line(args_of{ "--json", "--port", "0",
      env = copied(OWN) }))
    local said = assert(json.decode(server:line()))
    assert.same({ url = said.url, appid = OWN.WXBOT_APPID,
      managerid = "boss" }, said)
  end)

  it("takes the public ones when told to, or when it is given these", function()
    assert(bot_of(serve{ "--example-credentials", env = copied(OWN) })
      :sign{ userid = "u" })
    local server = serve{ env = served.env() }
    assert(bot_of(server):sign{ userid = "u" })
    assert.truthy(table.concat(server.lines, "\n"):find("export WXBOT_TOKEN=",
      1, true))
  end)
end)

describe("wxbot serve tells", function()
  local function ask(server, path, body)
    return output_of(("curl -s -H 'Content-Type: application/json' -d %s %s")
      :format(quote(body), server.url .. path))
  end

  it("of each request in a line, with its cause", function()
    local server = serve()
    local token = wxbot.sandbox():credentials().token
    ask(server, "/openapi/sign/" .. token, '{"userid":"u"}')
    assert.matches("^%d%d:%d%d:%d%d  sign  200  %d+%.%d ms$", server:line())
    ask(server, "/openapi/sign/" .. token, "{}")
    assert.matches("^%d%d:%d%d:%d%d  sign  200 1003  %d+%.%d ms  userid is "
      .. "missing%.$", server:line())
    ask(server, "/" .. token .. "/%1b%5b31m?a=" .. token, "{}")
    assert.matches("POST /%*%*%*/%%1b%%5b31m%?a=%*%*%*  404  .* There is no "
      .. "interface at /%*%*%*/", server:line())
  end)

  it("programs in a line of JSON on standard error", function()
    local server = start.run(run.line(args_of{ "--json", "--port", "0" }))
    server.url = assert(json.decode(server:line())).url
    ask(server, "/openapi/sign/x", "{}")
    local told = assert(json.decode(server:line())).request
    assert.equal(1001, told.code)
    assert.equal("sign", told.endpoint)
    assert.is_string(told.cause)
  end)

  it("nobody who does not listen, and answers all the same", function()
    local server = serve()
    os.execute("kill -STOP " .. server.pid)
    local bot = bot_of(server, wxbot.curl())
    -- More than a pipe of 64 KiB takes.
    for _ = 1, 4000 do
      assert(bot:sign{ userid = "u" })
    end
    os.execute("kill -CONT " .. server.pid)
    assert(bot:sign{ userid = "u" })
    server:expect("lines are missing here: nobody read them in time$")
  end)
end)

describe("wxbot serve ends", function()
  it("on Ctrl-C, with a word and nothing left behind", function()
    local child = run.start(args_of{ "--port", "0" })
    local port = run.wait_for(function()
      return run.read(child.out):match("url: http://[%d.]+:(%d+).*\nstop:")
    end, "the address")
    local nginx = output_of("cat " .. quote(folder) .. "/*/nginx.pid")
      :match("%d+")
    child:interrupt()
    local status = run.wait_for(function()
      return tonumber(run.read(child.status_file))
    end, "the end")
    assert.equal(130, status)
    assert.equal("wxbot: stopped\n", run.read(child.err))
    assert.equal("", leftovers())
    assert.is_false(is_running(nginx))
    assert.is_false(is_listening(tonumber(port)))
  end)

  for _, signal in ipairs{ "TERM", "KILL" } do
    it("with a command that is ended by " .. signal, function()
      local server = serve()
      server:signal(signal)
      gone(server)
    end)
  end

  it("with nginx, when one signal goes to both", function()
    local server = serve()
    os.execute(("kill -TERM %s %s"):format(server.nginx, server.pid))
    gone(server)
  end)

  it("with an error when nginx is ended by another", function()
    local server = serve()
    os.execute("kill -TERM " .. server.nginx)
    assert.equal("wxbot: nginx has ended", server:line())
    gone(server)
  end)
end)

-- Nor is nginx looked for outside PATH.
local WITHOUT_PLACES = 'package.preload["wxbot.serve.find_nginx"] = function() '
  .. 'local program = dofile "lua/wxbot/serve/find_nginx.lua" '
  .. 'program.places = {} return program end'

describe("wxbot serve does not start", function()
  local function refused(status, text, args)
    local result = run.run(args_of(args))
    assert.equal(status, result.status, result.err)
    assert.truthy(result.err:find(text, 1, true), result.err)
    assert.equal("", result.out)
    assert.equal("", leftovers())
  end

  it("on a port in use, and says so at once", function()
    local other = assert(socket.bind("127.0.0.1", 0))
    finally(function() other:close() end)
    local _, port = other:getsockname()
    refused(1, ("port %d of 127.0.0.1 is in use"):format(port),
      { "--port", tostring(port) })
  end)

  it("without nginx, and names the packages", function()
    refused(69, "apt-get install nginx-light libnginx-mod-http-lua "
      .. "lua-resty-core", { env = { PATH = "/usr/bin:/bin" },
      before = WITHOUT_PLACES })
  end)

  it("with skills that cannot be used", function()
    refused(2, "skills is missing", { "--skills", run.file("{}") })
    refused(2, "nothing-there.json: No such file", { "--skills",
      "nothing-there.json" })
  end)

  it("with a certificate and no key, or with none in the file", function()
    local file = run.file("hello\n")
    refused(2, "TLS needs both", { "--tls-cert", file })
    refused(2, "no certificate or key", { "--tls-cert", file, "--tls-key",
      file, "--port", "0" })
  end)

  it("at an address that is not of this machine, or none at all", function()
    refused(2, "192.0.2.1 is not an address of this machine",
      { "--host", "192.0.2.1" })
    refused(2, "must be an IP address", { "--host", "localhost" })
    refused(2, "port must be from 0", { "--port", "65536" })
  end)

  it("with a part of a bot's credentials", function()
    refused(2, "credentials are missing: appid, aes_key", {
      env = { WXBOT_TOKEN = OWN.WXBOT_TOKEN } })
    refused(2, "x.json", { "--config", "x.json" })
    refused(2, "serve has its own credentials", { "--base-url", "http://a" })
  end)

  it("with a bot's credentials where others can reach it", function()
    refused(2, "with your credentials it listens on 127.0.0.1 or ::1 only",
      { "--host", "0.0.0.0", env = copied(OWN) })
  end)

  it("with credentials that can be none", function()
    local env = copied(OWN)
    env.WXBOT_AES_KEY = "short"
    refused(2, "aes_key", { env = env })
  end)
end)

describe("wxbot serve to everybody", function()
  it("warns, and names an address that works here", function()
    local server = start.run(run.line(args_of{ "--port", "0", "--host",
      "0.0.0.0" }))
    assert.truthy(server:line():find("^wxbot: warning: everybody"))
    assert.truthy(server:line():find("^url: http://127%.0%.0%.1:%d+$"))
  end)
end)
