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
