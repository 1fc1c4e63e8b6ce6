-- Without this `wxbot receive --inbox redis://…` loses what it has answered, shows
-- the password, or the commands on its inbox do not work.
--
-- Behind nginx, over a real Redis: each program is started as a user does. Where
-- nginx has no client of Redis, nothing but that is looked at.
-- #once
-- #long
local client = require "spec.support.nginx_redis"
local json = require "wxbot.codec.json"
local redis = require "spec.support.redis"
local run = require "spec.support.command"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local output_of, quote = start.output_of, run.quote

local ACCOUNT = wxbot.sandbox():credentials()
local PASSWORD = "open-sesame"

local folder, server, url

before_each(function()
  folder = output_of("mktemp -d"):match("[^\n]+")
  server = redis.server{ options = "--appendonly yes" }
  url = "redis://127.0.0.1:" .. server.port
end)
after_each(function()
  start.stop_all()
  run.clean()
  start.remove_folder(server.folder)
  start.remove_folder(folder)
end)

local function with(args)
  args.env = { TMPDIR = folder, WXBOT_APPID = ACCOUNT.appid,
    WXBOT_TOKEN = ACCOUNT.token, WXBOT_AES_KEY = ACCOUNT.aes_key,
    WXBOT_REDIS_PASSWORD = args.password }
  return args
end

-- Writes a handler with this body, and the client beside it.
local function write_handler(body)
  local out = assert(io.open(folder .. "/handler.lua", "wb"))
  out:write("return function(message, bot)\n" .. body .. "\nend\n")
  out:close()
  if not client.put_beside(folder) then
    pending("nginx has no client of Redis here")
  end
end

local function begin(...)
  local process = start.run("timeout 120 " .. run.line(with{ "receive",
    folder .. "/handler.lua", "--port", "0", "--inbox", url, ... }))
  process.url = process:expect("^url: (.*)$")
  process:expect("^stop: ")
  return process
end

local function push(to, user, ...)
  return run.run(with{ "push", "--url", to.url, "--userid", user, ... })
end

local function refused(args)
  local result = run.run(with(args))
  assert.equal(1, result.status)
  assert.equal("", result.out)
  return result.err
end

local function receive(...)
  return refused{ "receive", folder .. "/handler.lua", "--port", "0", "--inbox",
    ... }
end

-- Has Redis answer nobody for a while.
local function hold(seconds)
  return ("redis-cli -p %s client pause %d >/dev/null"):format(server.port,
    seconds * 1000)
end

local ECHO = 'print("handled " .. (message.text or message.query))'

describe("wxbot receive --inbox redis://…", function()
  it("says at the start why there is no inbox", function()
    write_handler(ECHO)
    assert.equal("wxbot: the inbox cannot be kept in redis://127.0.0.1:1: Redis: "
      .. "connection refused\n", receive("redis://127.0.0.1:1"))
    redis.command(server.port)("CONFIG", "SET", "maxmemory-policy",
      "volatile-lru")
    assert.matches("evicts keys %(maxmemory%-policy volatile%-lru%)",
      receive(url))
    redis.command(server.port)("CONFIG", "SET", "requirepass", PASSWORD)
    assert.matches(": Redis demands a password", receive(url))
    local result = refused{ password = "another", "receive",
      folder .. "/handler.lua", "--port", "0", "--inbox", url }
    assert.matches(": Redis refuses the password", result)
  end)

  it("takes a password from the environment, and none from an argument",
    function()
      write_handler(ECHO)
      redis.command(server.port)("CONFIG", "SET", "requirepass", PASSWORD)
      local process = start.run("timeout 120 " .. run.line(with{
        password = PASSWORD, "receive", folder .. "/handler.lua", "--port", "0",
        "--inbox", url .. "/3" }))
      process.url = process:expect("^url: (.*)$")
      assert.equal("taken\n", push(process, "u1", "one").out)
      process:expect("^wxbot: handled one$")
      assert.equal("0\n1\n", output_of(("for n in 0 3; do REDISCLI_AUTH=%s "
        .. "redis-cli -p %s -n $n exists wxbot:inboxes; done"):format(PASSWORD,
          server.port)))
      assert.equal("", output_of(("grep -rlF %s %s 2>/dev/null"):format(PASSWORD,
        quote(folder))))
      local status = run.run(with{ "receive", folder .. "/handler.lua",
        "--inbox", "redis://:word@127.0.0.1:1" })
      assert.equal(2, status.status)
      assert.matches("must have no password", status.err)
      assert.is_nil(status.err:find("word@", 1, true))
    end)

  it("refuses a URL of another form, and --fsync", function()
    for _, wrong in ipairs{ "redis://127.0.0.1", "rediss://127.0.0.1:1",
      "redis://127.0.0.1:0", "redis://127.0.0.1:1/x", "http://127.0.0.1:1" } do
      local result = run.run(with{ "receive", folder .. "/handler.lua", "--inbox",
        wrong })
      assert.equal(2, result.status)
      assert.matches("must be redis://HOST:PORT", result.err)
    end
    local result = run.run(with{ "receive", folder .. "/handler.lua", "--fsync",
      "--inbox", url })
    assert.matches("%-%-fsync is for %-%-inbox FILE", result.err)
  end)

  it("shares what comes with others, and knows a duplicate that another had",
    function()
      write_handler('print("handled " .. message.userid .. " " .. message.text)')
      local one, two = begin(), begin()
      for i = 1, 6 do
        assert.equal("taken\n", push(one, "u" .. i, "one").out)
        assert.equal("taken\n", push(two, "u" .. i, "two").out)
      end
      local body = "{\"encrypted\":\"" .. wxbot.msgcrypt(ACCOUNT.aes_key,
        ACCOUNT.appid):encrypt("<xml><userid>u7</userid><content><msg>seven</msg>"
          .. "</content></xml>") .. "\"}"
      for _, process in ipairs{ one, two, one } do
        local response = wxbot.curl():request{ method = "POST", headers = {},
          url = process.url, body = body, timeout = 5 }
        assert.equal(200, response.status)
      end
      socket.sleep(1)
      local lines = {}
      for _, process in ipairs{ one, two } do
        local before = {}
        for _, line in ipairs(process:stop()) do
          local user, text = line:match("^wxbot: handled (%S+) (%S+)$")
          if user then
            lines[#lines + 1] = user .. text
            assert.is_true(text ~= "two" or before[user] == "one")
            before[user] = text
          end
        end
        assert.is_not_nil(next(before))
      end
      assert.equal(13, #lines)
    end)

  it("answers 503 while Redis is away, and goes on when it is back", function()
    write_handler(ECHO)
    local process = begin()
    assert.equal("taken\n", push(process, "u1", "one").out)
    process:expect("^wxbot: handled one$")
    server.process:signal("KILL")
    server.process:stop()
    assert.matches("503", push(process, "u1", "two").err)
    process:expect("^wxbot: the inbox cannot be written: Redis: ")
    server = redis.server{ port = server.port, folder = server.folder,
      options = "--appendonly yes" }
    assert.equal("taken\n", push(process, "u1", "three").out)
    process:expect("^wxbot: handled three$")
    assert.equal(0, process:count("wxbot: handled two"))
  end)

  it("answers 503 before it knows its inbox", function()
    write_handler(ECHO)
    local port = redis.free_port()
    local address = ("http://127.0.0.1:%d/push"):format(port)
    os.execute(hold(1.5))
    local process = start.run("timeout 120 " .. run.line(with{ "receive",
      folder .. "/handler.lua", "--port", port, "--inbox", url }))
    local response
    for _ = 1, 200 do
      response = wxbot.curl():request{ method = "POST", url = address,
        headers = {}, body = "{}", timeout = 5 }
      if response then
        break
      end
      socket.sleep(0.01)
    end
    assert.equal(503, response.status)
    process:expect("^stop: ")
    process.url = address
    assert.equal("taken\n", push(process, "u1", "one").out)
  end)

  it("replies with what another receiver's handler returned in time", function()
    write_handler('print("by me"); return "您好"')
    local one, two = begin("--kind", "service"), begin("--kind", "service")
    for i = 1, 6 do
      local result = push(i % 2 == 0 and one or two, "u" .. i, "--kind",
        "service", "你好")
      assert.equal("replied: 您好\n", result.out, result.err)
    end
    assert.equal(6, one:count("wxbot: by me") + two:count("wxbot: by me"))
  end)
end)

describe("wxbot receive --inbox redis://…, where users wait for a reply,",
  function()
    it("replies in time, however long it takes to note that", function()
      write_handler(("os.execute(%q); return '您好'"):format(hold(3)))
      local process = begin("--kind", "service")
      assert.equal("replied: 您好\n", push(process, "u1", "--kind", "service",
        "你好").out)
    end)

    it("counts from when the push came, and takes no late reply for a failure",
      function()
        write_handler('ngx.sleep(1.5); print("handled"); return "您好"')
        local process = begin("--kind", "service")
        os.execute(hold(1.4))
        local began = socket.gettime()
        assert.equal("taken\n", push(process, "u1", "--kind", "service",
          "你好").out)
        assert.is_true(socket.gettime() - began < 2.4)
        process:expect("^wxbot: too late: ")
        socket.sleep(1.5)
        assert.equal(1, process:count("wxbot: handled"))
        assert.equal(0, process:count("wxbot: the handler failed"))
      end)
  end)

describe("wxbot inbox with redis://…", function()
  local function command(...)
    local result = run.run(with{ "inbox", ... })
    return result.out, result.err
  end

  it("lists, retries and purges", function()
    write_handler('error("not " .. message.text)')
    local process = begin()
    push(process, "u1", "one")
    process:expect("is handled again in 10 s$")
    process:stop()
    local out, why = command("list", url)
    assert.matches("^%d+:%d+%-0  [0-9: -]+  waiting  2 failures  again at ", out,
      nil, nil, why)
    assert.is_nil(out:find("one", 1, true))
    assert.matches("why: .*not one\n.*\"text\":\"one\"",
      (command("list", url, "--show")))
    local id = out:match("^%S+")
    local told = json.decode((command("list", url, "--json")))
    assert.equal(id, told.pushes[1].id)
    assert.matches("there is no push 1:2 among the dead",
      select(2, command("retry", url, "1:2")))
    -- As after three more failures.
    local send, prefix = redis.command(server.port),
      ("wxbot:{kefu:%s}:inbox:"):format(ACCOUNT.appid)
    local shard, stream_id = id:match("^(%d+):(.*)$")
    local text = send("XRANGE", prefix .. "shard:" .. shard, "-", "+")[1][2][6]
    send("XDEL", prefix .. "shard:" .. shard, stream_id)
    send("HSET", prefix .. "dead", id, "5 1700000000000 u why")
    send("HSET", prefix .. "dead_text", id, text)
    assert.matches("^" .. id:gsub("%p", "%%%0") .. "  [0-9: -]+  dead  5 failures",
      (command("list", url)))
    assert.equal("handled again: 1\n", (command("retry", url, "--all")))
    assert.matches("  waiting  0 failures\n$", (command("list", url)))
    assert.equal("removed: 0\n", (command("purge", url, "--all")))
  end)

  it("asks whose inbox is meant if there are several", function()
    local send = redis.command(server.port)
    assert.equal("wxbot: there is no inbox\n", select(2, command("list", url)))
    send("SADD", "wxbot:inboxes", "kefu:a")
    assert.equal("", (command("list", url)))
    send("SADD", "wxbot:inboxes", "service:b")
    assert.matches("several inboxes; name one by %-%-owner: ",
      select(2, command("list", url)))
    assert.equal("", (command("list", url, "--owner", "service:b")))
  end)
end)
