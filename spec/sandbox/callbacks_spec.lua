-- Without this a receiver that was tried on the sandbox meets, on the platform,
-- an order, a repeat or an event that it has never seen.
--
-- What the platform pushes by itself: in process, and by a clock of ours.

local wxbot = require "wxbot"

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
