-- Without this `wxbot serve` pushes nothing by itself, or waits for a receiver
-- that is slow while others want an answer.
--
-- The emulator and receivers, over sockets: each is started as a user does.
-- #once
-- #long
local json = require "wxbot.codec.json"
local nginx = require "spec.server.nginx"
local run = require "spec.support.command"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local ACCOUNT = wxbot.sandbox():credentials()
local ENV = { WXBOT_APPID = ACCOUNT.appid, WXBOT_TOKEN = ACCOUNT.token,
  WXBOT_AES_KEY = ACCOUNT.aes_key }

local transport = wxbot.curl()
local unpack = table.unpack or unpack

-- The emulator, that pushes to these: kind to URL.
local function emulator(callbacks, more)
  local args = { "serve", "--port", tostring(more and more.port or 0),
    unpack(more and more.arguments or {}) }
  for kind, url in pairs(callbacks) do
    args[#args + 1] = "--callback"
    args[#args + 1] = kind .. "=" .. url
  end
  if more and more.skills then
    args[#args + 1] = "--skills"
    args[#args + 1] = run.file(json.encode(more.skills))
  end
  local server = start.run("timeout 30 " .. run.line(args))
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  function server.api(method, path, body)
    local response = assert(transport:request{ method = method,
      url = server.url .. "/_wxbot/api/" .. path,
      body = body and json.encode(body) })
    assert.equal(200, response.status, response.body)
    return json.decode(response.body)
  end
  return server
end

local function receiver(handler, ...)
  local server = start.run("timeout 30 " .. run.line{ env = ENV, "receive",
    run.file(handler), "--port", "0", ... })
  server.url = server:expect("^url: (.*)$")
  server:expect("^stop: ")
  return server
end

after_each(function()
  start.stop_all()
  run.clean()
end)

local SKILLS = { skills = {
  { name = "转人工", intents = { { title = "人工", questions = { "转人工" },
    answers = { "正在为您转接。" } } } },
  { name = "营业", intents = { { title = "营业到几点",
    answers = { "到晚上九点。" } } } },
} }

-- Takes over where a person is asked for, and leaves when the user thanks.
local AGENT = [[
return function(message, bot)
  print(table.concat({ message.from_name, message.kfstate_name,
    message.event or "says", message.text }, " "))
  local function become(state)
    assert(bot:kefustate_change{ appid = message.appid,
      openid = message.userid, kefustate = state })
  end
  if message.from_name == "bot" and message.kfstate_name == "needperson" then
    become("personserving")
  elseif message.from_name ~= "user" or message.kfstate_name ~= "personserving"
  then
    return
  elseif message.text == "谢谢" then
    become("complete")
  end
  assert(bot:sendmsg{ appid = message.appid, openid = message.userid,
    channel = message.channel, msg = "客服：" .. (message.text or "") })
end
]]

describe("wxbot serve --callback kefu=URL", function()
  it("tells what is said, and hands over to an agent and back", function()
    local port = nginx.free_port()
    local agent = receiver(AGENT, "--base-url", "http://127.0.0.1:" .. port)
    local served = emulator({ kefu = agent.url },
      { port = port, skills = SKILLS })
    local function say(query)
      return served.api("POST", "chat", { userid = "u1", query = query })
    end
    local function told(count)
      return run.wait_for(function()
        local list = {}
        for _, message in ipairs(served.api("GET",
            "messages?openid=u1").messages) do
          list[#list + 1] = message.from == "agent" and message.msg or nil
        end
        return list[count] and list
      end, "what the agent says")
    end
    assert.equal("到晚上九点。", say("营业到几点").answer)
    agent:expect("^wxbot: user asking userEnter$")
    agent:expect("^wxbot: user asking says 营业到几点$")
    agent:expect("^wxbot: bot asking says 到晚上九点。$")
    assert.equal("needperson", say("转人工").kfstate)
    agent:expect("^wxbot: user asking says 转人工$")
    agent:expect("^wxbot: bot needperson says 正在为您转接。$")
    told(1)
    local silent = say("营业到几点")
    assert.equal("silent", silent.tier)
    assert.is_nil(silent.answer)
    agent:expect("^wxbot: user personserving says 营业到几点$")
    assert.equal("客服：营业到几点", told(2)[2])
    say("谢谢")
    told(3)
    assert.equal("到晚上九点。", say("营业到几点").answer)
    agent:expect("^wxbot: user complete says 营业到几点$")
    agent:expect("^wxbot: bot complete says 到晚上九点。$")
    served.api("POST", "chat", { userid = "u1", event = "userQuit" })
    agent:expect("^wxbot: user complete userQuit$")
    for _, push in ipairs(served.api("GET", "pushes").pushes) do
      assert.equal("delivered", push.state)
      assert.equal(1, push.tries)
    end
  end)
end)

local ANSWER = [[
return function(message)
  print(message.event or message.query, message.publish_id)
  return "好的"
end
]]

-- An account, or whoever pushes, in a file.
local function pusher(appid)
  local file = run.file(json.encode{ appid = appid, token = ACCOUNT.token,
    aes_key = ACCOUNT.aes_key })
  os.execute("chmod 600 " .. file)
  return file
end

describe("other callbacks", function()
  it("hear of the end of a publication", function()
    local account = receiver(ANSWER, "--kind", "official_account", "--pusher",
      pusher(wxbot.sandbox():account().appid))
    local served = emulator{ official_account = account.url }
    local id = served.api("POST", "publications", { duration = 1 }).publish_id
    assert.equal(id, account:expect("PUBLISHJOBFINISH%s+(%d+)$"))
    run.wait_for(function()
      local push = served.api("GET", "pushes").pushes[1]
      return push and push.state == "delivered" and push.reply
    end, "the reply")
  end)

  it("answer for a skill", function()
    local service = receiver(ANSWER, "--kind", "service")
    local served = emulator({ service = service.url }, { skills = { skills = {
      { name = "限行", intents = { { title = "查限行", service = true } } },
    } } })
    local reply = served.api("POST", "chat", { userid = "u1", query = "查限行" })
    assert.equal("好的", reply.answer)
    assert.equal("answer", reply.tier)
    service:expect("查限行")
  end)

  -- nginx compares a certificate with names only, and here are none to find:
  -- that is said once the certificate is trusted.
  it("are not believed over https by a certificate of strangers", function()
    local folder = start.authority()
    local secure = receiver("return function() print 'heard' end",
      "--tls-cert", folder .. "/good.pem", "--tls-key", folder .. "/good.key")
    for ca_file, message in pairs{ stranger = "authority", ca = "names only" } do
      local served = emulator({ kefu = secure.url },
        { arguments = { "--ca-file", folder .. "/" .. ca_file .. ".pem" } })
      served.api("POST", "chat", { userid = "u1", event = "userEnter" })
      local push = run.wait_for(function()
        local push = served.api("GET", "pushes").pushes[1]
        return push and (push.error or push.status) and push
      end, "what became of the push")
      assert.equal("waiting", push.state)
      assert.matches(message, push.error, 1, true)
    end
  end)
end)

-- A receiver of the spec's own, which answers when it is told to.
local function listener()
  local server = assert(socket.bind("127.0.0.1", 0, 2000))
  local _, port = server:getsockname()
  local self = { url = "http://127.0.0.1:" .. port .. "/" }
  -- The next that comes, with its head and body; nil: none in time.
  function self.take(seconds)
    server:settimeout(seconds)
    local connection = server:accept()
    if not connection then
      return nil
    end
    connection:settimeout(5)
    local length = 0
    repeat
      local line = assert(connection:receive("*l"))
      length = tonumber(line:lower():match("^content%-length: (%d+)")) or length
    until line == ""
    return { body = connection:receive(length), connection = connection }
  end
  function self.answer(request, status)
    request.connection:send("HTTP/1.1 " .. status .. " X\r\n"
      .. "Content-Length: 0\r\nConnection: close\r\n\r\n")
    request.connection:close()
  end
  function self.close()
    server:close()
  end
  return self
end

describe("what is pushed by itself", function()
  local heard

  after_each(function()
    heard.close()
  end)

  local function enter(served, user)
    served.api("POST", "chat", { userid = user, event = "userEnter" })
  end

  it("waits for a slow receiver, and nobody waits with it", function()
    heard = listener()
    local served = emulator{ kefu = heard.url }
    enter(served, "u1")
    local request = assert(heard.take(5))
    local began = socket.gettime()
    assert.equal("answer", served.api("POST", "chat",
      { userid = "u2", query = "谢谢" }).tier)
    assert.is_true(socket.gettime() - began < 3)
    heard.answer(request, 200)
    run.wait_for(function()
      return served.api("GET", "pushes").pushes[1].state == "delivered"
    end, "the push to be taken")
  end)

  it("is sent again when it is refused, the same, three times", function()
    heard = listener()
    local served = emulator{ kefu = heard.url }
    enter(served, "u1")
    local first
    for try = 1, 3 do
      local request = assert(heard.take(15), "try " .. try)
      first = first or request.body
      assert.equal(first, request.body)
      heard.answer(request, 500)
      -- The real pause is 5 s.
      if try < 3 then
        run.wait_for(function()
          return served.api("GET", "pushes").pushes[1].status == 500
        end, "the answer to be seen")
        served.api("POST", "clock", { skip = 5 })
      end
    end
    run.wait_for(function()
      return served.api("GET", "pushes").pushes[1].state == "failed"
    end, "the push to be given up")
    served.api("POST", "clock", { skip = 60 })
    assert.is_nil(heard.take(1.5))
    assert.equal(3, served.api("GET", "pushes").pushes[1].tries)
  end)

  it("does not keep the emulator from its end", function()
    heard = listener()
    local served = emulator{ kefu = heard.url }
    for i = 1, 64 do
      enter(served, "u" .. i)
    end
    assert(heard.take(5))
    local began = socket.gettime()
    served:stop()
    assert.is_true(socket.gettime() - began < 10)
  end)

  it("takes 16 connections at most, whatever waits", function()
    heard = listener()
    local served = emulator{ kefu = heard.url }
    for i = 1, 1000 do
      enter(served, "u" .. i)
    end
    local open = {}
    for request in function() return heard.take(1) end do
      open[#open + 1] = request
    end
    assert.equal(16, #open)
    local count = 0
    repeat
      for _, request in ipairs(open) do
        heard.answer(request, 200)
        count = count + 1
      end
      open = { heard.take(5) }
    until not open[1]
    assert.equal(1000, count)
  end)
end)

describe("a skill that names a service", function()
  it("asks it over HTTP, while others are answered", function()
    local heard = listener()
    local served = emulator({ service = heard.url }, { skills = { skills = {
      { name = "限行", intents = { { title = "查限行", service = true } } },
      { name = "营业", intents = { { title = "营业到几点",
        answers = { "到晚上九点。" } } } },
    } } })
    local began = socket.gettime()
    local asked = run.start{ "ask", "查限行", "--base-url", served.url,
      env = ENV }
    local request = assert(heard.take(10))
    assert.equal("到晚上九点。", served.api("POST", "chat",
      { userid = "u2", query = "营业到几点" }).answer)
    local result = asked:wait()
    assert.matches("抱歉", result.out) -- it did not answer within 2 s
    assert.is_true(socket.gettime() - began < 10)
    request.connection:close()
    heard.close()
    local push = served.api("GET", "pushes").pushes[1]
    assert.equal("查限行", push.push.query)
    assert.equal("failed", push.state)
  end)
end)

describe("a push over the control", function()
  local function push(served, body)
    local response = assert(transport:request{ method = "POST",
      url = served.url .. "/_wxbot/api/push", body = json.encode(body) })
    return response.status, json.decode(response.body)
  end

  it("goes to the callback, and tells what was replied", function()
    local service = receiver(ANSWER, "--kind", "service")
    local served = emulator{ service = service.url }
    local status, answer = push(served, { kind = "service", userid = "u1",
      query = "在吗" })
    assert.equal(200, status)
    assert.equal(200, answer.status)
    assert.equal("好的", answer.reply.text)
    assert.equal("delivered", served.api("GET", "pushes").pushes[1].state)
    assert.equal(service.url, served.api("GET", "about").callbacks.service)
  end)

  it("comes twice when that is asked for", function()
    local heard = listener()
    local served = emulator{ kefu = heard.url }
    local asked = start.run(("curl -s %s/_wxbot/api/push -d '%s'"):format(
      served.url, '{"userid":"u1","msg":"hi","times":2,"late":60}'))
    local first = assert(heard.take(5))
    heard.answer(first, 200)
    local second = assert(heard.take(5))
    heard.answer(second, 200)
    heard.close()
    assert.equal(first.body, second.body)
    asked:expect('"status":200')
  end)

  it("is refused with a sentence", function()
    local served = emulator{}
    for _, case in ipairs{
      { 400, "push: userid is missing", { msg = "x" } },
      { 400, "push: kind must be one of", { kind = "x", userid = "u1" } },
      { 400, "no callback of the kind kefu", { userid = "u1", msg = "x" } },
      { 400, "unknown name transport", { userid = "u1", transport = {} } },
      { 502, "no answer", { userid = "u1", msg = "x",
        url = "http://127.0.0.1:" .. nginx.free_port() .. "/" } },
    } do
      local status, answer = push(served, case[3])
      assert.equal(case[1], status)
      assert.matches(case[2], answer.error, 1, true)
    end
  end)
end)

describe("wxbot serve --callback", function()
  for given, message in pairs{
    ["http://127.0.0.1/"] = "KIND=URL",
    ["other=http://127.0.0.1/"] = "other is no kind of push",
    ["kefu=ftp://127.0.0.1/"] = "begins with http",
  } do
    it("refuses " .. given, function()
      local result = run.run{ "serve", "--port", "0", "--callback", given }
      assert.not_equal(0, result.status)
      assert.matches(message, result.err, 1, true)
    end)
  end
end)
