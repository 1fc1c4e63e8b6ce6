-- Without this a test in another language cannot control the emulator, or a page
-- of another site can.
--
-- The emulator behind nginx, over real sockets.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local served = require "spec.support.served"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local server, transport, port

setup(function()
  transport = wxbot.curl{}
  server = served.start()
  port = tonumber(server.url:match("%d+$"))
end)
teardown(function()
  start.stop_all()
  run.clean()
end)

local function request(method, path, body, headers)
  return assert(transport:request{ method = method, headers = headers,
    url = server.url .. "/_wxbot/" .. path,
    body = type(body) == "table" and json.encode(body) or body })
end

local function control(method, path, body)
  local response = request(method, "api/" .. path, body)
  assert.equal(200, response.status, response.body)
  return json.decode(response.body)
end

-- The sentence of a refusal.
local function refusal(status, method, path, body, headers)
  local response = request(method, "api/" .. path, body, headers)
  assert.equal(status, response.status, response.body)
  return json.decode(response.body).error
end

local function bot_of(options)
  local given = wxbot.sandbox():credentials()
  given.base_url = server.url
  given.transport, given.timeout = transport, options and options.timeout
  return wxbot.new(given)
end

before_each(function()
  control("POST", "reset")
end)

-- The first line of what is answered to these bytes.
local function say(...)
  local client = assert(socket.connect("127.0.0.1", port))
  client:settimeout(20)
  client:send(table.concat{ ... })
  local line = client:receive("*l")
  client:close()
  return line
end

describe("the control", function()
  it("says what runs", function()
    local about = control("GET", "about")
    assert.equal(wxbot._VERSION, about.version)
    assert.equal(wxbot.sandbox():credentials().appid, about.appid)
    assert.equal("sign", about.endpoints[1])
    assert.is_true(math.abs(about.time - os.time()) < 20)
  end)

  it("has all back at the start by reset", function()
    local before = control("GET", "tasks")
    control("POST", "faults", { endpoint = "sign", code = 1002 })
    control("POST", "answers", { query = "x", answer = "y" })
    control("POST", "tasks", {})
    control("POST", "chat", { userid = "u", query = "谢谢" })
    control("POST", "clock", { skip = 1000 })
    assert(bot_of():tag{ appid = "wx1", category = "c", label = "l",
      desc = "d", list = { "o" } })
    assert.same({ done = true }, control("POST", "reset"))
    assert.same({}, control("GET", "faults").faults)
    assert.same({}, control("GET", "answers").answers)
    assert.same({}, control("GET", "conversations").conversations)
    assert.equal(#before.tasks, #control("GET", "tasks").tasks)
    assert.equal(0, control("GET", "tags").count)
    assert.is_true(control("GET", "clock").time - os.time() < 500)
  end)

  it("makes calls fail, and lists what waits", function()
    control("POST", "faults", { endpoint = "aibot", code = 1002, times = 2 })
    local _, err = bot_of():ask{ userid = "u", query = "谢谢" }
    assert.equal(1002, err.code)
    assert.same({ { endpoint = "aibot", code = 1002, times = 1 } },
      control("GET", "faults").faults)
    control("DELETE", "faults")
    assert(bot_of():ask{ userid = "u", query = "谢谢" })
  end)

  it("keeps answers back, and cuts connections", function()
    control("POST", "faults", { endpoint = "aibot", delay = 0.3 })
    local began = socket.gettime()
    assert.equal("不客气！",
      bot_of():ask{ userid = "u", query = "谢谢" }.text)
    assert.is_true(socket.gettime() - began > 0.25)
    control("POST", "faults", { endpoint = "aibot", delay = 5 })
    local _, late = bot_of{ timeout = 0.5 }:ask{ userid = "u", query = "谢谢" }
    assert.equal("timeout", late.kind)
    control("POST", "faults", { endpoint = "aibot", cut = true })
    local _, cut = bot_of():ask{ userid = "u", query = "谢谢" }
    assert.equal("transport", cut.kind)
    assert.is_nil(cut.sent)
  end)

  it("moves the clock", function()
    local id = control("POST", "tasks", { prepare = 2, duration = 8 }).task_id
    assert.is_true(control("POST", "clock", { skip = 100 }).time
      > os.time() + 90)
    assert.equal("success", bot_of():task_fetch{ openid = "admin",
      task_id = id }.state_name)
    local publication = control("POST", "publications", { duration = 3 })
    assert.equal(publication.publish_id,
      control("GET", "publications").publications[1].publish_id)
  end)

  it("shows tags", function()
    assert(bot_of():tag{ appid = "wx1", category = "c", label = "l",
      desc = "d", list = { "o1", "o2" } })
    local tags = control("GET", "tags")
    assert.equal(2, tags.count)
    table.sort(tags.users)
    assert.same({ "o1", "o2" }, tags.users)
    assert.same({ { appid = "wx1", category = "c", label = "l", desc = "d" } },
      control("GET", "tags?openid=o1").tags)
  end)

  it("talks as a user, says why, and keeps what was said", function()
    local reply = control("POST", "chat", { userid = 7, query = "密码怎么改" })
    assert.equal("answer", reply.tier)
    assert.equal("怎么修改密码", reply.scores[1].title)
    assert.matches("^the same as ", reply.scores[1].why)
    assert.equal(reply.answer, reply.rich[1].text)
    assert(bot_of():sendmsg{ openid = "7", msg = "您好", channel = 7 })
    local said = control("GET", "messages?openid=7").messages
    assert.same({ "user", "bot", "agent" },
      { said[1].from, said[2].from, said[3].from })
    local users = control("GET", "conversations").conversations
    assert.equal("7", users[1].openid)
    assert.equal("您好", users[1].last.msg)
  end)

  it("decides answers", function()
    control("POST", "answers", { query = "你好吗", answer = "好" })
    control("POST", "answers", { query = "买猫", tier = "recommend",
      answer = "a", options = { { title = "t", answer = "a" } } })
    control("POST", "answers", { query = "谢谢", tier = "miss" })
    local bot = bot_of()
    local first = bot:ask{ userid = "u", query = "你好吗？" }
    assert.same({ "answer", "好" }, { first.tier, first.text })
    local second = bot:ask{ userid = "u", query = "买猫" }
    assert.same({ "recommend", "t" }, { second.tier, second.options[1].title })
    assert.equal("miss", bot:ask{ userid = "u", query = "谢谢" }.tier)
    assert.equal(3, #control("GET", "answers").answers)
    control("DELETE", "answers")
    assert.equal("不客气！", bot:ask{ userid = "u", query = "谢谢" }.text)
  end)

  it("takes other skills, and names what is wrong with them", function()
    assert.equal("there is no skills file: expected what one holds",
      refusal(400, "POST", "skills"))
    assert.equal("skills[1].intents is missing",
      refusal(400, "POST", "skills", { skills = { { name = "a" } } }))
    assert.equal("不客气！",
      bot_of():ask{ userid = "u", query = "谢谢" }.text)
    control("POST", "skills", { skills = { { name = "a", intents = {
      { title = "几点打烊", answers = { "九点" } } } } },
      synonyms = { { "打烊", "收摊" } } })
    assert.equal("九点", bot_of():ask{ userid = "u", query = "几点收摊" }.text)
    control("POST", "skills", require "wxbot.sandbox.default_skills")
  end)
end)

describe("the control, of bad input,", function()
  it("names the field, as the method of the sandbox does", function()
    assert.matches("^fail: unknown name foo: expected endpoint, code,",
      refusal(400, "POST", "faults", { foo = 1 }))
    assert.equal("fail: times must be 1 or more",
      refusal(400, "POST", "faults", { code = 1, times = 0 }))
    assert.equal("fail: delay must be from 0 to 600 seconds",
      refusal(400, "POST", "faults", { delay = 1e9 }))
    assert.matches("^chat: userid is missing",
      refusal(400, "POST", "chat", { query = "x" }))
    assert.matches("^answer: tier must be answer, recommend or miss",
      refusal(400, "POST", "answers", { query = "x", tier = "y" }))
    assert.matches("^openid is missing", refusal(400, "GET", "messages"))
    assert.matches("^skip must be seconds",
      refusal(400, "POST", "clock", { skip = -1 }))
  end)

  it("wants an object of JSON", function()
    for _, body in ipairs{ "[]", "1", '"x"', "{", "a=1", "\255", "{} {}" } do
      assert.matches("^the body must be a JSON object",
        refusal(400, "POST", "faults", body))
    end
  end)

  it("says what there is, and by which methods", function()
    assert.matches("^there are about, answers, chat,",
      refusal(404, "GET", "nothing"))
    assert.matches("^there are about,", refusal(404, "GET", "faults/../x"))
    assert.matches("^there are about,", refusal(404, "GET", "faults/a/b"))
    assert.equal("the methods are DELETE, GET, POST",
      refusal(405, "PUT", "faults", {}))
    assert.equal(405, request("POST", "").status)
    assert.equal(404, request("GET", "../etc/passwd").status)
    assert.equal(404, request("GET", "%2e%2e/page.lua").status)
    assert.equal(404, request("GET", "none.html").status)
  end)

  it("goes on after what is no HTTP, too much or too slow", function()
    assert.matches("^HTTP/1.1 400 ", say("\22\3\1\0\0\1\r\n\r\n"))
    local head = ("POST /_wxbot/api/faults HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n")
      :format(port)
    assert.matches("^HTTP/1.1 413 ",
      say(head, "Content-Length: 2000000\r\n\r\n"))
    assert.is_nil(say(head, "Content-Length: 10\r\n\r\n{"))
    assert.same({}, control("GET", "faults").faults)
  end)
end)

describe("the record", function()
  it("has what was too long to be read, and why it was refused", function()
    local token = wxbot.sandbox():credentials().token
    local head = " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    for _, case in ipairs{
      { "sign", "1048576", "/openapi/sign/" .. token, "Content-Length: 1048577\r\n\r\n" },
      { "sign", "1048576", "/openapi/sign/" .. token,
        "Transfer-Encoding: chunked\r\n\r\n200000\r\nx" },
      { "material_add", "11534336", "/cgi-bin/material/add_material?type=image",
        "Content-Length: 11534337\r\n\r\n" },
    } do
      local before = control("GET", "requests?limit=1").newest
      assert.matches("^HTTP/1.1 413 ", say("POST ", case[3], head, case[4]))
      local list = control("GET", "requests?after=" .. before).requests
      assert.equal(1, #list)
      assert.equal(413, list[1].status)
      assert.equal(case[1], list[1].endpoint)
      assert.equal("body_too_long", list[1].cause_id)
      assert.same({ case[2] }, list[1].values)
      server:expect(case[1] .. "  413  .* The body has more than " .. case[2]
        .. " bytes, and was not read%.$")
    end
  end)

  it("is not of the control, which says it in its own way", function()
    local before = control("GET", "requests?limit=1").newest
    assert.equal("the body is too long",
      refusal(413, "POST", "faults", ("x"):rep(1048577)))
    assert.equal(before, control("GET", "requests?limit=1").newest)
  end)
end)

describe("the control, of strangers,", function()
  local HOST = "Host is not the address that wxbot serve has printed"

  it("answers no other Host, as a page of a name that was turned here has",
    function()
      for _, host in ipairs{ "evil.example", "evil.example:" .. port,
          "127.0.0.1", "127.0.0.1:1", "127.0.0.1:" .. port .. ".evil",
          "127.0.0.2:" .. port } do
        assert.equal(HOST, refusal(403, "POST", "reset", nil, { host = host }))
        assert.equal(403, request("GET", "", nil, { host = host }).status)
        assert.equal(403, request("GET", "events", nil, { host = host }).status)
      end
      for _, host in ipairs{ "localhost:" .. port, "LOCALHOST:" .. port } do
        assert.equal(200,
          request("GET", "api/about", nil, { host = host }).status)
      end
    end)

  it("answers no other Origin", function()
    for _, origin in ipairs{ "http://evil.example", "null",
        "https://127.0.0.1:" .. port, "http://127.0.0.1",
        "http://127.0.0.1:" .. port .. ".evil" } do
      assert.equal("Origin is another site",
        refusal(403, "POST", "reset", nil, { origin = origin }))
    end
    assert.equal(200, request("POST", "api/reset", nil,
      { origin = "http://localhost:" .. port }).status)
  end)

  it("leaves the platform's own interface to any Host", function()
    local response = assert(transport:request{ method = "GET",
      url = server.url .. "/", headers = { host = "any.example" } })
    assert.equal(200, response.status)
  end)
end)

-- Listens; `next` gives the next event.
local function listen(path, headers)
  local client = assert(socket.connect("127.0.0.1", port))
  client:settimeout(20)
  client:send(("GET /_wxbot/events%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n")
    :format(path or "", port, headers or ""))
  local listener = { socket = client, status = client:receive("*l") }
  function listener.next()
    local event = {}
    while true do
      local line, why = client:receive("*l")
      assert(line, why)
      local name, value = line:match("^(%a+): (.*)$")
      event[name or ""] = value
      if line == "" and event.id then
        event.data = json.decode(event.data)
        return event
      end
    end
  end
  -- Headers and the greeting have come.
  repeat
    local line = client:receive("*l")
  until not line or line:find("^: wxbot") or not listener.status:find(" 200 ")
  return listener
end

-- The next event of that name.
local function wait_for(listener, name)
  local event
  repeat
    event = listener.next()
  until event.event == name
  return event
end

describe("events", function()
  it("tell what is said and what has changed, as it happens", function()
    local listener = listen()
    assert.matches("^HTTP/1.1 200 ", listener.status)
    control("POST", "chat", { userid = "u", query = "谢谢" })
    local said = wait_for(listener, "message")
    assert.equal("谢谢", said.data.msg)
    assert.equal("不客气！", wait_for(listener, "message").data.msg)
    control("POST", "faults", { code = 1002, times = 1 })
    assert.same({ part = "faults" }, wait_for(listener, "state").data)
    bot_of():ask{ userid = "u", query = "谢谢" }
    listener.socket:close()
  end)

  it("are all heard by who comes back", function()
    local listener = listen()
    control("POST", "chat", { userid = "u", query = "一" })
    local first = wait_for(listener, "message")
    listener.socket:close()
    control("POST", "chat", { userid = "u", query = "二" })
    for _, how in ipairs{ { "", "Last-Event-ID: " .. first.id .. "\r\n" },
        { "?after=" .. first.id } } do
      local again = listen(how[1], how[2])
      assert.equal("bot", wait_for(again, "message").data.from)
      assert.equal("二", wait_for(again, "message").data.msg)
      again.socket:close()
    end
  end)

  it("end nothing when listeners go, and have 32 at most", function()
    local listeners = {}
    for i = 1, 32 do
      listeners[i] = listen()
      assert.matches(" 200 ", listeners[i].status)
    end
    assert.matches(" 503 ", listen().status)
    for _, listener in ipairs(listeners) do
      listener.socket:close()
    end
    run.wait_for(function()
      local listener = listen()
      listener.socket:close()
      return listener.status:find(" 200 ")
    end, "room for a listener")
    control("POST", "chat", { userid = "u", query = "谢谢" })
  end)
end)
