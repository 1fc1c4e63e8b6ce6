-- Without this one call of a loop takes from the others what they need: room
-- for answers, the thread, the word that one is over, or the processor.
--
-- What the calls of a loop share, and who gives it back.

local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local MB = 1024 * 1024

-- A message of TLS that OpenSSL skips, in a record of its own.
local HELLO_REQUEST = "\22\3\3\0\4\0\0\0\0"

local function answer(length, body)
  return ("HTTP/1.1 200 OK\r\nContent-Length: %.0f\r\n\r\n"):format(length)
    .. (body or ("x"):rep(length))
end

describe("the calls of a loop", function()
  local loop

  before_each(function()
    loop = wxbot.loop{}
  end)

  after_each(function()
    loop:close()
    start.stop_all()
  end)

  local function server(...)
    return start.scripted{ { { "read" }, ... }, quiet = true }.url
  end

  local function small()
    return server({ "send", answer(2, "ok") }, { "again" })
  end

  local function call(url, timeout)
    return loop:request{ url = url, timeout = timeout or 5, max_body = 2 * MB }
  end

  -- Steps until these are done, or a time is over.
  local function step(fibers, seconds)
    local ends, live = loop:now() + seconds, #fibers
    while live > 0 and loop:now() < ends do
      loop:step()
      socket.sleep(0.001)
      live = 0
      for _, fiber in ipairs(fibers) do
        live = live + (fiber.state == "done" and 0 or 1)
      end
    end
  end

  -- Fibers whose answers of 1 MiB are done, and whom no step has told.
  local function untaken(n)
    local url, fibers = server({ "send", answer(MB) }, { "again" }), {}
    for i = 1, n do
      fibers[i] = loop:spawn(call, url, 20)
    end
    loop:step(1)
    socket.sleep(1)
    return fibers
  end

  it("begin though many before them ended in the middle of much", function()
    local url, fibers = server({ "send", answer(2 * MB, ("x"):rep(MB)) },
      { "close" }), {}
    for i = 1, 20 do
      fibers[i] = loop:spawn(call, url)
    end
    for _, fiber in ipairs(fibers) do
      local result, err = fiber:join()
      assert.is_nil(result)
      assert.equal("transport", err.kind)
    end
    assert.equal("ok", assert(loop:spawn(call, small(), 1):join()).body)
  end)

  it("begin outside of fibers while those have not taken theirs", function()
    local url, fibers = small(), untaken(18)
    assert.equal("ok", assert(call(url, 1)).body)
    for _, fiber in ipairs(fibers) do
      assert.equal(MB, #assert(fiber:join()).body)
    end
  end)

  it("wait without work outside of fibers when others are over", function()
    local url, slow = small(), server({ "sleep", 0.6 }, { "send", answer(0) })
    local fiber = loop:spawn(call, url)
    loop:step()
    socket.sleep(0.1)
    local began = os.clock()
    assert(call(slow))
    assert.is_true(os.clock() - began < 0.2, os.clock() - began)
    assert(fiber:join())
  end)

  for name, wait in pairs{
    ["a call"] = function() return call(server({ "sleep", 0.3 },
      { "send", answer(0) })) end,
    ["a sleep"] = function() return loop:sleep(0.3) end,
  } do
    it("are told of by the descriptor when over during " .. name, function()
      local fd = assert(loop:fd())
      local fiber = loop:spawn(call, small())
      loop:step()
      assert(wait())
      local one = { getfd = function() return fd end,
        dirty = function() return false end }
      assert.equal(one, socket.select({ one }, nil, 0.5)[1])
      loop:step()
      assert.equal("done", fiber.state)
    end)
  end

  it("go on when one is cancelled that the thread was caught in", function()
    local flood = start.scripted{ { { "flood", HELLO_REQUEST:rep(200000), 1e6 }
      }, quiet = true }.url:gsub("http:", "https:")
    local url = small()
    local caught = loop:spawn(call, flood, 60)
    loop:step()
    socket.sleep(0.3)
    caught:cancel()
    local other = loop:spawn(call, url, 3)
    step({ other }, 5)
    assert.equal("ok", assert(other:join()).body)
  end)
end)

describe("the sockets of a host", function()
  -- Listens at a port, at both addresses of this machine, and lets nobody in
  -- before it is told to.
  local function full_house()
    local four, six, guests = socket.tcp4(), socket.tcp6(), {}
    assert(four:bind("127.0.0.1", 0) and four:listen(0))
    local _, port = four:getsockname()
    six:setoption("ipv6-v6only", true)
    assert(six:bind("::1", port) and six:listen(0))
    for i = 1, 6 do
      guests[i] = i % 2 == 0 and socket.tcp4() or socket.tcp6()
      guests[i]:settimeout(0)
      guests[i]:connect(i % 2 == 0 and "127.0.0.1" or "::1", port)
    end
    return { four, six }, guests, port
  end

  local function accept_and_answer(listeners, conns)
    for _, listener in ipairs(listeners) do
      listener:settimeout(0)
      conns[#conns + 1] = listener:accept()
    end
    for _, conn in ipairs(conns) do
      conn:settimeout(0)
      local asked, line = false
      repeat
        line = conn:receive("*l")
        asked = asked or line == ""
      until not line
      if asked then
        conn:send(answer(2, "ok"))
      end
    end
  end

  it("are never taken for one of a loop's, whatever numbers they get", function()
    local probe = socket.tcp6()
    if not probe or not probe:bind("::1", 0) then
      return pending("no IPv6 here")
    end
    probe:close()
    local listeners, guests, port = full_house()
    local loop, conns = wxbot.loop{}, {}
    local function call(wait)
      local fiber = loop:spawn(loop.request, loop, { timeout = 9,
        connect_timeout = 8, url = ("http://localhost:%.0f/"):format(port) })
      local opens, ends = loop:now() + wait, loop:now() + 9
      repeat
        loop:step()
        socket.sleep(0.002)
        if loop:now() > opens then
          for _, guest in ipairs(guests) do
            guest:close()
          end
          accept_and_answer(listeners, conns)
        end
      until fiber.state == "done" or loop:now() > ends
      assert.equal("ok", assert(fiber:join()).body)
    end
    call(0.5) -- by then both addresses are being tried
    -- The number of the one that came second is free now.
    local server, pairs_of = assert(socket.bind("127.0.0.1", 0)), {}
    local _, own_port = server:getsockname()
    for i = 1, 6 do
      local client = assert(socket.connect("127.0.0.1", own_port))
      pairs_of[i] = { client, server:accept() }
      pairs_of[i][2]:send("unread\n")
    end
    call(0)
    for _, pair in ipairs(pairs_of) do
      assert(pair[1]:send("x"))
    end
    loop:close()
  end)
end)
