-- Without this an access token is fetched for each call, or kept beyond its
-- end.
--
-- A source of access tokens on the sandbox, whose clock is the spec's.
local errors = require "wxbot.util.errors"
local memory = require "wxbot.store.memory"
local shared = require "wxbot.auth.shared"
local backoffs = require "wxbot.auth.backoff"
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

local function key_of(sandbox, kind)
  local account = sandbox:account()
  return shared.key(account.appid, kind, account.secret)
end

local function source_on(sandbox, transport, more)
  local options = sandbox:account()
  options.transport = transport
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.access_token(options))
end

for _, kind in ipairs{ "stable", "classic" } do
  describe("a source of a " .. kind .. " token", function()
    local at, sandbox, transport, store, source
    local function another(more)
      more = more or {}
      more.kind, more.store = kind, more.store or store
      return source_on(sandbox, transport, more)
    end
    before_each(function()
      at, sandbox, transport = world()
      store = store_of(at)
      source = another()
    end)

    it("fetches once and keeps what it got", function()
      local token = assert(source:get())
      assert.equal(token, source:get())
      assert.equal(1, fetches(at, kind))
    end)

    it("lets a bot call", function()
      local bot = assert(wxbot.new{ access_token = source,
        transport = transport })
      local id = sandbox:add_publication{}
      assert(bot:freepublish_get{ publish_id = id })
      assert(bot:freepublish_get{ publish_id = id })
      assert.equal(1, fetches(at, kind))
    end)

    it("tells a bot that a call without a token was not sent", function()
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 40164 }
      local bot = assert(wxbot.new{ access_token = source,
        transport = transport })
      local result, err = bot:freepublish_submit{ media_id = "M" }
      assert.is_nil(result)
      assert.equal(40164, err.code)
      assert.is_false(err.sent)
      assert.equal(kind == "classic" and "token" or "stable_token",
        err.endpoint)
    end)

    it("shares through the store", function()
      local token = source:get()
      assert.equal(token, another():get())
      assert.equal(1, fetches(at, kind))
    end)

    -- An appid is public, and the store may serve the bots of many owners.
    it("does not serve who does not know the secret", function()
      assert(source:get())
      local token, err = another{ secret = "WRONG" }:get()
      assert.is_nil(token)
      assert.equal(40125, err.code)
    end)

    it("is not held up by the failures of who does not know the secret",
      function()
        assert.equal(40125, select(2, another{ secret = "WRONG" }:get()).code)
        assert(source:get())
      end)

    it("keeps nothing under a name that holds the secret", function()
      local secret = sandbox:account().secret
      for _, method in ipairs{ "get", "lock", "put", "unlock" } do
        local own = store[method]
        store[method] = function(self, key, ...)
          assert.is_nil(key:find(secret, 1, true))
          return own(self, key, ...)
        end
      end
      assert(source:get())
    end)

    it("does not renew in the first 70 parts of 100 of its life", function()
      local token = source:get()
      at.now = at.now + 7200 * 0.7
      assert.equal(token, source:get())
      assert.equal(1, fetches(at, kind))
    end)

    it("renews ahead of the end", function()
      source:get()
      at.now = at.now + 7200 * 0.9
      source:get()
      assert.equal(2, fetches(at, kind))
    end)

    it("serves a valid token while renewing fails", function()
      local token = source:get()
      at.now = at.now + 7200 * 0.9
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 40164 }
      assert.equal(token, source:get())
      assert.equal(token, source:get())
      assert.equal(2, fetches(at, kind))
    end)

    it("gives up a token a minute before its end", function()
      source:get()
      at.now = at.now + 7200 - 59
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 40164 }
      local token, err = source:get()
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
      assert.equal(45009, select(2, source:get()).code)
      at.now = at.now + 17 * 3600
      assert.equal(45009, select(2, source:get()).code)
      assert.equal(1, fetches(at, kind))
      at.now = at.now + 3600
      assert(source:get())
    end)

    it("takes what another has put when the platform refuses its own",
      function()
        local token = source:get()
        store:put(key_of(sandbox, kind),
          ("%d %d NEWER"):format(at.now, at.now + 7200), 99, 7200)
        assert.equal(token, source:get())
        assert.equal("NEWER", source:get(token))
        assert.equal(1, fetches(at, kind))
      end)

    it("keeps a token when an older one was refused", function()
      local token = source:get()
      assert.equal(token, source:get("OLDER"))
      assert.equal(1, fetches(at, kind))
    end)

    it("serves a refused token no more, also when renewing fails", function()
      local token = source:get()
      sandbox:fail{ endpoint = kind == "classic" and "token"
        or "stable_token", code = 40164 }
      assert.is_nil((source:get(token)))
      assert.is_nil((source:get()))
    end)

    it("fetches once for all coroutines", function()
      local waiting, got = {}, {}
      at.before = function() coroutine.yield() end
      transport.sleep = function() coroutine.yield() end
      for i = 1, 50 do
        waiting[i] = coroutine.create(function() got[i] = source:get() end)
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

    local endpoint = kind == "classic" and "token" or "stable_token"

    it("asks no more where another who shares the store has failed", function()
      sandbox:fail{ endpoint = endpoint, code = 40164, times = 2 }
      local other = another()
      assert.equal(40164, select(2, source:get()).code)
      local token, err = other:get()
      assert.is_nil(token)
      assert.equal(40164, err.code)
      assert.is_false(err.sent)
      assert.equal(1, fetches(at, kind))
      -- The second failure in a row, whoever has it, is waited for longer.
      at.now = at.now + 1
      assert.equal(40164, select(2, other:get()).code)
      at.now = at.now + 1.5
      assert.equal(40164, select(2, another():get()).code)
      assert.equal(2, fetches(at, kind))
      at.now = at.now + 0.5
      assert.equal(another():get(), source:get())
      assert.equal(3, fetches(at, kind))
    end)

    it("asks no more on the day on which another used up the quota", function()
      sandbox:fail{ endpoint = endpoint, code = 45009 }
      assert.equal(45009, select(2, source:get()).code)
      at.now = at.now + 17 * 3600
      local token, err = another():get()
      assert.is_nil(token)
      assert.equal("platform", err.kind)
      assert.equal(45009, err.code)
      assert.equal(1, fetches(at, kind))
      at.now = at.now + 3600
      assert(another():get())
    end)

    it("forgets failures when it succeeds", function()
      local token
      for _ = 1, 2 do
        sandbox:fail{ endpoint = endpoint, code = 40164 }
        assert.is_nil((source:get(token)))
        at.now = at.now + 1
        token = assert(source:get(token))
        at.now = at.now + 7200
      end
      assert.equal(4, fetches(at, kind))
    end)

    it("keeps the secret out of what it shares", function()
      local secret = sandbox:account().secret
      local put = {}
      transport.request = function()
        return { status = 200, body = '{"errcode":40125,"errmsg":"not '
          .. secret .. '"}' }
      end
      another{ store = setmetatable({
        put = function(_, key, value, ...)
          put[#put + 1] = value
          return store:put(key, value, ...)
        end,
        get = function(_, ...) return store:get(...) end,
        lock = function(_, ...) return store:lock(...) end,
        unlock = function(_, ...) return store:unlock(...) end,
      }, nil) }:get()
      assert.equal(1, #put)
      assert.is_truthy(put[1]:find("40125", 1, true))
      assert.is_nil(put[1]:find(secret, 1, true))
    end)

    it("leaves a call the time that the call has", function()
      local timeout
      at.before = function(request) timeout = request.timeout end
      assert(source:get(nil, 4))
      assert.is_true(timeout <= 4)
      local bot = assert(wxbot.new{ access_token = another{
        store = store_of(at) }, transport = transport })
      at.before = function(request) timeout = timeout or request.timeout end
      timeout = nil
      assert(bot:freepublish_get({ publish_id = sandbox:add_publication{} },
        { timeout = 3 }))
      assert.is_true(timeout <= 3)
    end)

    it("takes a caller's short deadline for no failure of the platform", function()
      local request = transport.request
      transport.request = function(_, req)
        at.now = at.now + req.timeout
        return nil, { kind = "timeout", message = "too late", sent = true }
      end
      local token, err = source:get(nil, 0.5)
      assert.is_nil(token)
      assert.equal("timeout", err.kind)
      transport.request = request
      assert(source:get())
    end)

    it("waits briefly for a renewal that is ahead of the end", function()
      local token = source:get()
      at.now = at.now + 7200 * 0.9
      local began = at.now
      transport.request = function(_, request)
        at.now = at.now + request.timeout
        return nil, { kind = "timeout", message = "too late" }
      end
      assert.equal(token, source:get())
      assert.is_true(at.now - began <= 3)
      -- And not again at once.
      began = at.now
      assert.equal(token, source:get())
      assert.equal(began, at.now)
    end)

    it("says why there is none when that took the last of its time",
      function()
        source:get()
        at.now = at.now + 7200 - 61
        transport.request = function(_, request)
          at.now = at.now + request.timeout
          return nil, { kind = "timeout", message = "too late" }
        end
        local token, err = source:get()
        assert.is_nil(token)
        assert.equal("timeout", err.kind)
      end)

    it("takes no token that it would have to give up at once", function()
      local asked = 0
      transport.request = function()
        asked = asked + 1
        return { status = 200,
          body = '{"access_token":"BRIEF","expires_in":60}' }
      end
      for _ = 1, 2 do
        local token, err = source:get()
        assert.is_nil(token)
        assert.equal("protocol", err.kind)
      end
      assert.equal(1, asked)
    end)

    it("serves a valid token though its store raises", function()
      local token = source:get()
      at.now = at.now + 7200 * 0.9
      for _, name in ipairs{ "get", "lock", "unlock", "put" } do
        store[name] = function() error("the client of the store raised") end
      end
      assert.equal(token, source:get())
      assert.equal(kind == "classic" and 1 or 2, fetches(at, kind))
    end)

    describe("on a host with threads", function()
      local threads
      before_each(function()
        threads = {}
        transport.spawn = function(_, fn, ...)
          local arguments = { ... }
          threads[#threads + 1] = coroutine.create(function()
            fn((table.unpack or unpack)(arguments))
          end)
          return true
        end
        transport.sleep = function(_, seconds)
          at.now = at.now + seconds
          for _, thread in ipairs(threads) do
            if coroutine.status(thread) == "suspended" then
              assert(coroutine.resume(thread))
            end
          end
        end
      end)

      it("renews ahead without keeping anybody waiting", function()
        local token = source:get()
        at.now = at.now + 7200 - 200
        assert.equal(token, source:get())
        assert.equal(token, source:get())
        assert.equal(1, fetches(at, kind))
        assert.equal(2, #threads)
        transport:sleep(0)
        assert.not_equal(token, assert(source:get()))
        assert.equal(2, fetches(at, kind))
      end)

      it("serves the token at hand when it cannot begin a thread", function()
        local token = source:get()
        at.now = at.now + 7200 * 0.9
        transport.spawn = function() return nil, "too many" end
        assert.equal(token, source:get())
      end)

      it("goes on fetching when who needed the token gives up", function()
        at.before = function() coroutine.yield() end
        local token, err = source:get(nil, 0.001)
        assert.is_nil(token)
        assert.equal("timeout", err.kind)
        assert.is_false(err.sent)
        transport:sleep(0)
        transport:sleep(0)
        assert(source:get(nil, 0.001))
        assert.equal(1, fetches(at, kind))
      end)
    end)

    it("answers that it is closed, once it is", function()
      source:get()
      source:close()
      source:close()
      for _, rejected in ipairs{ false, "T" } do
        local token, err = source:get(rejected or nil)
        assert.is_nil(token)
        assert.equal("closed", err.kind)
        assert.is_false(err.sent)
      end
      local bot = assert(wxbot.new{ access_token = source,
        transport = transport })
      local result, err = bot:freepublish_get{ publish_id = "1" }
      assert.is_nil(result)
      assert.equal("closed", err.kind)
      assert.equal("wxbot.access_token (" .. sandbox:account().appid
        .. ", closed)", tostring(source))
      assert.equal(1, fetches(at, kind))
      -- The store and the transport are not its own.
      assert(another():get())
      assert.equal(1, fetches(at, kind))
    end)

    it("leaves the token of a fetch under way to the others", function()
      at.before = function()
        source:close()
      end
      local token, err = source:get()
      assert.is_nil(token)
      assert.equal("closed", err.kind)
      at.before = nil
      assert(another():get())
      assert.equal(1, fetches(at, kind))
    end)

    it("closes no other that waits for the same fetch", function()
      local held = assert(store:lock(key_of(sandbox, kind), 30))
      function transport.sleep(_, seconds)
        at.now = at.now + seconds
        coroutine.yield()
      end
      local got, threads, other = {}, {}, another()
      for i, each in ipairs{ source, other } do
        threads[i] = coroutine.create(function()
          got[i] = { each:get() }
        end)
        assert(coroutine.resume(threads[i]))
      end
      source:close()
      store:unlock(key_of(sandbox, kind), held)
      repeat
        for _, thread in ipairs(threads) do
          coroutine.resume(thread)
        end
      until got[1] and got[2]
      assert.equal("closed", got[1][2].kind)
      assert.is_string(got[2][1])
    end)

    it("does not wait for the fetch of a coroutine that is gone", function()
      at.before = coroutine.yield
      assert(coroutine.resume(coroutine.create(function() source:get() end)))
      at.before = nil
      collectgarbage()
      collectgarbage()
      local began = at.now
      assert(another():get())
      assert.is_true(at.now - began < 1)
    end)

    it("lets go of the fetch that an error ends", function()
      at.before = function() error("stopped", 0) end
      assert.has_error(function() source:get() end, "stopped")
      at.before = nil
      assert(source:get())
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
      local _, err = source:get()
      assert.is_true(errors.is(err))
      assert.is_nil(tostring(err):find(options.secret, 1, true))
      assert.is_nil(tostring(source):find(options.secret, 1, true))
      assert.is_nil(next(source))
    end)
  end)
end

-- A platform that gives another token each time: AT1, AT2, …
local function numbered(at)
  local number = 0
  local function now()
    return at.now
  end
  return { request = function()
    number = number + 1
    return { status = 200, headers = {}, body = '{"access_token":"AT'
      .. number .. '","expires_in":7200}' }
  end, now = now, time = now }
end

describe("a source of a stable token", function()
  it("shares what it fetched while another holds the lock", function()
    local at, sandbox, transport = world()
    local store = store_of(at)
    local function another()
      return source_on(sandbox, transport, { store = store })
    end
    for times = 1, 2 do
      assert(store:lock(key_of(sandbox, "stable"), 30)) -- and dies
      local token = assert(another():get())
      for _ = 1, 3 do
        assert.equal(token, another():get())
      end
      assert.equal(times, fetches(at, "stable"))
      at.now = at.now + 7200
    end
    -- What was renewed with the lock goes before it.
    local token = another():get()
    assert.equal(3, fetches(at, "stable"))
    assert.equal(token, another():get())
    assert.equal(3, fetches(at, "stable"))
  end)

  it("takes the token that another is fetching", function()
    local at, sandbox, transport = world()
    local store, sleep = store_of(at), transport.sleep
    local held = assert(store:lock(key_of(sandbox, "stable"), 30))
    function transport:sleep(seconds)
      sleep(self, seconds)
      store:put(key_of(sandbox, "stable"),
        "1700000000 1700007200 OTHER", held, 7200)
    end
    assert.equal("OTHER",
      source_on(sandbox, transport, { store = store }):get())
    assert.equal(0, fetches(at, "stable"))
  end)

  it("waits for another's no longer than three seconds, or half its time",
    function()
      local at, sandbox, transport = world()
      local store = store_of(at)
      for seconds, most in pairs{ [20] = 3.3, [2] = 1.3 } do
        assert(store:lock(key_of(sandbox, "stable"), 30)) -- and dies
        local began = at.now
        assert(source_on(sandbox, transport, { store = store }):get(nil,
          seconds))
        assert.is_true(at.now - began <= most, at.now - began)
        at.now = at.now + 7200
      end
    end)

  it("serves none from beside the lock that is older than one refused",
    function()
      local at, sandbox = world()
      local store, transport = store_of(at), numbered(at)
      local function another()
        return source_on(sandbox, transport, { store = store })
      end
      assert(store:lock(key_of(sandbox, "stable"), 30)) -- and dies
      assert.equal("AT1", another():get())
      at.now = at.now + 60
      assert.equal("AT2", another():get("AT1"))
      at.now = at.now + 60
      local source = another()
      assert.equal("AT2", source:get())
      assert.equal("AT3", source:get("AT2"))
    end)

  it("serves a refused token no more, also when the next one is refused too",
    function()
      local at, sandbox = world()
      local store, transport = store_of(at), numbered(at)
      local source = source_on(sandbox, transport, { store = store })
      assert.equal("AT1", source:get())
      -- What follows cannot be put in its place.
      store.put = function() return nil, "READONLY" end
      assert.equal("AT2", source:get("AT1"))
      assert.is_nil((source:get("AT2")))
      at.now = at.now + 1
      assert.equal("AT3", source:get())
    end)

  it("works without its store", function()
    local _, sandbox, transport = world()
    local down = function() return nil, "connection refused" end
    local source = source_on(sandbox, transport, { store = { get = down,
      lock = down, unlock = down, put = down } })
    assert(source:get())
  end)

  it("works with a store that gives what is no text", function()
    for _, value in ipairs{ 5, true, {}, io.stdout } do
      local at, sandbox, transport = world()
      local store = store_of(at)
      store.get = function() return value end
      assert(source_on(sandbox, transport, { store = store }):get())
    end
  end)

  -- force_refresh ends the token of everybody, 20 times a day at most, and
  -- without it the platform never gives out a token that was ended by force.
  it("needs no force when somebody has forced a new token", function()
    local at, sandbox, transport = world()
    local source = source_on(sandbox, transport, { store = store_of(at) })
    local bot = assert(wxbot.new{ access_token = source,
      transport = transport })
    local token = source:get()
    local account = sandbox:account()
    local forced = sandbox:handle{ method = "POST", headers = {},
      url = "https://api.weixin.qq.com/cgi-bin/stable_token",
      body = ('{"grant_type":"client_credential","appid":"%s",'
        .. '"secret":"%s","force_refresh":true}'):format(account.appid,
          account.secret) }
    at.before = function(request)
      assert.is_nil((request.body or ""):find("force", 1, true))
    end
    assert(bot:freepublish_get{ publish_id = sandbox:add_publication{} })
    assert.not_equal(token, source:get())
    assert.is_truthy(forced.body:find(source:get(), 1, true))
    assert.equal(2, fetches(at, "stable"))
  end)

  it("serves a refused token that the platform insists on ever less often",
    function()
      local at, sandbox, transport = world()
      at.before = function(request)
        assert.is_nil((request.body or ""):find("force", 1, true))
      end
      local source = source_on(sandbox, transport, { store = store_of(at) })
      local token = source:get()
      assert.equal(token, source:get(token))
      for _, seconds in ipairs{ 1, 2, 4 } do
        local again, err = source:get(token)
        assert.is_nil(again)
        assert.equal("access_token", err.code)
        at.now = at.now + seconds
        assert.equal(token, source:get())
      end
      assert.equal(5, fetches(at, "stable"))
    end)
end)

describe("a source of a classic token", function()
  local KEY
  local at, sandbox, transport, store, source
  before_each(function()
    at, sandbox, transport = world()
    store = store_of(at)
    source = source_on(sandbox, transport, { kind = "classic",
      store = store })
    KEY = key_of(sandbox, "classic")
  end)

  it("gets a new token when the platform refuses its own", function()
    local bot = assert(wxbot.new{ access_token = source,
      transport = transport })
    local id = sandbox:add_publication{}
    local token = source:get()
    -- Somebody who does not share the store makes a new one.
    source_on(sandbox, transport, { kind = "classic",
      store = store_of(at) }):get()
    at.now = at.now + 301
    assert(bot:freepublish_get{ publish_id = id })
    assert.not_equal(token, source:get())
    assert.equal(3, fetches(at, "classic"))
  end)

  it("does not fetch without its store", function()
    local down = function() return nil, "connection refused" end
    local token, err = source_on(sandbox, transport, { kind = "classic",
      store = { get = down, lock = down, unlock = down, put = down } }):get()
    assert.is_nil(token)
    assert.equal("store", err.code)
    assert.equal(0, fetches(at, "classic"))
  end)

  it("says why its store failed, in whole characters", function()
    local function failing() return nil, "a" .. ("库"):rep(80) end
    local _, err = source_on(sandbox, transport, { kind = "classic",
      store = { get = failing, lock = failing, unlock = failing,
        put = failing } }):get()
    assert.equal("the store of access tokens failed: a" .. ("库"):rep(66),
      err.message)
  end)

  it("does not ask a store that fails again and again", function()
    local asked, working = 0, store
    local failing = {}
    for _, name in ipairs{ "get", "lock", "unlock", "put" } do
      failing[name] = function(_, ...)
        asked = asked + (name == "lock" and 1 or 0)
        if working then
          return working[name](working, ...)
        end
        return nil, "connection refused"
      end
    end
    local own = source_on(sandbox, transport, { kind = "classic",
      store = failing })
    local token = own:get()
    at.now, working, asked = at.now + 7200 * 0.9, nil, 0
    assert.equal(token, own:get())
    assert.equal(token, own:get())
    assert.equal(1, asked)
    working, at.now = store, at.now + 1
    assert.not_equal(token, own:get())
  end)

  it("serves the token at hand while another renews it", function()
    local token = source:get()
    at.now = at.now + 7200 * 0.9
    assert(store:lock(KEY, 30))
    assert.equal(token, source:get())
    assert.equal(1, fetches(at, "classic"))
  end)

  it("serves the token of the store while another renews it", function()
    local token = source:get()
    at.now = at.now + 7200 * 0.9
    assert(store:lock(KEY, 30))
    assert.equal(token, source_on(sandbox, transport, { kind = "classic",
      store = store }):get())
    assert.equal(1, fetches(at, "classic"))
  end)

  it("waits for a holder that died no longer than the lock lives", function()
    assert(store:lock(KEY, 30))
    local began = at.now
    assert(source:get())
    assert.is_true(at.now - began >= 30 and at.now - began < 31)
  end)

  -- That is how long the old one goes on working.
  it("is at most five minutes late to serve what another has renewed",
    function()
      for _ = 1, 20 do
        local one = source_on(sandbox, transport, { kind = "classic",
          store = store })
        local other = source_on(sandbox, transport, { kind = "classic",
          store = store })
        local old = one:get()
        assert.equal(old, other:get())
        local first, last
        repeat
          at.now = at.now + 20
          local a, b = one:get(), other:get()
          first = first or (a ~= old or b ~= old) and at.now
          last = a ~= old and b ~= old and at.now
        until last
        assert.is_true(last - first <= 300, last - first)
      end
    end)

  it("takes the newer token when it was too slow", function()
    at.before = function()
      -- The lock has run out and another has renewed meanwhile.
      at.before = nil
      at.now = at.now + 40
      store:put(KEY, ("%d %d NEWER"):format(at.now, at.now + 7200),
        assert(store:lock(KEY, 30)), 7200)
    end
    assert.equal("NEWER", source:get())
  end)
end)

describe("wxbot.access_token", function()
  it("raises at the caller's line for a mistake", function()
    for _, options in ipairs{ {}, { appid = "wx1" },
      { appid = "wx1", secret = "s", store = {} },
      { appid = "wx1", secret = "s", transport = {} },
      { appid = "wx1", secret = "s", timeout = 0 },
      { appid = "wx1", secret = "s", other = 1 } } do
      local ok, message = pcall(function() wxbot.access_token(options) end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^spec/auth/token_spec.lua:%d+: "
        .. "wxbot%.access_token: "))
    end
  end)

  it("refuses values that cannot be used", function()
    for _, options in ipairs{ { appid = "a b", secret = "s" },
      { appid = "wx1", secret = "" },
      { appid = "wx1", secret = "s", kind = "other" },
      { appid = "wx1", secret = "s", base_url = "ftp://x" } } do
      local source, err = wxbot.access_token(options)
      assert.is_nil(source)
      assert.equal("invalid", err.kind)
    end
  end)
end)

describe("what a store keeps of a failure", function()
  it("holds whole characters of its text", function()
    local kept = backoffs.write(backoffs.after(nil, errors.new{
      kind = "platform", code = 40164, message = "a" .. ("频"):rep(150) }, 0))
    assert.equal("1000 60000 1 platform 40164 a" .. ("频"):rep(99), kept)
    assert.equal("a" .. ("频"):rep(99), backoffs.read(kept).err.message)
  end)
end)
