-- Without this `wxbot receive --inbox` loses what it has answered, or the commands
-- on its inbox do.
--
-- Behind nginx, over real sockets: each program is started as a user does.
-- #once
-- #long
local json = require "wxbot.codec.json"
local look = require "wxbot.receive.inbox.look"
local run = require "spec.support.command"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local output_of, quote = start.output_of, run.quote
local unpack = table.unpack or unpack

local ACCOUNT = wxbot.sandbox():credentials()

local folder, inbox

before_each(function()
  folder = output_of("mktemp -d"):match("[^\n]+")
  inbox = folder .. "/pushes"
end)
after_each(function()
  start.stop_all()
  run.clean()
  os.execute("rm -rf " .. quote(folder))
end)

local function with(args)
  args.env = { TMPDIR = folder, WXBOT_APPID = ACCOUNT.appid,
    WXBOT_TOKEN = ACCOUNT.token, WXBOT_AES_KEY = ACCOUNT.aes_key }
  return args
end

local function write_handler(text)
  local out = assert(io.open(folder .. "/handler.lua", "wb"))
  out:write("return function(message, bot)\n" .. text .. "\nend\n")
  out:close()
end

-- A receiver whose handler has this body.
local function receiver(body, ...)
  write_handler(body)
  local server = start.run("timeout 120 " .. run.line(with{ "receive",
    folder .. "/handler.lua", "--port", "0", ... }))
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return server
end

-- With an inbox.
local function keeper(body, ...)
  return receiver(body, "--inbox", inbox, ...)
end

local function push(server, ...)
  return run.run(with{ "push", "--url", server.url, "--userid", "u1", ... })
end

local function command(...)
  return run.run(with{ "inbox", ... })
end

-- The nginx of a server, which is its grandchild by way of timeout.
local function nginx_of(server)
  local child = output_of("ps -o pid= --ppid " .. server.pid):match("%d+")
  return output_of("ps -o pid= --ppid " .. child):match("%d+")
end

local ECHO = 'print("handled " .. (message.text or message.query))'

describe("wxbot receive --inbox", function()
  it("handles at the next start what it had answered when it was killed",
    function()
      local server = keeper('print("begun"); ngx.sleep(60)')
      for _, text in ipairs{ "one", "two", "three" } do
        assert.equal("taken\n", push(server, text).out)
      end
      server:expect("^wxbot: begun$")
      os.execute("kill -9 " .. nginx_of(server))
      server:expect("^wxbot: nginx has ended by signal 9$")
      server = keeper(ECHO)
      server:expect("^wxbot: handled one$")
      server:expect("^wxbot: handled two$")
      server:expect("^wxbot: handled three$")
      server:stop()
      server = keeper(ECHO)
      assert.equal("taken\n", push(server, "four").out)
      server:expect("^wxbot: handled four$")
      assert.equal(1, server:count("wxbot: handled"))
    end)

  it("handles it after Ctrl-C too, and says how much waits", function()
    local server = keeper('print("begun"); ngx.sleep(60)')
    push(server, "one")
    push(server, "two")
    server:expect("^wxbot: begun$")
    os.execute("kill -INT " .. nginx_of(server))
    server:expect("^wxbot: the end: 2 pushes wait for the next start$")
    server:stop()
    keeper(ECHO):expect("^wxbot: handled two$")
  end)

  it("handles what waits at the start side by side", function()
    local server = keeper("ngx.sleep(60)")
    for _, user in ipairs{ "u1", "u2", "u3" } do
      run.run(with{ "push", "--url", server.url, "--userid", user, "text" })
    end
    server:stop()
    server = keeper('rawset(_G, "count", (rawget(_G, "count") or 0) + 1); '
      .. 'ngx.sleep(0.8); print(rawget(_G, "count"))')
    assert.equal("3", server:expect("^wxbot: (%d)$"))
  end)

  it("takes what comes while it handles much that waited", function()
    local taker = assert(wxbot.receiver{ kind = "kefu", appid = ACCOUNT.appid,
      aes_key = ACCOUNT.aes_key, token = ACCOUNT.token })
    local kept = assert(wxbot.inbox{ receiver = taker, path = inbox })
    local seal = wxbot.msgcrypt(ACCOUNT.aes_key, ACCOUNT.appid)
    for i = 1, 4000 do
      kept:handle{ method = "POST", body = '{"encrypted":"' .. seal:encrypt(
        "<xml><userid>u" .. i .. "</userid><content><msg>text</msg></content>"
          .. "</xml>") .. '"}' }
    end
    kept:close()
    local server = keeper("local ends = os.clock() + 0.001; "
      .. "repeat until os.clock() > ends")
    local result = push(server, "one")
    assert.equal("taken\n", result.out, result.err)
    assert.is_true(#look.read(inbox).waiting > 100)
  end)

  it("loads an edited handler, and keeps the old one while it is faulty",
    function()
      local server = keeper('print("old " .. message.text)')
      push(server, "one")
      server:expect("^wxbot: old one$")
      write_handler('print("new " .. message.text')
      server:expect("^wxbot: the old handler stays: .*handler.lua:3: ")
      push(server, "two")
      server:expect("^wxbot: old two$")
      write_handler('print("new " .. message.text)')
      server:expect("^wxbot: the handler was loaded anew: ")
      push(server, "three")
      server:expect("^wxbot: new three$")
    end)

  it("handles again what failed, with the handler that there is by then",
    function()
      local server = keeper('error("not today")')
      push(server, "one")
      server:expect("^wxbot: the handler failed: .*not today; push 1 is handled "
        .. "again in 1 s$")
      write_handler(ECHO)
      server:expect("^wxbot: handled one$")
    end)

  it("takes ngx.exit for a failure, and not for its own end", function()
    local server = keeper('if message.text == "one" then ngx.exit(200) end;'
      .. ECHO)
    push(server, "one")
    server:expect("^wxbot: the handler failed: .*handler.lua:2: ngx.exit has no "
      .. "request to end here")
    write_handler(ECHO)
    server:expect("^wxbot: handled one$")
  end)

  it("answers 503 while its file cannot be written, and goes on when it can",
    function()
      write_handler(ECHO)
      -- As on a full disk, until the limit is taken away.
      local server = start.run("timeout 120 sh -c " .. quote(
        "trap '' XFSZ; ulimit -S -f 40; exec " .. run.line(with{ "receive",
          folder .. "/handler.lua", "--port", "0", "--inbox", inbox })))
      server.url = server:expect("^url: (.*)$")
      local taken, refused = 0, nil
      for i = 1, 60 do
        local result = push(server, "text " .. i .. ("x"):rep(1500))
        if result.status ~= 0 then
          refused = result
          break
        end
        taken = taken + 1
      end
      assert.matches("503", refused.err)
      server:expect("^wxbot: the inbox cannot be written: .*File too large")
      assert.equal(1, push(server, "again" .. ("x"):rep(9000)).status)
      os.execute("prlimit --fsize=unlimited --pid " .. nginx_of(server))
      assert.equal("taken\n", push(server, "last").out)
      server:expect("^wxbot: the inbox can be written again$")
      server:expect("^wxbot: handled last$")
      assert.equal(taken + 1, server:count("wxbot: handled"))
      assert.equal(1, #start.read(inbox):match("\n%- " .. taken + 1 .. "(\n)"))
    end)

  it("says at the start why a file cannot be its inbox", function()
    local function refused(text)
      if text then
        local out = assert(io.open(inbox, "wb"))
        out:write(text)
        out:close()
      end
      write_handler(ECHO)
      local result = run.run(with{ "receive", folder .. "/handler.lua", "--port",
        "0", "--inbox", inbox })
      assert.equal(1, result.status)
      assert.equal("", result.out)
      return (result.err:gsub("^wxbot: the inbox " .. inbox:gsub("%p", "%%%0")
        .. ": ", ""))
    end
    assert.equal("it is no file of kind wxbot-inbox\n", refused("hello\n"))
    assert.equal("it belongs to kefu:other, not to kefu:" .. ACCOUNT.appid
      .. "\n", refused("wxbot-inbox 1 kefu:other\n"))
    assert.equal("it is of version 9, this is version 1\n",
      refused("wxbot-inbox 9 kefu:other\n"))
    os.remove(inbox)
    local server = keeper(ECHO)
    assert.equal("another process uses it\n", refused())
    server:stop()
    inbox = "/no/such/folder"
    assert.equal("No such file or directory\n", refused())
    inbox = "/dev/full"
    assert.equal("it is no regular file\n", refused())
  end)

  it("says at the start that its file can only be read", function()
    keeper(ECHO):stop()
    os.execute("chmod 400 " .. inbox)
    -- What root may do nobody can forbid, but itself.
    local result = output_of("setpriv --bounding-set -all --inh-caps -all "
      .. run.line(with{ "receive", folder .. "/handler.lua", "--port", "0",
        "--inbox", inbox }) .. " 2>&1")
    assert.equal("wxbot: the inbox " .. inbox .. ": Permission denied\n", result)
  end)

  it("tells which push ends nginx, and does the others", function()
    local body = 'print("begun " .. message.text); if message.text == "bad" '
      .. 'then os.exit(1) end'
    local server = keeper(body)
    push(server, "bad")
    server:expect("^wxbot: nginx has ended")
    for _ = 1, 2 do
      keeper(body):expect("^wxbot: nginx has ended")
    end
    assert.matches("^1  [0-9: -]+  waiting  1 failures  again at ",
      command("list", inbox).out)
    assert.matches("why: the process ended while it was handled",
      command("list", inbox, "--show").out)
    server = keeper(ECHO)
    server:expect("^wxbot: handled bad$")
  end)

  it("says without it what that means", function()
    local server = receiver(ECHO)
    push(server, "one")
    server:expect("^wxbot: handled one$")
    assert.equal(1, server:count("wxbot: without --inbox: a push that is "
      .. "answered and not handled yet is lost when this ends"))
    server = keeper(ECHO)
    assert.equal(0, server:count("wxbot: without --inbox"))
    local result = run.run(with{ "receive", folder .. "/handler.lua", "--fsync" })
    assert.matches("%-%-fsync is for %-%-inbox", result.err)
  end)
end)

describe("wxbot receive --inbox, where users wait for a reply,", function()
  it("replies with what the handler returns in time", function()
    for kind, reply in pairs{ service = "您好", official_account = "您好" } do
      inbox = folder .. "/" .. kind
      local server = keeper("return '" .. reply .. "'", "--kind", kind)
      local result = push(server, "--kind", kind, "你好")
      assert.equal("replied: " .. reply .. "\n", result.out, result.err)
      server:stop()
      assert.matches("\n%- 1\n", start.read(inbox))
    end
  end)

  it("answers nothing after 1.5 s, goes on, and refuses the reply", function()
    local server = keeper('ngx.sleep(2); print("done"); return "您好"', "--kind",
      "service")
    assert.equal("taken\n", push(server, "--kind", "service", "你好").out)
    server:expect("^wxbot: done$")
    server:expect("^wxbot: too late: .*bot:sendmsg")
    server:stop()
    assert.matches("\n%- 1\n", start.read(inbox))
  end)

  it("answers nothing if the handler fails, and handles it again", function()
    local server = keeper([[
      if not rawget(_G, "again") then
        rawset(_G, "again", true)
        error("first")
      end
      print("second")
      return "您好"]], "--kind", "service")
    assert.equal("taken\n", push(server, "--kind", "service", "你好").out)
    server:expect("^wxbot: the handler failed: .*first")
    server:expect("^wxbot: second$")
    server:expect("^wxbot: too late: ")
  end)
end)

describe("wxbot inbox", function()
  -- An inbox with a dead push, whose text is "bad", and one that waits.
  local function fill()
    local now = os.time() - 10000
    local taker = assert(wxbot.receiver{ kind = "kefu", appid = ACCOUNT.appid,
      aes_key = ACCOUNT.aes_key, token = ACCOUNT.token,
      clock = function() return now end })
    local kept = assert(wxbot.inbox{ receiver = taker, path = inbox })
    local seal = wxbot.msgcrypt(ACCOUNT.aes_key, ACCOUNT.appid)
    for _, text in ipairs{ "bad", "good" } do
      kept:handle{ method = "POST", body = '{"encrypted":"' .. seal:encrypt(
        "<xml><userid>u1</userid><content><msg>" .. text
          .. "</msg></content></xml>") .. '"}' }
    end
    for _ = 1, 5 do
      kept:fail(kept:take(), "why not")
      now = now + 1000
    end
    kept:close()
  end

  it("lists what waits and what is dead, without what is in it", function()
    fill()
    local result = command("list", inbox)
    assert.equal(0, result.status, result.err)
    assert.matches("^1  [0-9: -]+  dead  5 failures\n$",
      command("list", inbox, "--dead").out)
    assert.matches("^2  [0-9: -]+  waiting  0 failures\n1  ", result.out)
    local listed = json.decode(command("list", inbox, "--json").out)
    assert.equal("kefu:" .. ACCOUNT.appid, listed.owner)
    assert.same({ 2, "waiting", 1, "dead" }, { listed.pushes[1].id,
      listed.pushes[1].state, listed.pushes[2].id, listed.pushes[2].state })
    assert.is_nil(listed.pushes[1].message)
  end)

  it("shows what is in them to who has the keys", function()
    fill()
    local result = command("list", inbox, "--dead", "--show")
    assert.matches("\n  why: why not\n", result.out, 1, true)
    assert.matches('"text":"bad"', result.out, 1, true)
    local pushes = json.decode(command("list", inbox, "--show", "--json").out)
      .pushes
    assert.same({ "good", "bad", "why not" }, { pushes[1].message.text,
      pushes[2].message.text, pushes[2].reason })
    local args = with{ "inbox", "list", inbox, "--show" }
    args.env.WXBOT_APPID = "another"
    result = run.run(args)
    assert.equal(2, result.status)
    assert.matches("the inbox belongs to kefu:", result.err, 1, true)
  end)

  it("has what is dead handled again by the receiver that runs", function()
    fill()
    local server = keeper(ECHO)
    server:expect("^wxbot: handled good$")
    local result = command("retry", inbox, "1")
    assert.same({ "handled again: 1\n", 0 }, { result.out, result.status })
    server:expect("^wxbot: handled bad$")
  end)

  it("has it handled again at the next start where none runs", function()
    fill()
    assert.equal('{"count":1}\n', command("retry", inbox, "--all", "--json").out)
    assert.equal("", command("list", inbox, "--dead").out)
    local server = keeper(ECHO)
    server:expect("^wxbot: handled good$")
    server:expect("^wxbot: handled bad$")
  end)

  it("removes what is dead", function()
    fill()
    assert.equal("removed: 1\n", command("purge", inbox, "--all").out)
    assert.matches("^2 [^\n]+\n$", command("list", inbox).out)
    assert.equal("removed: 0\n", command("purge", inbox, "--all").out)
  end)

  it("refuses numbers that are none, and a file that is none", function()
    fill()
    local before = start.read(inbox)
    for _, ids in ipairs{ { "2" }, { "1", "7" }, { "x" }, {}, { "1", "--all" } } do
      local result = command("retry", inbox, unpack(ids))
      assert.equal(2, result.status, ids[1])
    end
    assert.equal(before, start.read(inbox))
    local result = command("list", folder .. "/none")
    assert.same({ 1, "wxbot: " .. folder .. "/none: No such file or directory\n" },
      { result.status, result.err })
    result = command("purge", folder .. "/handler.lua", "--all")
    assert.equal(1, result.status)
  end)
end)
