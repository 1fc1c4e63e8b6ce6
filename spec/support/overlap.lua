-- Where calls overlap: in coroutines of a spec's own, in a loop, and inside
-- nginx in light threads and requests.
local wxbot = require "wxbot"

local ngx = package.loaded.ngx

local M = {}

-- What a client's calls have in common, on a transport.
function M.context(transport, now)
  return { transport = transport,
    now = now or function() return transport:now() end }
end

-- A transport whose time is the spec's; its sleep lets other coroutines go on.
function M.clockwork()
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
function M.drive(at, threads, seconds)
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

-- Coroutines that have begun and that nobody resumes any more: vanish(fn, ...)
-- makes one, which somebody else may know still; `ends` has how all of them end,
-- by name.
function M.vanishing()
  local known, ends = {}, {}
  local function vanish(fn, ...)
    local thread = coroutine.create(fn)
    known[#known + 1] = thread
    assert(coroutine.resume(thread, ...))
  end
  ends["are collected"] = function()
    known = {}
    collectgarbage()
    collectgarbage()
  end
  ends["are closed"] = coroutine.close and function()
    for _, thread in ipairs(known) do
      coroutine.close(thread)
    end
  end
  return vanish, ends
end

-- Where the same is specified: how threads are started and waited for, what
-- lets others go on, and how a thread is killed in the middle.
M.hosts = {
  ["coroutines"] = function()
    local transport, at = M.clockwork()
    local threads = {}
    return M.context(transport), {
      sleep = function(seconds) transport:sleep(seconds) end,
      spawn = function(fn, ...)
        threads[#threads + 1] = coroutine.create(fn)
        assert(coroutine.resume(threads[#threads], ...))
      end,
      wait = function() M.drive(at, threads) end,
    }
  end,
}

if ngx then
  M.hosts["light threads"] = function()
    local transport = require "wxbot.transport.resty".new()
    local threads = {}
    return M.context(transport), {
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
  M.hosts["fibers of a loop"] = function()
    local loop = wxbot.loop()
    return M.context(loop), {
      sleep = function(seconds) loop:sleep(seconds) end,
      spawn = function(fn, ...) return loop:spawn(fn, ...) end,
      main = function(fn) loop:spawn(fn) end,
      kill = function(fiber) fiber:cancel() end,
      wait = function() loop:run() end,
    }
  end
end

-- Those of them that can kill a thread.
M.killers = {}
for name, host in pairs(M.hosts) do
  if name ~= "coroutines" then
    M.killers[name] = host
  end
end

if not ngx then
  return M
end

local busted = require "busted"
local request = require "spec.nginx.request"

local after_each, before_each = busted.after_each, busted.before_each
local assert, describe, it = busted.assert, busted.describe, busted.it

local socks = {}

-- Has a request run a function; returns its thread and its connection.
function M.begin(run)
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

-- Begins so and leaves; then another request runs in its thread: nginx gives
-- the thread of a request that has ended to another one.
function M.leave(run)
  local thread, sock = M.begin(run)
  sock:close()
  ngx.sleep(0.1)
  for _ = 1, 20 do
    if M.begin(function() ngx.sleep(20) end) == thread then
      return
    end
  end
  error("nginx has made new threads only")
end

-- Closes the connections of the requests that have begun.
function M.close()
  for _, sock in ipairs(socks) do
    sock:close()
  end
  socks = {}
end

-- What a holder may run on, and who may make its result.
M.transports = {
  ["cosockets"] = function()
    return require "wxbot.transport.resty".new()
  end,
  ["a transport of somebody else's"] = function()
    return { now = ngx.now, sleep = function(_, seconds)
      ngx.sleep(seconds)
    end }
  end,
}

-- Checks of a holder on each of them that is gone, whatever became of it:
-- `hold(context, fn)` has fn run as a holder, for 10 seconds at most.
function M.check_gone(hold)
  for what, new_transport in pairs(M.transports) do
    describe("on " .. what .. ", whoever", function()
      local context, waits

      before_each(function()
        -- It must not take the collector to tell.
        collectgarbage("stop")
        context, waits = M.context(new_transport()), 0
        -- Where the host has no threads of its own, who asks runs it.
        if context.transport.spawn then
          context.transport.spawn = function() return false end
        end
      end)
      after_each(function()
        collectgarbage("restart")
        M.close()
      end)

      local function hold_on()
        waits = waits + 1
        hold(context, function() ngx.sleep(60) end)
      end

      -- It is not waited for, which would take 10 seconds.
      local function is_gone()
        local began = ngx.now()
        assert.equal("mine", hold(context, function() return "mine" end))
        ngx.update_time()
        assert.is_true(ngx.now() - began < 8, ngx.now() - began)
      end

      it("was killed holds nothing", function()
        assert(ngx.thread.kill(ngx.thread.spawn(hold_on)))
        assert.equal(1, waits)
        is_gone()
      end)

      it("was killed in another request holds nothing", function()
        M.begin(function()
          ngx.thread.kill(ngx.thread.spawn(hold_on))
          ngx.sleep(20)
        end)
        is_gone()
      end)

      it("was killed does not keep its request open", function()
        local began = ngx.now()
        local _, sock = M.begin(function()
          ngx.thread.kill(ngx.thread.spawn(hold_on))
          ngx.header["Content-Length"] = 0
        end)
        sock:settimeouts(5000, 5000, 5000)
        repeat
          local line = assert(sock:receive("*l"))
        until line == ""
        ngx.update_time()
        assert.is_true(ngx.now() - began < 2, ngx.now() - began)
        is_gone()
      end)

      it("is in a request that ended by ngx.exit holds nothing", function()
        M.begin(function()
          ngx.thread.spawn(hold_on)
          ngx.exit(200)
        end)
        is_gone()
      end)

      it("ends its request itself holds nothing", function()
        M.begin(function()
          hold(context, function()
            ngx.sleep(0.01)
            ngx.exit(200)
          end)
        end)
        ngx.sleep(0.05)
        is_gone()
      end)

      it("goes on leaves nothing behind", function()
        local kept
        assert(ngx.thread.wait(ngx.thread.spawn(function()
          for _ = 1, 2 do
            kept = collectgarbage("count")
            for _ = 1, 2000 do
              hold(context, os.clock)
            end
            collectgarbage()
            collectgarbage()
            kept = collectgarbage("count") - kept
          end
        end)))
        assert.is_true(kept < 100, kept)
      end)

      it("has a client that left holds nothing", function()
        local _, sock = M.begin(function() ngx.thread.spawn(hold_on) end)
        sock:close()
        ngx.sleep(0.1)
        is_gone()
      end)

      it("is in a timer that ended in the middle holds nothing", function()
        assert(ngx.timer.at(0, function()
          ngx.thread.spawn(hold_on)
          ngx.exit(200)
        end))
        ngx.sleep(0.05)
        assert.equal(1, waits)
        is_gone()
      end)

      it("is in a request whose client left, and whose thread another has, "
        .. "holds nothing", function()
          M.leave(hold_on)
          is_gone()
        end)
    end)
  end
end

return M
