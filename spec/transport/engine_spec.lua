-- Without this a loop's thread outlives what it works for, takes what is the
-- host's, or keeps a call beyond its deadline.
--
-- The thread of a loop: what ends it, and what it may not touch.

local socket = require "socket"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

-- This Lua, for processes that end in the middle of calls.
local LUA = type(jit) == "table" and "luajit" or "lua5.4"

-- A message of TLS that OpenSSL skips, were there no end of them, instead of
-- coming back: it is in a record of its own.
local HELLO_REQUEST = "\22\3\3\0\4\0\0\0\0"

describe("the thread of a loop", function()
  after_each(start.stop_all)

  local function silent()
    return start.scripted{ { { "read" }, { "sleep", 60 } }, quiet = true }.url
  end

  local function flood()
    return (start.scripted{ { { "flood", HELLO_REQUEST:rep(200000), 1e6 } },
      quiet = true }.url:gsub("http:", "https:"))
  end

  describe("caught in a flood that never lets it go", function()
    local loop

    before_each(function()
      loop = wxbot.loop{}
    end)

    after_each(function()
      loop:close()
    end)

    it("keeps no call beyond its deadline, and no step", function()
      local url, longest = flood(), 0
      local fiber = loop:spawn(function()
        return loop:request{ url = url, timeout = 0.5 }
      end)
      local began = loop:now()
      repeat
        local before = os.clock() -- of this process, its thread included
        local wall = loop:now()
        loop:step()
        longest = math.max(longest, math.min(os.clock() - before,
          loop:now() - wall))
        socket.sleep(0.002)
      until fiber.state == "done" or loop:now() > began + 20
      assert.is_true(loop:now() - began < 3)
      assert.is_true(longest < 0.1, longest)
      local result, err = fiber:join()
      assert.is_nil(result)
      assert.equal("timeout", err.kind)
      assert.is_nil(err.sent)
    end)

    it("goes on with the other calls after that", function()
      local url = flood()
      local other = start.scripted{ { { "read" }, { "send", OK } } }.url
      local fiber = loop:spawn(function()
        return loop:request{ url = url, timeout = 0.3 }
      end)
      local second = loop:spawn(function()
        loop:sleep(0.1)
        return loop:request{ url = other, timeout = 20 }
      end)
      assert.is_nil((fiber:join()))
      assert.equal("ok", second:join().body)
    end)

    it("lets a call outside of a fiber end, and the loop be closed", function()
      local url, began = flood(), loop:now()
      local result, err = loop:request{ url = url, timeout = 0.3 }
      assert.is_nil(result)
      assert.equal("timeout", err.kind)
      loop:spawn(loop.request, loop, { url = url, timeout = 30 })
      loop:step()
      socket.sleep(0.1)
      loop:close()
      assert.is_true(loop:now() - began < 4)
    end)
  end)

  -- How a process ends that has calls on their way: its lines.
  local function ending(url, code)
    local child = start.run("sh -c '" .. LUA .. " " .. start.file(([[
      local socket = require "socket"
      local wxbot = require "wxbot"
      local loop, url = wxbot.loop{}, %q
      for _ = 1, 64 do
        loop:spawn(loop.request, loop, { url = url, timeout = 60 })
      end
      for _ = 1, 100 do
        loop:step()
        socket.sleep(0.001)
      end
      %s
    ]]):format(url, code)) .. "; echo status $?'")
    local began, lines = socket.gettime(), {}
    for line in function() return child:line() end do
      lines[#lines + 1] = line
    end
    assert.is_true(socket.gettime() - began < 10)
    return lines
  end

  for name, serve in pairs{ ["64 calls"] = silent, ["a flood"] = flood } do
    for how, code in pairs{
      ["returns"] = "",
      ["forgets the loop"] = "loop = nil collectgarbage() collectgarbage()",
      ["exits"] = "os.exit(0)",
      ["exits and closes its state"] = "os.exit(0, true)",
      ["does that in a fiber"] =
        "loop:spawn(function() os.exit(0, true) end) loop:run()",
      ["closes the loop"] = "loop:close()",
    } do
      it("lets a process end that " .. how .. " in the middle of " .. name,
        function()
          assert.same({ "status 0" }, ending(serve(), code))
        end)
    end
  end

  it("says not sent of what it may not send any more", function()
    local server = start.scripted{ { { "echo" }, { "again" } } }
    local loop, unsent = wxbot.loop{}, {}
    local kinds = {}
    for i = 1, 300 do
      local name = ("call-%03d."):format(i)
      local fiber = loop:spawn(function()
        return loop:request{ method = "POST", url = server.url .. "/" .. name,
          body = "x" }
      end)
      loop:step()
      local ends = loop:now() + i % 30 * 2e-5
      repeat until loop:now() >= ends
      fiber:cancel()
      loop:step()
      local result, err = fiber:join()
      local kind = result and "answered" or tostring(err.sent)
      kinds[kind] = (kinds[kind] or 0) + 1
      if err and err.sent == false then
        unsent[#unsent + 1] = name
      end
    end
    loop:close()
    local seen = table.concat(server:stop(), "\n")
    for _, name in ipairs(unsent) do
      assert.is_nil(seen:find(name, 1, true), name)
    end
    assert.is_true(kinds["false"] > 0)
  end)

  -- The threads of this process, by what /proc says of each.
  local function threads()
    local list = {}
    for id in start.output_of("ls /proc/$PPID/task"):gmatch("[0-9]+") do
      local file = io.open("/proc/self/task/" .. id .. "/status")
      if file then
        list[#list + 1] = file:read("*a")
        file:close()
      end
    end
    return list
  end

  it("is begun by the first call, takes no signal, and ends with the loop",
    function()
      local before = #threads()
      local loop, url = wxbot.loop{}, silent()
      assert.equal(before, #threads())
      loop:spawn(loop.request, loop, { url = url, timeout = 60 })
      loop:step()
      local list = threads()
      assert.equal(before + 1, #list)
      local blocked = 0
      for _, status in ipairs(list) do
        local mask = status:match("SigBlk:%s*[0-9a-f]*([0-9a-f][0-9a-f][0-9a-f]"
          .. "[0-9a-f][0-9a-f])")
        -- 1 to 20, without 9 and 19, which nobody can block
        blocked = blocked + (mask == "bfeff" and 1 or 0)
      end
      assert.equal(1, blocked)
      loop:close()
      assert.equal(before, #threads())
    end)

  it("gives no connection to programs that are started meanwhile", function()
    local server = start.scripted{ { { "read" }, { "read" } } }
    local loop = wxbot.loop{}
    loop:spawn(loop.request, loop, { url = server.url, timeout = 60 })
    loop:step()
    server:expect("^request")
    local program = io.popen("sleep 20 & echo $!")
    local pid = program:read("*l")
    local began = loop:now()
    loop:close()
    server:expect("^eof")
    assert.is_true(loop:now() - began < 10)
    os.execute("kill " .. pid)
    program:close()
  end)

  it("is not there for calls that block", function()
    local before = #threads()
    local url = start.scripted{ { { "read" }, { "send", OK } } }.url
    local curl = wxbot.curl{}
    assert(curl:request{ url = url })
    assert.equal(before, #threads())
    curl:close()
  end)
end)
