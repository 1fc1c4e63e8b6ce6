-- Without this a wrong key or clock stays unsaid, for the platform's own
-- signature makes a question succeed.
local notice = require "wxbot.cli.notice"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"

local WRONG_KEY = ("Aa1Bb2Cc3Dd4Ee5"):rep(3):sub(1, 43)

describe("the command", function()
  local server

  setup(function()
    server = served.start()
  end)

  teardown(function()
    start.stop_all()
  end)

  after_each(run.clean)

  local function ask(env, before, ...)
    return run.run{ "--base-url", server.url, "ask", "你好", env = env,
      before = before, ... }
  end

  it("says nothing where all is right", function()
    local result = ask(served.env())
    assert.same({ 0, "" }, { result.status, result.err })
  end)

  it("says that a key is wrong, though the question was answered", function()
    local result = ask(served.env{ aes_key = WRONG_KEY })
    assert.equal(0, result.status)
    assert.equal("wxbot: aes_key is probably wrong: the platform refused a "
      .. "signature made with it; `wxbot doctor` tells more\n", result.err)
  end)

  it("says that the clock is wrong, though the question was answered", function()
    local result = ask(served.env(), served.clock(-1800))
    assert.equal(0, result.status)
    assert.equal("wxbot: the clock of this machine is 30 minutes behind the "
      .. "platform's, which refuses signatures made by it\n", result.err)
  end)

  it("says it once", function()
    local result = run.run{ "--base-url", server.url, "chat",
      env = served.env{ aes_key = WRONG_KEY }, input = "你好\n你好\n" }
    assert.equal(0, result.status)
    assert.equal(1, select(2, result.err:gsub("aes_key is", "")))
  end)

  it("says it to people only", function()
    assert.equal("", ask(served.env{ aes_key = WRONG_KEY }, nil, "--json").err)
  end)
end)

describe("what is told of attempts", function()
  local NOW = 1700000000

  -- What is said of one refusal, by a clock that shows NOW.
  local function said_of(code, date)
    local texts = {}
    notice.new(function() return NOW end, function(text)
      texts[#texts + 1] = text
    end){ code = code, date = date }
    return texts[1]
  end

  for date, text in pairs{
    [NOW + 61] = "is 61 seconds behind the platform's",
    [NOW + 1790] = "is 30 minutes behind the platform's",
    [NOW - 7200] = "is 2 hours ahead of the platform's",
    [NOW - 3 * 86400] = "is 3 days ahead of the platform's",
  } do
    it("shows that the clock " .. text, function()
      assert.truthy(said_of(1005, date):find(text, 1, true))
      assert.truthy(said_of("sign", date):find(text, 1, true))
    end)
  end

  it("shows a wrong key by a clock that is right", function()
    assert.matches("^aes_key is probably wrong: ", said_of(1005, NOW + 59))
    assert.is_nil(said_of("sign", NOW))
  end)

  it("does not tell one from the other without a date", function()
    assert.matches("^aes_key or the clock ", said_of(1005, nil))
    assert.is_nil(said_of("sign", nil))
  end)

  it("shows nothing by other refusals", function()
    assert.is_nil(said_of(1001, 0))
    assert.is_nil(said_of(nil, 0))
  end)
end)
