-- Without this an access token that the platform refuses is used on, or fetched
-- without end.
--
-- Access tokens that the platform refuses: because another was given out
-- meanwhile, or whatever it gives. In one process and over the stores that
-- workers and machines share, with a clock of the spec's own.
-- #long
local canary = require "spec.support.canary"
local memory = require "wxbot.store.memory"
local tokens = require "wxbot.auth.shared"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local shared = require "wxbot.store.shdict"
local backoffs = require "wxbot.auth.backoff"
local wxbot = require "wxbot"

local ngx = package.loaded.ngx
local MINUTE, HOUR = 60, 3600

local FETCHES = { ["/cgi-bin/token"] = true, ["/cgi-bin/stable_token"] = true,
  ["/v2/token"] = true }
local GIVEN = '{"code":0,"data":{"access_token":"%s"},"access_token":"%s",'
  .. '"expires_in":7200}'
local DONE = '{"code":0,"data":{"progress":100,"status":1},"publish_id":"1",'
  .. '"publish_status":1}'
local REFUSED = '{"errcode":40001,"errmsg":"invalid credential"}'

-- A platform that gives T1, T2, … and takes the tokens that `accepts` says; it
-- notes when it gave one.
local function platform()
  local at = { now = 1700000000, given = {}, asked = 0 }
  local began = at.now
  function at.accepts(token)
    return token == "T" .. #at.given
  end
  local function respond(request)
    local path = request.url:match("^https://[^/]+(/[^?]*)")
    if FETCHES[path] then
      at.given[#at.given + 1] = at.now - began
      local token = "T" .. #at.given
      return GIVEN:format(token, token)
    end
    at.asked = at.asked + 1
    local v2 = request.headers["X-OPENAI-TOKEN"]
    if at.accepts(v2 or request.url:match("access_token=(.*)$")) then
      return DONE
    end
    return v2 and "invalid sign request" or REFUSED, v2 and 400
  end
  at.transport = {
    request = function(_, request)
      local body, status = respond(request)
      return { status = status or 200, headers = {}, body = body }
    end,
    sleep = function(_, seconds) at.now = at.now + seconds end,
    now = function() return at.now end,
    time = function() return at.now end,
  }
  -- Somebody who does not share the store takes a token.
  function at.rotate()
    at.given[#at.given + 1] = false
  end
  -- How many it gave to us.
  function at.fetches()
    local n = 0
    for _, when in ipairs(at.given) do
      n = n + (when and 1 or 0)
    end
    return n
  end
  return at
end

-- What makes calls with tokens of a kind.
local callers = {}

for _, kind in ipairs{ "stable", "classic" } do
  callers[kind] = function(at, store)
    local bot = assert(wxbot.new{ transport = at.transport,
      access_token = assert(wxbot.access_token{ appid = "wx1",
        secret = canary.secret, kind = kind, store = store,
        transport = at.transport }) })
    return function()
      local result, err = bot:freepublish_get{ publish_id = "1" }
      return result, err
    end
  end
end

function callers.v2(at, store)
  local client = assert(wxbot.v2{ appid = "wx1", account = "admin",
    token = canary.documented.token, aes_key = canary.documented.aes_key,
    transport = at.transport, store = store })
  return function()
    local result, err = client:progress{ env = "online" }
    return result, err
  end
end

local command

-- An empty store for all who share it.
local stores = {
  ["in one process"] = function(at)
    return memory.new{ clock = function() return at.now end }
  end,
  ["over Redis"] = function()
    assert.equal("OK", command("FLUSHALL"))
    return redis.new(command)
  end,
}

if ngx then
  stores["over a dictionary of nginx"] = function()
    ngx.shared.wxbot_tokens:flush_all()
    return shared.new(ngx.shared.wxbot_tokens)
  end
end

describe("a token that is refused", function()
  command = server.beside_specs()

  for kind, caller in pairs(callers) do
    for where, store_of in pairs(stores) do
      describe("of the kind " .. kind .. ", " .. where, function()
        local at, store, call
        before_each(function()
          at = platform()
          store = store_of(at)
          call = caller(at, store)
        end)

        it("is followed by the next at once, every few minutes", function()
          for times = 1, 30 do
            assert(call())
            assert.equal(times, at.fetches())
            at.now = at.now + 3 * MINUTE
            at.rotate()
          end
        end)

        it("is followed at once ten times in a row, once each was accepted",
          function()
            for _ = 1, 10 do
              assert(call())
              at.rotate()
            end
            assert(call())
            at.rotate()
            local result, err = call()
            assert.is_nil(result)
            assert.equal("unavailable", err.kind)
            assert.equal(11, at.fetches())
            at.now = at.now + MINUTE
            assert(call())
          end)

        it("is fetched again ever later while every one is refused", function()
          function at.accepts() return false end
          for _ = 1, 250 do
            assert.is_nil((call()))
            at.now = at.now + 1
          end
          assert.same({ 0, 0, 1, 3, 7, 15, 31, 63, 123, 183, 243 }, at.given)
        end)

        it("ends calls without sending them, and they say why", function()
          function at.accepts() return false end
          assert.equal(true, select(2, call()).sent)
          local asked = at.asked
          for _ = 1, 5 do
            local result, err = call()
            assert.is_nil(result)
            assert.equal("unavailable", err.kind)
            assert.equal("access_token", err.code)
            assert.is_false(err.sent)
            assert.matches("refuses access tokens that it has just given: "
              .. "somebody else takes tokens of this account, or the "
              .. "credentials are another account's; the next attempt is made "
              .. "in 1 s$", tostring(err))
          end
          assert.equal(asked, at.asked)
        end)

        it("has all who share the store wait, also who comes later",
          function()
            function at.accepts() return false end
            assert.is_nil((call()))
            local asked = at.asked
            for _ = 1, 5 do
              local result, err = caller(at, store)()
              assert.is_nil(result)
              assert.equal("access_token", err.code)
              assert.is_false(err.sent)
            end
            assert.equal(asked, at.asked)
            assert.equal(2, at.fetches())
          end)

        it("costs all who share the store 70 fetches in an hour at most",
          function()
            local those = {}
            for i = 1, 4 do
              those[i] = caller(at, store)
            end
            function at.accepts() return false end
            for second = 1, HOUR, 5 do
              those[second % 4 + 1]()
              at.now = at.now + 5
            end
            assert.is_true(at.fetches() <= 70, at.fetches())
            assert.is_true(at.fetches() >= 60, at.fetches())
          end)

        it("costs 70 fetches in an hour at most where each was accepted once",
          function()
            local used = {}
            function at.accepts(token)
              local first = not used[token]
              used[token] = true
              return first
            end
            for _ = 1, HOUR, 5 do
              call()
              at.now = at.now + 5
            end
            assert.is_true(at.fetches() <= 70, at.fetches())
            assert.is_true(at.fetches() >= 60, at.fetches())
          end)

        it("heals within a minute when the platform accepts again", function()
          local accepts = at.accepts
          function at.accepts() return false end
          for _ = 1, 20 * MINUTE, 10 do
            call()
            at.now = at.now + 10
          end
          at.accepts = accepts
          local began = at.now
          while not call() do
            at.now = at.now + 1
          end
          assert.is_true(at.now - began <= MINUTE, at.now - began)
          -- And then one refusal is a rotation again.
          at.rotate()
          assert(call())
        end)

        it("is that of another's call as well", function()
          local other = caller(at, store)
          for times = 1, 5 do
            assert(call())
            assert(other())
            assert.equal(times, at.fetches())
            at.rotate()
            at.now = at.now + 3 * MINUTE
          end
        end)
      end)
    end
  end
end)

describe("a source that is told what the platform thinks", function()
  local at, store, source
  local function another()
    return assert(wxbot.access_token{ appid = "wx1", secret = canary.secret,
      kind = "classic", store = store, transport = at.transport })
  end
  before_each(function()
    at = platform()
    store = stores["in one process"](at)
    source = another()
  end)

  it("takes the refusal of an older token for none", function()
    assert.equal("T1", source:get())
    assert.equal("T2", source:get("T1"))
    source:report("T1", false)
    source:report("T1", true)
    assert.equal("T2", source:get())
    assert.equal(2, at.fetches())
  end)

  it("counts one as accepted that was accepted by another", function()
    local token = source:get()
    for i = 2, 6 do
      local other = another()
      assert.equal(token, other:get())
      other:report(token, true)
      token = source:get(token)
      assert.equal("T" .. i, token)
    end
    assert.is_nil((source:get(token)))
  end)

  it("serves a token no more that was refused", function()
    assert.equal("T1", source:get())
    source:report("T1", false)
    assert.equal("T2", source:get())
  end)

  it("serves nobody what was refused beside a dead holder's lock", function()
    local function stable()
      return assert(wxbot.access_token{ appid = "wx1", secret = canary.secret,
        store = store, transport = at.transport })
    end
    assert(store:lock(tokens.key("wx1", "stable", canary.secret), 3600))
    source = stable()
    assert.equal("T1", source:get())
    assert.equal("T2", source:get("T1"))
    assert.equal("T2", stable():get())
    source:report("T2", false)
    assert.is_nil((stable():get()))
    at.now = at.now + 1
    assert.equal("T3", stable():get())
    assert.equal("T3", source:get())
  end)

  it("begins anew after a token that was accepted, however late", function()
    assert.equal("T1", source:get())
    assert.equal("T2", source:get("T1"))
    at.now = at.now + 2 * HOUR - 2 * MINUTE
    source:report("T2", true)
    at.rotate()
    assert.equal("T4", source:get("T2"))
    assert.equal("T4", source:get())
    source:report("T4", true)
    assert.equal("T5", source:get("T4"))
  end)

  it("waits no longer and no less when the clock is put back", function()
    for _ = 1, 5 do
      source:get((source:get()))
      at.now = at.now + MINUTE
    end
    at.now = at.now - 24 * HOUR
    local before = at.fetches()
    for _ = 1, HOUR, 10 do
      source:get((source:get()))
      at.now = at.now + 10
    end
    assert.is_true(at.fetches() - before <= 70, at.fetches() - before)
    assert.is_true(at.fetches() - before >= 60, at.fetches() - before)
  end)

  it("goes on waiting when a token is accepted that cannot be renewed",
    function()
      assert.equal("T1", source:get())
      at.now = at.now + 7200 * 0.9
      local request, asked = at.transport.request, 0
      function at.transport.request()
        asked = asked + 1
        return { status = 500, headers = {}, body = "" }
      end
      for _ = 1, 10 do
        assert.equal("T1", source:get())
        source:report("T1", true)
      end
      assert.equal(1, asked)
      at.transport.request = request
      at.now = at.now + 1
      assert.equal("T2", source:get())
    end)

  it("raises for misuse at the line of who called", function()
    for _, call in ipairs{
      function() source:report(nil, true) end,
      function() source:report("T1") end,
      function() source:get(1) end,
      function() source:get(nil, "1") end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.matches("^spec/auth/refused_spec.lua:%d+: access_token:", message)
    end
  end)

  it("is told nothing by an answer that decides nothing", function()
    local told = {}
    local teller = { get = function() return "T" end,
      report = function(_, token, accepted)
        told[#told + 1] = token .. " " .. tostring(accepted)
      end }
    for _, answer in ipairs{
      { 200, '{"errcode":-1,"errmsg":"busy"}' }, { 500, "" }, { 200, "<html>" },
      { 429, "" },
      { 200, '{"errcode":48001,"errmsg":"api unauthorized"}', "T true" },
      { 200, DONE, "T true" },
      { 200, REFUSED, "T false T false" },
      { 200, '{"errcode":42001,"errmsg":"expired"}', "T false T false" },
    } do
      told = {}
      local bot = assert(wxbot.new{ retry = false, access_token = teller,
        transport = { request = function()
          return { status = answer[1], headers = {}, body = answer[2] }
        end } })
      bot:freepublish_get{ publish_id = "1" }
      assert.equal(answer[3] or "", table.concat(told, " "))
    end
  end)
end)

describe("a refused token of somebody else's making", function()
  it("is told to a function as ever, and to one alone", function()
    local at, asked = platform(), {}
    function at.accepts() return false end
    local bot = assert(wxbot.new{ transport = at.transport,
      access_token = function(rejected)
        asked[#asked + 1] = rejected or "-"
        return "F" .. #asked
      end })
    for _ = 1, 2 do
      local _, err = bot:freepublish_get{ publish_id = "1" }
      assert.equal(40001, err.code)
    end
    assert.equal("- F1 - F3", table.concat(asked, " "))
    -- Nor does an object have to hear of anything else.
    bot = assert(wxbot.new{ transport = at.transport,
      access_token = { get = function() return "G" end } })
    assert.equal(40001,
      select(2, bot:freepublish_get{ publish_id = "1" }).code)
  end)

  it("is sent again and again when it is a string", function()
    local at = platform()
    function at.accepts() return false end
    local bot = assert(wxbot.new{ transport = at.transport,
      access_token = "S" })
    for _ = 1, 3 do
      assert.equal(40001,
        select(2, bot:freepublish_get{ publish_id = "1" }).code)
    end
    assert.equal(3, at.asked)
  end)
end)

describe("what a store keeps of a refused token", function()
  it("has no fraction, whatever the clock and the locale", function()
    local kept = backoffs.write(backoffs.after(nil, backoffs.refused(), 0.5))
    assert.matches("^1500 60500 1 unavailable access_token the platform ",
      kept)
    local read = backoffs.read(kept)
    assert.equal(1.5, read.ends)
    assert.equal(60.5, read.paid)
    assert.equal(1, read.failures)
    assert.equal("unavailable", read.err.kind)
    assert.equal("access_token", read.err.code)
  end)
end)
