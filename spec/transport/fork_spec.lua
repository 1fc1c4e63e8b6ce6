-- Without this a process that forks mixes up its answers with its child's.
--
-- Processes that fork after they have called: what is open belongs to the
-- parent, and each process gets its own answers.

local secure = require "spec.server.secure"
local socket = require "socket"
local start = require "spec.server.start"

-- How often each way is tried; in a loop over all of them.
local RUNS = os.getenv("WXBOT_FORKS") or "3"

-- This Lua, for processes that fork.
local LUA = type(jit) == "table" and "luajit" or start.LUA

local ECHO = { { { "echo", 0.003 }, { "again" } }, quiet = true }

describe("a process that forks", function()
  setup(function()
    start.process()
  end)

  after_each(function()
    start.stop_all()
  end)

  -- What went wrong, a line each; and how many ways were tried.
  local function try(url, ca_file)
    local child = start.run(("%s spec/support/forking.lua %s %s %s"):format(LUA,
      url, RUNS, ca_file or ""))
    local bad, count = {}, 0
    for line in function() return child:line() end do
      count = count + 1
      if not line:find(" 0 crossed, 0 lost$") then
        bad[#bad + 1] = line
      end
    end
    return bad, count
  end

  it("gets its own answers, and so does its child", function()
    local bad, count = try(start.scripted(ECHO).url)
    assert.same({}, bad)
    assert.equal(28, count)
  end)

  it("gets its own answers over TLS, and so does its child", function()
    local folder = start.authority()
    finally(function()
      start.remove_folder(folder)
    end)
    local url = secure(start.scripted(ECHO).url, folder).url
    local bad, count = try(url, folder .. "/ca.pem")
    assert.same({}, bad)
    assert.equal(24, count)
  end)

  local PRELUDE = [[
    local core = require "wxbot.curl"
    local process = require "spec.process"
    local wxbot = require "wxbot"
    io.stdout:setvbuf("no")
    local url = "%s"
    local function post(body)
      return { method = "POST", url = url, body = body, timeout = 5 }
    end
    local function say(who, answer, err)
      print(who, answer and answer.body or err.kind .. " " .. tostring(err.sent))
    end
    -- Does it in a child, and waits for that; it must end well, and soon.
    local function in_child(fn)
      local pid = process.fork()
      if pid == 0 then
        local ok, err = pcall(fn)
        if not ok then print(err) end
        process.exit(ok and 0 or 1)
      end
      assert(process.wait(pid, 10) == 0, "the child failed")
    end
  ]]

  -- What a program prints that calls a server of that script.
  local function run(code, script)
    local server = start.scripted(script or ECHO)
    local child = start.run(LUA .. " " .. start.file(
      PRELUDE:format(server.url) .. code))
    local lines = {}
    for line in function() return child:line() end do
      lines[#lines + 1] = line:gsub("\t", " ")
    end
    return lines, server
  end

  -- Answers only when both processes have had their say.
  local SLOW = { { { "echo", 0.3 }, { "again" } }, quiet = true }

  it("keeps the call of a fiber; in the child it ends, and the loop goes on",
    function()
      assert.same({ "child closed nil", "child own", "child over",
        "parent first", "parent over" }, (run([[
        local loop, me = wxbot.loop{}, "parent"
        loop:spawn(function()
          local answer, err = loop:request(post "first")
          say(me, answer, err)
          if me == "child" then
            say(me, loop:request(post "own"))
          end
        end)
        loop:spawn(function()
          loop:sleep(0.1)
          local pid = process.fork()
          if pid == 0 then
            me = "child"
          else
            assert(process.wait(pid, 10) == 0)
          end
        end)
        loop:run()
        print(me .. " over")
        os.exit(0, true)]], SLOW)))
    end)

  -- What has begun, and what waits for its turn.
  for name, connections in pairs{ ["on its way"] = 2, ["in the queue"] = 1 } do
    it("keeps a call that is " .. name, function()
      assert.same({ "child closed nil", "child own", "parent first",
        "parent second" }, (run([[
        local client = core.client(nil, nil, ]] .. connections .. [[)
        local first = assert(client:start(post "first"))
        local second = assert(client:start(post "second"))
        local function tell(who, transfer)
          local status, headers, body, sent = transfer:result()
          if status then
            print(who, body)
          else
            assert(headers:find("forked", 1, true))
            print(who, body .. " " .. tostring(sent))
          end
        end
        client:sleep(0.1)
        in_child(function()
          assert(second:done())
          tell("child", second)
          local _, _, body = client:request(post "own")
          print("child", body)
        end)
        while not (first:done() and second:done()) do
          client:poll(1)
          client:step()
        end
        tell("parent", first)
        tell("parent", second)]], SLOW)))
    end)
  end

  it("may cancel, drop and close in the child without an effect", function()
    assert.same({ "parent 1", "parent 2", "parent 3" }, (run([[
      local client = core.client()
      local calls = {}
      for i = 1, 3 do
        calls[i] = assert(client:start(post(tostring(i))))
      end
      client:sleep(0.1)
      in_child(function()
        calls[1]:cancel()
        assert(select(3, calls[1]:result()) == "closed")
        calls[2]:close()
        calls = nil
        collectgarbage()
        collectgarbage()
        client:close()
        assert(select(3, client:start(post "x")) == "closed")
      end)
      for _, call in ipairs(calls) do
        while not call:done() do
          client:poll(1)
          client:step()
        end
        print("parent", (select(3, call:result())))
      end]], SLOW)))
  end)

  it("may have children of children", function()
    assert.same({ "grandchild 3", "child 2", "parent 1" }, (run[[
      local curl = wxbot.curl{}
      assert(curl:request(post "0"))
      in_child(function()
        in_child(function()
          in_child(function()
            say("grandchild", curl:request(post "3"))
          end)
        end)
        say("child", curl:request(post "2"))
      end)
      say("parent", curl:request(post "1"))]]))
  end)

  it("does nothing in a child that waits past the deadline of an old call",
    function()
      assert.same({ "parent" }, (run[[
        local curl, loop = wxbot.curl{}, wxbot.loop{}
        local request = post "x"
        request.timeout = 0.5
        assert(curl:request(request))
        loop:spawn(function() assert(loop:request(request)) end)
        loop:run()
        in_child(function()
          require "socket".sleep(0.6)
          assert(loop:timeout() == nil)
          local began = os.clock()
          curl:sleep(0.5)
          loop:spawn(function() loop:sleep(0.5) end)
          loop:run()
          assert(os.clock() - began < 0.3, "it was busy")
        end)
        print "parent"]]))
    end)

  it("leaves nothing open in a child that never calls", function()
    local server = start.scripted{ { { "echo" }, { "again" } } }
    local child = start.run(LUA .. " " .. start.file(
      PRELUDE:format(server.url) .. [[
      local curl = wxbot.curl{}
      assert(curl:request(post "x"))
      local pid = process.fork()
      if pid == 0 then
        require "socket".sleep(15)
        process.exit(0)
      end
      curl:close()
      print(pid)
      process.wait(pid, 20)]]))
    local pid = child:expect("^(%d+)$")
    local begun = socket.gettime()
    server:expect("^eof")
    assert.is_true(socket.gettime() - begun < 5)
    os.execute("kill -KILL " .. pid)
  end)

  -- libcurl closes some of its sockets without a word to us.
  it("leaves the child what was opened by the numbers of old sockets", function()
    assert.same({ "child right" }, (run[[
      local curl = wxbot.curl{}
      assert(curl:request(post "x"))
      for _, host in ipairs{ "127.0.0.1:1", "[::1]:1", "localhost:1" } do
        assert(not curl:request{ url = "http://" .. host })
      end
      local files = {}
      for i = 1, 20 do
        files[i] = io.tmpfile()
      end
      in_child(function()
        for i = 1, 20 do
          assert(files[i]:write("right") and files[i]:flush())
        end
        say("child", { body = "right" })
      end)]]))
  end)

  it("does not close what the child has opened by those numbers", function()
    assert.same({ "child x", "child right" }, (run[[
      local curl = wxbot.curl{}
      assert(curl:request(post "x"))
      in_child(function()
        for fd = 3, 63 do
          process.close(fd)
        end
        local files = {}
        for i = 1, 20 do
          files[i] = io.tmpfile()
        end
        say("child", curl:request(post "x"))
        for i = 1, 20 do
          assert(files[i]:write("right"))
          assert(files[i]:seek("set") == 0)
          assert(files[i]:read("*a") == "right")
        end
        print("child", "right")
      end)]]))
  end)
end)
