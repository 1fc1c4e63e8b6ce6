-- Calls that overlap: in coroutines of the spec's own, in a loop, and inside
-- nginx in light threads.
local errors = require "wxbot.util.errors"
local turn = require "wxbot.util.turn"
local wxbot = require "wxbot"

local unpack = table.unpack or unpack

local ngx = package.loaded.ngx

local made = 0

-- A client's private side on a transport.
local function state_on(transport, now)
  made = made + 1
  return { number = 1e9 + made, transport = transport,
    now = now or function() return transport:now() end }
end

-- A transport whose time is the spec's; its sleep lets other coroutines go on.
local function clockwork()
  local at = { now = 0 }
  local transport = {}
  function transport.sleep(_, seconds)
    local ends = at.now + seconds
    repeat
      coroutine.yield()
    until at.now >= ends
  end
  function transport.now() return at.now end
  return transport, at
end

-- Goes on with coroutines, in their order, until all have ended or for so many
-- seconds; raises what one raised.
local function drive(at, threads, seconds)
  local ends, alive = at.now + (seconds or 1000), true
  while alive and at.now < ends do
    alive = false
    for _, thread in ipairs(threads) do
      if coroutine.status(thread) == "suspended" then
        assert(coroutine.resume(thread))
        alive = true
      end
    end
    at.now = at.now + 0.001
  end
end

-- Where the same is specified: how threads are started and waited for, and
-- what lets others go on.
local hosts = {
  ["coroutines"] = function()
    local transport, at = clockwork()
    local threads = {}
    return state_on(transport), {
      sleep = function(seconds) transport:sleep(seconds) end,
      spawn = function(fn, ...)
        threads[#threads + 1] = coroutine.create(fn)
        assert(coroutine.resume(threads[#threads], ...))
      end,
      wait = function() drive(at, threads) end,
    }
  end,
}

if ngx then
  hosts["light threads"] = function()
    local transport = require "wxbot.transport.resty".new()
    local threads = {}
    return state_on(transport), {
      sleep = ngx.sleep,
      spawn = function(fn, ...)
        threads[#threads + 1] = assert(ngx.thread.spawn(fn, ...))
        return threads[#threads]
      end,
      main = function(fn) fn() end, -- only a parent can kill
      kill = function(thread)
        assert(ngx.thread.kill(thread))
        for i, other in ipairs(threads) do
          if other == thread then
            table.remove(threads, i)
          end
        end
      end,
      wait = function()
        for _, thread in ipairs(threads) do
          assert(ngx.thread.wait(thread))
        end
      end,
    }
  end
else
  hosts["fibers of a loop"] = function()
    local loop = wxbot.loop()
    return state_on(loop), {
      sleep = function(seconds) loop:sleep(seconds) end,
      spawn = function(fn, ...) return loop:spawn(fn, ...) end,
      main = function(fn) loop:spawn(fn) end,
      kill = function(fiber) fiber:cancel() end,
      wait = function() loop:run() end,
    }
  end
end

for name, host in pairs(hosts) do
  describe("turns of " .. name, function()
    local state, on
    before_each(function()
      state, on = host()
    end)

    it("come one after another, in their order", function()
      local inside, most, order = 0, 0, {}
      for i = 1, 20 do
        on.spawn(function()
          assert.equal(i, (turn.take(state, "u", "e", 30, function(value)
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

    it("do not wait for those of another key or another client", function()
      local other = state_on(state.transport, state.now)
      local inside, most = 0, 0
      for i, of in ipairs{ state, state, other } do
        on.spawn(turn.take, of, i == 2 and "b" or "a", "e", 30, function()
          inside = inside + 1
          most = math.max(most, inside)
          on.sleep(0.05)
          inside = inside - 1
        end)
      end
      on.wait()
      assert.equal(3, most)
    end)

    it("are over when the function raises", function()
      local why, got
      on.spawn(function()
        why = select(2, pcall(turn.take, state, "u", "e", 30, function()
          on.sleep(0.01)
          error("broken", 0)
        end))
      end)
      on.spawn(function()
        got = turn.take(state, "u", "e", 30, function() return "next" end)
      end)
      on.wait()
      assert.equal("broken", why)
      assert.equal("next", got)
    end)

    it("are given up in time", function()
      local err
      on.spawn(turn.take, state, "u", "e", 30, function() on.sleep(1) end)
      on.spawn(function()
        err = select(2, turn.take(state, "u", "e", 0.05, error))
      end)
      local got
      on.spawn(function()
        got = turn.take(state, "u", "e", 30, function() return "next" end)
      end)
      on.wait()
      assert.is_true(errors.is(err))
      assert.equal("timeout", err.kind)
      assert.equal("turn", err.code)
      assert.equal("e", err.endpoint)
      assert.is_false(err.sent)
      assert.equal("next", got)
    end)

    it("do not wait for themselves", function()
      local got
      on.spawn(function()
        got = turn.take(state, "u", "e", 30, function()
          return (turn.take(state, "u", "e", 30, function()
            return "inner"
          end))
        end)
      end)
      on.wait()
      assert.equal("inner", got)
    end)
  end)

  describe("a result shared by " .. name, function()
    local state, on, owner, asked
    before_each(function()
      owner, asked = {}, 0
      state, on = host()
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
          local result = turn.share(state, owner, "k", 30, function(value)
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
          assert.equal(i, (turn.share(state, owner, "k", 30, function()
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
        on.spawn(turn.share, state, whose[1], whose[2], 30, function()
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
          errs[i] = select(2, turn.share(state, owner, "k", 30, function()
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
        why = select(2, pcall(turn.share, state, owner, "k", 30, run))
      end)
      on.spawn(function()
        asked = asked + 1
        got = turn.share(state, owner, "k", 30, run)
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
          return (turn.share(state, owner, "k", 30, run))
        end
        local began = state.now()
        on.spawn(function() pcall(share) end)
        for i = 1, 3 do
          on.spawn(function() got[i] = share() end)
        end
        on.wait()
        assert.same({ 2, 2, 2 }, got)
        assert.equal(2, runs)
        assert.is_true(state.now() - began < 1.5)
      end)

    it("is not waited for too long", function()
      local err
      on.spawn(turn.share, state, owner, "k", 30, function()
        on.sleep(1)
      end)
      on.spawn(function()
        err = select(2, turn.share(state, owner, "k", 0.05, error))
      end)
      on.wait()
      assert.equal("timeout", err.kind)
      assert.is_false(err.sent)
    end)
  end)
end

for name, host in pairs(hosts) do
  if name ~= "coroutines" then
    describe("in the background of " .. name, function()
      local state, on
      before_each(function()
        state, on = host()
      end)

      it("a turn of who was killed is the next one's at once", function()
        local order, began = {}, state.now()
        local function take(who, fn)
          return on.spawn(turn.take, state, "u", "e", 10, function()
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
        assert.is_true(state.now() - began < 3, state.now() - began)
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
        local thread = on.spawn(turn.share, state, state, "k", 30, run)
        on.main(function()
          on.sleep(0.05)
          on.kill(thread)
          asked = true
          got = turn.share(state, state, "k", 30, run)
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
          assert.is_false(turn.is_shared(state, state, "k"))
          assert.is_true(turn.begin(state, state, "k", 30, run, "V"))
          assert.is_true(turn.begin(state, state, "k", 30, run, "W"))
          assert.is_true(turn.is_shared(state, state, "k"))
          got = turn.share(state, state, "k", 30, run, "X")
        end)
        on.wait()
        assert.equal("V", got)
        assert.equal(1, runs)
      end)
    end)
  end
end

describe("where no thread can begin", function()
  it("a result is made by who shares it", function()
    local state = state_on{ now = os.clock, sleep = error, spawn = error }
    assert.is_true(turn.has_background(state))
    assert.is_false(turn.begin(state, state, "k", 30, error))
    assert.is_false(turn.is_shared(state, state, "k"))
    assert.equal("mine", (turn.share(state, state, "k", 30, function()
      return "mine"
    end)))
  end)
end)

-- nginx drops a timer when too many run, and who set it does not hear of it.
describe("where a thread never begins", function()
  local transport, at, state, threads
  before_each(function()
    transport, at = clockwork()
    threads = {}
    function transport.spawn(_, fn, ...)
      local values = { ... }
      threads[#threads + 1] = coroutine.create(function()
        fn(unpack(values))
      end)
      return true
    end
    state = state_on(transport)
  end)

  -- Everybody who shares the result gets this, and then is called.
  local function shared(n, run)
    local got, sharers = {}, {}
    for i = 1, n do
      sharers[i] = coroutine.create(function()
        got[i] = turn.share(state, state, "k", 30, run)
      end)
    end
    drive(at, sharers)
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
    assert.is_true(turn.begin(state, state, "k", 30, run))
    at.now = at.now + 2.1
    assert.is_false(turn.is_shared(state, state, "k"))
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
        got = turn.share(state, state, "k", 30, run)
      end)
      assert(coroutine.resume(sharer))
      outside = true
      assert.equal(1, turn.share(state, state, "k", 30, run))
      outside = false
      assert(coroutine.resume(threads[1]))
      drive(at, { sharer, coroutine.create(function()
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
    turn.begin(state, state, "k", 30, run)
    at.now = at.now + 1
    threads[#threads + 1] = coroutine.create(function()
      turn.share(state, state, "k", 30, run)
    end)
    drive(at, threads)
    assert.equal(1, runs)
  end)
end)

describe("those who vanished", function()
  local transport, at, state
  local SLACK = 1
  before_each(function()
    transport, at = clockwork()
    state = state_on(transport)
  end)

  -- Begins and is never resumed; somebody else may know it still.
  local known = {}
  local function vanish(fn, ...)
    local thread = coroutine.create(fn)
    known[#known + 1] = thread
    assert(coroutine.resume(thread, ...))
  end

  after_each(function()
    known = {}
  end)

  it("hold a turn no longer than their timeout", function()
    local late
    vanish(turn.take, state, "u", "e", 5, coroutine.yield)
    drive(at, { coroutine.create(function()
      turn.take(state, "u", "e", 30, function() late = at.now end)
    end) })
    assert.is_true(late >= 5 and late < 5 + SLACK + 0.1)
  end)

  it("wait for a turn no longer than their timeout", function()
    local late
    vanish(turn.take, state, "u", "e", 2, coroutine.yield)
    vanish(turn.take, state, "u", "e", 5, error)
    drive(at, { coroutine.create(function()
      turn.take(state, "u", "e", 30, function() late = at.now end)
    end) })
    assert.is_true(late >= 5 and late < 5 + 0.1)
  end)

  it("keep a shared result away no longer than their timeout", function()
    local got
    vanish(turn.share, state, state, "k", 5, coroutine.yield)
    drive(at, { coroutine.create(function()
      got = turn.share(state, state, "k", 30, function() return at.now end)
    end) })
    assert.is_true(got >= 5 and got < 5 + SLACK + 0.3)
  end)

  local function forget()
    known = {}
    collectgarbage()
    collectgarbage()
  end

  local function close()
    for _, thread in ipairs(known) do
      coroutine.close(thread)
    end
  end

  for how, go in pairs{ ["are collected"] = forget,
      ["are closed"] = coroutine.close and close } do
    it("hold nothing when they " .. how, function()
      vanish(turn.take, state, "u", "e", 5, coroutine.yield)
      vanish(turn.share, state, state, "k", 5, coroutine.yield)
      local late, got
      local threads = {
        coroutine.create(function()
          turn.take(state, "u", "e", 30, function() late = at.now end)
        end),
        coroutine.create(function()
          got = turn.share(state, state, "k", 30, function() return at.now end)
        end),
      }
      drive(at, threads, 1)
      assert.is_nil(late or got)
      go()
      drive(at, threads)
      assert.is_true(late < 2 and got < 2)
    end)
  end

  it("are not kept", function()
    local threads = setmetatable({}, { __mode = "k" })
    for i = 1, 5000 do
      local thread = coroutine.create(turn.take)
      threads[thread] = true
      assert(coroutine.resume(thread, state, "u" .. i, "e", 1,
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
    return state_on(fields)
  end

  for what, fields in pairs{
    ["no sleep"] = {},
    ["a transport that blocks"] = { sleep = error,
      inside = function() return false end },
  } do
    it("a turn comes at once: " .. what, function()
      local state = blocked(fields)
      local holder = coroutine.create(turn.take)
      coroutine.resume(holder, state, "u", "e", 30, coroutine.yield)
      assert.equal("mine", (turn.take(state, "u", "e", 30, function()
        return "mine"
      end)))
      assert.is_true(coroutine.resume(holder))
    end)

    it("everybody makes the result: " .. what, function()
      local state = blocked(fields)
      local holder = coroutine.create(turn.share)
      coroutine.resume(holder, state, state, "k", 30, coroutine.yield)
      assert.equal("mine", (turn.share(state, state, "k", 30, function()
        return "mine"
      end)))
      assert.is_true(coroutine.resume(holder))
    end)
  end

  it("nobody waits for the one who waits for it", function()
    local state = state_on{ sleep = error, now = os.clock }
    local got = turn.take(state, "u", "e", 30, function()
      return coroutine.wrap(function()
        return (turn.take(state, "u", "e", 30, function()
          return (turn.share(state, state, "k", 30, function()
            return coroutine.wrap(function()
              return (turn.share(state, state, "k", 30, function()
                return "inner"
              end))
            end)()
          end))
        end))
      end)()
    end)
    assert.equal("inner", got)
  end)

  it("a sleep that fails ends the wait", function()
    local state = state_on{ now = os.clock, sleep = function()
      return nil, { kind = "closed", message = "gone" }
    end }
    coroutine.resume(coroutine.create(turn.take), state, "u", "e", 30,
      coroutine.yield)
    local result, err = turn.take(state, "u", "e", 30, error)
    assert.is_nil(result)
    assert.is_true(errors.is(err))
    assert.equal("closed", err.kind)
    assert.equal("e", err.endpoint)
  end)
end)

if ngx then
  local request = require "spec.nginx.request"
  local socks

  -- Has a request run a function; returns its thread and its connection.
  local function begin(run)
    local begun
    request.run = function()
      begun = coroutine.running()
      run()
    end
    local sock = ngx.socket.tcp()
    socks[#socks + 1] = sock
    assert(sock:connect("unix:" .. os.getenv("WXBOT_SPEC_WORK")
      .. "/trusting.sock"))
    assert(sock:send("GET /request HTTP/1.1\r\nHost: x\r\n\r\n"))
    for _ = 1, 200 do
      if begun then
        break
      end
      ngx.sleep(0.01)
    end
    return assert(begun), sock
  end

  local function held()
    ngx.sleep(60)
  end

  -- What a holder may run on, and who may make its result.
  local transports = {
    ["cosockets"] = function()
      return require "wxbot.transport.resty".new()
    end,
    ["a transport of somebody else's"] = function()
      return { now = ngx.now, sleep = function(_, seconds)
        ngx.sleep(seconds)
      end }
    end,
  }

  for what, new_transport in pairs(transports) do
    describe("a holder on " .. what, function()
      local state, waits
      before_each(function()
        -- It must not take the collector to tell.
        collectgarbage("stop")
        state, socks, waits = state_on(new_transport()), {}, 0
        -- Where the host has no threads of its own, who shares makes it.
        if state.transport.spawn then
          state.transport.spawn = function() return false end
        end
      end)
      after_each(function()
        collectgarbage("restart")
        for _, sock in ipairs(socks) do
          sock:close()
        end
      end)

      -- Neither the turn nor the result of who is gone is waited for.
      local function both_are_free()
        local began = ngx.now()
        for _, get in ipairs{ turn.take, turn.share } do
          local key = get == turn.take and "u" or state
          assert.equal("mine", (get(state, key, "k", 20, function()
            return "mine"
          end)))
        end
        ngx.update_time()
        assert.is_true(ngx.now() - began < 3, ngx.now() - began)
      end

      local function hold_turn()
        waits = waits + 1
        turn.take(state, "u", "k", 10, held)
      end

      local function hold_result()
        waits = waits + 1
        turn.share(state, state, "k", 10, held)
      end

      local function hold_both()
        ngx.thread.spawn(hold_turn)
        ngx.thread.spawn(hold_result)
      end

      it("is gone when its light thread was killed", function()
        for _, hold in ipairs{ hold_turn, hold_result } do
          assert(ngx.thread.kill(ngx.thread.spawn(hold)))
        end
        assert.equal(2, waits)
        both_are_free()
      end)

      it("is gone when it was killed while it waited for its turn", function()
        local first = ngx.thread.spawn(hold_turn)
        local second = ngx.thread.spawn(hold_turn)
        local got
        local third = ngx.thread.spawn(function()
          got = turn.take(state, "u", "k", 20, function() return "third" end)
        end)
        ngx.thread.kill(second)
        ngx.thread.kill(first)
        local began = ngx.now()
        assert(ngx.thread.wait(third))
        assert.equal("third", got)
        assert.is_true(ngx.now() - began < 3)
      end)

      it("is gone for another request when it was killed in its own",
        function()
          begin(function()
            local thread = ngx.thread.spawn(hold_turn)
            local other = ngx.thread.spawn(hold_result)
            ngx.thread.kill(thread)
            ngx.thread.kill(other)
            ngx.sleep(20)
          end)
          both_are_free()
        end)

      it("does not keep the request open in which it was killed", function()
        local began = ngx.now()
        local _, sock = begin(function()
          ngx.thread.kill(ngx.thread.spawn(hold_turn))
          ngx.header["Content-Length"] = 0
        end)
        sock:settimeouts(5000, 5000, 5000)
        repeat
          local line = assert(sock:receive("*l"))
        until line == ""
        ngx.update_time()
        assert.is_true(ngx.now() - began < 2, ngx.now() - began)
        both_are_free()
      end)

      it("is gone when its request has ended by ngx.exit", function()
        begin(function()
          hold_both()
          ngx.exit(200)
        end)
        both_are_free()
      end)

      it("is gone when it ends its request itself", function()
        begin(function()
          turn.take(state, "u", "k", 10, function()
            ngx.sleep(0.01)
            ngx.exit(200)
          end)
        end)
        begin(function()
          turn.share(state, state, "k", 10, function()
            ngx.sleep(0.01)
            ngx.exit(200)
          end)
        end)
        ngx.sleep(0.05)
        both_are_free()
      end)

      it("leaves nothing behind in a thread that goes on", function()
        local kept
        assert(ngx.thread.wait(ngx.thread.spawn(function()
          for _ = 1, 2 do
            kept = collectgarbage("count")
            for _ = 1, 2000 do
              turn.take(state, "u", "k", 10, os.time)
              turn.share(state, state, "k", 10, os.time)
            end
            collectgarbage()
            collectgarbage()
            kept = collectgarbage("count") - kept
          end
        end)))
        assert.is_true(kept < 100, kept)
      end)

      it("is gone when its client has left", function()
        local _, sock = begin(hold_both)
        sock:close()
        ngx.sleep(0.1)
        both_are_free()
      end)

      it("is gone when its timer has ended in the middle", function()
        assert(ngx.timer.at(0, function()
          hold_both()
          ngx.exit(200)
        end))
        ngx.sleep(0.05)
        assert.equal(2, waits)
        both_are_free()
      end)

      it("holds on in a coroutine of its request, which goes on", function()
        local over
        begin(function()
          coroutine.wrap(function()
            turn.take(state, "u", "k", 10, function()
              ngx.sleep(1.5)
              over = true
            end)
          end)()
        end)
        assert.is_true(turn.take(state, "u", "k", 20, function()
          return over
        end))
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

  -- nginx gives the thread of a request that has ended to another request.
  describe("a request whose client has left", function()
    local state

    -- Begins so and leaves; then another request runs in its thread.
    local function leave(run)
      local thread, sock = begin(run)
      sock:close()
      ngx.sleep(0.1)
      for _ = 1, 20 do
        if begin(function() ngx.sleep(20) end) == thread then
          return
        end
      end
      error("nginx has made new threads only")
    end

    before_each(function()
      state, socks = state_on(require "wxbot.transport.resty".new()), {}
    end)

    after_each(function()
      for _, sock in ipairs(socks) do
        sock:close()
      end
    end)

    it("holds no turn", function()
      leave(function() turn.take(state, "u", "e", 10, held) end)
      local began = state.now()
      assert.equal("mine", (turn.take(state, "u", "e", 20, function()
        return "mine"
      end)))
      assert.is_true(state.now() - began < 2)
    end)

    it("keeps nobody waiting for a result", function()
      -- Where the host has no threads of its own, it flies itself.
      state.transport.spawn = function() return false end
      leave(function() turn.share(state, state, "k", 10, held) end)
      local began = state.now()
      assert.equal("mine", (turn.share(state, state, "k", 20, function()
        return "mine"
      end)))
      assert.is_true(state.now() - began < 2)
    end)

    it("that has not left goes on to hold its turn", function()
      local over = false
      begin(function()
        turn.take(state, "u", "e", 10, function()
          ngx.sleep(1.5)
          over = true
        end)
      end)
      assert.is_true(turn.take(state, "u", "e", 20, function()
        return over
      end))
    end)
  end)
end
