-- Without this a message is sent twice, or a call that could be repeated fails
-- at once.
--
-- The table of what may be repeated, cell by cell.

-- What the host has for a network.
local host = rawget(_G, "ngx") and require "wxbot.transport.resty"
  or require "wxbot.transport.curl"
local by_name = require "wxbot.api".by_name
local call_run = require "wxbot.call".run
local canary = require "spec.support.canary"
local contexts = require "wxbot.call.context"
local scripted = require "spec.support.scripted"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local AES_KEY = canary.credentials.aes_key

local function bot_on(transport, more)
  local options = { appid = "A", token = canary.credentials.token, aes_key = AES_KEY,
    access_token = canary.access_token, transport = transport }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.new(options))
end

-- One call of each class, and an answer that it is content with.
local CLASSES = {
  always = { body = '{"code":0,"data":{"state":1}}', call = function(bot)
    return bot:task_fetch{ openid = "o", task_id = "t" }
  end },
  unless_newer = { body = '{"errcode":0}', call = function(bot)
    return bot:label_batchset{ appid = "wx", category = "c", label = "l",
      desc = "d", list = { "o" } }
  end },
  never = { body = '{"ret":0}', call = function(bot)
    return bot:aibot{ signature = "s", query = "q" }
  end },
}

-- The same, of calls that could get a new signature or another access token:
-- they do so after nothing but what asks for it.
local ABLE = {
  { "a read with an access token", class = "always", gets = "token",
    body = '{"publish_status":1}', call = function(bot)
      return bot:freepublish_get{ publish_id = "1" }
    end },
  { "an act with an access token", class = "never", gets = "token",
    body = '{"errcode":0,"publish_id":"1"}', call = function(bot)
      return bot:freepublish_submit{ media_id = "m" }
    end },
  { "an act that signs", class = "never", gets = "signature",
    body = '{"ret":0}', call = function(bot)
      return bot:ask{ userid = "u", query = "q" }
    end },
}

-- A function for an access token, as only it can get another.
local function another_token(rejected)
  return rejected and "NEW" or canary.access_token
end

local NOT_SENT = { err = { kind = "transport", sent = false } }
local UNKNOWN = { err = { kind = "timeout" } }
local RESET = { err = { kind = "transport" } }
local TLS = { err = { kind = "tls", sent = false } }
local CURL_TLS = { err = { kind = "tls", sent = false, code = "curl_60" } }
local CURL_CUT = { err = { kind = "tls", sent = false, code = "curl_35" } }
local RESTY_CUT = { err = { kind = "tls", sent = false, code = "handshake" } }
-- Bytes of the request may have gone before it.
local LATE_CUT = { err = { kind = "tls", code = "curl_35" } }
local UNAVAILABLE = { err = { kind = "unavailable", sent = false } }
local PROXY = { err = { kind = "transport", sent = false, code = "proxy",
  status = 407 } }
local BUSY = { body = '{"errcode":-1,"errmsg":"busy"}' }

-- outcome -> attempts that each class makes when it happens once
local TABLE = {
  { "certainly not sent", NOT_SENT, { always = 2, unless_newer = 2, never = 2 } },
  { "certificate refused", TLS, { always = 1, unless_newer = 1, never = 1 } },
  { "certificate refused by libcurl", CURL_TLS,
    { always = 1, unless_newer = 1, never = 1 } },
  { "a handshake cut, in libcurl", CURL_CUT, { always = 2, unless_newer = 2, never = 2 } },
  { "a handshake cut, in nginx", RESTY_CUT, { always = 2, unless_newer = 2, never = 2 } },
  { "a handshake cut, who knows when", LATE_CUT,
    { always = 1, unless_newer = 1, never = 1 } },
  { "a host without a network", UNAVAILABLE,
    { always = 1, unless_newer = 1, never = 1 } },
  { "a proxy that wants credentials", PROXY,
    { always = 1, unless_newer = 1, never = 1 } },
  { "timeout", UNKNOWN, { always = 2, unless_newer = 2, never = 1 } },
  { "reset", RESET, { always = 2, unless_newer = 2, never = 1 } },
  { "429", { status = 429 }, { always = 2, unless_newer = 2, never = 2 } },
  { "500", { status = 500 }, { always = 2, unless_newer = 2, never = 1 } },
  { "503", { status = 503 }, { always = 2, unless_newer = 2, never = 1 } },
  { "503 as a text", { body = "Error request, response status: 503" },
    { always = 2, unless_newer = 2, never = 1 } },
  { "platform -1", BUSY, { always = 2, unless_newer = 2, never = 1 } },
  { "another platform code", { body = '{"errcode":1015}' },
    { always = 1, unless_newer = 1, never = 1 } },
  { "404", { status = 404 }, { always = 1, unless_newer = 1, never = 1 } },
  { "an unreadable answer", { body = "<html>" },
    { always = 1, unless_newer = 1, never = 1 } },
}
for _, code in ipairs{ 210201, 210205, 1003001, 1110001 } do
  TABLE[#TABLE + 1] = { "platform " .. code,
    { body = ('{"errcode":%d}'):format(code) },
    { always = 2, unless_newer = 2, never = 1 } }
end

-- What asks for a token or a signature; attempts of a call that gets none.
local ONCE = {
  { "1005", "signature", { body = '{"errcode":1005}' } },
  { "40001", "token", { body = '{"errcode":40001}' } },
  { "40014", "token", { body = '{"errcode":40014}' } },
  { "42001", "token", { body = '{"errcode":42001}' } },
}

describe("retry", function()
  it("takes a language service, which changes nothing, for a read", function()
    local transport = scripted.new{ UNKNOWN, { body = '{"result":[]}' } }
    assert(bot_on(transport):nlp{ name = "ner", uid = "u",
      data = { q = "你好" } })
    assert.equal(2, #transport.seen)
  end)

  for _, row in ipairs(TABLE) do
    for class, attempts in pairs(row[3]) do
      it(("after %s: a %s makes %d attempt(s)"):format(row[1], class,
        attempts), function()
        local transport = scripted.new{ row[2], CLASSES[class] }
        local result, err = CLASSES[class].call(bot_on(transport))
        assert.equal(attempts, #transport.seen)
        if attempts == 1 then
          assert.is_nil(result)
          assert.equal(1, err.attempts)
        else
          assert.is_table(result)
        end
      end)
    end
  end

  for _, row in ipairs(TABLE) do
    for _, able in ipairs(ABLE) do
      local attempts = row[3][able.class]
      it(("after %s: %s makes %d attempt(s)"):format(row[1], able[1],
        attempts), function()
        local transport = scripted.new{ row[2], able }
        local result, err = able.call(bot_on(transport, {
          access_token = another_token }))
        assert.equal(attempts, #transport.seen)
        assert.equal(attempts == 2, result ~= nil)
        assert.equal(attempts == 1 and 1 or nil, err and err.attempts)
      end)
    end
  end

  for _, row in ipairs(ONCE) do
    for class, plain in pairs(CLASSES) do
      it(("after %s: a %s that can get no %s makes 1 attempt"):format(row[1],
        class, row[2]), function()
        local transport = scripted.new{ row[3], plain }
        assert.is_nil(plain.call(bot_on(transport)))
        assert.equal(1, #transport.seen)
      end)
    end

    for _, able in ipairs(ABLE) do
      local renews = able.gets == row[2]
      it(("after %s: %s gets %s"):format(row[1], able[1],
        renews and "another, once, without a pause" or "nothing"), function()
        -- A signature is a call of its own.
        local script = { row[3], able.gets == "signature"
          and { body = '{"signature":"new"}' } or row[3], row[3], able }
        local transport = scripted.new(script)
        local result, err = able.call(bot_on(transport, {
          access_token = another_token }))
        assert.is_nil(result)
        assert.equal(renews and 2 or 1, err.attempts)
        assert.equal(not renews and 1 or able.gets == "signature" and 3 or 2,
          #transport.seen)
        assert.same({}, transport.slept)
      end)
    end
  end

  it("gives up after three attempts, with the last failure", function()
    local transport = scripted.new{ NOT_SENT }
    local result, err = CLASSES.always.call(bot_on(transport))
    assert.is_nil(result)
    assert.equal(3, #transport.seen)
    assert.equal(3, err.attempts)
    assert.equal("transport", err.kind)
    assert.is_false(err.sent)
  end)

  it("waits between nothing and a ceiling that doubles", function()
    local transport = scripted.new{ NOT_SENT }
    CLASSES.always.call(bot_on(transport, { timeout = 1000, retry = {
      attempts = 8, random = function() return 1 end } }))
    assert.same({ 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5 }, transport.slept)
    transport = scripted.new{ NOT_SENT }
    CLASSES.always.call(bot_on(transport, { retry = {
      random = function() return 0 end } }))
    assert.same({ 0, 0 }, transport.slept)
  end)

  it("repeats 503 twice at most", function()
    local transport = scripted.new{ { status = 503 } }
    CLASSES.always.call(bot_on(transport, { timeout = 1000,
      retry = { attempts = 9 } }))
    assert.equal(3, #transport.seen)
  end)

  it("never passes the deadline", function()
    local transport = scripted.new{ each = 4, NOT_SENT }
    local _, err = CLASSES.always.call(bot_on(transport, { timeout = 9,
      retry = { attempts = 9, base = 1.5, random = function() return 1 end } }))
    assert.equal(2, #transport.seen)
    assert.equal(9, transport.seen[1].timeout)
    assert.equal(3.5, transport.seen[2].timeout)
    assert.equal("transport", err.kind)
  end)

  describe("that has no time left", function()
    -- A transport whose pauses take longer than they should.
    local function late(script)
      local transport = scripted.new(script)
      function transport:sleep()
        self.clock = self.clock + 100
      end
      return transport
    end

    local told
    local function run(call, transport, more)
      more = more or {}
      more.on_call = function(info)
        told[#told + 1] = info.attempt
      end
      local result, err = call(bot_on(transport, more))
      assert.is_nil(result)
      return err
    end
    before_each(function() told = {} end)

    for class, plain in pairs(CLASSES) do
      it("says what failed last: a " .. class, function()
        local transport = late{ { status = 429 }, plain }
        local err = run(plain.call, transport)
        assert.same({ "unavailable", 429, true, 1 }, { err.kind, err.status,
          err.sent, err.attempts })
        assert.equal(1, #transport.seen)
        assert.same({ 1 }, told)
      end)
    end

    it("counts the attempts that it made", function()
      local transport = late{ NOT_SENT, UNKNOWN, CLASSES.always }
      local slow, pauses = transport.sleep, 0
      function transport.sleep(self, seconds)
        pauses = pauses + 1
        if pauses == 2 then
          slow(self, seconds)
        end
      end
      local err = run(CLASSES.always.call, transport)
      assert.equal("timeout", err.kind)
      assert.equal("scripted", err.message)
      assert.equal(2, err.attempts)
      assert.same({ 1, 2 }, told)
    end)

    it("says so when nothing was tried", function()
      local transport = scripted.new{ CLASSES.always }
      local err = run(function(bot)
        return bot:freepublish_get{ publish_id = "1" }
      end, transport, { access_token = function()
        transport.clock = transport.clock + 100
        return "A"
      end })
      assert.same({ "timeout", "timeout", false, 0 }, { err.kind, err.code,
        err.sent, err.attempts })
      assert.equal(0, #transport.seen)
    end)

    it("says what failed before it got another token", function()
      local transport = scripted.new{ { body = '{"errcode":40001}' } }
      local err = run(function(bot)
        return bot:freepublish_get{ publish_id = "1" }
      end, transport, { access_token = function(rejected)
        transport.clock = transport.clock + (rejected and 100 or 0)
        return rejected and "B" or "A"
      end })
      assert.same({ 40001, 1 }, { err.code, err.attempts })
      assert.equal(1, #transport.seen)
    end)

    it("says what failed before it got a new signature", function()
      local transport = scripted.new{ each = 6, { body = '{"errcode":1005}' },
        { body = '{"signature":"new"}' }, { body = '{"ret":0}' } }
      local err = run(function(bot)
        return bot:ask{ userid = "u", query = "q" }
      end, transport)
      assert.same({ 1005, 1, "aibot" }, { err.code, err.attempts,
        err.endpoint })
      assert.equal(2, #transport.seen)
    end)

    it("takes no attempt from those that are left", function()
      local transport = late{ { status = 502 }, CLASSES.always }
      local attempts = { left = 5 }
      local context = assert(contexts.new({}, { appid = "A", token = "t",
        aes_key = AES_KEY, transport = transport }))
      assert.is_nil((call_run(context, by_name.task_fetch,
        { openid = "o", task_id = "t" }, { max_attempts = attempts })))
      assert.equal(4, attempts.left)
    end)
  end)

  it("waits as long as Retry-After says", function()
    local transport = scripted.new{ { status = 429,
      headers = { ["retry-after"] = "3" } }, CLASSES.never }
    assert.is_table(CLASSES.never.call(bot_on(transport)))
    assert.same({ 3 }, transport.slept)
  end)

  it("waits for a Retry-After of a minute", function()
    local transport = scripted.new{ { status = 429,
      headers = { ["retry-after"] = "60" } }, CLASSES.never }
    assert.is_table(CLASSES.never.call(bot_on(transport, { timeout = 1000 })))
    assert.same({ 60 }, transport.slept)
  end)

  it("does not wait for a Retry-After of more than a minute", function()
    local transport = scripted.new{ { status = 429,
      headers = { ["retry-after"] = "61" } } }
    local _, err = CLASSES.always.call(bot_on(transport, { timeout = 1000 }))
    assert.equal(1, #transport.seen)
    assert.equal("unavailable", err.kind)
    assert.equal(429, err.status)
  end)

  it("ignores a Retry-After that is a date or negative", function()
    for _, value in ipairs{ "Wed, 21 Oct 2026 07:28:00 GMT", "-5" } do
      local transport = scripted.new{ { status = 429,
        headers = { ["retry-after"] = value } }, CLASSES.always }
      assert.is_table(CLASSES.always.call(bot_on(transport, { retry = {
        random = function() return 0.5 end } })))
      assert.same({ 0.1 }, transport.slept)
    end
  end)

  it("takes nothing from the bucket for a repeat that would be too late", function()
    local transport = scripted.new{ { status = 429,
      headers = { ["retry-after"] = "30" } }, NOT_SENT, CLASSES.always }
    local bot = bot_on(transport, { timeout = 9,
      retry = { bucket = 1, refill = 0 } })
    assert.equal(429, select(2, CLASSES.always.call(bot)).status)
    assert(CLASSES.always.call(bot))
    assert.equal(3, #transport.seen)
  end)

  it("runs dry: ten repeats, and a tenth of one for each call", function()
    local transport = scripted.new{ NOT_SENT }
    local bot = bot_on(transport)
    for _ = 1, 5 do
      CLASSES.always.call(bot)
    end
    assert.equal(15, #transport.seen)
    for _ = 1, 10 do
      CLASSES.always.call(bot)
    end
    assert.equal(26, #transport.seen)
  end)

  describe("that ends with an attempt that was not sent", function()
    local function sent_after(class, first)
      local transport = scripted.new{ first, NOT_SENT }
      local _, err = CLASSES[class].call(bot_on(transport))
      assert.equal(3, #transport.seen)
      assert.equal("transport", err.kind)
      return err.sent
    end

    it("does not know whether an earlier one was received", function()
      assert.is_nil(sent_after("always", UNKNOWN))
      assert.is_nil(sent_after("unless_newer", RESET))
    end)

    it("knows that an earlier one was answered", function()
      assert.is_true(sent_after("unless_newer", { status = 500 }))
      assert.is_true(sent_after("never", { status = 429 }))
    end)

    it("knows that none was", function()
      assert.is_false(sent_after("never", NOT_SENT))
    end)
  end)

  describe("over a real socket", function()
    local ANSWER = '{"ret":0}'
    local OK = ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(
      #ANSWER, ANSWER)
    local AGAIN = { { "read" }, { "send", OK }, { "again" } }

    local function close(transport)
      if transport.close then
        transport:close()
      end
    end

    -- Two acts on one kept connection that breaks so after it has read the
    -- second; then how often the server was asked in all.
    local function ask_twice(last, timeout)
      local server = start.scripted{ { { "read" }, { "send", OK }, { "read" },
        last }, AGAIN }
      local transport = host.new{}
      local bot = bot_on(transport, { base_url = server.url })
      assert(CLASSES.never.call(bot))
      local result, err = bot:aibot({ signature = "s", query = "q" },
        { timeout = timeout })
      close(transport)
      assert.is_nil(result)
      return err, server:count("request")
    end

    after_each(start.stop_all)

    it("is not made for an act on a kept connection that closes", function()
      local err, requests = ask_twice({ "close" }, 5)
      assert.equal("transport", err.kind)
      assert.is_nil(err.sent)
      assert.equal(1, err.attempts)
      assert.equal(2, requests)
    end)

    it("is not made for an act on a kept connection that stalls", function()
      local err, requests = ask_twice({ "sleep", 20 }, 0.3)
      assert.equal("timeout", err.kind)
      assert.is_nil(err.sent)
      assert.equal(1, err.attempts)
      assert.equal(2, requests)
    end)

    it("is made for a read on a kept connection that closes", function()
      local body = CLASSES.always.body
      local good = ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(
        #body, body)
      local server = start.scripted{
        { { "read" }, { "send", good }, { "read" }, { "close" } },
        { { "read" }, { "send", good }, { "again" } } }
      local transport = host.new{}
      local bot = bot_on(transport, { base_url = server.url })
      assert(CLASSES.always.call(bot))
      assert(CLASSES.always.call(bot))
      close(transport)
      assert.equal(3, server:count("request"))
    end)
  end)

  describe("with a circuit breaker", function()
    local DOWN = { status = 502 }

    local function broken_bot(script)
      local transport = scripted.new(script)
      return transport, bot_on(transport, { retry = { attempts = 1,
        breaker = { failures = 3, window = 10, pause = 5 } } })
    end

    local function fail(bot, times)
      local err
      for _ = 1, times do
        err = select(2, CLASSES.always.call(bot))
      end
      return err
    end

    it("fails at once when enough calls have failed", function()
      local transport, bot = broken_bot{ DOWN }
      assert.equal(502, fail(bot, 3).status)
      local err = fail(bot, 5)
      assert.equal("unavailable", err.kind)
      assert.equal("breaker", err.code)
      assert.is_false(err.sent)
      assert.equal(3, #transport.seen)
    end)

    it("does not follow the options when they change", function()
      local transport = scripted.new{ DOWN }
      local options = { failures = 3 }
      local bot = bot_on(transport, { retry = { attempts = 1,
        breaker = options } })
      options.failures = "none"
      fail(bot, 5)
      assert.equal(3, #transport.seen)
    end)

    it("lets one call through after a pause, and opens again", function()
      local transport, bot = broken_bot{ DOWN }
      fail(bot, 4)
      transport.clock = transport.clock + 5
      assert.equal(502, fail(bot, 1).status)
      assert.equal("breaker", fail(bot, 1).code)
      assert.equal(4, #transport.seen)
    end)

    it("closes when that call succeeds", function()
      local transport, bot = broken_bot{ DOWN, DOWN, DOWN, CLASSES.always }
      fail(bot, 4)
      transport.clock = transport.clock + 5
      for _ = 1, 3 do
        assert.is_table(CLASSES.always.call(bot))
      end
    end)

    -- An open breaker, and calls that were made before it opened and wait.
    local function opened_while_waiting(first, probe, waiting)
      local script = {}
      for i = 1, waiting do
        script[i] = coroutine.yield
      end
      for _ = 1, 3 do
        script[#script + 1] = DOWN
      end
      script[#script + 1], script[#script + 2] = first, probe
      local transport, bot = broken_bot(script)
      local threads = {}
      for i = 1, waiting do
        threads[i] = coroutine.create(CLASSES.always.call)
        coroutine.resume(threads[i], bot)
      end
      assert.equal(502, fail(bot, 3).status)
      return transport, bot, threads
    end

    local GOOD = { status = 200, headers = {}, body = CLASSES.always.body }
    local BAD = { status = 502, headers = {}, body = "" }

    it("is not closed or opened but by that call", function()
      local transport, bot, older = opened_while_waiting(coroutine.yield,
        CLASSES.always, 3)
      assert.is_true(coroutine.resume(older[1], GOOD))
      assert.equal("breaker", fail(bot, 1).code)
      transport.clock = transport.clock + 5
      local probe = coroutine.create(CLASSES.always.call)
      coroutine.resume(probe, bot)
      assert.is_true(coroutine.resume(older[2], GOOD))
      assert.equal("breaker", fail(bot, 1).code)
      assert.is_true(coroutine.resume(older[3], BAD))
      assert.is_true(coroutine.resume(probe, GOOD))
      assert.is_table(CLASSES.always.call(bot))
    end)

    it("is not kept open by calls that were made before", function()
      local transport, bot, older = opened_while_waiting(CLASSES.always,
        CLASSES.always, 2)
      for _, thread in ipairs(older) do
        transport.clock = transport.clock + 2.5
        assert.is_true(coroutine.resume(thread, BAD))
      end
      assert.is_table(CLASSES.always.call(bot))
    end)

    it("lets another call through when that one is cancelled", function()
      local transport, bot = opened_while_waiting(function()
        error("cancelled", 0)
      end, CLASSES.always, 0)
      transport.clock = transport.clock + 5
      assert.has_error(function() CLASSES.always.call(bot) end, "cancelled")
      assert.is_table(CLASSES.always.call(bot))
    end)

    it("does not open while most calls succeed, or they are few", function()
      local steps = {}
      for i = 1, 30 do
        steps[i] = i % 3 == 0 and DOWN or CLASSES.always
      end
      local transport, bot = broken_bot(steps)
      fail(bot, 30)
      assert.equal(30, #transport.seen)
      transport, bot = broken_bot{ DOWN }
      for _ = 1, 6 do
        fail(bot, 1)
        transport.clock = transport.clock + 6
      end
      assert.equal(6, #transport.seen)
    end)

    it("takes what the platform refuses for an answer", function()
      local transport, bot = broken_bot{ { body = '{"errcode":1015}' } }
      fail(bot, 9)
      assert.equal(9, #transport.seen)
    end)

    it("is not there unless it is asked for", function()
      local transport = scripted.new{ DOWN }
      fail(bot_on(transport, { retry = { attempts = 1 } }), 50)
      assert.equal(50, #transport.seen)
    end)
  end)

  it("is off with retry = false, and without a sleep", function()
    local transport = scripted.new{ NOT_SENT }
    CLASSES.always.call(bot_on(transport, { retry = false }))
    assert.equal(1, #transport.seen)
    transport.sleep = nil
    CLASSES.always.call(bot_on(transport))
    assert.equal(2, #transport.seen)
  end)

  for what, failure in pairs{ ["a timeout"] = UNKNOWN, ["a reset"] = RESET,
      ["one that was not sent"] = NOT_SENT, ["429"] = { status = 429 },
      ["500"] = { status = 500 }, ["platform -1"] = BUSY } do
    it("does not undo a newer call with an older one after " .. what,
      function()
        local bot
        local older = scripted.new{ failure }
        local transport = scripted.new{ function(request)
          -- While the first call is under way, a newer one succeeds.
          assert(bot:label_batchset{ appid = "wx", category = "c",
            label = "new", desc = "d", list = { "o" } })
          return older:request(request)
        end, CLASSES.unless_newer }
        bot = bot_on(transport)
        local result, err = bot:label_batchset{ appid = "wx", category = "c",
          label = "old", desc = "d", list = { "o" } }
        assert.is_nil(result)
        assert.equal(1, err.attempts)
        assert.equal(2, #transport.seen)
        assert.same({}, transport.slept)
      end)
  end

  local function set(bot, label)
    return bot:label_batchset{ appid = "wx", category = "c", label = label,
      desc = "d", list = { "o" } }
  end

  it("does not undo a newer call that came while it paused", function()
    local transport = scripted.new{ UNKNOWN, CLASSES.unless_newer }
    local bot = bot_on(transport)
    function transport.sleep()
      assert(set(bot, "new"))
    end
    local result, err = set(bot, "old")
    assert.is_nil(result)
    assert.equal("timeout", err.kind)
    assert.equal(2, #transport.seen)
  end)

  it("does not overtake a newer call that is under way", function()
    local bot
    local newer = coroutine.create(function()
      return set(bot, "new")
    end)
    local older = scripted.new{ UNKNOWN }
    local transport = scripted.new{ function(request)
      assert(coroutine.resume(newer))
      return older:request(request)
    end, function()
      return coroutine.yield()
    end, CLASSES.unless_newer }
    bot = bot_on(transport)
    assert.is_nil(set(bot, "old"))
    assert.equal(2, #transport.seen)
    local _, result = assert(coroutine.resume(newer,
      { status = 200, headers = {}, body = CLASSES.unless_newer.body }))
    assert.is_table(result)
  end)

  for what, other in pairs{
    ["of other users"] = { label = "new", list = { "p" } },
    ["of the same kind and value"] = { label = "old", list = { "o" } },
  } do
    it("repeats a call beside a newer one " .. what, function()
      local bot
      local answers = 0
      local transport = scripted.new{ function()
        answers = answers + 1
        if answers == 2 then
          return nil, { kind = "timeout", message = "late" }
        end
        return { status = 200, headers = {}, body = '{"errcode":0}' }
      end }
      local request = transport.request
      function transport.request(self, req)
        local first = #self.seen == 0
        if first then
          -- The first is under way; the newer one is, too, when it fails.
          self.seen[1] = req
          local thread = coroutine.wrap(function()
            bot:label_batchset{ appid = "wx", category = "c",
              label = other.label, desc = "d", list = other.list }
          end)
          self.request = function() coroutine.yield() end
          thread()
          self.request = request
          return nil, { kind = "timeout", message = "late" }
        end
        return request(self, req)
      end
      bot = bot_on(transport)
      assert.is_table(bot:label_batchset{ appid = "wx", category = "c",
        label = "old", desc = "d", list = { "o" } })
    end)
  end

  it("keeps nothing of a call that is forgotten where it waits", function()
    local bot = bot_on(scripted.new{ coroutine.yield })
    local forgotten = setmetatable({}, { __mode = "v" })
    for i = 1, 10 do
      local params = { appid = "wx", category = "c", label = "l", desc = "d",
        list = { "o" .. i } }
      forgotten[i] = params
      assert.is_true(coroutine.resume(coroutine.create(bot.label_batchset),
        bot, params))
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(forgotten))
  end)

  it("repeats a call beside a newer one of another category", function()
    local bot
    local answers = 0
    local transport = scripted.new{ function()
      answers = answers + 1
      if answers == 1 then
        assert(bot:label_batchset{ appid = "wx", category = "other",
          label = "l", desc = "d", list = { "o" } })
        return nil, { kind = "timeout", message = "late" }
      end
      return { status = 200, headers = {}, body = '{"errcode":0}' }
    end }
    bot = bot_on(transport)
    assert.is_table(CLASSES.unless_newer.call(bot))
    assert.equal(3, #transport.seen)
  end)

  for what, other in pairs{ ["the same user"] = "o", ["another"] = "p" } do
    it("knows that a newer change of kefustate was of " .. what, function()
      local bot
      local answers = 0
      local transport = scripted.new{ function()
        answers = answers + 1
        if answers == 1 then
          assert(bot:kefustate_change{ appid = "wx", openid = other,
            kefustate = "complete" })
          return nil, { kind = "timeout", message = "late" }
        end
        return { status = 200, headers = {}, body = '{"errcode":0}' }
      end }
      bot = bot_on(transport)
      local result, err = bot:kefustate_change{ appid = "wx", openid = "o",
        kefustate = "personserving" }
      assert.equal(other == "o" and 2 or 3, #transport.seen)
      assert.equal(other == "p", result ~= nil)
      assert.equal(other == "o" and "timeout" or nil, err and err.kind)
    end)
  end

  describe("of a rejected access token", function()
    local REJECTED = { body = '{"errcode":42001,"errmsg":"expired"}' }
    local FINE = { body = '{"publish_status":1}' }

    local function publication(access_token, script)
      local transport = scripted.new(script)
      local result, err = bot_on(transport, { access_token = access_token })
        :freepublish_get{ publish_id = "1" }
      return result, err, transport
    end

    it("asks the function for another, telling which, once", function()
      local told = {}
      local result, _, transport = publication(function(rejected)
        told[#told + 1] = rejected or "none"
        return rejected and "NEW" or "OLD"
      end, { REJECTED, FINE })
      assert.is_table(result)
      assert.same({ "none", "OLD" }, told)
      assert.matches("access_token=NEW$", transport.seen[2].url)
    end)

    it("takes its time out of the call's", function()
      local transport = scripted.new{ REJECTED, FINE }
      local bot = bot_on(transport, { timeout = 9, access_token =
        function(rejected)
          transport.clock = transport.clock + (rejected and 2.5 or 4)
          return rejected and "NEW" or "OLD"
        end })
      assert(bot:freepublish_get{ publish_id = "1" })
      assert.equal(5, transport.seen[1].timeout)
      assert.equal(2.5, transport.seen[2].timeout)
    end)

    it("sends nothing when the function takes all of it", function()
      local transport = scripted.new{ FINE }
      local result, err = bot_on(transport, { timeout = 9, access_token =
        function()
          transport.clock = transport.clock + 9
          return "LATE"
        end }):freepublish_get{ publish_id = "1" }
      assert.is_nil(result)
      assert.equal("timeout", err.kind)
      assert.is_false(err.sent)
      assert.equal(0, #transport.seen)
    end)

    it("ends when the new one is rejected too", function()
      local result, err, transport = publication(function() return "X" end,
        { REJECTED })
      assert.is_nil(result)
      assert.equal(42001, err.code)
      assert.equal(2, #transport.seen)
    end)

    it("ends at once when it is a string", function()
      local _, err, transport = publication("STRING", { REJECTED })
      assert.equal(42001, err.code)
      assert.equal(1, #transport.seen)
    end)

    it("says when the function has none", function()
      local result, err, transport = publication(function()
        return nil, "the store is down"
      end, { FINE })
      assert.is_nil(result)
      assert.equal("unavailable", err.kind)
      assert.equal("access_token", err.code)
      assert.matches("the store is down", tostring(err))
      assert.equal(0, #transport.seen)
    end)
  end)
end)

describe("what can be hoped of a call that has failed", function()
  local prospect = require "wxbot.call.retry".prospect
  local AWAY = { kind = "transport", code = "curl_7", sent = false }
  local LOST = { kind = "timeout", code = "timeout" }
  local DOWN = { kind = "unavailable", status = 502, sent = true }
  local MANY = { kind = "unavailable", status = 429, sent = true }
  local SWAMPED = { kind = "platform", code = -1, sent = true }
  local QUOTA = { kind = "platform", code = 45009, sent = true, quota_ends = 1 }
  local WRONG = { kind = "platform", code = 1011, sent = true }
  local ODD = { kind = "protocol", status = 200, sent = true }
  local NOWHERE = { kind = "protocol", status = 404, sent = true }
  local TRUST = { kind = "tls", code = "curl_60", sent = false }

  for _, case in ipairs{
    { "no connection", AWAY, "later", "later" },
    { "no answer", LOST, "later", "unknown" },
    { "502", DOWN, "later", "unknown" },
    { "429", MANY, "later", "later" },
    { "-1", SWAMPED, "later", "unknown" },
    { "a quota", QUOTA, "later", "later" },
    { "a refusal", WRONG, "final", "final" },
    { "an answer that nobody can read", ODD, "later", "unknown" },
    { "what a transport must not return",
      { kind = "protocol", code = "transport" }, "final", "unknown" },
    { "a certificate that is refused", TRUST, "final", "final" },
    { "404", NOWHERE, "final", "final" },
    { "a wrong password of a proxy",
      { kind = "transport", status = 407, sent = false }, "final", "final" },
  } do
    it(("%s: %s, or %s if it must not be made twice"):format(case[1], case[3],
      case[4]), function()
      assert.equal(case[3], prospect(case[2], "unless_newer"))
      assert.equal(case[4], prospect(case[2], "never"))
    end)
  end
end)
