-- Without this a third-party platform cannot get from nothing to a call in an
-- account's name.
--
-- The sandbox behind nginx pushes over sockets: to a program that has a socket of
-- its own, and to `wxbot receive`.
-- #once
local files = require "wxbot.store.file"
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local served = require "spec.support.served"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local GIVEN = wxbot.sandbox():component()
local ACCOUNT = "wxA"

local sandbox -- where it is

-- Has the served sandbox do something, or tell.
local function control(transport, name, body)
  local response = assert(transport:request{ method = "POST",
    url = sandbox .. "/_wxbot/api/" .. name, body = json.encode(body),
    headers = { ["content-type"] = "application/json" }, timeout = 20 })
  assert.equal(200, response.status, response.body)
  return json.decode(response.body)
end

-- Reads a request of HTTP; gives it as receiver:handle takes it.
local function read_request(client)
  local line = assert(client:receive("*l"))
  local length
  repeat
    local header = assert(client:receive("*l"))
    length = header:lower():match("^content%-length: *(%d+)") or length
  until header == ""
  return { method = line:match("^(%S+)"), query = line:match("%?(%S+)"),
    body = assert(client:receive(tonumber(length))),
    source = client:getpeername() }
end

local function send_response(client, response)
  assert(client:send(("HTTP/1.1 %d OK\r\nContent-Length: %d\r\n"
    .. "Connection: close\r\n\r\n%s"):format(response.status, #response.body,
    response.body)))
  client:close()
end

-- A program on this Lua: a loop for its calls, a socket for pushes.
local function program()
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  local _, port = listener:getsockname()
  local loop = assert(wxbot.loop{})
  local made = { loop = loop, port = port }
  made.receiver = assert(wxbot.receiver{ kind = "third_party",
    appid = GIVEN.appid, token = GIVEN.token, aes_key = GIVEN.aes_key })
  made.component = assert(wxbot.access_token{ kind = "component",
    appid = GIVEN.appid, secret = GIVEN.secret, base_url = sandbox,
    transport = loop })
  local function answer_one()
    local client = listener:accept()
    if not client then
      return nil
    end
    client:settimeout(10)
    local response, message = made.receiver:handle(read_request(client))
    send_response(client, response)
    return message
  end
  -- What is heard of what the sandbox is asked to push.
  function made.heard(push)
    push.kind, push.url = "third_party", ("http://127.0.0.1:%d/"):format(port)
    local answered, message
    loop:spawn(function() answered = control(loop, "push", push) end)
    for _ = 1, 2000 do
      loop:step()
      message = message or answer_one()
      if answered then
        break
      end
      socket.sleep(0.01)
    end
    assert.equal("success", answered.body)
    return message
  end
  -- Runs something that calls.
  function made.run(run_it)
    local results
    loop:spawn(function() results = { run_it() } end)
    loop:run()
    return (table.unpack or unpack)(results, 1, 3)
  end
  finally(function()
    listener:close()
    loop:close()
  end)
  return made
end

before_each(function()
  sandbox = served.start().url
end)

after_each(function()
  start.stop_all()
  run.clean()
end)

describe("a third-party platform, over sockets,", function()
  it("gets from nothing to a publication of an account, until that withdraws",
    function()
      local it_is = program()
      local component = it_is.component
      local _, err = it_is.run(function() return component:get() end)
      assert.equal("ticket", err.code)

      assert.is_true(component:take(it_is.heard{}))
      local bot = assert(wxbot.new{ access_token = component,
        base_url = sandbox, transport = it_is.loop })
      local made = assert(it_is.run(function()
        return bot:create_preauthcode{ component_appid = GIVEN.appid }
      end))
      local message = it_is.heard{ infotype = "authorized",
        authorizer_appid = ACCOUNT, pre_auth_code = made.pre_auth_code }
      assert.equal(made.pre_auth_code, message.pre_auth_code)
      assert.is_true(it_is.run(function() return component:take(message) end))

      local source = assert(wxbot.access_token{ kind = "authorizer",
        component = component, appid = ACCOUNT })
      local account = assert(wxbot.new{ access_token = source,
        base_url = sandbox, transport = it_is.loop })
      local function look()
        return account:freepublish_get{ publish_id = "100000001" }
      end
      assert(assert(it_is.run(look)).publish_status)

      -- Many at once, when the platform says that its token is over.
      control(wxbot.curl(), "faults", { endpoint = "freepublish_get",
        code = 42001 })
      local done = 0
      for _ = 1, 20 do
        it_is.loop:spawn(function()
          local result = look()
          done = done + (result and 1 or 0)
        end)
      end
      it_is.loop:run()
      assert.equal(20, done)

      message = it_is.heard{ infotype = "unauthorized",
        authorizer_appid = ACCOUNT }
      assert.is_true(it_is.run(function() return component:take(message) end))
      local result
      result, err = it_is.run(look)
      assert.is_nil(result)
      assert.equal(61003, err.code)
      assert.matches("61003 component is not authorized by this account",
        tostring(err), 1, true)
    end)
end)

local HANDLER = [[
return function(message, component, bot)
  print(message.infotype, tostring(component), bot and "with bot" or "")
  if bot then
    local result, err = bot:freepublish_get{ publish_id = "100000001" }
    print(result and "state " .. tostring(result.publish_status) or err)
  end
end
]]

local function receiver(...)
  local args = { "--base-url", sandbox, "receive", "--kind", "third_party",
    "--port", "0", start.file(HANDLER), ... }
  args.env = { WXBOT_APPID = GIVEN.appid, WXBOT_TOKEN = GIVEN.token,
    WXBOT_AES_KEY = GIVEN.aes_key, WXBOT_SECRET = GIVEN.secret }
  local server = start.run("timeout 120 " .. run.line(args))
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return server
end

describe("wxbot receive --kind third_party", function()
  local curl = wxbot.curl()
  local function push(server, body)
    body.kind, body.url = "third_party", server.url
    return control(curl, "push", body)
  end

  it("keeps the ticket, and gives the handler a bot of the account", function()
    local server = receiver()
    assert.equal("success", push(server, {}).body)
    server:expect("^wxbot: component_verify_ticket%s+wxbot%.access_token %(wx")
    push(server, { createtime = os.time() - 1000 })
    server:expect("^wxbot: not kept: the ticket is older")
    server:expect("^wxbot: component_verify_ticket")
    push(server, { infotype = "authorized", authorizer_appid = ACCOUNT })
    server:expect("^wxbot: authorized%s.*with bot$")
    server:expect("^wxbot: state %d")
    push(server, { infotype = "unauthorized", authorizer_appid = ACCOUNT })
    server:expect("^wxbot: unauthorized%s.*with bot$")
    server:expect("^wxbot: get_authorizer_info: 61003 ")
  end)

  it("has ticket and tokens again when it is started again", function()
    local state = start.file("")
    local server = receiver("--state", state)
    push(server, {})
    server:expect("^wxbot: component_verify_ticket")
    push(server, { infotype = "authorized", authorizer_appid = ACCOUNT })
    server:expect("^wxbot: state %d")
    server:stop()
    local mode = start.output_of("stat -c %a " .. run.quote(state))
    assert.equal("600\n", mode)
    server = receiver("--state", state)
    push(server, { infotype = "notify_third_fasteregister",
      authorizer_appid = ACCOUNT })
    server:expect("^wxbot: notify_third_fasteregister")
    server:expect("^wxbot: state %d")
  end)

  it("does not take another file for its own", function()
    local state = start.file('{"important":true}')
    local result = run.run{ "--base-url", sandbox, "receive", "--kind",
      "third_party", "--port", "0", "--state", state, start.file(HANDLER),
      env = { WXBOT_APPID = GIVEN.appid, WXBOT_TOKEN = GIVEN.token,
        WXBOT_AES_KEY = GIVEN.aes_key, WXBOT_SECRET = GIVEN.secret } }
    assert.equal(1, result.status)
    assert.matches("it is no file of kind wxbot-tokens", result.err, 1, true)
    assert.equal('{"important":true}', start.read(state))
  end)

  it("says what is missing", function()
    local result = run.run{ "receive", "--kind", "third_party",
      start.file(HANDLER), env = { WXBOT_APPID = GIVEN.appid,
        WXBOT_TOKEN = GIVEN.token, WXBOT_AES_KEY = GIVEN.aes_key } }
    assert.equal(2, result.status)
    assert.matches("credentials are missing: secret", result.err, 1, true)
    assert.matches("WXBOT_SECRET", result.err, 1, true)
    assert.is_nil(result.err:find("--sandbox", 1, true))
    result = run.run{ "receive", "--state", "x", start.file(HANDLER),
      env = served.env() }
    assert.equal(2, result.status)
    assert.matches("--state is for --kind third_party", result.err, 1, true)
  end)

  it("is pushed to by hand, with its own credentials", function()
    local server = receiver()
    local result = run.run{ "push", "--kind", "third_party", "--url",
      server.url, "unauthorized", "--authorizer-appid", ACCOUNT,
      env = { WXBOT_APPID = GIVEN.appid, WXBOT_TOKEN = GIVEN.token,
        WXBOT_AES_KEY = GIVEN.aes_key } }
    assert.equal("taken\n", result.out, result.err)
    server:expect("^wxbot: unauthorized")
  end)
end)

-- What the interfaces answer that is secret.
local SECRETS = { "authorizer_access_token", "authorizer_refresh_token" }

-- The command, with the credentials of the third-party platform.
local function command(...)
  local args = { "--base-url", sandbox, ... }
  args.env = { WXBOT_APPID = GIVEN.appid, WXBOT_SECRET = GIVEN.secret }
  return run.run(args)
end

local function output_of(...)
  local result = command(...)
  assert.equal(0, result.status, result.err)
  return result.out, result.err
end

local function has_secrets(text)
  local found = 0
  for _, name in ipairs(SECRETS) do
    found = found + (text:find(name, 1, true) and 1 or 0)
  end
  return found
end

-- How often the served sandbox was asked that.
local function fetched(endpoint)
  local response = assert(wxbot.curl():request{ method = "GET",
    url = sandbox .. "/_wxbot/api/requests?limit=1000", timeout = 20 })
  local count = 0
  for _, request in ipairs(json.decode(response.body).requests) do
    count = count + (request.endpoint == endpoint and 1 or 0)
  end
  return count
end

describe("wxbot component", function()
  local curl = wxbot.curl()

  it("has ticket and tokens of a receiver that runs", function()
    local state = start.file("")
    local server = receiver("--state", state)
    local function push(body)
      body.kind, body.url = "third_party", server.url
      return control(curl, "push", body)
    end
    local result = command("component", "preauthcode", "--state", state)
    assert.equal(1, result.status)
    assert.matches("there is no component_verify_ticket", result.err, 1, true)
    assert.matches("wxbot receive --kind third_party", result.err, 1, true)

    push{}
    server:expect("^wxbot: component_verify_ticket")
    local code = output_of("component", "preauthcode", "--state", state)
      :match("^pre_auth_code: (%S+)\nexpires_in: 1800\n$")
    push{ infotype = "authorized", authorizer_appid = ACCOUNT,
      pre_auth_code = code }
    server:expect("^wxbot: state %d")
    local token = output_of("component", "token", "--state", state,
      "--authorizer-appid", ACCOUNT):match("^(%S+)\n$")
    local listed = run.run{ "--base-url", sandbox, "article", "list",
      env = { WXBOT_ACCESS_TOKEN = token } }
    assert.equal(0, listed.status, listed.err)
    local info, said = output_of("component", "account", "--state", state,
      "--authorizer-appid", ACCOUNT)
    assert.equal(ACCOUNT,
      json.decode(info).authorization_info.authorizer_appid)
    assert.equal(0, has_secrets(info .. said))
    assert.equal(1, fetched("component_token"))
    assert.equal(0, fetched("authorizer_token"))
  end)

  it("keeps in that file what it fetches, with no receiver", function()
    local state = start.file("")
    local it_is = program()
    local store = assert(files.new{ path = state, owner = GIVEN.appid })
    local component = assert(wxbot.access_token{ kind = "component",
      appid = GIVEN.appid, secret = GIVEN.secret, store = store,
      base_url = sandbox })
    assert(component:take(it_is.heard{}))
    local message = it_is.heard{ infotype = "authorized",
      authorizer_appid = ACCOUNT }
    for i = 1, 2 do
      local out = output_of("component", "authorize", "--state", state,
        message.authorization_code, i == 2 and "--secrets" or "--json")
      assert.equal(ACCOUNT,
        json.decode(out).authorization_info.authorizer_appid)
      assert.equal(i == 2 and 2 or 0, has_secrets(out))
    end
    local account = assert(wxbot.access_token{ kind = "authorizer",
      appid = ACCOUNT, component = component })
    assert.equal(assert(account:get()) .. "\n", (output_of("component", "token",
      "--state", state, "--authorizer-appid", ACCOUNT)))
    assert.equal(assert(component:get()) .. "\n", (output_of("component",
      "token", "--state", state)))
    assert.equal(1, fetched("component_token"))
  end)

  it("loses no tokens that it was not asked to show", function()
    local result = run.run{ "--base-url", sandbox, "component", "authorize",
      "CODE", env = { WXBOT_APPID = GIVEN.appid, WXBOT_ACCESS_TOKEN = "T0" } }
    assert.equal(2, result.status)
    assert.matches("the tokens would be lost: --state keeps them, --secrets "
      .. "prints them", result.err, 1, true)
    assert.equal(0, fetched("query_auth"))
  end)

  it("has the platform push tickets again", function()
    assert.equal("started\n", (output_of("component", "start-push-ticket")))
  end)

  it("says what is missing or wrong", function()
    local other = start.file("wxbot-tokens 1 wxOther\n")
    local missing = other .. ".none"
    for message, args in pairs{
      ["--state is missing; or else WXBOT_ACCESS_TOKEN"] =
        { "component", "preauthcode" },
      ["--state: " .. missing .. ": No such file or directory"] =
        { "component", "token", "--state", missing },
      ["it belongs to wxOther, not to " .. GIVEN.appid] =
        { "component", "token", "--state", other },
      ["component token asks a platform: not together with --sandbox"] =
        { "--sandbox", "component", "token", "--state", other } } do
      args.env = { WXBOT_APPID = GIVEN.appid, WXBOT_SECRET = GIVEN.secret }
      local result = run.run(args)
      assert.not_equal(0, result.status)
      assert.matches(message, result.err, 1, true)
    end
    assert.is_nil(io.open(missing))
    local result = run.run{ "component", "token", "--state", other }
    assert.matches("credentials are missing: appid, secret", result.err, 1, true)
    assert.is_nil(result.err:find("--sandbox", 1, true))
    result = run.run{ "component", "preauthcode",
      env = { WXBOT_ACCESS_TOKEN = "T0" } }
    assert.matches("credentials are missing: appid", result.err, 1, true)
  end)
end)
