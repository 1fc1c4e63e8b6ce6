-- Without this many calls at once block each other, or a tick takes too long.
-- #long
local canary = require "spec.support.canary"
local core = require "wxbot.curl"
local errors = require "wxbot.util.errors"
local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
local AES_KEY = canary.credentials.aes_key
local LUA = type(jit) == "table" and "luajit" or start.LUA

-- Seconds by which a busy machine may be late.
local SLACK = 0.5

local function answer(body)
  return ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body,
    body)
end

describe("wxbot.loop", function()
  local loop

  before_each(function()
    loop = wxbot.loop()
  end)

  after_each(function()
    loop:close()
    start.stop_all()
  end)

  -- A server that answers each request after so many seconds.
  local function server_after(seconds, response)
    return start.scripted{ { { "read" }, { "sleep", seconds },
      { "send", response or OK }, { "again" } } }
  end

  local function silent_server()
    return start.scripted{ { { "read" }, { "sleep", 60 } } }
  end

  local function get(server, fields)
    local req = { url = server.url .. "/", timeout = 5 }
    for name, value in pairs(fields or {}) do
      req[name] = value
    end
    return loop:request(req)
  end

  -- How many sockets this process has open.
  local function sockets()
    collectgarbage()
    collectgarbage()
    local pipe = io.popen("ls -l /proc/$PPID/fd 2>&1 | grep -c 'socket:'")
    local n = tonumber(pipe:read("*l"))
    pipe:close()
    return n
  end

  local function wait_for(condition)
    local ends = loop:now() + 60
    while not condition() and loop:now() < ends do
      loop:step()
    end
    assert.is_true(condition())
  end

  describe("a fiber", function()
    it("begins in the next step, not before", function()
      local begun = false
      local fiber = loop:spawn(function() begun = true end)
      assert.is_false(begun)
      assert.equal("queued", fiber.state)
      assert.equal(0, loop:step())
      assert.is_true(begun)
    end)

    it("is given its arguments, and gives all its results", function()
      local fiber = loop:spawn(function(...) return select("#", ...), ... end,
        1, nil, 3, nil)
      loop:run()
      local results = { n = select("#", fiber:join()), fiber:join() }
      assert.same({ n = 5, 4, 1, nil, 3, nil }, results)
    end)

    it("lets others go on while it makes a call", function()
      local server = server_after(0.2)
      local began, fibers = loop:now(), {}
      for i = 1, 10 do
        fibers[i] = loop:spawn(function() return get(server).status end)
      end
      assert.same({ n = 10, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200 },
        (loop:gather(fibers)))
      assert.is_true(loop:now() - began < 0.2 * 5)
    end)

    it("lets others go on while it sleeps, each for its time", function()
      local order = {}
      for _, seconds in ipairs{ 0.15, 0.05, 0.1, 0 } do
        loop:spawn(function()
          loop:sleep(seconds)
          order[#order + 1] = seconds
        end)
      end
      local began = loop:now()
      loop:run()
      assert.same({ 0, 0.05, 0.1, 0.15 }, order)
      local took = loop:now() - began
      assert.is_true(took >= 0.15 and took < 0.15 + SLACK)
    end)

    it("may begin others, and wait for them", function()
      local fiber = loop:spawn(function()
        local inner = {}
        for i = 1, 3 do
          inner[i] = loop:spawn(function()
            loop:sleep(0.03 - i * 0.01)
            return i
          end)
        end
        return loop:gather(inner)
      end)
      assert.same({ n = 3, 1, 2, 3 }, fiber:join())
    end)

    it("goes on in the order in which the fibers were begun", function()
      local order = {}
      for i = 1, 5 do
        loop:spawn(function() order[#order + 1] = i end)
      end
      loop:run()
      assert.same({ 1, 2, 3, 4, 5 }, order)
    end)

    it("goes through pcall while it waits", function()
      local fiber = loop:spawn(function()
        return pcall(function()
          loop:sleep(0.01)
          error("caught", 0)
        end)
      end)
      local ok, message = fiber:join()
      assert.is_false(ok)
      assert.equal("caught", message)
    end)
  end)

  describe("where no fiber is running", function()
    it("a call blocks, and no fiber goes on", function()
      local server, begun = server_after(0.05), false
      loop:spawn(function() begun = true end)
      assert.equal(200, get(server).status)
      assert.is_false(begun)
      assert.is_true(loop:sleep(0.01))
      assert.is_false(begun)
    end)

    it("a call blocks in a coroutine of somebody else's", function()
      local server = server_after(0.05)
      local thread = coroutine.create(function()
        return get(server).status
      end)
      local _, status = coroutine.resume(thread)
      assert.equal(200, status)
      assert.equal("dead", coroutine.status(thread))
    end)

    it("a call blocks in a coroutine inside a fiber", function()
      local server, others = server_after(0.05), 0
      local fiber = loop:spawn(function()
        loop:spawn(function() others = others + 1 end)
        local status = coroutine.wrap(function()
          assert(loop:sleep(0.01))
          return get(server).status
        end)()
        return status, others
      end)
      local status, seen = fiber:join()
      assert.equal(200, status)
      assert.equal(0, seen)
    end)

    it("a call blocks where Lua cannot yield", function()
      local server = server_after(0.01)
      local fiber = loop:spawn(function()
        local statuses = {}
        table.sort({ 2, 1 }, function(a, b)
          statuses[1] = get(server).status
          return a < b
        end)
        return statuses[1]
      end)
      assert.equal(200, fiber:join())
    end)

    it("a blocking call takes no processor while those of fibers are over",
      function()
        local soon, late = server_after(0), server_after(0.6)
        loop:spawn(function() get(soon) end)
        loop:step()
        local before = os.clock()
        assert.equal(200, get(late).status)
        assert.is_true(os.clock() - before < 0.3)
        loop:run()
      end)

    it("a blocking call serves those of the fibers meanwhile", function()
      local server = server_after(0.1)
      local fiber = loop:spawn(function() return get(server).status end)
      wait_for(function() return fiber.state == "waiting" end)
      get(server)
      assert.equal("waiting", fiber.state)
      loop:step()
      assert.equal(200, fiber:join())
    end)
  end)

  describe("gather", function()
    it("gives first results in order, and why there is none", function()
      local results, errs = loop:gather{
        loop:spawn(function() loop:sleep(0.02) return "a" end),
        loop:spawn(function() return nil, "why" end),
        loop:spawn(function() return false, "no" end),
      }
      assert.same({ n = 3, "a", nil, false }, results)
      assert.same({ nil, "why" }, errs)
    end)

    it("gives an empty list for none", function()
      assert.same({ n = 0 }, (loop:gather{}))
    end)

    it("waits for all, then raises the first error with its traceback",
      function()
        local ended = false
        local fibers = {
          loop:spawn(function() loop:sleep(0.03) ended = true end),
          loop:spawn(function() error("first") end),
          loop:spawn(function() error("second") end),
        }
        local ok, message = pcall(loop.gather, loop, fibers)
        assert.is_false(ok)
        assert.is_true(ended)
        assert.matches("loop_spec.lua:%d+: first\nstack traceback:", message)
        assert.matches("loop_spec.lua:%d+: in function", message)
      end)

    it("raises in the fiber that waits", function()
      local fiber = loop:spawn(function()
        return pcall(loop.gather, loop, { loop:spawn(error, "oh") })
      end)
      local ok, message = fiber:join()
      assert.is_false(ok)
      assert.matches("^oh\nstack traceback:", message)
    end)

    local second = { nil, {} }
    for what, list in pairs{ ["no list"] = 1, ["something else"] = { {} },
        ["nothing before a fiber"] = #second == 2 and second or nil } do
      it("raises at the caller's line for " .. what, function()
        local ok, message = pcall(function() loop:gather(list) end)
        assert.is_false(ok)
        assert.matches("loop_spec.lua:%d+: loop:gather: ", message)
      end)
    end

    it("refuses fibers of another loop", function()
      local other = wxbot.loop()
      local fiber = other:spawn(function() end)
      assert.has_error(function() loop:gather{ fiber } end)
      other:close()
    end)
  end)

  describe("an error in a fiber", function()
    it("keeps the table of wxbot, with the traceback in it", function()
      local thrown = errors.new{ kind = "limit", message = "enough" }
      local ok, err = pcall(loop.gather, loop,
        { loop:spawn(function() error(thrown) end) })
      assert.is_false(ok)
      assert.equal(thrown, err)
      assert.matches("stack traceback:", err.traceback)
    end)

    it("keeps any other value", function()
      local thrown = {}
      local ok, err = pcall(function()
        loop:spawn(function() error(thrown) end):join()
      end)
      assert.is_false(ok)
      assert.equal(thrown, err)
    end)

    it("is raised by the step that met it, and the others go on", function()
      local went_on = false
      loop:spawn(function() error("nobody waits") end)
      loop:spawn(function() went_on = true end)
      local ok, message = pcall(loop.step, loop)
      assert.is_false(ok)
      assert.matches("nobody waits\nstack traceback:", message)
      assert.equal(0, loop:step())
      assert.is_true(went_on)
    end)

    it("is raised by run, which can be called again", function()
      loop:spawn(function() error("x") end)
      local fiber = loop:spawn(function() loop:sleep(0.01) return 1 end)
      assert.is_false((pcall(loop.run, loop)))
      loop:run()
      assert.equal(1, fiber:join())
    end)

    it("goes to on_error when nobody waits for the fiber", function()
      local seen = {}
      local own = wxbot.loop{ on_error = function(err, fiber)
        seen[#seen + 1] = { err, fiber }
      end }
      local fiber = own:spawn(function() error("quiet") end)
      own:run()
      assert.equal(1, #seen)
      assert.matches("quiet\nstack traceback", seen[1][1])
      assert.equal(fiber, seen[1][2])
      local ok, message = pcall(fiber.join, fiber)
      assert.is_false(ok)
      assert.matches("quiet", message)
      own:close()
    end)

    it("that is somebody's does not go to on_error", function()
      local own = wxbot.loop{ on_error = function() error("told") end }
      local ok, message = pcall(function()
        own:spawn(function() error("mine", 0) end):join()
      end)
      assert.is_false(ok)
      assert.matches("^mine", message)
      own:close()
    end)
  end)

  describe("cancel", function()
    it("keeps a fiber that has not begun from ever beginning", function()
      local begun = false
      local fiber = loop:spawn(function() begun = true end)
      fiber:cancel()
      local result, err = fiber:join()
      assert.equal(0, loop:step())
      assert.is_false(begun)
      assert.is_nil(result)
      assert.equal("cancelled", err.kind)
    end)

    it("raises where the fiber waits, and at each later wait", function()
      local kinds = {}
      local fiber = loop:spawn(function()
        for _, wait in ipairs{ function() loop:sleep(60) end,
            function() loop:request{ url = "http://127.0.0.1:1/" } end,
            function() loop:gather{} end } do
          local ok, err = pcall(wait)
          kinds[#kinds + 1] = not ok and err.kind
        end
        return "done"
      end)
      loop:step()
      fiber:cancel()
      loop:run()
      assert.same({ "cancelled", "cancelled", "cancelled" }, kinds)
      assert.equal("done", fiber:join())
    end)

    it("drops a call and closes its connection", function()
      local server = start.scripted{ { { "read" }, { "read" } } }
      assert(loop:fd()) -- what is open from then on is no connection
      local before = sockets()
      local fiber = loop:spawn(function() get(server, { timeout = 60 }) end)
      wait_for(function() return sockets() > before end)
      loop:sleep(0.1)
      server:expect("^request")
      fiber:cancel()
      wait_for(function() return sockets() == before end)
      local result, err = fiber:join()
      server:expect("^eof")
      assert.is_nil(result)
      assert.equal("cancelled", err.kind)
      assert.is_nil(err.sent)
      assert.is_nil(fiber.transfer)
    end)

    it("says of a call in the queue that it was not sent", function()
      local server = silent_server()
      local own = wxbot.loop{ max_connections = 1 }
      local first = own:spawn(function() own:request{ url = server.url } end)
      local second = own:spawn(function() own:request{ url = server.url } end)
      repeat
        own:step()
      until second.state == "waiting"
      own:sleep(0.1)
      second:cancel()
      local _, err = second:join()
      assert.is_false(err.sent)
      first:cancel()
      own:run()
      own:close()
      assert.equal(1, server:count("request"))
    end)

    it("of a fiber that waits for another leaves the other alone", function()
      local inner = loop:spawn(function() loop:sleep(0.05) return 7 end)
      local outer = loop:spawn(function() return inner:join() end)
      loop:step()
      outer:cancel()
      local _, err = outer:join()
      assert.equal("cancelled", err.kind)
      assert.equal(7, inner:join())
    end)

    it("of fibers that wait for another leaves nothing of them", function()
      local inner = loop:spawn(function() loop:sleep(60) end)
      local outer = setmetatable({}, { __mode = "v" })
      for i = 1, 100 do
        outer[i] = loop:spawn(function() inner:join() end)
      end
      loop:step(1)
      for _, fiber in pairs(outer) do
        fiber:cancel()
      end
      loop:step(1)
      collectgarbage()
      collectgarbage()
      assert.is_nil(next(outer))
      inner:cancel()
      loop:run()
    end)

    it("by a fiber of itself takes effect at its next wait", function()
      local fiber, went_on
      fiber = loop:spawn(function()
        fiber:cancel()
        went_on = true
        loop:sleep(0)
        went_on = false
      end)
      local _, err = fiber:join()
      assert.is_true(went_on)
      assert.equal("cancelled", err.kind)
    end)

    it("of a fiber that has ended changes nothing", function()
      local fiber = loop:spawn(function() return 1 end)
      loop:run()
      fiber:cancel()
      assert.equal(1, fiber:join())
    end)

    it("is no error that somebody must be told", function()
      local fiber = loop:spawn(function() loop:sleep(60) end)
      loop:step()
      fiber:cancel()
      loop:run()
      assert.equal("done", fiber.state)
    end)
  end)

  describe("misuse", function()
    -- What `body` raises when it is called as a fiber.
    local function raised_in_fiber(body)
      local ok, message = loop:spawn(pcall, body):join()
      assert.is_false(ok)
      return message
    end

    for _, name in ipairs{ "run", "step" } do
      it("is to " .. name .. " a loop from inside itself", function()
        local message = raised_in_fiber(function() loop[name](loop) end)
        assert.matches("loop_spec.lua:%d+: loop:" .. name
          .. ": called from inside the loop", message)
        assert.equal(0, loop:step())
      end)
    end

    it("is to step a loop from a coroutine inside a fiber", function()
      assert.matches("called from inside the loop",
        raised_in_fiber(function()
          coroutine.wrap(function() loop:step() end)()
        end))
    end)

    it("is to drive a loop from two coroutines at once", function()
      local own = wxbot.loop{ on_error = function() coroutine.yield() end }
      own:spawn(error, "x")
      local thread = coroutine.create(function() own:run() end)
      assert.is_true(coroutine.resume(thread))
      local ok, message = pcall(function() own:step() end)
      assert.is_false(ok)
      assert.matches("loop_spec.lua:%d+: loop:step: the loop is used from "
        .. "two coroutines at once", message)
      assert.is_true(coroutine.resume(thread))
      assert.equal(0, own:step())
      own:close()
    end)

    it("is to step a loop from its on_error", function()
      local own, told
      own = wxbot.loop{ on_error = function()
        told = select(2, pcall(function() own:step() end))
      end }
      own:spawn(error, "x")
      own:step()
      assert.matches("loop_spec.lua:%d+: loop:step: called from inside the "
        .. "loop", told)
      assert.equal(0, own:step())
      own:close()
    end)

    it("is to yield in a fiber", function()
      local ok, message = pcall(function()
        loop:spawn(function() coroutine.yield() end):join()
      end)
      assert.is_false(ok)
      assert.matches("a fiber yielded by itself", message)
    end)

    it("is to resume a fiber", function()
      local thread
      local fiber = loop:spawn(function()
        thread = coroutine.running()
        loop:sleep(0.01)
      end)
      loop:step()
      local ok, message = coroutine.resume(thread)
      assert.is_false(ok)
      assert.matches("resumed by somebody else", message)
      assert.is_false((pcall(fiber.join, fiber)))
    end)

    it("is a fiber that waits for itself", function()
      local fiber
      fiber = loop:spawn(function() fiber:join() end)
      local ok, message = pcall(fiber.join, fiber)
      assert.is_false(ok)
      assert.matches("a fiber cannot wait for itself", message)
    end)

    it("are fibers that wait for each other", function()
      local first, second
      first = loop:spawn(function() second:join() end)
      second = loop:spawn(function() first:join() end)
      local ok, message = pcall(loop.run, loop)
      assert.is_false(ok)
      assert.matches("2 fibers of the loop wait for each other", message)
    end)

    for name, call in pairs{
      spawn = function() loop:spawn(1) end,
      step = function() loop:step("1") end,
      sleep = function() loop:sleep() end,
      request = function() loop:request{ url = 1 } end,
    } do
      it("of " .. name .. " raises at the caller's line", function()
        local ok, message = pcall(call)
        assert.is_false(ok)
        assert.matches("loop_spec.lua:%d+: loop:" .. name .. ": ", message)
      end)
    end

    it("of a request raises at the caller's line in a fiber", function()
      local fiber = loop:spawn(function() loop:request{} end)
      local ok, message = pcall(fiber.join, fiber)
      assert.is_false(ok)
      assert.matches("loop_spec.lua:%d+: loop:request: ", message)
    end)

    for name, options in pairs{ ["an unknown option"] = { budget = 1 },
        ["no connections"] = { max_connections = 0 },
        ["an on_error that is no function"] = { on_error = true } } do
      it("of an option raises at the caller's line: " .. name, function()
        local ok, message = pcall(function()
          local own = wxbot.loop(options)
          return own
        end)
        assert.is_false(ok)
        assert.matches("loop_spec.lua:%d+: wxbot.loop: ", message)
      end)
    end
  end)

  describe("a step", function()
    it("never waits, whatever the platform does", function()
      local server = silent_server()
      for _ = 1, 20 do
        loop:spawn(function() get(server, { timeout = 30 }) end)
      end
      local began = loop:now()
      for _ = 1, 200 do
        assert.equal(20, loop:step())
      end
      assert.is_true(loop:now() - began < 200 * 0.0005 + 1)
    end)

    it("ends soon after its seconds however much is to be done", function()
      local server = start.scripted{ { { "read" }, { "send", OK },
        { "again" } } }
      local own = wxbot.loop{ max_connections = 500 }
      local finished = 0
      for _ = 1, 500 do
        own:spawn(function()
          assert(own:request{ url = server.url, timeout = 20 })
          finished = finished + 1
        end)
      end
      local most, before, steps = 0, 0, 0
      local ends = own:now() + 20
      repeat
        local live = own:step(0.0002)
        most, before = math.max(most, finished - before), finished
        steps = steps + 1
      until live == 0 or own:now() > ends
      own:close()
      assert.equal(500, finished)
      assert.is_true(most < 250)
      assert.is_true(steps > 10)
    end)

    it("does something even with no second at all", function()
      local server = server_after(0)
      local fiber = loop:spawn(function() return get(server).status end)
      local ends = loop:now() + 5
      repeat
        local live = loop:step(0)
      until live == 0 or loop:now() > ends
      assert.equal(200, fiber:join())
    end)

    it("says whether more can be done at once", function()
      local function busy(seconds) return (select(2, loop:step(seconds))) end
      assert.is_false(busy())
      local sleeper = loop:spawn(function() loop:sleep(60) end)
      assert.is_false(busy(1))
      sleeper:cancel()
      for _ = 1, 3 do
        loop:spawn(function()
          local ends = loop:now() + 0.001
          repeat until loop:now() >= ends
        end)
      end
      assert.is_true(busy(0.0002)) -- fibers are ready
      assert.is_false(busy(1))
      for _ = 1, 3 do
        loop:spawn(function() loop:sleep(0.1) end)
      end
      assert.is_false(busy(0.005))
      get(server_after(0.15)) -- outside of a fiber: that many sleep too long
      assert.is_true(busy(0)) -- others' time has come
      assert.is_false(busy(1))
      loop:close()
      assert.is_false(busy())
    end)

    it("is busy when a fiber has begun a call, not while it waits", function()
      local server = silent_server()
      loop:spawn(function() get(server, { timeout = 30 }) end)
      local steps = 0
      repeat
        local live, busy = loop:step(0)
        steps = steps + 1
        assert.equal(1, live)
      until not busy and next(loop.calls)
      assert.is_true(steps < 100)
    end)

    it("is due when there is something to do", function()
      assert.is_nil(loop:timeout())
      local fiber = loop:spawn(function() loop:wait("word") end)
      assert.equal(0, loop:timeout())
      loop:step()
      assert.is_nil(loop:timeout()) -- until somebody wakes it
      loop:wake("word")
      assert.equal(0, loop:timeout())
      loop:run()
      assert.equal("returned", fiber.outcome)
      loop:spawn(function() loop:sleep(60) end)
      loop:step(1)
      assert.is_true(loop:timeout() > 50 and loop:timeout() <= 60)
      local server = silent_server()
      loop:spawn(function() get(server, { timeout = 30 }) end)
      local ends = loop:now() + 5
      repeat
        local _, busy = loop:step()
      until not busy or loop:now() > ends
      assert.is_true(loop:timeout() > 0 and loop:timeout() <= 0.01)
      loop:close()
      assert.is_nil(loop:timeout())
    end)

    it("is enough whenever it is due", function()
      local server = server_after(0.02)
      local waiter, finished = wxbot.curl(), 0
      for i = 1, 20 do
        loop:spawn(function()
          loop:sleep(i / 1000)
          assert(get(server))
          finished = finished + 1
        end)
      end
      local steps = 0
      while loop:timeout() do
        waiter:sleep(loop:timeout())
        loop:step()
        steps = steps + 1
      end
      assert.equal(20, finished)
      assert.is_true(steps < 2000)
    end)

    it("leaves nothing undone when it says that it is not busy", function()
      local server = start.scripted{ { { "read" }, { "send", OK },
        { "again" } } }
      local finished, ends = 0, loop:now() + 20
      for _ = 1, 200 do
        loop:spawn(function()
          assert(loop:request{ url = server.url, timeout = 20 })
          finished = finished + 1
        end)
      end
      local was_busy = false
      repeat
        local live, busy = loop:step(0.0001)
        was_busy = was_busy or busy
        assert.is_true(busy or loop.ready.first > loop.ready.last)
      until live == 0 or loop:now() > ends
      assert.equal(200, finished)
      assert.is_true(was_busy)
    end)

    it("carries on what it did not reach, starving nobody", function()
      local turns = {}
      for i = 1, 20 do
        turns[i] = 0
        loop:spawn(function()
          while turns[i] < 5 do
            local ends = loop:now() + 0.0005
            repeat until loop:now() >= ends
            turns[i] = turns[i] + 1
            loop:sleep(0)
          end
        end)
      end
      repeat
        local live = loop:step(0.0005)
        local least, most = math.huge, 0
        for i = 1, 20 do
          least = math.min(least, turns[i])
          most = math.max(most, turns[i])
        end
        assert.is_true(most - least <= 1)
      until live == 0
    end)

    it("lets sleepers wait however many there are", function()
      local fibers = {}
      for i = 1, 10000 do
        fibers[i] = loop:spawn(function() loop:sleep(60 + i % 100) end)
      end
      while loop.ready.first <= loop.ready.last do
        loop:step(0.01)
      end
      assert.equal(10000, loop.sleepers.size)
      for _, fiber in ipairs(fibers) do
        fiber:cancel()
      end
      loop:run()
      assert.equal(0, loop.sleepers.size)
    end)
  end)

  describe("a long answer", function()
    local MIB = 2 ^ 20

    -- A body in which no two places are alike.
    local function long(size, seed)
      local lines = {}
      for i = 1, size / 16 do
        lines[i] = ("%07d %07d\n"):format(seed or 0, i)
      end
      return table.concat(lines)
    end

    local function chunked(body, size)
      local parts = {}
      for at = 1, #body, size do
        local piece = body:sub(at, at + size - 1)
        parts[#parts + 1] = ("%x\r\n%s\r\n"):format(#piece, piece)
      end
      return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        .. table.concat(parts) .. "0\r\n\r\n"
    end

    -- A fiber that asks a server which sends so many bytes of an answer at
    -- once, and the rest half a second later.
    local function in_the_midst(text, fields)
      local server = start.scripted{ { { "read" },
        { "send", text:sub(1, 200000) }, { "sleep", 0.5 },
        { "send", text:sub(200001) }, { "again" } } }
      local fiber = loop:spawn(function() return get(server, fields) end)
      loop:step()
      socket.sleep(0.2)
      loop:step()
      assert.equal("waiting", fiber.state)
      return fiber, server
    end

    for name, encode in pairs{
      ["with a length"] = answer,
      ["in chunks"] = function(body) return chunked(body, 30011) end,
      ["in small chunks"] = function(body) return chunked(body, 13) end,
      ["up to the end of its connection"] = function(body)
        return "HTTP/1.1 200 OK\r\n\r\n" .. body
      end,
    } do
      it("is taken whole, " .. name, function()
        local body = long(MIB / 2)
        local server = start.scripted{ { { "read" }, { "send", encode(body) },
          { "close" } } }
        local fiber = loop:spawn(function() return get(server) end)
        assert.is_true(fiber:join().body == body)
      end)
    end

    it("is cut off where the server says no more", function()
      local server = start.scripted{ { { "read" },
        { "send", answer(long(MIB / 2)):sub(1, -2) } } }
      local fiber = loop:spawn(function() return get(server) end)
      local result, err = fiber:join()
      assert.is_nil(result)
      assert.equal("transport", err.kind)
      assert.is_nil(err.sent)
    end)

    it("stops at max_body", function()
      local fiber = in_the_midst(chunked(long(MIB / 2), 30011),
        { max_body = 400000 })
      local result, err = fiber:join()
      assert.is_nil(result)
      assert.equal("limit", err.kind)
      assert.is_true(err.sent)
    end)

    it("ends at its deadline though nobody steps meanwhile", function()
      local fiber = in_the_midst(answer(long(MIB)), { timeout = 0.4 })
      socket.sleep(0.5)
      local began = loop:now()
      local live
      repeat
        live = loop:step()
      until live == 0 or loop:now() > began + SLACK
      assert.equal("timeout", select(2, fiber:join()).kind)
    end)

    it("can be cancelled; the next call is answered in full", function()
      local body = long(MIB / 2)
      local fiber, server = in_the_midst(answer(body))
      fiber:cancel()
      local again = loop:spawn(function() return get(server) end)
      assert.equal("cancelled", select(2, fiber:join()).kind)
      assert.is_true(again:join().body == body)
      assert.equal(2, server:count("accept"))
    end)

    it("ends when the loop is closed", function()
      local fiber = in_the_midst(answer(long(MIB)))
      loop:close()
      assert.equal("closed", select(2, fiber:join()).kind)
    end)

    it("goes on in a call that blocks, and in run", function()
      local body = long(MIB / 2)
      local fiber, server = in_the_midst(answer(body))
      assert.is_true(get(server).body == body)
      loop:run()
      assert.is_true(fiber:join().body == body)
    end)

    it("is one of many, of which each step takes one", function()
      local body = long(MIB / 8)
      local server = start.scripted{ { { "read" }, { "send", answer(body) },
        { "again" } } }
      local ended = 0
      for _ = 1, 20 do
        loop:spawn(function()
          assert.is_true(get(server).body == body)
          ended = ended + 1
        end)
      end
      repeat
        local before = ended
        local live, busy = loop:step(5)
        assert.is_true(ended - before <= 1)
        if not busy then
          socket.sleep(0.001)
        end
      until live == 0
      assert.equal(20, ended)
    end)

    it("waits in memory for a host that does not step, but not without bounds",
      function()
        local body = long(4 * MIB)
        local server = start.scripted{ { { "read" }, { "send", answer(body) },
          { "again" } } }
        local equal = 0
        local function begin(n)
          loop:close()
          loop = wxbot.loop{ max_connections = 2 }
          for _ = 1, n do
            loop:spawn(function()
              local result = get(server, { max_body = 4 * MIB, timeout = 20 })
              equal = equal + (result and result.body == body and 1 or 0)
            end)
          end
          loop:step(1)
          socket.sleep(1)
        end
        begin(10)
        loop:run()
        assert.equal(10, equal)
        begin(20)
        loop:close()
        -- 16 MiB are held, and what had begun by then ends.
        local asked = server:count("request") - 10
        assert.is_true(asked >= 4 and asked <= 6, asked)
      end)

    it("does not hold up a step, were there twenty over https", function()
      local folder, ports, bodies = start.authority(), {}, {}
      for i = 1, 20 do
        bodies[i] = long(MIB, i)
        local file = assert(io.open(folder .. "/" .. i, "wb"))
        -- The server ends each connection after one answer.
        file:write((answer(bodies[i]):gsub("OK\r\n",
          "OK\r\nConnection: close\r\n", 1)))
        file:close()
        ports[i] = start.tls(("-cert %s/good.pem -key %s/good.key"):format(
          folder, folder), folder).port
      end
      local own = wxbot.loop{ ca_file = folder .. "/ca.pem" }
      local longest = {}
      for round = 1, 3 do
        local equal = 0
        for i = 1, 20 do
          own:spawn(function()
            local result = assert(own:request{ timeout = 30,
              url = ("https://127.0.0.1:%s/%d"):format(ports[i], i) })
            equal = equal + (result.body == bodies[i] and 1 or 0)
          end)
        end
        longest[round] = 0
        repeat
          local began = os.clock() -- of this process alone
          local live = own:step()
          longest[round] = math.max(longest[round], os.clock() - began)
          socket.sleep(0.001)
        until live == 0
        assert.equal(20, equal)
      end
      own:close()
      start.remove_folder(folder)
      table.sort(longest)
      -- A few milliseconds, were the machine idle: handshakes.
      assert.is_true(longest[2] < 0.3, longest[2])
    end)
  end)

  describe("a host that waits for descriptors", function()
    local process

    setup(function()
      process = start.process()
    end)

    -- Is the descriptor readable, by so many seconds from now?
    local function readable(seconds)
      local fd = assert(loop:fd())
      return process.readable(fd, seconds)
    end

    it("is told when there is something to do, and not before", function()
      local server = server_after(0.3)
      assert.is_false(readable(0))
      assert.is_nil(loop:timeout())
      local fiber = loop:spawn(function() return get(server).status end)
      assert.is_true(readable(0)) -- it can begin
      assert.equal(0, loop:timeout())
      loop:step()
      assert.is_false(readable(0))
      assert.is_true(loop:timeout() > 1)
      assert.is_true(readable(5))
      assert.is_true(readable(0)) -- until a step
      loop:step()
      assert.is_false(readable(0))
      assert.equal(200, fiber:join())
    end)

    it("is told when its step was too short", function()
      for _ = 1, 3 do
        loop:spawn(function() end)
      end
      repeat
        assert.is_true(readable(0))
        local live = loop:step(0)
      until live == 0
      assert.is_false(readable(0))
    end)

    it("is told though an error came out of a step", function()
      loop:spawn(error, "x")
      loop:spawn(function() end)
      assert.is_true(readable(0))
      assert.is_false((pcall(loop.step, loop)))
      assert.is_true(readable(0))
      assert.equal(0, loop:step())
      assert.is_false(readable(0))
    end)

    it("is told after how many seconds who sleeps goes on", function()
      loop:spawn(function() loop:sleep(60) end)
      loop:step()
      assert.is_false(readable(0))
      local seconds = loop:timeout()
      assert.is_true(seconds > 50 and seconds <= 60)
    end)

    it("does no harm by reading it", function()
      local server = server_after(0.1)
      local fiber = loop:spawn(function() return get(server).status end)
      loop:step()
      assert.is_true(readable(5))
      process.read(assert(loop:fd()))
      wait_for(function() return fiber.state == "done" end)
      assert.equal(200, fiber:join())
    end)

    it("is told by no closed loop", function()
      loop:close()
      local fd, err = loop:fd()
      assert.is_nil(fd)
      assert.equal("closed", err.kind)
      assert.is_nil(loop:timeout())
    end)
  end)

  describe("max_connections", function()
    it("bounds the connections; the others wait for their turn", function()
      local server = server_after(0.02)
      local own, fibers = wxbot.loop{ max_connections = 3 }, {}
      for i = 1, 12 do
        fibers[i] = own:spawn(function()
          return own:request{ url = server.url .. "/" .. i }.status
        end)
      end
      local results = own:gather(fibers)
      own:close()
      assert.equal(12, #results)
      assert.equal(12, server:count("request"))
      assert.is_true(server:count("accept") <= 3)
    end)

    it("keeps a call whose time is up before its turn from being sent",
      function()
        local server = silent_server()
        local own = wxbot.loop{ max_connections = 1 }
        own:spawn(function()
          own:request{ url = server.url, timeout = 0.6 }
        end)
        local second = own:spawn(function()
          return own:request{ url = server.url, timeout = 0.2 }
        end)
        local began = own:now()
        local result, err = second:join()
        assert.is_true(own:now() - began < 0.2 + 0.4)
        assert.is_nil(result)
        assert.equal("timeout", err.kind)
        assert.is_false(err.sent)
        assert.matches("max_connections", err.message)
        own:close()
        assert.equal(1, server:count("request"))
      end)
  end)

  describe("close", function()
    it("ends calls in flight; whoever waits gets nil and the error",
      function()
        loop:close()
        local server, before = silent_server(), sockets()
        loop = wxbot.loop()
        assert(loop:fd())
        local open, fibers = sockets(), {}
        for i = 1, 3 do
          fibers[i] = loop:spawn(function()
            return get(server, { timeout = 60 })
          end)
        end
        fibers[4] = loop:spawn(function() loop:sleep(60) end)
        fibers[5] = loop:spawn(function() return fibers[4]:join() end)
        wait_for(function() return sockets() == open + 3 end)
        fibers[6] = loop:spawn(function() end)
        loop:close()
        loop:close()
        assert.equal(before, sockets())
        local results, errs = loop:gather(fibers)
        assert.same({ n = 6 }, results)
        for i = 1, 6 do
          assert.equal("closed", errs[i].kind)
        end
        assert.is_false(errs[6].sent)
        assert.equal(0, loop:step())
        loop:run()
      end)

    it("does not know what came of a request that was sent", function()
      loop:close()
      loop = wxbot.loop()
      local server = start.scripted{ { { "read" }, { "sleep", 20 } } }
      local fiber = loop:spawn(function() return get(server, { timeout = 60 }) end)
      local ends = loop:now() + 1
      wait_for(function() return loop:now() >= ends end)
      server:expect "^request"
      loop:close()
      local _, err = fiber:join()
      assert.equal("closed", err.kind)
      assert.is_nil(err.sent)
    end)

    it("by a fiber lets that fiber end", function()
      local server = silent_server()
      local other = loop:spawn(function() return get(server) end)
      local fiber = loop:spawn(function()
        loop:sleep(0.05)
        loop:close()
        local _, slept = loop:sleep(1)
        local _, called = get(server)
        return slept.kind, called.kind
      end)
      local slept, called = fiber:join()
      assert.equal("closed", slept)
      assert.equal("closed", called)
      assert.equal("closed", select(2, other:join()).kind)
    end)

    it("is told to fibers where they wait, so that they give back what they "
      .. "hold", function()
      local server, told = silent_server(), {}
      local inner = loop:spawn(loop.sleep, loop, 60)
      for name, wait in pairs{
        sleep = function() loop:sleep(60) end,
        request = function() get(server) end,
        join = function() inner:join() end,
        wait = function() loop:wait("k", 60) end,
      } do
        loop:spawn(function()
          told[name] = select(2, pcall(wait)).kind
        end)
      end
      loop:step(0.01)
      assert.same({}, told)
      loop:close()
      assert.same({ sleep = "closed", request = "closed", join = "closed",
        wait = "closed" }, told)
    end)

    it("ends a fiber that waits again, and again", function()
      local server, rounds = silent_server(), {}
      for name, wait in pairs{
        sleep = function() loop:sleep(60) end,
        request = function() get(server) end,
        wait = function() loop:wait("k", 60) end,
      } do
        rounds[name] = 0
        loop:spawn(function()
          while rounds[name] < 100 do
            pcall(wait)
            if loop.closed then
              rounds[name] = rounds[name] + 1
            end
          end
        end)
      end
      loop:step(0.01)
      loop:close()
      assert.same({ sleep = 1, request = 1, wait = 1 }, rounds)
      assert.equal(0, loop.live)
    end)

    it("by a fiber that was cancelled lets that fiber wait no more", function()
      local waited = 0
      local fiber
      fiber = loop:spawn(function()
        fiber:cancel()
        loop:close()
        for _ = 1, 3 do
          waited = waited + (pcall(loop.sleep, loop, 60) and 1 or 0)
        end
        return "ended"
      end)
      for _ = 1, 3 do
        loop:step(0.01)
      end
      assert.equal(0, waited)
      assert.equal("done", fiber.state)
      assert.equal(0, loop.live)
      assert.equal("ended", (fiber:join()))
    end)

    it("may have a fiber end others, or close again, as it ends", function()
      local queued, others = nil, {}
      for i = 1, 3 do
        others[i] = loop:spawn(function()
          pcall(loop.sleep, loop, 60)
          for _, other in ipairs(others) do
            other:cancel()
          end
          queued:cancel()
          loop:close()
          error("lost", 0)
        end)
      end
      loop:step(0.01)
      queued = loop:spawn(error)
      loop:close()
      assert.equal(0, loop.live)
      for i = 1, 3 do
        assert.is_nil((others[i]:join()))
      end
    end)

    it("tells on_error of another error that a fiber raises as it ends", function()
      local errs = {}
      local own = wxbot.loop{ on_error = function(err, fiber)
        assert.equal("done", fiber.state)
        errs[#errs + 1] = err
      end }
      for _, message in ipairs{ "a", "b" } do
        own:spawn(function()
          local _, err = pcall(own.sleep, own, 60)
          error(("%s: %s"):format(message, err.kind))
        end)
      end
      own:spawn(own.sleep, own, 60)
      own:step(0.01)
      own:close()
      table.sort(errs)
      assert.equal(2, #errs)
      assert.is_truthy(errs[1]:find("a: closed\nstack traceback", 1, true))
      assert.is_truthy(errs[2]:find("b: closed\nstack traceback", 1, true))
    end)

    it("frees at once what others wait for: the right to fetch a token",
      function()
        local server, fetched = silent_server(), start.scripted{ {
          { "read" }, { "send", answer('{"access_token":"AT","expires_in":7200}') } } }
        local store = require "wxbot.store.memory".new()
        local function source(url, transport)
          return assert(wxbot.access_token{ appid = "wx1", secret = "s",
            kind = "classic", store = store, timeout = 20,
            base_url = url, transport = transport })
        end
        assert(loop:fd())
        local first, before = source(server.url, loop), sockets()
        loop:spawn(function() first:get() end)
        wait_for(function() return sockets() == before + 1 end)
        loop:close()
        local began = core.now()
        assert.equal("AT", source(fetched.url, wxbot.curl()):get())
        assert.is_true(core.now() - began < 10)
      end)

    it("makes later calls fail, and later fibers a mistake", function()
      loop:close()
      local _, err = loop:request{ url = "http://127.0.0.1:1/" }
      assert.equal("closed", err.kind)
      assert.is_false(err.sent)
      _, err = loop:sleep(1)
      assert.equal("closed", err.kind)
      local ok, message = pcall(function() loop:spawn(print) end)
      assert.is_false(ok)
      assert.matches("loop_spec.lua:%d+: loop:spawn: the loop is closed",
        message)
    end)

    it("is not needed: a loop that is forgotten frees its connections",
      function()
        local server, before = silent_server(), sockets()
        do
          local own = wxbot.loop()
          assert(own:fd())
          local open = sockets()
          for _ = 1, 5 do
            own:spawn(function()
              own:request{ url = server.url, timeout = 60 }
            end)
          end
          local ends = own:now() + 60
          repeat
            own:step()
          until sockets() == open + 5 or own:now() > ends
          assert.equal(open + 5, sockets())
        end
        assert.equal(before, sockets())
      end)
  end)

  describe("a bot", function()
    local function bot_on(server, transport, more)
      local options = { appid = "A", token = canary.credentials.token, aes_key = AES_KEY,
        base_url = server.url, transport = transport or loop }
      for name, value in pairs(more or {}) do
        options[name] = value
      end
      return assert(wxbot.new(options))
    end

    local REPLY = answer('{"ret":0,"answer":"hi","answer_type":"text",'
      .. '"status":"FAQ"}')

    it("asks the same way inside and outside", function()
      local bot = bot_on(server_after(0.01, REPLY))
      assert.equal("hi", assert(bot:ask{ userid = "u", query = "q" }).answer)
      local fiber = loop:spawn(function()
        return assert(bot:ask{ userid = "u", query = "q" }).answer
      end)
      assert.equal("hi", fiber:join())
    end)

    it("asks for one user one after another, for others meanwhile",
      function()
        local server = server_after(0.02, REPLY)
        local asking, asked, together = {}, {}, 0
        local transport = setmetatable({ request = function(_, req)
          local signed = req.body:match('"signature":"([^"]*)"')
          local user = wxbot.jwt.decode(signed, AES_KEY).userid
          assert.is_nil(asking[user])
          asking[user] = true
          local list = asked[user] or {}
          asked[user], list[#list + 1] = list, req.body:match('"query":"(.-)"')
          local n = 0
          for _ in pairs(asking) do
            n = n + 1
          end
          together = math.max(together, n)
          local response, err = loop:request(req)
          asking[user] = nil
          return response, err
        end }, { __index = function(_, name)
          return type(loop[name]) == "function" and function(_, ...)
            return loop[name](loop, ...)
          end or nil
        end })
        local bot, fibers = bot_on(server, transport), {}
        for i = 0, 63 do
          fibers[i + 1] = loop:spawn(function()
            return assert(bot:ask{ userid = "u" .. i % 8,
              query = ("%d"):format(i) }).answer
          end)
        end
        assert.equal(64, #loop:gather(fibers))
        for user = 0, 7 do
          local expected = {}
          for i = user, 63, 8 do
            expected[#expected + 1] = ("%d"):format(i)
          end
          assert.same(expected, asked["u" .. user])
        end
        assert.is_true(together > 1)
        assert.same({}, loop.waiting)
      end)

    it("gives up in time when earlier asks of the user take too long",
      function()
        local bot = bot_on(silent_server(), nil, { retry = false })
        local first = loop:spawn(function()
          return bot:ask({ userid = "u", query = "1" }, { timeout = 0.5 })
        end)
        local second = loop:spawn(function()
          return bot:ask({ userid = "u", query = "2" }, { timeout = 0.2 })
        end)
        local began = loop:now()
        local _, err = second:join()
        assert.is_true(loop:now() - began < 0.2 + 0.25)
        assert.equal("timeout", err.kind)
        assert.is_false(err.sent)
        assert.equal("timeout", select(2, first:join()).kind)
        assert.same({}, loop.waiting)
      end)

    it("lets the next ask go on when one yields by itself", function()
      local server, yielded = server_after(0.01, REPLY), false
      loop:close()
      loop = wxbot.loop{ on_error = function()
        collectgarbage()
        collectgarbage()
      end }
      local bot = bot_on(server, loop, { timeout = 20, on_call = function()
        if not yielded then
          yielded = true
          coroutine.yield()
        end
      end })
      local began = loop:now()
      for _ = 1, 2 do
        loop:spawn(function() bot:ask{ userid = "u", query = "q" } end)
      end
      loop:run()
      assert.is_true(yielded)
      assert.is_true(loop:now() - began < 15)
    end)

    it("lets the next ask go on when one is cancelled", function()
      local bot = bot_on(server_after(0.1, REPLY))
      local fibers = {}
      for i = 1, 4 do
        fibers[i] = loop:spawn(function()
          return assert(bot:ask{ userid = "u", query = "q" }).answer
        end)
      end
      wait_for(function() return fibers[4].state == "waiting" end)
      fibers[1]:cancel()
      fibers[2]:cancel()
      local results, errs = loop:gather(fibers)
      assert.same({ n = 4, nil, nil, "hi", "hi" }, results)
      assert.equal("cancelled", errs[1].kind)
      assert.equal("cancelled", errs[2].kind)
      assert.same({}, loop.waiting)
    end)

    it("says to who waits for a turn that the bot was closed", function()
      local bot = bot_on(server_after(0.1, REPLY))
      loop:spawn(bot.ask, bot, { userid = "u", query = "q" })
      local second = loop:spawn(bot.ask, bot, { userid = "u", query = "q" })
      wait_for(function() return second.state == "waiting" end)
      bot:close()
      local reply, err = second:join()
      assert.is_nil(reply)
      assert.equal("closed", err.kind)
      loop:run()
    end)

    -- A transport below which every call takes a moment, over the network,
    -- and then is answered by `reply(number of the call)`.
    local function slowly(server, reply)
      local flying, most, calls = 0, 0, 0
      return setmetatable({ request = function(_, req)
        calls = calls + 1
        local number = calls
        flying = flying + 1
        most = math.max(most, flying)
        local response, err = loop:request{ url = server.url .. "/",
          timeout = req.timeout }
        flying = flying - 1
        if not response then
          return nil, err
        end
        return reply(number, req)
      end, most = function() return most, calls end }, {
        __index = function(_, name)
          return type(loop[name]) == "function" and function(_, ...)
            return loop[name](loop, ...)
          end or nil
        end })
    end

    local TAGGED = { status = 200, headers = {}, body = '{"errcode":0}' }

    local function tag(bot, n, more)
      local params = { appid = "wx1", category = "c", label = "l",
        desc = "d", list = {}, batch = 10 }
      for i = 1, n do
        params.list[i] = "o" .. i
      end
      for name, value in pairs(more or {}) do
        params[name] = value
      end
      return bot:tag(params)
    end

    it("tags several batches at a time, and tells of them in order",
      function()
        local server, told = server_after(0.02), {}
        local transport = slowly(server, function() return TAGGED end)
        local bot = bot_on(server, transport)
        local result = loop:spawn(tag, bot, 95, {
          on_progress = function(done) told[#told + 1] = done end }):join()
        assert.same({ done = 95, batches = 10 }, result)
        assert.same({ 10, 20, 30, 40, 50, 60, 70, 80, 90, 95 }, told)
        assert.equal(4, (transport.most()))
        assert.same({ done = 95, batches = 10 }, tag(bot, 95))
        loop:spawn(tag, bot, 95, { parallel = 7 }):join()
        assert.equal(7, (transport.most()))
      end)

    it("says after a failed batch what is certain, and loses no other",
      function()
        local server = server_after(0.01)
        local refused = { status = 200, headers = {},
          body = '{"errcode":1009,"errmsg":"no"}' }
        local transport = slowly(server, function(number)
          return (number == 3 or number == 5) and refused or TAGGED
        end)
        local bot = bot_on(server, transport)
        local result, err = loop:spawn(tag, bot, 95):join()
        assert.is_nil(result)
        assert.same({ 20, 21, 1009 }, { err.done, err.next, err.code })
        local uncertain = {}
        for i = 21, 30 do
          uncertain[#uncertain + 1] = "o" .. i
        end
        for i = 41, 50 do
          uncertain[#uncertain + 1] = "o" .. i
        end
        assert.same(uncertain, err.batch)
        assert.equal(6, select(2, transport.most()))
      end)

    it("repeats a batch of unknown outcome though others have begun",
      function()
        local server = server_after(0.01)
        local transport = slowly(server, function(number)
          if number == 1 then
            return nil, errors.new{ kind = "timeout", message = "?" }
          end
          return TAGGED
        end)
        local bot = bot_on(server, transport, { retry = { base = 0.01 } })
        local result = loop:spawn(tag, bot, 50):join()
        assert.equal(50, result.done)
        assert.equal(6, select(2, transport.most()))
      end)

    it("sends no further batch when its fiber is cancelled", function()
      local server = server_after(0.05)
      local transport = slowly(server, function() return TAGGED end)
      local fiber = loop:spawn(tag, bot_on(server, transport), 500)
      wait_for(function() return select(2, transport.most()) == 4 end)
      fiber:cancel()
      local _, err = fiber:join()
      loop:run()
      assert.equal("cancelled", err.kind)
      assert.equal(4, select(2, transport.most()))
    end)

    it("follows several tasks at the same time", function()
      local server = server_after(0.02)
      local transport = slowly(server, function(number)
        return { status = 200, headers = {}, body =
          ('{"code":0,"data":{"state":%d,"progress":50}}'):format(
            number <= 6 and 1 or 2) }
      end)
      local bot, fibers = bot_on(server, transport), {}
      for i = 1, 3 do
        fibers[i] = loop:spawn(function()
          return bot:wait_task{ openid = "a", task_id = "t" .. i,
            interval = 0.1 }
        end)
      end
      local began = loop:now()
      local results = loop:gather(fibers)
      for i = 1, 3 do
        assert.equal("success", results[i].state_name)
      end
      assert.is_true(loop:now() - began < 0.25 + 0.06 + SLACK)
    end)
  end)

  describe("Ctrl-C", function()
    it("ends run, in whatever its fibers wait for", function()
      local server = silent_server()
      local child = start.run(LUA .. " " .. start.file(([[
        local loop = require "wxbot".loop()
        loop:spawn(function() loop:request{ url = "%s/", timeout = 30 } end)
        loop:spawn(function() loop:sleep(30) end)
        print("ready") io.stdout:flush()
        loop:run()
        print("went on")]]):format(server.url)))
      child:expect("^ready")
      loop:sleep(0.3)
      local began = loop:now()
      child:signal("INT")
      assert.matches("interrupted", child:line())
      assert.is_true(loop:now() - began < 2)
    end)
  end)

  it("passes on that a file of authorities cannot be read", function()
    local own = wxbot.loop{ ca_file = "/nowhere/ca.pem" }
    local server = silent_server()
    local _, err = own:request{ url = server.url:gsub("http:", "https:") }
    own:close()
    assert.equal("tls", err.kind)
    assert.matches("/nowhere/ca.pem", err.message)
  end)

  it("keeps the clock of its client", function()
    assert.is_true(math.abs(loop:now() - core.now()) < SLACK)
  end)

  describe("what a review found:", function()
    it("a step of no second does not do all at once", function()
      local server = server_after(0.05)
      local ended = 0
      for _ = 1, 60 do
        loop:spawn(function()
          get(server)
          ended = ended + 1
        end)
      end
      local most, ends = 0, loop:now() + 10
      while loop:step(0) > 0 and loop:now() < ends do
        local before = ended
        loop:step(0)
        most = math.max(most, ended - before)
      end
      assert.equal(60, ended)
      assert.is_true(most <= 5, most .. " calls ended in one step")
    end)

    it("fibers wait until they are woken, or their time is over", function()
      local what, got = {}, {}
      for i, seconds in ipairs{ 30, 30, 0.01 } do
        loop:spawn(function()
          got[i] = loop:wait(what, seconds)
        end)
      end
      loop:spawn(function()
        loop:sleep(0.05)
        loop:wake({})
        assert.same({ nil, nil, false }, got)
        loop:wake(what)
      end)
      local began = loop:now()
      loop:run()
      assert.same({ true, true, false }, got)
      assert.is_true(loop:now() - began < 10)
      assert.is_nil(next(loop.waiting))
    end)

    it("a fiber that waits can be cancelled, and nobody else wait", function()
      local waiter = loop:spawn(function() loop:wait("k", 30) end)
      loop:spawn(function() waiter:cancel() end)
      assert.equal("cancelled", select(2, waiter:join()).kind)
      assert.is_nil(next(loop.waiting))
      assert.has_error(function() loop:wait("k", 1) end,
        "loop:wait: only a fiber of the loop can wait")
    end)

    it("an error is told though its waiter was cancelled", function()
      local failing = loop:spawn(function() error("lost?", 0) end)
      local waiter
      waiter = loop:spawn(function() failing:join() end)
      loop:spawn(function() waiter:cancel() end)
      local ok, message = pcall(loop.run, loop)
      assert.is_false(ok)
      assert.matches("lost%?", message)
    end)

    it("every error of a list is told, not only the first", function()
      local told = {}
      loop:close()
      loop = wxbot.loop{ on_error = function(err)
        told[#told + 1] = err:match("^[^\n]*")
      end }
      local list = {
        loop:spawn(function() error("one", 0) end),
        loop:spawn(function() error("two", 0) end),
      }
      local ok, message = pcall(loop.gather, loop, list)
      assert.is_false(ok)
      assert.matches("^one", message)
      loop:step()
      assert.same({ "two" }, told)
    end)

    it("no batch of a cancelled bot:tag goes on", function()
      local server = silent_server()
      local bot = assert(wxbot.new{ appid = "A", token = canary.credentials.token,
        aes_key = AES_KEY, base_url = server.url, transport = loop,
        timeout = 60, retry = false })
      local fiber = loop:spawn(function()
        return bot:tag{ appid = "wx", category = "c", label = "l",
          desc = "d", list = { "a", "b", "c" }, batch = 1 }
      end)
      local ends = loop:now() + 0.2
      while loop:now() < ends do
        loop:step()
      end
      fiber:cancel()
      loop:run()
      assert.is_true(loop:now() < ends + 5)
    end)

    it("a request after close says that the loop is closed", function()
      loop:close()
      local _, err = loop:request{ url = "http://127.0.0.1:1/" }
      assert.equal("closed", err.kind)
      assert.matches("the loop is closed", err.message)
    end)
  end)
end)
