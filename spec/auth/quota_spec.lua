-- Without this every worker and machine asks until the platform has told each of
-- them that the calls of the day, or of the minute, are used up.
local canary = require "spec.support.canary"
local memory = require "wxbot.store.memory"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local start = require "spec.server.start"
local wxbot = require "wxbot"

-- 2023-11-14 22:13:20 UTC is 06:13:20 at UTC+8.
local NOW = 1700000000
local MIDNIGHT = 1700064000
local NEXT_MINUTE = 1700000040

local DAILY = "reach max api daily quota limit"

-- A sandbox with a clock of the spec's, that counts what it is asked.
local function world()
  local at = { now = NOW, asked = {} }
  at.sandbox = assert(wxbot.sandbox{ clock = function() return at.now end })
  at.id = at.sandbox:add_publication{ duration = 3600 }
  at.transport = {
    request = function(_, request)
      local name = request.url:match("/([a-z_/]+)%?") or "token"
      at.asked[name] = (at.asked[name] or 0) + 1
      return at.sandbox:handle(request)
    end,
    sleep = function(_, seconds) at.now = at.now + seconds end,
    now = function() return at.now end,
    time = function() return at.now end,
  }
  at.store = memory.new{ clock = function() return at.now end }
  return at
end

-- A bot with a source of its own, in another process as far as it knows.
local function bot_of(at, more)
  local options = at.sandbox:account()
  options.store, options.transport = at.store, at.transport
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.new{ transport = at.transport,
    access_token = assert(wxbot.access_token(options)) })
end

local function asked(at)
  return at.asked["freepublish/get"] or at.asked["cgi-bin/freepublish/get"] or 0
end

local function use_up(at, code)
  at.sandbox:fail{ endpoint = "freepublish_get", code = code, message = DAILY }
end

local function status_of(bot, at)
  return bot:freepublish_get{ publish_id = at.id }
end

describe("a quota that is used up", function()
  local at, first, second
  before_each(function()
    at = world()
    first, second = bot_of(at), bot_of(at)
  end)

  it("says until when", function()
    use_up(at, 45009)
    local _, err = status_of(first, at)
    assert.equal(45009, err.code)
    assert.equal(MIDNIGHT, err.quota_ends)
    assert.is_true(err.sent)
  end)

  it("is known to all who share the access token's store", function()
    use_up(at, 45009)
    assert(not status_of(first, at))
    local before = asked(at)
    for _, bot in ipairs{ first, second } do
      local result, err = status_of(bot, at)
      assert.is_nil(result)
      assert.equal("platform", err.kind)
      assert.equal(45009, err.code)
      assert.equal("freepublish_get", err.endpoint)
      assert.equal(MIDNIGHT, err.quota_ends)
      assert.is_false(err.sent)
      assert.equal(DAILY .. "; not called before 00:00:00 (UTC+8)",
        (err.message:gsub(" rid: %x+", "")))
    end
    assert.equal(before, asked(at))
  end)

  it("is of one endpoint: others go on", function()
    use_up(at, 45009)
    assert(not status_of(first, at))
    assert(second:freepublish_batchget{ offset = 0, count = 1 })
  end)

  it("ends at midnight at UTC+8", function()
    use_up(at, 45009)
    assert(not status_of(first, at))
    at.now = MIDNIGHT - 1
    assert(not status_of(second, at))
    at.now = MIDNIGHT
    assert(status_of(second, at))
    assert(status_of(first, at))
  end)

  it("of a minute ends with the next one", function()
    use_up(at, 45011)
    local _, err = status_of(first, at)
    assert.equal(NEXT_MINUTE, err.quota_ends)
    _, err = status_of(second, at)
    assert.is_false(err.sent)
    at.now = NEXT_MINUTE
    assert(status_of(second, at))
  end)

  it("is waited for where something is followed, if it is that of a minute",
    function()
      use_up(at, 45011)
      local before = asked(at)
      assert(first:wait_publication{ publish_id = at.id, timeout = 7200 })
      assert.is_true(asked(at) - before < 50)
    end)

  it("is nobody's who has another account, secret or store", function()
    use_up(at, 45009)
    assert(not status_of(first, at))
    assert(status_of(bot_of(at, { store = memory.new() }), at))
    local other = bot_of(at, { appid = "wx0000000000000001" })
    assert(status_of(other, at))
  end)

  it("is not remembered of an access token that is a text", function()
    local bot = assert(wxbot.new{ transport = at.transport,
      access_token = at.sandbox:credentials().access_token })
    use_up(at, 45009)
    local _, err = status_of(bot, at)
    assert.equal(MIDNIGHT, err.quota_ends)
    assert(status_of(bot, at))
  end)

  it("is that of the account that a third-party platform acts for", function()
    local given = at.sandbox:component()
    local receiver = assert(wxbot.receiver{ kind = "third_party",
      clock = function() return at.now end, appid = given.appid,
      token = given.token, aes_key = given.aes_key })
    local function component()
      return assert(wxbot.access_token{ kind = "component",
        appid = given.appid, secret = given.secret, store = at.store,
        transport = at.transport })
    end
    local keeper = component()
    local function push(what)
      what.kind, what.url, what.transport = "third_party", "http://127.0.0.1/", {
        request = function(_, request)
          local response, message = receiver:handle{ method = "POST",
            query = request.url:match("%?(.*)"), body = request.body }
          assert.is_true(keeper:take(message))
          return response
        end }
      assert(at.sandbox:push(what))
    end
    push{}
    local bots = {}
    for _, appid in ipairs{ "wxA", "wxA", "wxB" } do
      push{ infotype = "authorized", authorizer_appid = appid }
      bots[#bots + 1] = assert(wxbot.new{ transport = at.transport,
        access_token = assert(wxbot.access_token{ kind = "authorizer",
          component = component(), appid = appid }) })
    end
    use_up(at, 45009)
    assert(not status_of(bots[1], at))
    local _, err = status_of(bots[2], at)
    assert.equal(45009, err.code)
    assert.is_false(err.sent)
    assert(status_of(bots[3], at))
  end)

  it("is known at least here where the store fails", function()
    local broken = setmetatable({}, { __index = function()
      return function() error("the store is down") end
    end })
    first = bot_of(at, { store = broken })
    use_up(at, 45009)
    assert(not status_of(first, at))
    local _, err = status_of(first, at)
    assert.is_false(err.sent)
  end)

  it("is not looked for at each call in a store that fails", function()
    local get, looks = at.store.get, 0
    function at.store.get(store, key)
      if key:find(":quota:", 1, true) then
        looks = looks + 1
        return nil, "no connection"
      end
      return get(store, key)
    end
    for _ = 1, 3 do
      assert(status_of(first, at))
    end
    assert.equal(1, looks)
    at.now = at.now + 10
    assert(status_of(first, at))
    assert.equal(2, looks)
  end)

  it("is none that a store makes up, or has of another time", function()
    for _, kept in ipairs{ "x", "1 2 3", "99999999999999999 0 1 platform 45009 m",
      ("%d000 0 1 platform 45009 m"):format(NOW + 2 * 86400) } do
      at.store.get = function(_, key)
        return key:find(":quota:", 1, true) and kept or nil
      end
      assert(status_of(bot_of(at), at), kept)
    end
  end)

  it("keeps no secret in the store", function()
    local token, kept = nil, {}
    at.store.put = function(_, key, value)
      token = token or value:match("(%S+)$")
      kept[#kept + 1] = key .. " " .. value
      return true
    end
    use_up(at, 45009)
    assert(not status_of(first, at))
    assert.equal(2, #kept)
    assert.is_nil(kept[2]:find(token, 1, true))
    assert.is_nil(kept[2]:find(at.sandbox:account().secret, 1, true))
  end)
end)

describe("a quota that is used up, in Redis", function()
  teardown(start.stop_all)

  it("is known to another machine", function()
    local running = server.server()
    local at = world()
    at.now = os.time()
    -- Redis has a clock of its own.
    at.store = redis.new(server.command(running.port))
    local first = bot_of(at)
    local second = bot_of(at, { store = redis.new(
      server.command(running.port)) })
    at.id = at.sandbox:add_publication{ duration = 3600 }
    use_up(at, 45009)
    assert(not status_of(first, at))
    local _, err = status_of(second, at)
    assert.equal(45009, err.code)
    assert.is_false(err.sent)
    assert.is_nil(canary.found(tostring(err)))
  end)
end)
