-- Without this a receiver that was tried on the sandbox meets, on the platform,
-- an order, a repeat or an event that it has never seen.
--
-- What the platform pushes by itself: in process, and by a clock of ours.

local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

-- Of third parties there are more: the first ticket comes at once.
local CALLBACKS = { kefu = "http://127.0.0.1/kefu",
  official_account = "http://127.0.0.1/account",
  service = "http://127.0.0.1/service" }

-- A sandbox and what it reaches. `answer(request)` says what is answered; what
-- came is in `requests`.
local function world(more)
  local here = { requests = {}, now = 1716535576 }
  local options = { callbacks = CALLBACKS, transport = here,
    clock = function() return here.now end }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  function here.request(_, request)
    here.requests[#here.requests + 1] = request
    return here.answer(request)
  end
  function here.answer()
    return { status = 200, headers = {}, body = "success" }
  end
  here.sandbox = assert(wxbot.sandbox(options))
  local account = here.sandbox:credentials()
  here.bot = assert(wxbot.new{ appid = account.appid, token = account.token,
    aes_key = account.aes_key, access_token = account.access_token,
    transport = here.sandbox })
  function here.receiver(kind)
    return assert(wxbot.receiver{ kind = kind, token = account.token,
      aes_key = account.aes_key, clock = function() return here.now end,
      appid = kind == "official_account" and here.sandbox:account().appid
        or kind == "kefu" and account.appid or nil })
  end
  return here
end

-- Has a receiver take what comes.
local function receive(here, kind)
  local receiver, messages = here.receiver(kind), {}
  function here.answer(request)
    local response, message = receiver:handle{ method = request.method,
      query = request.url:match("?(.*)"),
      headers = request.headers, body = request.body }
    messages[#messages + 1] = message
    return response
  end
  return messages
end

describe("the end of a publication", function()
  it("is pushed to its account, when it has come", function()
    local here = world()
    local heard = receive(here, "official_account")
    local id = here.sandbox:add_publication{ duration = 10,
      articles = { "https://a/1", "https://a/2" } }
    assert.equal(0, here.sandbox:deliver())
    assert.is_false(here.sandbox:due())
    here.now = here.now + 10
    assert.is_true(here.sandbox:due())
    assert.equal(1, here.sandbox:deliver())
    assert.equal("PUBLISHJOBFINISH", heard[1].event)
    assert.equal(id, heard[1].publish_id)
    assert.equal(0, heard[1].publish_status)
    assert.equal("https://a/2", heard[1].article_detail.item[2].article_url)
    assert.equal(0, here.sandbox:deliver())
  end)

  it("tells of those that failed", function()
    local here = world()
    local heard = receive(here, "official_account")
    here.sandbox:add_publication{ publish_status = 2, fail_idx = { 1, 2 } }
    here.now = here.now + 10
    here.sandbox:deliver()
    assert.equal(2, heard[1].publish_status)
    assert.same({ 1, 2 }, heard[1].fail_idx)
    assert.equal(here.now, heard[1].createtime)
  end)
end)

describe("what is to come", function()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)

  after_each(function()
    os.remove(path)
  end)

  it("is pushed after a restart, and what was over is not", function()
    local before = world{ state = path }
    before.sandbox:add_publication{ duration = 0 }
    before.sandbox:add_publication{ duration = 10, publish_id = "12345" }
    assert.equal(1, before.sandbox:deliver())
    before.sandbox:close()
    local here = world{ state = path }
    local heard = receive(here, "official_account")
    assert.equal(0, here.sandbox:deliver())
    here.now = here.now + 10
    assert.equal(1, here.sandbox:deliver())
    assert.equal("12345", heard[1].publish_id)
  end)

  it("tells when it happened, and is signed when it is sent", function()
    local before = world{ state = path }
    before.sandbox:add_publication{ duration = 10 }
    before.sandbox:close()
    local here = world{ state = path }
    local heard, happened = receive(here, "official_account"), here.now + 10
    here.now = here.now + 3600
    assert.equal(1, here.sandbox:deliver())
    assert.equal("delivered", here.sandbox:pushes()[1].state)
    assert.equal(happened, heard[1].createtime)
  end)
end)

describe("tickets", function()
  it("come at once and every ten minutes, to a third-party platform", function()
    local here = world{ callbacks = { third_party = "http://127.0.0.1/t" } }
    local component = here.sandbox:component()
    local receiver = assert(wxbot.receiver{ kind = "third_party",
      appid = component.appid, token = component.token,
      aes_key = component.aes_key, clock = function() return here.now end })
    local heard = {}
    function here.answer(request)
      local response, message = receiver:handle{ method = request.method,
        query = request.url:match("?(.*)"), body = request.body }
      heard[#heard + 1] = message
      return response
    end
    assert.equal(1, here.sandbox:deliver())
    here.now = here.now + 599
    assert.equal(0, here.sandbox:deliver())
    here.now = here.now + 86400
    assert.equal(1, here.sandbox:deliver())
    assert.equal(0, here.sandbox:deliver())
    here.now = here.now + 600
    assert.equal(1, here.sandbox:deliver())
    assert.equal(3, #heard)
    assert.equal("component_verify_ticket", heard[3].infotype)
    assert.not_equal(heard[2].ticket, heard[3].ticket)
  end)

  it("go on coming when there is no room for other pushes", function()
    local here = world{ callbacks = { third_party = "http://127.0.0.1/t",
      kefu = "http://127.0.0.1/k", official_account = "http://127.0.0.1/o" } }
    local box, tickets = here.sandbox, 0
    function here.answer(request)
      if not request.url:find("/t?", 1, true) then
        return nil, { kind = "transport", message = "nobody is there" }
      end
      tickets = tickets + 1
      return { status = 200, headers = {}, body = "success" }
    end
    local function fill(add)
      local pushes
      repeat
        add()
        pushes = box:pushes()
      until pushes[#pushes].state == "dropped"
    end
    for _, length in ipairs{ 2 ^ 20, 2 ^ 15 } do
      fill(function()
        box:chat{ from = "agent", userid = "u1", query = ("x"):rep(length) }
      end)
    end
    fill(function() box:add_publication{ duration = 0 } end)
    box:deliver()
    here.now = here.now + 600
    box:deliver()
    assert.equal(2, tickets)
  end)
end)

describe("a push that is not taken", function()
  -- How often the receiver is asked, and when, if it answers so.
  local function times(answer)
    local here = world{}
    here.answer = answer
    here.sandbox:add_publication{ duration = 0 }
    local began, at = here.now, {}
    for _ = 1, 30 do
      for _ = 1, here.sandbox:deliver() do
        at[#at + 1] = here.now - began
      end
      here.now = here.now + 1
    end
    return at, here
  end

  it("is sent three times, the same each time, and given up", function()
    local at, here = times(function()
      return { status = 500, headers = {}, body = "" }
    end)
    assert.same({ 0, 5, 10 }, at)
    assert.equal(here.requests[1].body, here.requests[3].body)
    assert.equal(here.requests[1].url, here.requests[3].url)
    local push = here.sandbox:pushes()[1]
    assert.equal("failed", push.state)
    assert.equal(3, push.tries)
    assert.equal(500, push.status)
  end)

  it("is sent again when nobody is there, or nobody answers", function()
    local at, here = times(function()
      return nil, { kind = "timeout", message = "no answer in 5 s" }
    end)
    assert.same({ 0, 5, 10 }, at)
    assert.equal("failed", here.sandbox:pushes()[1].state)
    assert.matches("no answer in 5 s", here.sandbox:pushes()[1].error)
  end)

  it("is not sent again once it was taken", function()
    local tries = 0
    local at, here = times(function()
      tries = tries + 1
      return { status = tries == 2 and 200 or 503, headers = {}, body = "" }
    end)
    assert.same({ 0, 5 }, at)
    assert.equal("delivered", here.sandbox:pushes()[1].state)
    assert.equal(200, here.sandbox:pushes()[1].status)
  end)

  it("loses nothing of what a transport raises", function()
    local here = world()
    here.answer = function() error("mine") end
    here.sandbox:add_publication{ duration = 0 }
    here.sandbox:add_publication{ duration = 0 }
    assert.error_matches(function() here.sandbox:deliver() end, "mine")
    here.answer = function()
      return { status = 200, headers = {}, body = "" }
    end
    assert.equal(1, here.sandbox:deliver())
    assert.equal("failed", here.sandbox:pushes()[1].state)
    assert.equal("delivered", here.sandbox:pushes()[2].state)
  end)
end)

local TALK = { skills = {
  { name = "转人工", intents = { { title = "人工", answers = { "请稍候" } } } },
  { name = "营业", intents = { { title = "营业到几点", answers = { "九点" } } } },
} }

describe("what is said in a chat", function()
  -- What was heard, each as a word or two.
  local function words(messages)
    local list = {}
    for i, message in ipairs(messages) do
      list[i] = ("%s %s %s"):format(message.from_name, message.kfstate_name,
        message.event or message.text)
    end
    return list
  end

  it("is pushed in its order, and nothing before somebody speaks", function()
    local here = world{ skills = TALK }
    local heard = receive(here, "kefu")
    assert.equal(0, here.sandbox:deliver())
    here.sandbox:chat{ userid = "u1", query = "营业到几点" }
    assert.equal(3, here.sandbox:deliver())
    here.sandbox:chat{ userid = "u1", query = "营业到几点" }
    here.sandbox:chat{ userid = "u1", event = "userQuit" }
    here.sandbox:chat{ userid = "u1", query = "人工" }
    here.sandbox:deliver()
    assert.same({
      "user asking userEnter", "user asking 营业到几点", "bot asking 九点",
      "user asking 营业到几点", "bot asking 九点", "user asking userQuit",
      "user asking userEnter", "user asking 人工", "bot needperson 请稍候",
    }, words(heard))
    assert.equal(here.sandbox:account().appid, heard[2].appid)
    assert.equal(here.now, math.floor(heard[2].createtime))
  end)

  it("is not answered by the bot while an agent is there", function()
    local here = world{ skills = TALK }
    local heard = receive(here, "kefu")
    local user = { appid = here.sandbox:account().appid, openid = "u1" }
    local function become(state)
      user.kefustate = state
      assert(here.bot:kefustate_change(user))
    end
    here.sandbox:chat{ userid = "u1", event = "userEnter" }
    become("personserving")
    local silent = here.sandbox:chat{ userid = "u1", query = "营业到几点" }
    assert.equal("silent", silent.tier)
    assert.equal("personserving", silent.kfstate)
    here.sandbox:chat{ userid = "u1", from = "agent", query = "您好" }
    become("complete")
    assert.equal("九点",
      here.sandbox:chat{ userid = "u1", query = "营业到几点" }.answer)
    here.sandbox:deliver()
    assert.same({
      "user asking userEnter", "user personserving 营业到几点",
      "agent personserving 您好", "user complete 营业到几点",
      "bot complete 九点",
    }, words(heard))
  end)

  it("does not come back when it was sent by sendmsg", function()
    local here = world()
    receive(here, "kefu")
    assert(here.bot:sendmsg{ appid = "wx1234567890abcdef", openid = "u1",
      channel = 0, msg = "hi" })
    assert.equal(0, here.sandbox:deliver())
    assert.same({}, here.sandbox:pushes())
  end)

  it("waits for what the same user said before, and for no one else", function()
    local here = world{ skills = TALK }
    local heard, receiver = {}, here.receiver("kefu")
    local is_down = true
    function here.answer(request)
      local response, message = receiver:handle{ method = "POST",
        body = request.body }
      if is_down and message.userid == "u1" then
        receiver:forget(message)
        return nil, { kind = "transport", message = "down" }
      end
      heard[#heard + 1] = message.userid .. " "
        .. (message.event or message.text)
      return response
    end
    here.sandbox:chat{ userid = "u1", event = "userEnter" }
    here.sandbox:chat{ userid = "u2", event = "userEnter" }
    here.sandbox:chat{ userid = "u1", event = "userQuit" }
    assert.equal(2, here.sandbox:deliver())
    assert.same({ "u2 userEnter" }, heard)
    is_down = false
    here.now = here.now + 5
    here.sandbox:deliver()
    assert.same({ "u2 userEnter", "u1 userEnter", "u1 userQuit" }, heard)
  end)

  it("is kept without end by no receiver that is down", function()
    local here = world{ skills = TALK }
    here.answer = function() return nil, { kind = "transport" } end
    local long = ("x"):rep(2 ^ 20)
    for i = 1, 40 do
      here.sandbox:chat{ userid = "u" .. i, from = "agent", query = long }
    end
    local pushes = here.sandbox:pushes()
    assert.equal("dropped", pushes[40].state)
    assert.matches("too many", pushes[40].error)
    assert.equal(16384, #pushes[1].push.msg - #"…")
    assert.equal(31, here.sandbox:deliver())
  end)

  it("has as much room again once it was delivered", function()
    local here = world{ skills = TALK }
    local long = ("x"):rep(2 ^ 20)
    for i = 1, 40 do
      here.sandbox:chat{ userid = "u" .. i, from = "agent", query = long }
      here.sandbox:deliver()
    end
    assert.equal(40, #here.requests)
  end)

  it("is forgotten with everything else", function()
    local here = world{ skills = TALK }
    receive(here, "kefu")
    here.sandbox:chat{ userid = "u1", query = "营业到几点" }
    here.sandbox:reset()
    assert.equal(0, here.sandbox:deliver())
    assert.same({}, here.sandbox:pushes())
  end)

  it("is no duplicate of what was said just before a reset", function()
    local here = world{ skills = TALK }
    local heard = receive(here, "kefu")
    for _ = 1, 2 do
      here.sandbox:chat{ userid = "u1", event = "userEnter" }
      here.sandbox:deliver()
      here.sandbox:reset()
    end
    assert.equal(2, #heard)
  end)

  it("is told to who watches", function()
    local events = {}
    local here = world{ skills = TALK, on_event = function(name, data)
      events[#events + 1] = name == "push" and data.state or nil
    end }
    receive(here, "kefu")
    here.sandbox:chat{ userid = "u1", event = "userEnter" }
    here.sandbox:deliver()
    assert.same({ "waiting", "delivered" }, events)
  end)

  it("says what is wrong with a chat", function()
    local here = world()
    for message, ask in pairs{
      ["event must be userEnter or userQuit"] = { event = "other" },
      ["from must be user or agent"] = { from = "bot", query = "x" },
      ["with event, nothing is said"] = { event = "userQuit", query = "x" },
      ["query must not be empty"] = {},
    } do
      ask.userid = "u1"
      assert.error_matches(function() here.sandbox:chat(ask) end, message)
    end
  end)
end)

local SERVICE = { skills = { { name = "限行", intents = {
  { title = "查限行尾号", questions = { "今天限行吗" }, service = true },
} } } }

describe("a skill that names a service", function()
  local function ask(here, query)
    return assert(here.bot:ask{ userid = "u1", query = query })
  end

  it("says what the receiver replies", function()
    local here = world{ skills = SERVICE }
    local receiver, asked = here.receiver("service"), nil
    function here.answer(request)
      local response, message = receiver:handle{ method = request.method,
        headers = request.headers, body = request.body }
      asked = message
      return message and receiver:reply(message, "尾号 3 和 8") or response
    end
    local result = ask(here, "今天限行吗")
    assert.equal("answer", result.tier)
    assert.equal("尾号 3 和 8", result.answer)
    assert.equal("今天限行吗", asked.query)
    assert.equal("限行", asked.skill)
    assert.equal("查限行尾号", asked.intent)
    assert.equal("u1", asked.userid)
    assert.equal(2, here.requests[1].timeout)
    assert.equal("delivered", here.sandbox:pushes()[1].state)
  end)

  it("finds nothing when the receiver says nothing that can be used", function()
    for _, response in ipairs{
      { status = 200, headers = {}, body = "success" },
      { status = 500, headers = {}, body = "" }, false,
    } do
      local here = world{ skills = SERVICE }
      here.answer = function()
        return response or nil, { kind = "timeout", message = "slow" }
      end
      local result = ask(here, "今天限行吗")
      assert.equal("miss", result.tier)
      assert.equal(1, #here.requests)
      assert.equal("failed", here.sandbox:pushes()[1].state)
    end
  end)

  it("answers each with the request_id that it came with", function()
    local here = world{ skills = SERVICE }
    local options, sent = here.sandbox:credentials(), nil
    options.account, options.access_token = "admin", nil
    options.transport = { now = function() return 0 end,
      request = function(_, request)
        local response = here.sandbox:request(request)
        sent = request.headers.request_id
        return response
      end }
    local bot = assert(wxbot.v2(options))
    function here.answer()
      local result = assert(bot:ask{ userid = "u2", query = "你好" })
      assert.equal(sent, result.request_id)
      return { status = 500, headers = {}, body = "" }
    end
    local result = assert(bot:ask{ userid = "u1", query = "今天限行吗" })
    assert.is_string(sent)
    assert.equal(sent, result.request_id)
    assert.equal(1, #here.requests)
  end)

  it("does not mix up what is odd about requests that come meanwhile", function()
    local here = world{ skills = SERVICE }
    local function handle(query, more)
      local body = { query = query, signature = here.bot:sign{ userid = "u1" }
        .signature }
      body[more] = 1
      return here.sandbox:handle{ method = "POST",
        url = "https://x/openapi/aibot/" .. here.sandbox:credentials().token,
        headers = { ["Content-Type"] = "application/json" },
        body = json.encode(body) }
    end
    function here.answer()
      handle("你好", "other")
      return { status = 500, headers = {}, body = "" }
    end
    local warnings = handle("今天限行吗", "odd").warnings
    assert.equal(1, #warnings)
    assert.matches("odd", warnings[1].text)
  end)

  it("nor with one that is refused before it is read", function()
    local here = world{ skills = SERVICE }
    local box, other = here.sandbox, nil
    local given = box:credentials()
    local v2 = assert(wxbot.v2{ appid = given.appid, token = given.token,
      aes_key = given.aes_key, account = "admin", transport = {
        request = function(_, request) return box:request(request) end,
        now = function() return box:now() end,
        time = function() return box:time() - 1000 end } })
    function here.answer()
      other = box:handle{ method = "GET",
        url = "https://x/openapi/sign/" .. given.token }
      return { status = 500, headers = {}, body = "" }
    end
    v2:ask{ userid = "u1", query = "今天限行吗" }
    assert.equal(405, other.status)
    assert.is_nil(other.warnings)
    local requests = box:requests()
    assert.equal("timestamp", requests[#requests].warnings[1].id)
  end)

  it("finds nothing without an address", function()
    local here = world{ skills = SERVICE, callbacks = {} }
    assert.equal("miss", ask(here, "今天限行吗").tier)
    assert.same({}, here.sandbox:pushes())
  end)
end)

describe("callbacks", function()
  it("have a kind and a URL", function()
    for kind, address in pairs{ other = "http://a/", kefu = "a.b/c" } do
      local sandbox, err = wxbot.sandbox{ callbacks = { [kind] = address } }
      assert.is_nil(sandbox)
      assert.equal("invalid", err.kind)
      assert.matches("^callbacks: .*" .. kind, err.message)
    end
  end)

  it("are where a push goes that names no URL", function()
    local here = world()
    assert(here.sandbox:push{ userid = "u1", msg = "hi" })
    assert.equal(CALLBACKS.kefu, here.requests[1].url)
    assert.error_matches(function()
      world{ callbacks = {} }.sandbox:push{ userid = "u1", msg = "hi" }
    end, "url is missing: there is no callback of the kind kefu")
  end)
end)

describe("a push on demand", function()
  it("comes twice, the same each time", function()
    local here = world()
    local heard = receive(here, "kefu")
    assert(here.sandbox:push{ userid = "u1", msg = "hi", times = 2 })
    assert.equal(2, #here.requests)
    assert.equal(here.requests[1].body, here.requests[2].body)
    assert.equal(1, #heard)
  end)

  it("comes 100 times at most", function()
    local here = world()
    for _, times in ipairs{ 0, 101 } do
      assert.error_matches(function()
        here.sandbox:push{ userid = "u1", msg = "hi", times = times }
      end, "times must be from 1 to 100")
    end
    assert.same({}, here.requests)
  end)

  it("comes late", function()
    local here = world()
    local heard = receive(here, "kefu")
    assert(here.sandbox:push{ userid = "u1", msg = "hi", late = 90 })
    assert.equal(here.now - 90, heard[1].createtime)
    receive(here, "official_account")
    assert(here.sandbox:push{ kind = "official_account", userid = "u1",
      content = "hi", late = 90 })
    assert.matches("timestamp=" .. here.now - 90, here.requests[2].url)
  end)
end)
