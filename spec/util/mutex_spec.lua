-- Without this two questions of one user overlap, or one that vanished keeps
-- the user's next one waiting.
local errors = require "wxbot.util.errors"
local mutex = require "wxbot.util.mutex"
local overlap = require "spec.support.overlap"
local wxbot = require "wxbot"

local ngx = package.loaded.ngx

for name, host in pairs(overlap.hosts) do
  describe("a mutex of " .. name, function()
    local context, on
    before_each(function()
      context, on = host()
    end)

    it("lets calls run one after another, in their order", function()
      local inside, most, order = 0, 0, {}
      for i = 1, 20 do
        on.spawn(function()
          assert.equal(i, (mutex.run(context, "u", "e", 30, function(_, value)
            inside = inside + 1
            most = math.max(most, inside)
            on.sleep(0.002)
            inside, order[#order + 1] = inside - 1, i
            return value
          end, i)))
        end)
      end
      on.wait()
      assert.equal(1, most)
      for i = 1, 20 do
        assert.equal(i, order[i])
      end
    end)

    it("is another for another key or another client", function()
      local other = overlap.context(context.transport, context.now)
      local inside, most = 0, 0
      for i, of in ipairs{ context, context, other } do
        on.spawn(mutex.run, of, i == 2 and "b" or "a", "e", 30, function()
          inside = inside + 1
          most = math.max(most, inside)
          on.sleep(0.05)
          inside = inside - 1
        end)
      end
      on.wait()
      assert.equal(3, most)
    end)

    it("is free when the function raises", function()
      local why, got
      on.spawn(function()
        why = select(2, pcall(mutex.run, context, "u", "e", 30, function()
          on.sleep(0.01)
          error("broken", 0)
        end))
      end)
      on.spawn(function()
        got = mutex.run(context, "u", "e", 30, function() return "next" end)
      end)
      on.wait()
      assert.equal("broken", why)
      assert.equal("next", got)
    end)

    it("is waited for no longer than the timeout", function()
      local err
      on.spawn(mutex.run, context, "u", "e", 30, function() on.sleep(1) end)
      on.spawn(function()
        err = select(2, mutex.run(context, "u", "e", 0.05, error))
      end)
      local got
      on.spawn(function()
        got = mutex.run(context, "u", "e", 30, function() return "next" end)
      end)
      on.wait()
      assert.is_true(errors.is(err))
      assert.equal("timeout", err.kind)
      assert.equal("queue", err.code)
      assert.equal("e", err.endpoint)
      assert.is_false(err.sent)
      assert.equal("next", got)
    end)

    it("does not wait for itself", function()
      local got
      on.spawn(function()
        got = mutex.run(context, "u", "e", 30, function()
          return (mutex.run(context, "u", "e", 30, function()
            return "inner"
          end))
        end)
      end)
      on.wait()
      assert.equal("inner", got)
    end)
  end)
end

for name, host in pairs(overlap.killers) do
  describe("a mutex of " .. name, function()
    local context, on
    before_each(function()
      context, on = host()
    end)

    it("is the next one's at once when its holder is killed", function()
      local order, began = {}, context.now()
      local function take(who, fn)
        return on.spawn(mutex.run, context, "u", "e", 10, function()
          order[#order + 1] = who
          if fn then
            fn()
          end
        end)
      end
      local holder = take("killed", function() on.sleep(60) end)
      local waiter = take("killed too")
      take("second")
      take("third")
      on.main(function()
        on.sleep(0.05)
        on.kill(waiter)
        on.kill(holder)
      end)
      on.wait()
      assert.same({ "killed", "second", "third" }, order)
      assert.is_true(context.now() - began < 3, context.now() - began)
    end)
  end)
end

describe("those who vanished", function()
  local transport, at, context
  local SLACK = 1
  before_each(function()
    transport, at = overlap.clockwork()
    context = overlap.context(transport)
  end)

  local vanish, ends = overlap.vanishing()
  after_each(ends["are collected"])

  it("hold a mutex no longer than their timeout", function()
    local late
    vanish(mutex.run, context, "u", "e", 5, coroutine.yield)
    overlap.drive(at, { coroutine.create(function()
      mutex.run(context, "u", "e", 30, function() late = at.now end)
    end) })
    assert.is_true(late >= 5 and late < 5 + SLACK + 0.1)
  end)

  it("wait for a mutex no longer than their timeout", function()
    local late
    vanish(mutex.run, context, "u", "e", 2, coroutine.yield)
    vanish(mutex.run, context, "u", "e", 5, error)
    overlap.drive(at, { coroutine.create(function()
      mutex.run(context, "u", "e", 30, function() late = at.now end)
    end) })
    assert.is_true(late >= 5 and late < 5 + 0.1)
  end)

  for how, go in pairs(ends) do
    it("hold nothing when they " .. how, function()
      vanish(mutex.run, context, "u", "e", 5, coroutine.yield)
      local late
      local threads = { coroutine.create(function()
        mutex.run(context, "u", "e", 30, function() late = at.now end)
      end) }
      overlap.drive(at, threads, 1)
      assert.is_nil(late)
      go()
      overlap.drive(at, threads)
      assert.is_true(late < 2)
    end)
  end

  it("are not kept", function()
    local threads = setmetatable({}, { __mode = "k" })
    for i = 1, 5000 do
      local thread = coroutine.create(mutex.run)
      threads[thread] = true
      assert(coroutine.resume(thread, context, "u" .. i, "e", 1,
        coroutine.yield))
      at.now = at.now + 0.01
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(threads))
  end)
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
    it("a mutex is had at once: " .. what, function()
      local context = blocked(fields)
      local holder = coroutine.create(mutex.run)
      coroutine.resume(holder, context, "u", "e", 30, coroutine.yield)
      assert.equal("mine", (mutex.run(context, "u", "e", 30, function()
        return "mine"
      end)))
      assert.is_true(coroutine.resume(holder))
    end)
  end

  it("nobody waits for the one who waits for it", function()
    local context = overlap.context{ sleep = error, now = os.clock }
    local got = mutex.run(context, "u", "e", 30, function()
      return coroutine.wrap(function()
        return (mutex.run(context, "u", "e", 30, function()
          return "inner"
        end))
      end)()
    end)
    assert.equal("inner", got)
  end)

  it("a sleep that fails ends the wait", function()
    local context = overlap.context{ now = os.clock, sleep = function()
      return nil, { kind = "closed", message = "gone" }
    end }
    coroutine.resume(coroutine.create(mutex.run), context, "u", "e", 30,
      coroutine.yield)
    local result, err = mutex.run(context, "u", "e", 30, error)
    assert.is_nil(result)
    assert.is_true(errors.is(err))
    assert.equal("closed", err.kind)
    assert.equal("e", err.endpoint)
  end)
end)

if ngx then
  overlap.check_gone(function(context, fn)
    return (mutex.run(context, "u", "k", 10, fn))
  end)

  for what, new_transport in pairs(overlap.transports) do
    describe("on " .. what, function()
      local context
      before_each(function()
        collectgarbage("stop")
        context = overlap.context(new_transport())
      end)
      after_each(function()
        collectgarbage("restart")
        overlap.close()
      end)

      it("whoever was killed while it waited holds up nobody", function()
        local function hold()
          mutex.run(context, "u", "k", 10, ngx.sleep, 60)
        end
        local first = ngx.thread.spawn(hold)
        local second = ngx.thread.spawn(hold)
        local got
        local third = ngx.thread.spawn(function()
          got = mutex.run(context, "u", "k", 20, function() return "third" end)
        end)
        ngx.thread.kill(second)
        ngx.thread.kill(first)
        local began = ngx.now()
        assert(ngx.thread.wait(third))
        assert.equal("third", got)
        assert.is_true(ngx.now() - began < 3)
      end)

      -- Runs for longer than the looks at a holder are apart.
      local function slow()
        local over
        return function()
          mutex.run(context, "u", "k", 10, function()
            ngx.sleep(1.5)
            over = true
          end)
        end, function()
          assert.is_true(mutex.run(context, "u", "k", 20, function()
            return over
          end))
        end
      end

      it("a coroutine of a request that goes on still holds", function()
        local hold, assert_held = slow()
        overlap.begin(function() coroutine.wrap(hold)() end)
        assert_held()
      end)

      it("a request whose client waits still holds", function()
        local hold, assert_held = slow()
        overlap.begin(hold)
        assert_held()
      end)
    end)
  end

  describe("a question whose light thread was killed", function()
    -- The platform, after so many seconds.
    local function slow_sandbox(at)
      local sandbox = assert(wxbot.sandbox{})
      return sandbox, { now = ngx.now,
        sleep = function(_, seconds) ngx.sleep(seconds) end,
        request = function(_, asked)
          ngx.sleep(at.seconds)
          return sandbox:handle(asked)
        end }
    end

    it("lets the user's next one go", function()
      collectgarbage("stop")
      finally(function() collectgarbage("restart") end)
      local at = { seconds = 60 }
      local sandbox, transport = slow_sandbox(at)
      local options = sandbox:credentials()
      options.transport = transport
      local bot = assert(wxbot.new(options))
      options.access_token, options.account = nil, "admin"
      local v2 = assert(wxbot.v2(options))
      for client, method in pairs{ [bot] = "ask", [v2] = "ask" } do
        at.seconds = 60
        ngx.thread.kill(ngx.thread.spawn(client[method], client,
          { userid = "u", query = "你好" }))
        at.seconds = 0.01
        local began = ngx.now()
        assert(client[method](client, { userid = "u", query = "你好" }))
        assert.is_true(ngx.now() - began < 3)
      end
    end)
  end)
end
