-- Without this every call that finds an access token due fetches one, or all
-- wait for a fetch that vanished.
local errors = require "wxbot.util.errors"
local overlap = require "spec.support.overlap"
local singleflight = require "wxbot.util.singleflight"
local waiters = require "wxbot.util.waiter"

local unpack = table.unpack or unpack

local ngx = package.loaded.ngx

for name, host in pairs(overlap.hosts) do
  describe("a result shared by " .. name, function()
    local context, on, owner, asked
    before_each(function()
      owner, asked = {}, 0
      context, on = host()
    end)

    -- Until so many have asked.
    local function wait_for(number)
      repeat
        on.sleep(0.01)
      until asked >= number
    end

    it("is made once for all who ask meanwhile", function()
      local runs, got, n = 0, {}, 0
      for _ = 1, 50 do
        on.spawn(function()
          asked = asked + 1
          local result = singleflight.run(context, owner, "k", 30, function(value)
            runs = runs + 1
            wait_for(50)
            return { value }
          end, "V")
          got[result], n = true, n + 1
        end)
      end
      on.wait()
      assert.equal(1, runs)
      assert.equal(50, n)
      assert.equal("V", next(got)[1])
      assert.is_nil(next(got, (next(got))))
    end)

    it("is made anew when it is asked for later", function()
      local runs = 0
      on.spawn(function()
        for i = 1, 2 do
          assert.equal(i, (singleflight.run(context, owner, "k", 30, function()
            runs = runs + 1
            return runs
          end)))
        end
      end)
      on.wait()
      assert.equal(2, runs)
    end)

    it("is another's for another owner and another key", function()
      local runs = 0
      for _, whose in ipairs{ { owner, "a" }, { owner, "b" }, { {}, "a" } } do
        on.spawn(singleflight.run, context, whose[1], whose[2], 30, function()
          runs = runs + 1
          on.sleep(0.02)
        end)
      end
      on.wait()
      assert.equal(3, runs)
    end)

    it("may be an error, of which everybody has a copy", function()
      local errs = {}
      for i = 1, 3 do
        on.spawn(function()
          asked = asked + 1
          errs[i] = select(2, singleflight.run(context, owner, "k", 30, function()
            wait_for(3)
            return nil, errors.new{ kind = "platform", code = 7 }
          end))
        end)
      end
      on.wait()
      for i = 1, 3 do
        assert.is_true(errors.is(errs[i]))
        assert.equal(7, errs[i].code)
        assert.not_equal(errs[i % 3 + 1], nil)
        assert.is_false(rawequal(errs[i], errs[i % 3 + 1]))
      end
    end)

    it("is made by another when the first one raised", function()
      local runs, why, got = 0, nil, nil
      local function run()
        runs = runs + 1
        if runs == 1 then
          wait_for(2)
          error("broken", 0)
        end
        return "second"
      end
      on.spawn(function()
        asked = asked + 1
        why = select(2, pcall(singleflight.run, context, owner, "k", 30, run))
      end)
      on.spawn(function()
        asked = asked + 1
        got = singleflight.run(context, owner, "k", 30, run)
      end)
      on.wait()
      assert.equal("broken", why)
      assert.equal("second", got)
    end)

    it("is made once by one of the others when the first one raised",
      function()
        local runs, got = 0, {}
        local function run()
          runs = runs + 1
          if runs == 1 then
            wait_for(4)
            error("broken", 0)
          end
          on.sleep(0.05)
          return runs
        end
        local function share()
          asked = asked + 1
          return (singleflight.run(context, owner, "k", 30, run))
        end
        local began = context.now()
        on.spawn(function() pcall(share) end)
        for i = 1, 3 do
          on.spawn(function() got[i] = share() end)
        end
        on.wait()
        assert.same({ 2, 2, 2 }, got)
        assert.equal(2, runs)
        assert.is_true(context.now() - began < 1.5)
      end)

    it("is not waited for too long", function()
      local err
      on.spawn(singleflight.run, context, owner, "k", 30, function()
        on.sleep(1)
      end)
      on.spawn(function()
        err = select(2, singleflight.run(context, owner, "k", 0.05, error))
      end)
      on.wait()
      assert.equal("timeout", err.kind)
      assert.is_false(err.sent)
    end)
  end)
end

for name, host in pairs(overlap.killers) do
  describe("in the background of " .. name, function()
    local context, on
    before_each(function()
      context, on = host()
    end)

    it("a shared result goes on when who began it goes away", function()
      local runs, asked, got = 0, false, nil
      local function run()
        runs = runs + 1
        repeat
          on.sleep(0.01)
        until asked
        return "result"
      end
      local thread = on.spawn(singleflight.run, context, context, "k", 30, run)
      on.main(function()
        on.sleep(0.05)
        on.kill(thread)
        asked = true
        got = singleflight.run(context, context, "k", 30, run)
      end)
      on.wait()
      assert.equal("result", got)
      assert.equal(1, runs)
    end)

    it("a result is made for those who will share it", function()
      local runs, got = 0, nil
      local function run(value)
        runs = runs + 1
        on.sleep(0.05)
        return value
      end
      on.spawn(function()
        assert.is_false(singleflight.is_running(context, context, "k"))
        assert.is_true(singleflight.start(context, context, "k", 30, run, "V"))
        assert.is_true(singleflight.start(context, context, "k", 30, run, "W"))
        assert.is_true(singleflight.is_running(context, context, "k"))
        got = singleflight.run(context, context, "k", 30, run, "X")
      end)
      on.wait()
      assert.equal("V", got)
      assert.equal(1, runs)
    end)
  end)
end

describe("where no thread can begin", function()
  it("a result is made by who shares it", function()
    local context = overlap.context{ now = os.clock, sleep = error, spawn = error }
    assert.is_true(waiters.has_background(context.transport))
    assert.is_false(singleflight.start(context, context, "k", 30, error))
    assert.is_false(singleflight.is_running(context, context, "k"))
    assert.equal("mine", (singleflight.run(context, context, "k", 30, function()
      return "mine"
    end)))
  end)
end)

-- nginx drops a timer when too many run, and who set it does not hear of it.
describe("where a thread never begins", function()
  local transport, at, context, threads
  before_each(function()
    transport, at = overlap.clockwork()
    threads = {}
    function transport.spawn(_, fn, ...)
      local values = { ... }
      threads[#threads + 1] = coroutine.create(function()
        fn(unpack(values))
      end)
      return true
    end
    context = overlap.context(transport)
  end)

  -- Everybody who shares the result gets this, and then is called.
  local function shared(n, run)
    local got, sharers = {}, {}
    for i = 1, n do
      sharers[i] = coroutine.create(function()
        got[i] = singleflight.run(context, context, "k", 30, run)
      end)
    end
    overlap.drive(at, sharers)
    return got
  end

  it("a result is soon made by who shares it", function()
    local runs = 0
    local got = shared(3, function()
      runs = runs + 1
      transport:sleep(1)
      return at.now
    end)
    assert.equal(1, runs)
    assert.is_true(got[1] >= 3 and got[1] < 3.5, got[1])
    assert.same({ got[1], got[1], got[1] }, got)
  end)

  it("a result is soon begun again, and made in the end", function()
    local function run() return "result" end
    assert.is_true(singleflight.start(context, context, "k", 30, run))
    at.now = at.now + 2.1
    assert.is_false(singleflight.is_running(context, context, "k"))
    assert.same({ "result" }, shared(1, run))
  end)

  it("it makes nothing that has been made when it does", function()
    local runs = 0
    local function run() runs = runs + 1 end
    shared(1, run)
    for _, thread in ipairs(threads) do
      assert(coroutine.resume(thread))
    end
    assert.equal(1, runs)
  end)

  it("it keeps nobody waiting when it begins after another has run",
    function()
      local runs, outside = 0, false
      function transport.inside() return not outside end
      local function run()
        runs = runs + 1
        return runs
      end
      local began, got = at.now, nil
      local sharer = coroutine.create(function()
        got = singleflight.run(context, context, "k", 30, run)
      end)
      assert(coroutine.resume(sharer))
      outside = true
      assert.equal(1, singleflight.run(context, context, "k", 30, run))
      outside = false
      assert(coroutine.resume(threads[1]))
      overlap.drive(at, { sharer, coroutine.create(function()
        repeat
          transport:sleep(0.01)
          for i = 2, #threads do
            coroutine.resume(threads[i])
          end
        until got
      end) })
      assert.equal(2, got)
      assert.is_true(at.now - began < 1)
    end)

  it("it has its time from its beginning on", function()
    local runs = 0
    local function run()
      runs = runs + 1
      transport:sleep(5)
    end
    singleflight.start(context, context, "k", 30, run)
    at.now = at.now + 1
    threads[#threads + 1] = coroutine.create(function()
      singleflight.run(context, context, "k", 30, run)
    end)
    overlap.drive(at, threads)
    assert.equal(1, runs)
  end)
end)
describe("those who vanished", function()
  local transport, at, context
  local SLACK = 1
  before_each(function()
    transport, at = overlap.clockwork()
    context = overlap.context(transport)
  end)

  local vanish, ends = overlap.vanishing()
  after_each(ends["are collected"])

  it("keep a shared result away no longer than their timeout", function()
    local got
    vanish(singleflight.run, context, context, "k", 5, coroutine.yield)
    overlap.drive(at, { coroutine.create(function()
      got = singleflight.run(context, context, "k", 30, function()
        return at.now
      end)
    end) })
    assert.is_true(got >= 5 and got < 5 + SLACK + 0.3)
  end)

  for how, go in pairs(ends) do
    it("keep no result away when they " .. how, function()
      vanish(singleflight.run, context, context, "k", 5, coroutine.yield)
      local got
      local threads = { coroutine.create(function()
        got = singleflight.run(context, context, "k", 30, function()
          return at.now
        end)
      end) }
      overlap.drive(at, threads, 1)
      assert.is_nil(got)
      go()
      overlap.drive(at, threads)
      assert.is_true(got < 2)
    end)
  end
end)

describe("where waiting would stop the other as well", function()
  -- What a blocking transport does: the holder stands in its callback.
  local function blocked(fields)
    fields.now = os.clock
    fields.sleep = fields.sleep or nil
    return overlap.context(fields)
  end

  for what, fields in pairs{
    ["no sleep"] = {},
    ["a transport that blocks"] = { sleep = error,
      inside = function() return false end },
  } do
    it("everybody makes the result: " .. what, function()
      local context = blocked(fields)
      local holder = coroutine.create(singleflight.run)
      coroutine.resume(holder, context, context, "k", 30, coroutine.yield)
      assert.equal("mine", (singleflight.run(context, context, "k", 30,
        function() return "mine" end)))
      assert.is_true(coroutine.resume(holder))
    end)
  end

  it("nobody waits for the one who waits for it", function()
    local context = overlap.context{ sleep = error, now = os.clock }
    local got = singleflight.run(context, context, "k", 30, function()
      return coroutine.wrap(function()
        return (singleflight.run(context, context, "k", 30, function()
          return "inner"
        end))
      end)()
    end)
    assert.equal("inner", got)
  end)
end)

if ngx then
  overlap.check_gone(function(context, fn)
    return (singleflight.run(context, context, "k", 10, fn))
  end)
end
