-- Defines the specs of how a transport, and a bot on it, takes a server that
-- breaks in every way of spec/server/faults.lua.
--
--   faults("curl", {
--     transport = function() return … end,
--     run = function(body) … end,     runs a spec's body; nil: as it is
--     secure = function(ca_file) … end,   as transport, and trusts the
--                                     authorities of that file
--     authority = folder,             with what authority.sh has made, where
--                                     the trust is settled; nil: makes one
--   })

local busted = require "busted"
local canary = require "spec.support.canary"
local faults = require "spec.server.faults"
local lfs = require "lfs"
local start = require "spec.server.start"
local wxbot = require "wxbot"

-- Only the spec files themselves have them as globals.
local assert, describe, it = busted.assert, busted.describe, busted.it
local setup, teardown = busted.setup, busted.teardown

-- What the documents print; it must not show up in an error.
local TOKEN = canary.credentials.token
local AES_KEY = canary.credentials.aes_key

-- Seconds: of a call that meets a server which says nothing, of one of many
-- such, of any other, and how late the end may come.
local SHORT, BRIEF, LONG, LATE = 0.3, 0.05, 5, 0.25

-- KiB that a process may grow by in three rounds of all faults.
local ROOM = 4096

-- Larger than what sockets take in: most of it is still to be sent.
local LARGE = ("x"):rep(2 ^ 24)
local RESETS_WITHIN_BODY = { { "take", 65536 }, { "reset" } }

local CALLS = {
  never = function(bot, options)
    return bot:aibot({ signature = "s", query = "q" }, options)
  end,
  always = function(bot, options)
    return bot:task_fetch({ openid = "o", task_id = "t" }, options)
  end,
  unless_newer = function(bot, options)
    return bot:label_batchset({ appid = "wx", category = "c", label = "l",
      desc = "d", list = { "o" } }, options)
  end,
}

-- Where nobody repeats, one class stands for all.
local function classes_of(outcome)
  if outcome.repeats then
    return { "never", "always", "unless_newer" }
  end
  return { "never" }
end

local function scripts_of(steps)
  local list = {}
  for i, step in ipairs(steps) do
    list[i] = step
    if step[1] == "good" then
      for j, good in ipairs(faults.good) do
        list[i + j - 1] = good
      end
      list[#list] = { "again", i }
    end
  end
  return { list, faults.good }
end

-- A port for each fault and class.
local function serve()
  local scripts = {}
  for i, fault in ipairs(faults.list) do
    for _, class in ipairs(classes_of(fault.outcome)) do
      local script = scripts_of(fault.steps)
      script.backlog = fault.backlog
      scripts[class .. i] = script
    end
  end
  return start.named(scripts)
end

local function contains(list, value)
  for _, item in ipairs(list or {}) do
    if item == value then
      return true
    end
  end
  return false
end

local function assert_failure(fault, err)
  local outcome = fault.outcome
  assert.is_true(contains(outcome.kinds, err.kind),
    ("kind %s: %s"):format(err.kind, tostring(err)))
  local sent = fault.sent
  if sent == nil then
    sent = outcome.sent
  end
  if sent ~= "any" then
    assert.equal(sent, err.sent)
  elseif err.kind == "transport" and fault.requests == 1 then
    assert.is_not_false(err.sent)
  end
  if fault.status then
    assert.equal(fault.status, err.status)
  end
  for _, value in pairs(err) do
    assert.is_nil(tostring(value):find(TOKEN, 1, true))
    assert.is_nil(tostring(value):find("/openapi", 1, true))
  end
end

local function may_repeat(fault, class)
  local repeats = fault.outcome.repeats
  return fault.again ~= false and fault.backlog == nil
    and (repeats == "all" or repeats == "others" and class ~= "never")
end

-- What a call must have come to, with its repeats.
local function assert_outcome(fault, class, result, err)
  local outcome = fault.outcome
  if may_repeat(fault, class) or outcome.fine and not outcome.kinds then
    assert.is_nil(err, tostring(err))
    assert.is_table(result)
  elseif err then
    assert.is_table(outcome.kinds, tostring(err))
    assert_failure(fault, err)
  else
    assert.is_true(outcome.fine, "a result")
  end
end

-- How many requests the server must have read by then: at least, at most.
local function expected_requests(fault, class)
  local least = fault.requests
  if may_repeat(fault, class) then
    return least + 1, least + 1
  elseif fault.outcome.fine and least == 0 then
    return 0, 1
  end
  return least, least
end

-- Whole requests that the server read before the one that comes last.
local function requests_before(server, name, last)
  local count = 0
  while true do
    local head = server:expect("^" .. name .. " request %d+ %S+ (.*)")
    if head:find(last, 1, true) then
      return count
    end
    count = count + 1
  end
end

-- The next call on the same bot goes through; how many were seen before it.
local function go_on(bot, server, name)
  local result, err = bot:sign{ userid = "next" }
  assert.is_nil(err, tostring(err))
  assert.equal("s", result.signature)
  return requests_before(server, name, "/openapi/sign/")
end

local read = start.read

-- Without those that the next collection would close.
local function count_descriptors()
  collectgarbage()
  collectgarbage()
  local count = 0
  for _ in lfs.dir("/proc/self/fd") do
    count = count + 1
  end
  return count
end

-- KiB, without what the next collection would free.
local function resident()
  collectgarbage()
  collectgarbage()
  return tonumber(read("/proc/self/status"):match("VmRSS:%s+(%d+)"))
end

-- ------------------------------------------------------------------- specs

local function close(transport)
  if transport.close then
    transport:close()
  end
end

-- Makes all those requests, round by round, each on a transport of its own:
-- descriptors and memory (to some KiB of room) must be what they were after
-- the first two rounds.
local function assert_nothing_kept(run, new, requests, room)
  local function rounds(count)
    for _ = 1, count do
      local through = new()
      run(function()
        for _, request in ipairs(requests) do
          through:request(request)
        end
      end)
      close(through)
    end
  end
  rounds(2)
  local descriptors, memory = count_descriptors(), resident()
  rounds(3)
  assert.equal(descriptors, count_descriptors())
  assert.is_true(resident() - memory < (room or ROOM))
end

local function plain(run, make)
  describe("without TLS", function()
    local server, transport

    setup(function()
      server = serve()
      transport = make.transport()
    end)

    teardown(function()
      close(transport)
      start.stop_all()
    end)

    local function bot_on(which)
      return assert(wxbot.new{ appid = "A", token = TOKEN, aes_key = AES_KEY,
        base_url = "http://127.0.0.1:" .. server.ports[which],
        transport = transport,
        retry = { base = 0.005, cap = 0.01 } })
    end

    for i, fault in ipairs(faults.list) do
      for _, class in ipairs(classes_of(fault.outcome)) do
        local timeout = contains(fault.outcome.kinds, "timeout") and SHORT
          or LONG
        it(("takes one that %s (%s)"):format(fault.name, class), function()
          run(function()
            local bot = bot_on(class .. i)
            local begun = transport:now()
            local result, err = CALLS[class](bot, { timeout = timeout })
            assert.is_true(transport:now() - begun < timeout + LATE)
            assert_outcome(fault, class, result, err)
            if not fault.backlog then
              local seen = go_on(bot, server, class .. i)
              local least, most = expected_requests(fault, class)
              assert.is_true(seen >= least and seen <= most,
                seen .. " requests")
            end
          end)
        end)
      end
    end

    it("takes one that resets within the body of a request", function()
      local breaks = start.scripted{ RESETS_WITHIN_BODY, faults.good }
      run(function()
        local req = { method = "POST", timeout = LONG,
          url = breaks.url .. "/", body = LARGE }
        local begun = transport:now()
        local response, err = transport:request(req)
        assert.is_true(transport:now() - begun < LONG + LATE)
        assert.is_nil(response)
        assert.equal("transport", err.kind)
        assert.is_nil(err.sent)
        req.body = "{}"
        assert.equal(200, assert(transport:request(req)).status)
      end)
    end)

    it("keeps no descriptor and no memory of them", function()
      local scripts = {}
      for i, fault in ipairs(faults.list) do
        if not contains(fault.outcome.kinds, "timeout") then
          local list = scripts_of(fault.steps)[1]
          scripts["f" .. i] = { list, backlog = fault.backlog }
        end
      end
      local requests = {}
      for _, port in pairs(start.named(scripts).ports) do
        requests[#requests + 1] = { method = "POST", timeout = LONG,
          body = "{}", url = "http://127.0.0.1:" .. port .. "/" }
      end
      assert_nothing_kept(run, make.transport, requests)
    end)

    -- An allocator may keep the room of one such body for the next.
    it("keeps no descriptor and no memory of bodies cut off", function()
      local url = start.scripted{ RESETS_WITHIN_BODY }.url .. "/"
      assert_nothing_kept(run, make.transport, { { method = "POST", url = url,
        timeout = LONG, body = LARGE } }, ROOM + #LARGE / 1024)
    end)
  end)
end

local function tls(run, make)
  describe("with TLS", function()
    local folder, good

    setup(function()
      folder = make.authority or start.authority()
      good = start.scripted{ faults.good }
    end)

    teardown(function()
      start.stop_all()
      if not make.authority then
        start.remove_folder(folder)
      end
    end)

    local function server_of(fault)
      if fault.steps then
        return start.scripted{ fault.steps }
      end
      return start.tls(("-cert %s/%s.pem -key %s/%s.key %s"):format(folder,
        fault.cert, folder, fault.cert, fault.options or ""))
    end

    for _, fault in ipairs(faults.tls) do
      it("takes one that " .. fault.name, function()
        local server = server_of(fault)
        local transport = make.secure(folder .. "/ca.pem")
        run(function()
          local bot = assert(wxbot.new{ appid = "A", token = TOKEN,
            aes_key = AES_KEY, transport = transport, access_token = canary.access_token,
            base_url = { chatbot = "https://127.0.0.1:" .. server.port,
              api = good.url } })
          local timeout = fault.kind == "timeout" and SHORT or LONG
          local begun = transport:now()
          local result, err = CALLS.never(bot, { timeout = timeout })
          assert.is_true(transport:now() - begun < timeout + LATE)
          assert.is_nil(result)
          assert.truthy((fault.kind or "tls"):find(err.kind, 1, true),
            ("kind %s: %s"):format(err.kind, tostring(err)))
          assert.is_false(err.sent)
          if fault.attempts then
            assert.equal(fault.attempts, err.attempts)
          end
          assert.is_table(assert(bot:freepublish_get{ publish_id = "1" }))
        end)
        close(transport)
        server:stop()
      end)
    end

    for _, fault in ipairs(faults.renegotiating) do
      it("takes one that " .. fault.name, function()
        local server = start.renegotiating(folder, fault.how .. " none")
        local transport = make.secure(folder .. "/ca.pem")
        run(function()
          local bot = assert(wxbot.new{ appid = "A", token = TOKEN,
            aes_key = AES_KEY, transport = transport,
            base_url = "https://127.0.0.1:" .. server.port })
          local timeout = fault.forever and SHORT or LONG
          local begun = transport:now()
          local result, err = CALLS.never(bot, { timeout = timeout })
          assert.is_true(transport:now() - begun < timeout + LATE)
          -- Some builds of TLS never go along with it.
          local times = tonumber(server:expect("^renegotiated 1 (%d+)"))
          if times == 0 or fault.forever then
            assert.is_nil(result)
            assert.equal(times == 0 and "transport" or "timeout", err.kind)
            assert.is_nil(err.sent)
          else
            assert.is_nil(err, tostring(err))
            assert.equal("FAQ", result.status)
          end
          assert.equal("s", assert(bot:sign{ userid = "next" }).signature)
        end)
        close(transport)
        assert.equal(2, server:count("request"))
      end)
    end

    -- What one server gives out to go on with means nothing to the other;
    -- connections go to the one and the other in turn.
    local function serve_foreign_tickets(version)
      local handle = assert(io.open(folder .. "/answer", "wb"))
      handle:write("HTTP/1.1 200 OK\r\nConnection: close\r\n"
        .. "Content-Length: 2\r\n\r\nok")
      handle:close()
      local script = {}
      for i = 1, 2 do
        local server = start.tls(version .. " -cert good.pem -key good.key",
          folder)
        for j = i, 20, 2 do
          script[j] = { { "relay", server.port } }
        end
      end
      return "https://127.0.0.1:" .. start.scripted(script).port .. "/answer"
    end

    it("takes one that cannot read its session ticket", function()
      for _, version in ipairs{ "-tls1_2", "-tls1_3" } do
        local url = serve_foreign_tickets(version)
        local transport = make.secure(folder .. "/ca.pem")
        run(function()
          for _ = 1, 3 do
            assert.equal("ok", assert(transport:request{ method = "GET",
              timeout = LONG, url = url }).body)
          end
        end)
        close(transport)
      end
    end)

    it("keeps no descriptor and no memory of them", function()
      local requests = {}
      local function add(url, timeout)
        for _ = 1, 2 do
          requests[#requests + 1] = { url = url, timeout = timeout or LONG }
        end
      end
      for _, fault in ipairs(faults.tls) do
        add("https://127.0.0.1:" .. server_of(fault).port .. "/",
          fault.kind == "timeout" and BRIEF)
      end
      for _, fault in ipairs(faults.renegotiating) do
        add("https://127.0.0.1:"
          .. start.renegotiating(folder, fault.how).port .. "/",
          fault.forever and BRIEF)
      end
      add(serve_foreign_tickets("-tls1_2"))
      add(serve_foreign_tickets("-tls1_3"))
      assert_nothing_kept(run, function()
        return make.secure(folder .. "/ca.pem")
      end, requests)
    end)

    it("goes by the length of an answer, not by close_notify", function()
      for file, length in pairs{ whole = 2, cut = 3 } do
        local handle = assert(io.open(folder .. "/" .. file, "wb"))
        handle:write(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nok")
          :format(length))
        handle:close()
      end
      local server = start.tls("-tls1_2 -cert good.pem -key good.key", folder)
      local transport = make.secure(folder .. "/ca.pem")
      -- 21 is the alert that close_notify is: the relay ends before it.
      local relay = start.scripted{ { { "relay", server.port, 21 } } }
      local function get(file)
        return transport:request{ method = "GET", timeout = LONG,
          url = ("https://127.0.0.1:%s/%s"):format(relay.port, file) }
      end
      run(function()
        assert.equal("ok", assert(get("whole")).body)
        local result, err = get("cut")
        assert.is_nil(result)
        assert.equal("transport", err.kind)
        assert.is_nil(err.sent)
      end)
      close(transport)
    end)
  end)
end

return function(name, make)
  local run = make.run or function(body)
    body()
  end

  describe("a server that breaks, for " .. name, function()
    plain(run, make)
    tls(run, make)
  end)
end
