-- A keeper of access tokens on the sandbox, whose clock is the spec's.
local errors = require "wxbot.error"
local memory = require "wxbot.token.memory"
local wxbot = require "wxbot"

-- The sandbox and its hours; `seen` counts what was asked for.
local function world(options)
  local at = { now = 1700000000 }
  options = options or {}
  options.clock = function() return at.now end
  local sandbox = assert(wxbot.sandbox(options))
  at.seen = {}
  local transport = {
    request = function(_, request)
      local path = request.url:match("^https://[^/]+(/[^?]*)")
      at.seen[path] = (at.seen[path] or 0) + 1
      if at.before then
        at.before(request)
      end
      return sandbox:handle(request)
    end,
    sleep = function(_, seconds) at.now = at.now + seconds end,
    now = function() return at.now end,
    time = function() return at.now end,
  }
  return at, sandbox, transport
end

local function fetches(at, kind)
  return at.seen[kind == "classic" and "/cgi-bin/token"
    or "/cgi-bin/stable_token"] or 0
end

local function store_of(at)
  return memory.new{ clock = function() return at.now end }
end

local function keeper_on(sandbox, transport, more)
  local options = sandbox:account()
  options.transport = transport
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.token(options))
end

for _, kind in ipairs{ "stable", "classic" } do
  describe("a keeper of a " .. kind .. " token", function()
    local at, sandbox, transport, store, keeper
    local function another(more)
      more = more or {}
      more.kind, more.store = kind, more.store or store
      return keeper_on(sandbox, transport, more)
    end
    before_each(function()
      at, sandbox, transport = world()
      store = store_of(at)
      keeper = another()
    end)

    it("fetches once and keeps what it got", function()
      local token = assert(keeper:get())
      assert.equal(token, keeper:get())
      assert.equal(1, fetches(at, kind))
    end)

    it("lets a bot call", function()
      local bot = assert(wxbot.new{ access_token = keeper,
        transport = transport })
      local id = sandbox:add_publication{}
      assert(bot:freepublish_get{ publish_id = id })
      assert(bot:freepublish_get{ publish_id = id })
      assert.equal(1, fetches(at, kind))
    end)

    it("shares through the store", function()
      local token = keeper:get()
      assert.equal(token, another():get())
      assert.equal(1, fetches(at, kind))
    end)

    it("does not renew in the first 70 parts of 100 of its life", function()
      local token = keeper:get()
      at.now = at.now + 7200 * 0.7
      assert.equal(token, keeper:get())
      assert.equal(1, fetches(at, kind))
    end)

    it("renews ahead of the end", function()
      keeper:get()
      at.now = at.now + 7200 * 0.9
      keeper:get()
      assert.equal(2, fetches(at, kind))
    end)

    it("serves a valid token while renewing fails", function()
      local token = keeper:get()
      at.now = at.now + 7200 * 0.9
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 40164 }
      assert.equal(token, keeper:get())
      assert.equal(token, keeper:get())
      assert.equal(2, fetches(at, kind))
    end)

    it("gives up a token a minute before its end", function()
      keeper:get()
      at.now = at.now + 7200 - 59
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 40164 }
      local token, err = keeper:get()
      assert.is_nil(token)
      assert.equal(40164, err.code)
    end)

    it("waits longer after each failure, a minute at most", function()
      local failing = another{ secret = "WRONG" }
      local delays = {}
      for _ = 1, 8 do
        local before, began = fetches(at, kind), at.now
        repeat
          local token, err = failing:get()
          assert.is_nil(token)
          assert.equal(40125, err.code)
          at.now = at.now + 0.5
        until fetches(at, kind) > before
        delays[#delays + 1] = at.now - 0.5 - began
      end
      table.remove(delays, 1)
      assert.same({ 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 59.5 }, delays)
    end)

    it("asks no more on the day whose quota is used up", function()
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 45009 }
      -- 06:13:20 of the next day at UTC+8.
      assert.equal(45009, select(2, keeper:get()).code)
      at.now = at.now + 17 * 3600
      assert.equal(45009, select(2, keeper:get()).code)
      assert.equal(1, fetches(at, kind))
      at.now = at.now + 3600
      assert(keeper:get())
    end)

    it("takes what another has put when the platform refuses its own",
      function()
        local token = keeper:get()
        store:put("wxbot:{" .. sandbox:account().appid .. "}:" .. kind,
          ("%d %d NEWER"):format(at.now, at.now + 7200), 99, 7200)
        assert.equal(token, keeper:get())
        assert.equal("NEWER", keeper:get(token))
        assert.equal(1, fetches(at, kind))
      end)

    it("keeps a token when an older one was refused", function()
      local token = keeper:get()
      assert.equal(token, keeper:get("OLDER"))
      assert.equal(1, fetches(at, kind))
    end)

    it("serves a refused token no more, also when renewing fails", function()
      local token = keeper:get()
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 40164 }
      assert.is_nil((keeper:get(token)))
      assert.is_nil((keeper:get()))
    end)

    it("fetches once for all coroutines", function()
      local waiting, got = {}, {}
      at.before = function() coroutine.yield() end
      transport.sleep = function() coroutine.yield() end
      for i = 1, 50 do
        waiting[i] = coroutine.create(function() got[i] = keeper:get() end)
      end
      for _ = 1, 10 do
        for i = 1, 50 do
          if coroutine.status(waiting[i]) == "suspended" then
            assert(coroutine.resume(waiting[i]))
          end
        end
      end
      assert.equal(50, #got)
      for i = 2, 50 do
        assert.equal(got[1], got[i])
      end
      assert.equal(1, fetches(at, kind))
    end)

    it("lets go of the fetch that an error ends", function()
      at.before = function() error("stopped", 0) end
      assert.has_error(function() keeper:get() end, "stopped")
      at.before = nil
      assert(keeper:get())
    end)

    it("tells of a renewal, without the token", function()
      local told = {}
      local token = another{ on_refresh = function(event)
        told[#told + 1] = event
      end }:get()
      assert.equal(1, #told)
      assert.equal(kind, told[1].kind)
      assert.equal(at.now + 7200, told[1].expires_at)
      for _, value in pairs(told[1]) do
        assert.not_equal(token, value)
      end
    end)

    it("keeps the secret out of errors and of itself", function()
      transport.request = function(_, request)
        return nil, { kind = "transport", message = "failed: " .. request.url
          .. " " .. (request.body or "") }
      end
      local options = sandbox:account()
      local _, err = keeper:get()
      assert.is_true(errors.is(err))
      assert.is_nil(tostring(err):find(options.secret, 1, true))
      assert.is_nil(tostring(keeper):find(options.secret, 1, true))
      assert.is_nil(next(keeper))
    end)
  end)
end

describe("a keeper of a stable token", function()
  it("works without its store", function()
    local _, sandbox, transport = world()
    local down = function() return nil, "connection refused" end
    local keeper = keeper_on(sandbox, transport, { store = { get = down,
      lock = down, unlock = down, put = down } })
    assert(keeper:get())
  end)

  it("says so when the platform insists on a refused token", function()
    local at, sandbox, transport = world()
    local keeper = keeper_on(sandbox, transport, { store = store_of(at) })
    local token = keeper:get()
    local again, err = keeper:get(token)
    assert.is_nil(again)
    assert.equal("access_token", err.code)
    at.now = at.now + 1
    assert.equal(token, keeper:get())
  end)
end)

describe("a keeper of a classic token", function()
  local KEY
  local at, sandbox, transport, store, keeper
  before_each(function()
    at, sandbox, transport = world()
    store = store_of(at)
    keeper = keeper_on(sandbox, transport, { kind = "classic",
      store = store })
    KEY = "wxbot:{" .. sandbox:account().appid .. "}:classic"
  end)

  it("gets a new token when the platform refuses its own", function()
    local bot = assert(wxbot.new{ access_token = keeper,
      transport = transport })
    local id = sandbox:add_publication{}
    local token = keeper:get()
    -- Somebody who does not share the store makes a new one.
    keeper_on(sandbox, transport, { kind = "classic",
      store = store_of(at) }):get()
    at.now = at.now + 301
    assert(bot:freepublish_get{ publish_id = id })
    assert.not_equal(token, keeper:get())
    assert.equal(3, fetches(at, "classic"))
  end)

  it("does not fetch without its store", function()
    local down = function() return nil, "connection refused" end
    local token, err = keeper_on(sandbox, transport, { kind = "classic",
      store = { get = down, lock = down, unlock = down, put = down } }):get()
    assert.is_nil(token)
    assert.equal("store", err.code)
    assert.equal(0, fetches(at, "classic"))
  end)

  it("serves the token at hand while another renews it", function()
    local token = keeper:get()
    at.now = at.now + 7200 * 0.9
    assert(store:lock(KEY, 30))
    assert.equal(token, keeper:get())
    assert.equal(1, fetches(at, "classic"))
  end)

  it("serves the token of the store while another renews it", function()
    local token = keeper:get()
    at.now = at.now + 7200 * 0.9
    assert(store:lock(KEY, 30))
    assert.equal(token, keeper_on(sandbox, transport, { kind = "classic",
      store = store }):get())
    assert.equal(1, fetches(at, "classic"))
  end)

  it("waits for a holder that died no longer than the lock lives", function()
    assert(store:lock(KEY, 30))
    local began = at.now
    assert(keeper:get())
    assert.is_true(at.now - began >= 30 and at.now - began < 31)
  end)

  it("takes the newer token when it was too slow", function()
    at.before = function()
      -- The lock has run out and another has renewed meanwhile.
      at.before = nil
      at.now = at.now + 40
      store:put(KEY, ("%d %d NEWER"):format(at.now, at.now + 7200),
        assert(store:lock(KEY, 30)), 7200)
    end
    assert.equal("NEWER", keeper:get())
  end)
end)

describe("wxbot.token", function()
  it("raises at the caller's line for a mistake", function()
    for _, options in ipairs{ {}, { appid = "wx1" },
      { appid = "wx1", secret = "s", store = {} },
      { appid = "wx1", secret = "s", transport = {} },
      { appid = "wx1", secret = "s", timeout = 0 },
      { appid = "wx1", secret = "s", other = 1 } } do
      local ok, message = pcall(function() wxbot.token(options) end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^spec/token/token_spec.lua:%d+: "
        .. "wxbot%.token: "))
    end
  end)

  it("refuses values that cannot be used", function()
    for _, options in ipairs{ { appid = "a b", secret = "s" },
      { appid = "wx1", secret = "" },
      { appid = "wx1", secret = "s", kind = "other" },
      { appid = "wx1", secret = "s", base_url = "ftp://x" } } do
      local keeper, err = wxbot.token(options)
      assert.is_nil(keeper)
      assert.equal("invalid", err.kind)
    end
  end)
end)
