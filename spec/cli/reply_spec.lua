-- Without this users who wait for a reply in the response get none from
-- `wxbot receive`, or a wrong one, or keep nginx from answering others.
--
-- Behind nginx, with handlers in plain Lua, pushed to by `wxbot push`, over real
-- sockets.
-- #once
-- #long
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local output_of, quote = start.output_of, run.quote
local unpack = table.unpack or unpack

local SANDBOX = wxbot.sandbox()
local GIVEN, ACCOUNT = SANDBOX:credentials(), SANDBOX:account()

local folder -- where nginx has its own folders, and handlers are

local function with(args, credentials)
  args.env = { TMPDIR = folder }
  for name, value in pairs(credentials or GIVEN) do
    args.env["WXBOT_" .. name:upper()] = value
  end
  return args
end

local function listen(args)
  args[#args + 1] = "--port"
  args[#args + 1] = "0"
  local server = start.run("timeout 120 " .. run.line(args))
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return server
end

local function file(name, text)
  local path = folder .. "/" .. name
  local out = assert(io.open(path, "wb"))
  out:write(text)
  out:close()
  return path
end

-- A receiver whose handler has this body.
local function receiver(kind, body, ...)
  return listen(with{ "receive", "--kind", kind, file("handler.lua",
    "return function(message, bot)\n" .. body .. "\nend\n"), ... })
end

local function push(server, kind, ...)
  return run.run(with{ "push", "--kind", kind, "--url", server.url, "--userid",
    "u1", ... })
end

before_each(function()
  folder = output_of("mktemp -d"):match("[^\n]+")
end)

after_each(function()
  start.stop_all()
  run.clean()
  os.execute("rm -rf " .. quote(folder))
end)

local ECHO = "return '您说的是：' .. (message.content or message.query)"

describe("wxbot receive --kind", function()
  for _, mode in ipairs{ "encrypted", "compatible" } do
    for _, format in ipairs{ "xml", "json" } do
      it(("replies for an account: %s, %s"):format(mode, format), function()
        local server = receiver("official_account", ECHO)
        local result = push(server, "official_account", "--mode", mode,
          "--format", format, "你好 ]]> <b>")
        assert.equal("replied: 您说的是：你好 ]]> <b>\n", result.out, result.err)
      end)
    end
  end

  it("replies in the clear for a test account, with a token alone", function()
    local path = file("handler.lua", "return function(message)\n" .. ECHO
      .. "\nend\n")
    local server = listen(with({ "receive", "--kind", "official_account",
      "--plain", path }, { token = GIVEN.token }))
    local result = push(server, "official_account", "--mode", "plain", "你好")
    assert.equal("replied: 您说的是：你好\n", result.out, result.err)
    result = push(server, "official_account", "你好")
    assert.equal(1, result.status)
  end)

  it("answers the question of a skill", function()
    local server = receiver("service", ECHO)
    local result = push(server, "service", "--skill", "限行", "尾号")
    assert.equal("replied: 您说的是：尾号\n", result.out, result.err)
    result = push(server, "service", "--json", "尾号")
    assert.equal("您说的是：尾号", json.decode(result.out).reply.text)
  end)

  it("shows what is no text as JSON", function()
    local server = receiver("official_account",
      "return { news = { { Title = 't', Url = 'http://u' } } }")
    local result = push(server, "official_account", "hi")
    assert.truthy(result.out:find('"Title":"t"', 1, true), result.out)
    assert.equal(0, result.status)
  end)

  it("says nothing if the function returns nothing", function()
    local server = receiver("official_account", "print('seen')")
    assert.equal("taken\n", push(server, "official_account", "hi").out)
    server:expect("^wxbot: seen$")
    server = receiver("service", "")
    assert.equal("taken\n", push(server, "service", "hi").out)
  end)

  it("lets the function ask the bot, whose credentials are others", function()
    local sandbox = listen{ "serve", env = { TMPDIR = folder } }
    local pusher = { appid = ACCOUNT.appid, token = "the_accounts_token",
      aes_key = ("A"):rep(42) .. "E" }
    local path = file("pusher.json", json.encode(pusher))
    os.execute("chmod 600 " .. quote(path))
    local server = receiver("official_account",
      "return bot:ask{ userid = message.userid, query = message.content }.text",
      "--pusher", path, "--base-url", sandbox.url)
    local bot = assert(wxbot.new{ appid = GIVEN.appid, token = GIVEN.token,
      aes_key = GIVEN.aes_key, base_url = sandbox.url })
    local answer = assert(bot:ask{ userid = "u1", query = "密码怎么改" }).text
    local result = run.run(with({ "push", "--kind", "official_account", "--url",
      server.url, "--userid", "u1", "密码怎么改" }, pusher))
    assert.equal("replied: " .. answer .. "\n", result.out, result.err)
    assert.equal(1, push(server, "official_account", "hi").status)
    server:expect("^wxbot: refused: signature")
    assert.equal("", output_of(("grep -rlF -e %s %s --exclude=pusher.json")
      :format(quote(pusher.aes_key), quote(folder))))
  end)

  it("has an example that asks the bot, and hands over to people", function()
    local sandbox = listen{ "serve", env = { TMPDIR = folder } }
    local server = listen(with{ "receive", "--kind", "official_account",
      "examples/reply_to_users.lua", "--base-url", sandbox.url })
    for reply, args in pairs{
      ["不客气！"] = { "谢谢" }, ["欢迎关注"] = { "--event", "subscribe" },
      ['"kind":"transfer_customer_service"'] = { "买一只猫" },
    } do
      local result = push(server, "official_account", unpack(args))
      assert.truthy(result.out:find(reply, 1, true), result.out .. result.err)
    end
  end)

  it("answers in time while the function goes on, and others meanwhile", function()
    local server = receiver("service", "print('begun ' .. message.query)\n"
      .. "if message.query == 'slow' then ngx.sleep(3) end\n"
      .. "print('done ' .. message.query)\nreturn 'too late for ' .. message.query")
    local slow = run.start(with{ "push", "--kind", "service", "--url", server.url,
      "--userid", "u1", "slow" })
    server:expect("^wxbot: begun slow$")
    local result = push(server, "service", "fast")
    assert.equal("replied: too late for fast\n", result.out)
    result = slow:wait()
    assert.equal("taken\n", result.out, result.err)
    server:expect("^wxbot: done slow$")
    server:expect("^wxbot: too late: .* after 1.5 s.*bot:sendmsg")
  end)

  it("waits longer for an account than for a service", function()
    local server = receiver("official_account", "ngx.sleep(2.5)\nreturn 'hi'")
    assert.equal("replied: hi\n", push(server, "official_account", "x").out)
    server = receiver("official_account", "ngx.sleep(5)\nreturn 'hi'")
    local result = push(server, "official_account", "--timeout", "10", "x")
    assert.equal("taken\n", result.out, result.err)
    server:expect("^wxbot: too late: .* after 4 s")
  end)

  it("answers what comes again with nothing, during and after the first",
    function()
      local server = receiver("official_account", "print('begun')\n"
        .. "if message.content == 'slow' then ngx.sleep(2) end\nreturn 'once'")
      local first = run.start(with{ "push", "--kind", "official_account", "--url",
        server.url, "--userid", "u1", "--msgid", "7", "slow" })
      server:expect("^wxbot: begun$")
      for _ = 1, 2 do
        assert.equal("taken\n", push(server, "official_account", "--msgid", "7",
          "slow").out)
        first:wait()
      end
      assert.equal("replied: once\n", first:wait().out)
    end)

  it("counts as not received what the function could not answer", function()
    local server = receiver("official_account",
      "tries = (tries or 0) + 1\nassert(tries > 1, 'the database is away')\n"
      .. "return 'saved'")
    local result = push(server, "official_account", "--msgid", "7", "hi")
    assert.equal("wxbot: the receiver answered 503\n", result.err)
    server:expect("^wxbot: the handler failed: .*the database is away$")
    assert.equal("replied: saved\n", push(server, "official_account", "--msgid",
      "7", "hi").out)
  end)

  for complaint, answer in pairs{
    ["must be a string or a table, got number"] = "5",
    ["unknown name Content"] = "{ Content = 'hi' }",
    ["holds a NUL byte"] = "'a\\0b'",
    ["XML forbids"] = "'a\\1b'",
    ["not valid UTF-8"] = "'\\255'",
    ["2 articles"] = "{ news = { { Title = '1' }, { Title = '2' } } }",
  } do
    it("sends no reply that is none: " .. complaint, function()
      local server = receiver("official_account", "return " .. answer)
      assert.equal("wxbot: the receiver answered 503\n",
        push(server, "official_account", "hi").err)
      local line = server:expect("^wxbot: the handler failed: (.*)$")
      assert.truthy(line:find(complaint, 1, true), line)
    end)
  end

  it("sends a long text, which push warns of", function()
    local server = receiver("official_account", "return ('长'):rep(1000)")
    local result = push(server, "official_account", "hi")
    assert.equal("replied: " .. ("长"):rep(1000) .. "\n", result.out)
    assert.matches("^wxbot: warning: the text has 3000 bytes", result.err)
  end)

  it("answers the check of an account's address", function()
    local server = receiver("official_account", "")
    local time = ("%d"):format(os.time())
    local response = assert(wxbot.curl():request{ method = "GET", headers = {},
      url = server.url .. "?timestamp=" .. time .. "&nonce=n&echostr=437512&"
        .. "signature=" .. wxbot.signature(GIVEN.token, time, "n", "") })
    assert.equal("437512", response.body)
  end)

  it("says what it lacks, and what does not go together", function()
    local path = file("handler.lua", "return function() end")
    for complaint, args in pairs{
      ["credentials are missing: appid, token, aes_key"] = { "--kind",
        "official_account" },
      ["credentials are missing: token"] = { "--kind", "official_account",
        "--plain" },
      ["token or aes_key is needed"] = { "--kind", "service" },
      ["%-%-plain is for %-%-kind official_account"] = { "--plain" },
      ["config file"] = { "--pusher", folder .. "/none.json" },
    } do
      local result = run.run(with({ "receive", path, unpack(args) }, {}))
      assert.equal(2, result.status)
      assert.matches(complaint, result.err)
    end
  end)
end)

describe("wxbot push --kind", function()
  -- Whatever answers, and is no receiver.
  it("says what the platform would not take of an answer", function()
    local sandbox = listen{ "serve", env = { TMPDIR = folder } }
    local result = push({ url = sandbox.url .. "/openapi/sign/"
      .. GIVEN.token }, "official_account", "hi")
    assert.equal(1, result.status)
    assert.equal("", result.out)
    assert.matches("该公众号暂时无法提供服务.*it is no XML", result.err)
    result = push({ url = sandbox.url .. "/openapi/sign/" .. GIVEN.token },
      "service", "--mode", "plain", "--json", "hi")
    assert.equal(1, result.status)
    assert.equal(1002, json.decode(result.err).error.code)
  end)

  it("takes the flags of its kind only", function()
    local result = run.run(with{ "push", "--kind", "service", "--url",
      "http://127.0.0.1:1/", "--userid", "u", "--kfstate", "3", "hi" })
    assert.equal(2, result.status)
    assert.matches("unknown name kfstate", result.err)
  end)
end)
