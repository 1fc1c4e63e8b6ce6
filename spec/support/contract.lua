-- The contract that every transport keeps, as specs (docs/guide/game-servers.md
-- says what a transport is).
--
--   contract("curl", {
--     transport = function() return … end,   a new one
--     run = function(body) … end,            runs a spec's body; nil: as it is
--     server = start.scripted,               servers are child processes
--     hello = { url = … },                   what is answered when there are
--                                            no servers
--     can = { … },                           what applies, see ALL below
--     unfolds = true,                        a header may have gone on in a
--                                            second line without a trace
--   })
--
-- What does not apply is left out, and said so in one pending spec.

local answers = require "spec.support.answers"
local busted = require "busted"
local canary = require "spec.support.canary"
local start = require "spec.server.start"

-- Only the spec files themselves have them as globals.
local after_each, assert, before_each = busted.after_each, busted.assert,
  busted.before_each
local describe, it, pending = busted.describe, busted.it, busted.pending

local ALL = {
  network = "reaches servers",
  keepalive = "keeps connections",
  close = "can be closed",
  threads = "runs functions in threads",
  waits = "sleeps by the clock of the wall",
}

-- Stands for the token, which is a part of the real URLs.
local SECRET = "/openapi/aibot/" .. canary.credentials.token
  .. "?access_token=" .. canary.access_token

-- Seconds that a deadline may be missed by.
local LATE = 0.5

local function answer(body, status, headers)
  return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    status or "200 OK", headers or "", #body, body)
end

local OK = answer("ok")

-- One that answers so, again and again.
local function always(text)
  return { { { "read" }, { "send", text }, { "again" } } }
end

-- An error as every transport makes them, without the secret.
local function assert_failure(kinds, sent, result, err)
  assert.is_nil(result)
  assert.is_table(err)
  assert.is_string(err.message)
  assert.truthy((" " .. kinds .. " "):find(" " .. tostring(err.kind) .. " ", 1,
    true), ("kind %s: %s"):format(tostring(err.kind), err.message))
  if sent ~= "any" then
    assert.equal(sent, err.sent)
  end
  for _, value in pairs(err) do
    assert.is_nil(tostring(value):find("SECRET", 1, true))
    assert.is_nil(canary.found(tostring(value)))
    assert.is_nil(tostring(value):find("/openapi", 1, true))
  end
end

local function bytes_of_all_kinds()
  local bytes = {}
  for i = 0, 255 do
    bytes[i + 1] = string.char(i)
  end
  return table.concat(bytes)
end

-- ---------------------------------------------------------- without servers

local function assert_shape(result, err)
  assert.is_nil(err)
  assert.is_table(result)
  assert.equal("number", type(result.status))
  assert.is_string(result.body)
  assert.is_table(result.headers)
  for name, value in pairs(result.headers) do
    assert.is_string(value)
    assert.equal(name:lower(), name)
  end
end

local function always_true(case)
  case("has a clock that never goes back", function(transport)
    local last = transport:now()
    assert.equal("number", type(last))
    for _ = 1, 1000 do
      local now = transport:now()
      assert.is_true(now >= last)
      last = now
    end
  end)

  case("sleeps as long as it is told, by its own clock", function(transport)
    local begun = transport:now()
    transport:sleep(0.15)
    local slept = transport:now() - begun
    assert.is_true(slept > 0.149 and slept < 0.15 + LATE, slept)
  end)

  case("returns at once from a sleep of nothing", function(transport)
    local begun = transport:now()
    transport:sleep(0)
    transport:sleep(-1)
    assert.is_true(transport:now() - begun < LATE)
  end)
end

local function without_servers(case, hello)
  case("answers with a status, headers and a body", function(transport)
    assert_shape(transport:request(hello))
    assert_shape(transport:request(hello))
  end)
end

-- ------------------------------------------------------------- with servers

local function exchanges(case)
  case("answers with a status, headers and a body", function(_, post)
    local result = assert(post(always(answer("no", "404 Not Found",
      "X-One: 1\r\nCONTENT-Type:  text/plain \r\nx-one: 2\r\n"))))
    assert_shape(result)
    assert.equal(404, result.status)
    assert.equal("text/plain", result.headers["content-type"])
    assert.equal("1, 2", result.headers["x-one"])
    assert.equal("no", result.body)
  end)

  case("takes every byte of a body as it is", function(_, post)
    local bytes = bytes_of_all_kinds() .. "你好\r\n\r\n"
    assert.equal(bytes, assert(post(always(answer(bytes)))).body)
  end)

  case("may be given all the time in the world", function(_, post)
    assert.equal("ok", assert(post({ { { "read" }, { "sleep", 0.05 },
      { "send", OK } } }, { timeout = math.huge,
      connect_timeout = math.huge })).body)
  end)

  case("takes an empty body", function(_, post)
    assert.equal("", assert(post(always(answer("")))).body)
  end)

  case("takes a body of 1 MiB, and no more by itself", function(_, post)
    local bytes = ("0123456789abcde\n"):rep(2 ^ 16)
    assert.is_true(assert(post(always(answer(bytes)), { timeout = 20 })).body
      == bytes)
    assert_failure("limit", true, post(always(answer(bytes .. "x")),
      { timeout = 20 }))
  end)

  case("takes chunks", function(_, post)
    local result = assert(post(always("HTTP/1.1 200 OK\r\n"
      .. "Transfer-Encoding: chunked\r\n\r\n3\r\n你\r\n1;x=y\r\nb\r\n"
      .. "0\r\n\r\n")))
    assert.equal("你b", result.body)
  end)

  case("takes a body that ends with the connection", function(_, post)
    for _, interim in ipairs{ "", "HTTP/1.1 103 Early\r\nContent-Length: 7\r\n\r\n",
      "HTTP/1.1 103 Early\r\nTransfer-Encoding: chunked\r\n\r\n" } do
      assert.equal("abc", assert(post{ { { "read" },
        { "send", interim .. "HTTP/1.1 200 OK\r\n\r\nabc" } } }).body)
    end
  end)

  case("waits for no body after HEAD", function(transport, post, serve)
    local server = serve(always("HTTP/1.1 200 OK\r\n"
      .. "Content-Length: 9000000\r\n\r\n"))
    local begun = transport:now()
    for _ = 1, 2 do
      local result = assert(post(server, { method = "HEAD", body = "",
        timeout = 3 }))
      assert.equal("", result.body)
      assert.equal("9000000", result.headers["content-length"])
      server:expect("^request %d 0 HEAD ")
    end
    assert.is_true(transport:now() - begun < 2)
  end)

  case("sends no HEAD with a body", function(_, post, serve)
    local server = serve(always(OK))
    assert_failure("invalid", false, post(server, { method = "HEAD",
      body = "x" }))
    assert.equal(0, server:count("request"))
  end)

  case("sends method, path, headers and length as they are", function(_, post,
      serve)
    local server = serve(always(OK))
    assert(post(server, { method = "PUT", url = server.url .. "/a/../b?c=%20&d",
      headers = { ["content-type"] = "text/x", ["x-two"] = "2 你" },
      body = "0123" }))
    local head = server:expect("^request 1 4 (.*)")
    assert.equal("PUT /a/../b?c=%20&d HTTP/1.1", head:match("^[^|]*"))
    assert.truthy(head:lower():find("|content-type: text/x|", 1, true))
    assert.truthy(head:lower():find("|x-two: 2 你|", 1, true))
    assert.truthy(head:lower():find("|host: 127.0.0.1:" .. server.port .. "|",
      1, true))
  end)

  for name, body in pairs{ ["of every byte"] = bytes_of_all_kinds(),
      ["of UTF-8"] = "你好，世界", ["of nothing"] = "",
      ["of 1 MiB"] = bytes_of_all_kinds():rep(4096) } do
    case("sends a body " .. name .. " as it is", function(_, post)
      local echoed = assert(post({ { { "echo" } } }, { body = body,
        timeout = 20 }))
      assert.is_true(echoed.body == body)
    end)
  end

  for _, status in ipairs{ 204, 301, 302, 307, 400, 404, 429, 500, 503 } do
    case("takes " .. status .. " for an answer", function(_, post, serve)
      local server = serve(always(answer("", status .. " X",
        "Location: /elsewhere\r\n")))
      assert.equal(status, assert(post(server)).status)
      assert.equal(1, server:count("request"))
    end)
  end
end

local function limits(case)
  case("stops at max_body, whether announced, in chunks or neither",
    function(_, post)
      local long = ("x"):rep(5001)
      for _, text in ipairs{ answer(long),
        "HTTP/1.1 200 OK\r\n\r\n" .. long .. long,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1389\r\n" .. long
          .. "\r\n0\r\n\r\n" } do
        assert_failure("limit", true, post({ { { "read" }, { "send", text } } },
          { max_body = 5000 }))
      end
    end)

  case("stops at max_body while it reads", function(_, post)
    assert_failure("limit", true, post({ { { "read" },
      { "send", "HTTP/1.1 200 OK\r\n\r\n" }, { "flood", ("x"):rep(1000), 1e9 } } },
      { max_body = 5000 }))
  end)

  case("takes a body of 16 MiB where that is max_body", function(_, post)
    local bytes = ("0123456789abcde\n"):rep(2 ^ 20)
    for _, text in ipairs{ answer(bytes), "HTTP/1.1 200 OK\r\n"
      .. "Transfer-Encoding: chunked\r\n\r\n1000000\r\n" .. bytes
      .. "\r\n0\r\n\r\n" } do
      assert.is_true(assert(post(always(text), { timeout = 60,
        max_body = 2 ^ 24 })).body == bytes)
    end
  end)

  case("takes exactly max_body bytes", function(_, post)
    assert.equal("ok", assert(post(always(OK), { max_body = 2 })).body)
  end)

  for name, steps in pairs{
    ["says nothing"] = { { "read" }, { "sleep", 20 } },
    ["sends its answer drop by drop"] = { { "read" }, { "drip", OK, 0.1 } },
    ["drips headers"] = { { "read" },
      { "drip", "HTTP/1.1 200 OK\r\n" .. ("X: y\r\n"):rep(99), 0.02 } },
    ["never ends its body"] = { { "read" },
      { "send", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" },
      { "sleep", 20 } },
  } do
    case("ends a call in time when the server " .. name, function(transport,
        post, serve)
      local server = serve{ steps }
      local begun = transport:now()
      assert_failure("timeout", "any", post(server, { timeout = 0.3 }))
      local took = transport:now() - begun
      assert.is_true(took > 0.2 and took < 0.3 + LATE, took)
    end)
  end

  case("ends a call in time when the request is not read", function(transport,
      post, serve)
    local server, body = serve{ { { "sleep", 20 } } }, ("x"):rep(2e7)
    local begun = transport:now()
    assert_failure("timeout", "any", post(server, { timeout = 0.3,
      body = body }))
    -- A busy machine takes its time to copy so large a body.
    assert.is_true(transport:now() - begun < 0.3 + 4 * LATE)
  end)

  case("sends nothing when there is no time left", function(_, post, serve)
    local server = serve(always(OK))
    assert_failure("timeout", false, post(server, { timeout = 0 }))
    assert_failure("timeout", false, post(server, { timeout = -1 }))
    assert.equal(0, server:count("request"))
  end)

  case("gives up connecting in time", function(transport, post, serve)
    local server = serve{ backlog = "full" }
    local begun = transport:now()
    assert_failure("timeout", false, post(server, { connect_timeout = 0.3 }))
    assert.is_true(transport:now() - begun < 0.3 + LATE)
  end)
end

local function failures(case, unfolds)
  case("was not sent where nobody listens", function(_, post)
    assert_failure("transport", false, post{ backlog = "closed" })
  end)

  case("was not sent to a host without a name", function(_, post)
    assert_failure("transport timeout unavailable", false,
      post({}, { url = "http://bot.invalid" .. SECRET, timeout = 2 }))
  end)

  for name, last in pairs{ closes = "close", resets = "reset" } do
    case("has an unknown end when the server " .. name
      .. " after the request", function(_, post, serve)
        local server = serve{ { { "read" }, { last } } }
        assert_failure("transport", nil, post(server))
        assert.equal(1, server:count("request"))
      end)
  end

  for name, length in pairs{ ["a little"] = 3, ["all of max_body"] = 2 ^ 20,
      ["up to the greatest max_body"] = 2 ^ 31 - 1 } do
    case("has an unknown end when the answer promised more, " .. name,
      function(_, post)
        local text = ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nok"):format(
          length)
        assert_failure("transport", nil, post({ { { "read" },
          { "send", text } } }, { max_body = length }))
        assert_failure("timeout", nil, post({ { { "read" },
          { "send", text }, { "sleep", 20 } } }, { max_body = length,
          timeout = 0.3 }))
      end)
  end

  case("takes no byte beyond the length that was announced", function(_, post)
    local result = assert(post{ { { "read" }, { "send", OK .. "more" },
      { "close" } } })
    assert.equal("ok", result.body)
  end)

  case("has an unknown end when the answer is cut off", function(_, post)
    for _, text in ipairs{ OK:sub(1, 12), OK:sub(1, 30), OK:sub(1, -2),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" } do
      assert_failure("transport", nil, post{ { { "read" }, { "send", text } } })
    end
  end)

  for name, text in pairs(answers.malformed) do
    case("refuses an answer " .. name, function(_, post, serve)
      local server = serve{ { { "read" }, { "send", text } },
        always(OK)[1] }
      assert_failure("protocol", nil, post(server))
      assert.equal("ok", assert(post(server)).body)
      assert.equal(2, server:count("request"))
    end)
  end

  for kind, group in pairs{ protocol = answers.malformed,
      limit = answers.oversized } do
    case("says the same of them byte by byte, of kind " .. kind, function(_,
        post, serve)
      local names, script = {}, {}
      for name, text in pairs(group) do
        if #text < 1000 then
          names[#names + 1] = name
          script[#names] = { { "read" }, { "drip", text, 0 } }
        end
      end
      local server, seen = serve(script), {}
      for _, name in ipairs(names) do
        local _, err = post(server, { max_body = 1000 })
        seen[name] = err and err.kind
      end
      for _, name in ipairs(names) do
        assert.equal(kind, seen[name], name)
      end
    end)
  end

  for name, text in pairs(answers.folded) do
    case("refuses an answer " .. name, function(_, post)
      local result, err = post(always(text))
      if unfolds and result then
        assert.matches("^a[ \t]b$", result.headers.x)
      else
        assert_failure("protocol", nil, result, err)
      end
    end)
  end

  case("refuses a status line of more than 8 KiB", function(_, post)
    assert_failure("limit", nil, post(always("HTTP/1.1 200 "
      .. ("x"):rep(8192 - 14) .. "\r\nContent-Length: 2\r\n\r\nok")))
  end)

  case("does not know what came of it when an interim answer is too long",
    function(_, post)
      assert_failure("limit", nil, post{ { { "read" }, { "send",
        "HTTP/1.1 103 Early\r\nX: " .. ("y"):rep(9000) .. "\r\n\r\n" .. OK } } })
    end)

  for name, text in pairs(answers.oversized) do
    case("refuses an answer " .. name, function(_, post)
      assert_failure("limit", true, post({ { { "read" }, { "send", text },
        { "sleep", 0.05 } } }, { max_body = 1000 }))
    end)
  end

  for name, text in pairs(answers.fine) do
    case("takes an answer " .. name, function(_, post)
      assert.equal("ok", assert(post{ { { "read" }, { "send", text } } }).body)
    end)
  end

  for name, fields in pairs{
    ["another scheme"] = { url = "ftp://127.0.0.1" .. SECRET },
    ["no scheme"] = { url = SECRET },
    ["a line end in the URL"] = { url = "http://127.0.0.1" .. SECRET .. "\r\nX: 1" },
    ["a line end in a header"] = { headers = { ["x-a"] = "SECRET\r\nX-B: 1" } },
  } do
    case("does not send " .. name, function(_, post, serve)
      local server = serve(always(OK))
      assert_failure("invalid transport protocol unavailable", false,
        post(server, fields))
      assert.equal(0, server:count("request"))
    end)
  end

  for _, port in ipairs{ "0", "00", "65536", "", "8o" } do
    case("refuses the port " .. ("%q"):format(port), function(_, post)
      assert_failure("invalid", false, post({}, {
        url = "http://127.0.0.1:" .. port .. SECRET }))
      assert_failure("invalid", false, post({}, {
        url = "http://[::1]:" .. port .. SECRET }))
    end)
  end

  case("goes on after a failure, with the same server", function(_, post, serve)
    local server = serve{ { { "read" }, { "reset" } },
      { { "read" }, { "send", OK }, { "again" } } }
    assert_failure("transport", nil, post(server))
    assert.equal("ok", assert(post(server)).body)
    assert.equal("ok", assert(post(server)).body)
    assert.equal(3, server:count("request"))
  end)

  case("never mixes up answers after a call that was given up", function(_,
      post, serve)
    local server = serve{
      { { "read" }, { "sleep", 0.5 }, { "send", answer("late") }, { "again" } },
      { { "read" }, { "send", OK }, { "again" } } }
    assert_failure("timeout", nil, post(server, { timeout = 0.2 }))
    assert.equal("ok", assert(post(server)).body)
  end)
end

local function kept_connections(case)
  case("keeps its connection for the next call", function(_, post, serve)
    local server = serve(always(OK))
    for _ = 1, 3 do
      assert.equal("ok", assert(post(server)).body)
    end
    assert.equal(1, server:count("accept"))
    assert.equal(3, server:count("request"))
  end)

  -- Whether it comes with the answer before, or later.
  for name, steps in pairs{
    ["at once"] = { { "send", OK .. answer("wrong") } },
    ["later"] = { { "send", OK }, { "sleep", 0.05 }, { "send", answer("wrong") } },
    ["in part"] = { { "send", OK }, { "sleep", 0.05 }, { "send", "HTTP/1.1 2" } },
  } do
    case("takes nothing for an answer that came before its request, " .. name,
      function(transport, post, serve)
        local list = { { "read" } }
        for _, step in ipairs(steps) do
          list[#list + 1] = step
        end
        list[#list + 1] = { "again" }
        local server = serve{ list, always(OK)[1] }
        assert.equal("ok", assert(post(server)).body)
        transport:sleep(0.2)
        assert.equal("ok", assert(post(server)).body)
        assert.equal("ok", assert(post(server)).body)
        assert.equal(2, server:count("accept"))
      end)
  end

  case("sends nothing again when a kept connection dies", function(_, post,
      serve)
    local server = serve{
      { { "read" }, { "send", OK }, { "read" }, { "close" } },
      { { "read" }, { "send", OK }, { "again" } } }
    assert(post(server))
    assert_failure("transport", nil, post(server))
    assert.equal(2, server:count("request"))
  end)

  case("says that the end is unknown when a kept connection stalls", function(_,
      post, serve)
    local server = serve{ { { "read" }, { "send", OK }, { "read" },
      { "sleep", 20 } } }
    assert(post(server))
    assert_failure("timeout", nil, post(server, { timeout = 0.3 }))
    assert.equal(2, server:count("request"))
  end)
end

local function closing(case)
  case("says so after it was closed", function(transport, post, serve)
    local server = serve(always(OK))
    assert(post(server))
    transport:close()
    transport:close()
    assert_failure("closed", false, post(server))
  end)
end

-- A fiber that can be joined, or true. (bot:tag sends batches at once where a
-- fiber comes back.)
local function spawning(case)
  case("runs what it spawns, with what it is given", function(transport)
    local got, fiber
    fiber = transport:spawn(function(...)
      got = { ... }
      return ...
    end, "a", 2)
    if fiber ~= true then
      assert.same({ "a", 2 }, { fiber:join() })
    end
    local ends = transport:now() + 2
    while not got and transport:now() < ends do
      transport:sleep(0.01)
    end
    assert.same({ "a", 2 }, got)
  end)

  case("lets a spawned function wait while others go on", function(transport)
    local order = {}
    local function wait(name, seconds)
      transport:sleep(seconds)
      order[#order + 1] = name
    end
    local fibers = { transport:spawn(wait, "second", 0.2),
      transport:spawn(wait, "first", 0.1) }
    for _, fiber in ipairs(fibers) do
      if fiber ~= true then
        fiber:join()
      end
    end
    local ends = transport:now() + 2
    while #order < 2 and transport:now() < ends do
      transport:sleep(0.01)
    end
    assert.same({ "first", "second" }, order)
  end)
end

return function(name, make)
  local can = make.can
  local serve = make.server or start.scripted

  describe("the contract of transports, by " .. name, function()
    local transport

    before_each(function()
      transport = make.transport()
    end)

    after_each(function()
      if transport.close then
        transport:close()
      end
      start.stop_all()
    end)

    -- A POST to a server, or to a new one of that script.
    local function post(server, fields)
      if not server.url then
        server = serve(server)
      end
      local req = { method = "POST", url = server.url .. SECRET,
        headers = { ["content-type"] = "application/json" }, body = "{}",
        timeout = 5, connect_timeout = 3 }
      for key, value in pairs(fields or {}) do
        req[key] = value
      end
      return transport:request(req)
    end

    local function case(sentence, body)
      it(sentence, function()
        if make.run then
          make.run(function()
            body(transport, post, serve)
          end)
        else
          body(transport, post, serve)
        end
      end)
    end

    local left_out = {}
    for what, words in pairs(ALL) do
      if not can[what] then
        left_out[#left_out + 1] = words
      end
    end
    if #left_out > 0 then
      table.sort(left_out)
      pending("left out: " .. table.concat(left_out, ", "))
    end

    always_true(case)
    if can.network then
      exchanges(case)
      limits(case)
      failures(case, make.unfolds)
    else
      without_servers(case, make.hello)
    end
    if can.keepalive then
      kept_connections(case)
    end
    if can.close then
      closing(case)
    end
    if can.threads then
      spawning(case)
    end
    if can.waits then
      case("keeps the wall waiting while it sleeps", function()
        local begun = busted.gettime()
        transport:sleep(0.15)
        assert.is_true(busted.gettime() - begun > 0.14)
      end)
    end
  end)
end
