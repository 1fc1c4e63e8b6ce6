-- Without this customer service on the sandbox sends to whom the platform would
-- not.
local wxbot = require "wxbot"

local NOW = 1800000000

local function fixture(options)
  options = options or {}
  options.clock = function() return NOW end
  local box = assert(wxbot.sandbox(options))
  local credentials = box:credentials()
  credentials.transport = box
  return box, assert(wxbot.new(credentials)), credentials
end

local function code_of(_, err)
  return err.code
end

describe("sendmsg on the sandbox", function()
  it("keeps what was sent to a user, oldest first", function()
    local box, bot = fixture()
    assert(bot:sendmsg{ appid = "wx1", openid = "o", msg = "一", channel = 0,
      event = "waiterEnter", kefuname = "小明" })
    assert(bot:sendmsg{ openid = "o", msg = "二", channel = 7 })
    assert.same({
      { appid = "wx1", from = "agent", openid = "o", msg = "一", channel = 0, time = NOW,
        event = "waiterEnter", kefuname = "小明" },
      { from = "agent", openid = "o", msg = "二", channel = 7, time = NOW },
    }, box:messages("o"))
    assert.same({}, box:messages("nobody"))
  end)

  it("keeps the newest 100 of a user", function()
    local box, bot = fixture()
    for i = 1, 101 do
      assert(bot:sendmsg{ openid = "o", msg = "m" .. i, channel = 7 })
    end
    local sent = box:messages("o")
    assert.equal(100, #sent)
    assert.equal("m2", sent[1].msg)
    assert.equal("m101", sent[100].msg)
  end)

  it("takes the token for an appid on channel 7 alone", function()
    local box, bot, credentials = fixture()
    local params = { appid = credentials.token, openid = "o", msg = "m",
      channel = 7 }
    assert(bot:sendmsg(params))
    params.channel = 0
    assert.equal(1011, code_of(bot:sendmsg(params)))
    assert.equal(1, #box:messages("o"))
  end)

  it("wants an appid on every other channel", function()
    local _, bot = fixture()
    assert.equal(1008, code_of(bot:sendmsg{ openid = "o", msg = "m",
      channel = 0 }))
    assert.equal(1008, code_of(bot:sendmsg{ appid = "", openid = "o",
      msg = "m", channel = 1 }))
  end)

  it("refuses an appid that is not bound, and channels that are not open",
    function()
      local box, bot = fixture{ apps = { "wx1" } }
      assert.equal(1011, code_of(bot:sendmsg{ appid = "wx2", openid = "o",
        msg = "m", channel = 0 }))
      for _, channel in ipairs{ 2, 3, 4, 8, 10 } do
        local _, err = bot:sendmsg{ appid = "wx1", openid = "o", msg = "m",
          channel = channel }
        assert.equal(3004, err.code)
        assert.equal("unsupport, TBD", err.message)
      end
      assert.same({}, box:messages("o"))
    end)
end)

describe("the state of customer service on the sandbox", function()
  local function state_of(bot, appid, openid)
    local answer = assert(bot:kefustate_get{ appid = appid, openid = openid,
      type = "all" })
    return answer.kefustate, answer.status
  end

  it("is asking until somebody has set one", function()
    local _, bot = fixture()
    assert.same({ "off", "asking" }, { state_of(bot, "wx1", "o") })
  end)

  it("is kept for each account and user", function()
    local _, bot = fixture()
    assert(bot:kefustate_change{ appid = "wx1", openid = "o",
      kefustate = "personserving" })
    assert(bot:kefustate_change{ appid = "wx1", openid = "p",
      kefustate = "needperson" })
    assert.same({ "on", "personserving" }, { state_of(bot, "wx1", "o") })
    assert.same({ "off", "needperson" }, { state_of(bot, "wx1", "p") })
    assert.same({ "off", "asking" }, { state_of(bot, "wx2", "o") })
  end)

  it("is told without status unless all is asked for", function()
    local _, bot = fixture()
    assert.same({ errcode = 0, kefustate = "off" },
      bot:kefustate_get{ appid = "wx1", openid = "o" })
  end)

  it("knows the words of the older page, and lets on expire", function()
    local box, bot = fixture()
    assert(bot:kefustate_change{ appid = "wx1", openid = "o",
      kefustate = "on", expires = 60 })
    assert(bot:kefustate_change{ appid = "wx1", openid = "p",
      kefustate = "on" })
    assert.equal("on", (state_of(bot, "wx1", "o")))
    box:sleep(60)
    assert.same({ "off", "complete" }, { state_of(bot, "wx1", "o") })
    assert.equal("on", (state_of(bot, "wx1", "p")))
    box:sleep(1740)
    assert.equal("off", (state_of(bot, "wx1", "p")))
    assert(bot:kefustate_change{ appid = "wx1", openid = "o",
      kefustate = "off" })
    assert.same({ "off", "complete" }, { state_of(bot, "wx1", "o") })
  end)

  it("is not that of an account which is not bound", function()
    local _, bot = fixture{ apps = { "wx1" } }
    assert.equal(1011, code_of(bot:kefustate_get{ appid = "wx2",
      openid = "o" }))
    assert.equal(1011, code_of(bot:kefustate_change{ appid = "wx2",
      openid = "o", kefustate = "asking" }))
  end)

  it("is refused by the client when the word is none", function()
    local _, bot = fixture()
    local _, err = bot:kefustate_change{ appid = "wx1", openid = "o",
      kefustate = "busy" }
    assert.equal("invalid", err.kind)
    assert.matches("kefustate must be one of asking, personserving",
      err.message)
    assert.is_false(err.sent)
  end)
end)
