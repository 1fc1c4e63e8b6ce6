-- Without this `wxbot serve` pushes nothing by itself, or waits for a receiver
-- that is slow while others want an answer.
--
-- The emulator and receivers, over sockets: each is started as a user does.
local json = require "wxbot.codec.json"
local nginx = require "spec.server.nginx"
local run = require "spec.support.command"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local ACCOUNT = wxbot.sandbox():credentials()
local ENV = { WXBOT_APPID = ACCOUNT.appid, WXBOT_TOKEN = ACCOUNT.token,
  WXBOT_AES_KEY = ACCOUNT.aes_key }

local transport = wxbot.curl()

-- The emulator, that pushes to these: kind to URL.
local function emulator(callbacks, more)
  local args = { "serve", "--port", tostring(more and more.port or 0) }
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
        local told = {}
        for _, message in ipairs(served.api("GET",
            "messages?openid=u1").messages) do
          told[#told + 1] = message.from == "agent" and message.msg or nil
        end
        return told[count] and told
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
