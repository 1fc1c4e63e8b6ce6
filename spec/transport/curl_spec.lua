-- Without this calls over libcurl send other bytes, block too long, or trust
-- anybody.
local canary = require "spec.support.canary"
local core = require "wxbot.curl"
local curl = require "wxbot.transport.curl"
local errors = require "wxbot.util.errors"
local locales = require "spec.support.locales"
local nginx = require "spec.server.nginx"
local socket = require "socket"
local start = require "spec.server.start"

-- Stands for the token, which is a part of the real URLs.
local SECRET = "/openapi/aibot/" .. canary.credentials.token
  .. "?access_token=" .. canary.access_token
local OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

-- "ok", as gzip writes it.
local GZIPPED = "\31\139\8\0\0\0\0\0\2\255\203\207\6\0"
  .. "\71\221\220\121\2\0\0\0"

-- Seconds that a deadline may be missed by on a busy machine.
local SLACK = 2

-- This Lua, for children that must run the library in a process of theirs.
local LUA = type(jit) == "table" and "luajit" or start.LUA

describe("wxbot.transport.curl", function()
  local transport

  before_each(function()
    transport = curl.new{}
  end)

  after_each(function()
    transport:close()
    start.stop_all()
  end)

  -- A POST to a server that follows the script of its first connections.
  local function post(server, fields)
    local req = {
      method = "POST",
      url = server.url .. SECRET,
      headers = { ["Content-Type"] = "application/json" },
      body = '{"a":1}',
      timeout = 5,
    }
    for name, value in pairs(fields or {}) do
      req[name] = value
    end
    return transport:request(req)
  end

  -- Bytes of memory that this process has had at most.
  local function peak()
    local file = assert(io.open("/proc/self/status"))
    local kilobytes = file:read("*a"):match("VmHWM:%s*(%d+)")
    file:close()
    return tonumber(kilobytes) * 1024
  end

  -- Asserts that a call failed in that way, and without the secret.
  local function assert_failure(kind, sent, result, err)
    assert.is_nil(result)
    assert.is_true(errors.is(err))
    assert.equal(kind, err.kind)
    assert.equal(sent, err.sent)
    for _, value in pairs(err) do
      assert.is_nil(tostring(value):find("SECRET", 1, true))
      assert.is_nil(canary.found(tostring(value)))
    end
    return err
  end

  describe("a call", function()
    it("gives status, headers and body", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 404 Not Found\r\nX-One: 1\r\nx-one:  2 \r\nContent-Length: 3\r\n\r\nno\0" } } }
      local result = assert(post(server))
      assert.equal(404, result.status)
      assert.equal("1, 2", result.headers["x-one"])
      assert.equal("no\0", result.body)
    end)

    it("sends method, path, headers and body as they are", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      assert(post(server, { url = server.url .. "/a/../b?c=%20", body = ("x"):rep(70000) }))
      server:stop()
      assert.equal("request 1 70000 POST /a/../b?c=%20 HTTP/1.1|Host: 127.0.0.1:" ..
        server.port .. "|Accept: */*|Content-Type: application/json|" ..
        "Content-Length: 70000||", server.lines[3])
    end)

    it("adds no Content-Type of its own", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      transport:request{ method = "POST", url = server.url, body = "x" }
      assert.is_nil(table.concat(server:stop(), "\n"):lower():find("content%-type"))
    end)

    it("sends headers without a value, be it of blanks", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      assert(post(server, { headers = { ["X-Empty"] = "", ["X-Blank"] = "  ",
        ["X-Around"] = " a " } }))
      local request = server:stop()[3]
      assert.is_truthy(request:find("|X-Empty:|", 1, true))
      assert.is_truthy(request:find("|X-Blank:|", 1, true))
      assert.is_truthy(request:find("|X%-Around: a *|"))
    end)

    it("waits for no 100-continue, however long the body", function()
      local server = start.scripted{ { { "head" }, { "sleep", 0.2 }, { "send", OK } } }
      assert.equal(200, post(server, { body = ("x"):rep(2000000) }).status)
      assert.is_nil(server:stop()[3]:find("Expect"))
    end)

    it("takes chunked answers, without their trailers", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n" ..
        "2\r\nab\r\n1\r\nc\r\n0\r\nX-Late: 1\r\n\r\n" } } }
      local result = assert(post(server))
      assert.equal("abc", result.body)
      assert.is_nil(result.headers["x-late"])
    end)

    it("drops interim answers", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" .. OK } } }
      local result = assert(post(server))
      assert.equal(200, result.status)
      assert.is_nil(result.headers.link)
    end)

    it("may be answered without any header", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 204 No Content\r\n\r\n" } } }
      local result = assert(post(server))
      assert.same({}, result.headers)
      assert.equal("", result.body)
    end)

    it("does not decode what calls itself compressed", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 200 OK\r\n" ..
        "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnot!" } } }
      assert.equal("not!", post(server).body)
    end)

    it("takes a body that comes drop by drop", function()
      local server = start.scripted{ { { "read" }, { "drip", OK, 0.005 } } }
      assert.equal("ok", post(server).body)
    end)

    it("keeps its connection for the next call", function()
      local server = start.scripted{ { { "read" }, { "send", OK }, { "again" } } }
      for _ = 1, 3 do
        assert(post(server))
      end
      assert.equal(1, server:count("accept"))
      assert.equal(3, server:count("request"))
    end)

    -- A server that answers while libcurl is still at it.
    it("keeps its connection, however fast the answer is there", function()
      local folder = start.output_of("mktemp -d"):gsub("\n", "")
      finally(function()
        start.remove_folder(folder)
      end)
      local port = nginx.free_port()
      nginx.start(folder, nginx.conf(("listen 127.0.0.1:%d; "
        .. "location / { return 200 $connection; }"):format(port)), port)
      local request = { url = ("http://127.0.0.1:%d/"):format(port) }
      for _ = 1, 100 do
        local client, first = core.client(), nil
        for _ = 1, 3 do
          local _, _, connection = client:request(request)
          first = first or connection
          assert.equal(first, connection)
          client:sleep(0.001)
        end
        client:close()
      end
    end)

    it("gives every method its form", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 204 No\r\n\r\n" },
        { "again" } } }
      for _, method in ipairs{ "GET", "POST", "HEAD", "DELETE", "GET" } do
        local result = assert(transport:request{ method = method, url = server.url .. "/" })
        assert.equal(204, result.status)
      end
      assert(transport:request{ method = "PUT", url = server.url .. "/", body = "x" })
      local seen = {}
      for _, line in ipairs(server:stop()) do
        seen[#seen + 1] = line:match("^request %d+ (%d+ %u+ /)")
      end
      assert.same({ "0 GET /", "0 POST /", "0 HEAD /", "0 DELETE /", "0 GET /", "1 PUT /" }, seen)
    end)
  end)

  describe("what it never does", function()
    it("follows no redirect", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" },
        { "again" } } }
      local result = assert(post(server))
      assert.equal(302, result.status)
      assert.equal("/elsewhere", result.headers.location)
      assert.equal(1, server:count("request"))
    end)

    for name, fields in pairs{
      ["a body"] = { idempotent = false },
      ["an empty body"] = { idempotent = false, body = "" },
      ["a body that may be repeated"] = { idempotent = true },
    } do
      it("sends no request again when a kept connection dies: " .. name, function()
        local server = start.scripted{
          { { "read" }, { "send", OK }, { "read" }, { "close" } },
          { { "read" }, { "send", OK }, { "again" } },
        }
        assert(post(server))
        assert_failure("transport", nil, post(server, fields))
        assert.equal(2, server:count("request"))
      end)
    end

    it("does not call a request unsent because a second connection failed", function()
      local server = start.scripted{ { { "read" }, { "send", OK }, { "read" },
        { "deafen" }, { "close" } } }
      assert(post(server))
      local err = assert_failure("transport", nil, post(server))
      assert.equal("curl_52", err.code)
      assert.equal(2, server:count("request"))
    end)

    it("touches nothing of the call before when headers begin with a blank", function()
      local server = start.scripted{ { { "read" }, { "send", OK }, { "read" },
        { "send", "HTTP/1.1 200 OK\r\n folded: 1\r\nContent-Length: 0\r\n\r\n" },
        { "close" } } }
      assert(post(server))
      assert_failure("protocol", nil, post(server))
    end)

    it("goes on using connections after one has died", function()
      local server = start.scripted{
        { { "read" }, { "send", OK }, { "read" }, { "close" } },
        { { "read" }, { "send", OK }, { "again" } },
      }
      assert(post(server))
      assert.is_nil((post(server)))
      assert(post(server))
      assert(post(server))
      local lines = server:stop()
      assert.equal(lines[#lines], lines[#lines - 1])
      assert.equal(4, server:count("request"))
    end)

    it("takes no proxy from the environment", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      local code = ('local r = require "wxbot.transport.curl".new{}' ..
        ':request{ method = "GET", url = "%s/" } print(r and r.status)'):format(server.url)
      local child = start.run("env http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 " ..
        LUA .. " " .. start.file(code))
      assert.equal("200", child:line())
    end)

    it("uses the proxy that it is told to use", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      local proxied = curl.new{ proxy = server.url }
      assert(proxied:request{ method = "GET", url = "http://bot.example/x" })
      proxied:close()
      assert.equal("GET http://bot.example/x HTTP/1.1",
        server:stop()[3]:match("^request 1 0 ([^|]*)"))
    end)
  end)

  describe("a call that fails", function()
    it("was not sent when the proxy refuses the tunnel", function()
      local server = start.scripted{ { { "head" }, { "send",
        "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" } } }
      local proxied = curl.new{ proxy = server.url }
      assert_failure("transport", false,
        proxied:request{ method = "POST", url = "https://bot.example" .. SECRET })
      proxied:close()
      assert.truthy(server:stop()[3]:find("CONNECT bot.example:443", 1, true))
    end)

    it("was not sent when nobody listens", function()
      local server = start.scripted{ {} }
      server:stop()
      local err = assert_failure("transport", false, post(server))
      assert.equal("curl_7", err.code)
      assert.truthy(err.message:find("http://127.0.0.1:" .. server.port, 1, true))
    end)

    it("was not sent when the name is unknown", function()
      local err = assert_failure("transport", false, post{ url = "http://bot.invalid" })
      assert.truthy(err.message:find("http://bot.invalid", 1, true))
    end)

    local unknown = {
      ["is closed after the request"] = { { "read" }, { "close" } },
      ["is reset after the request"] = { { "read" }, { "reset" } },
      ["is closed in the headers"] = { { "read" }, { "send", OK:sub(1, 20) } },
      ["is reset in the body"] = { { "read" }, { "send", OK:sub(1, -2) }, { "sleep", 0.1 },
        { "reset" } },
      ["is closed before the announced length"] = { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nok" } },
      ["is closed before the last chunk"] = { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" } },
    }
    for name, steps in pairs(unknown) do
      it("has an unknown end when the connection " .. name, function()
        local err = assert_failure("transport", nil, post(start.scripted{ steps }))
        assert.truthy(err.message:find("not known", 1, true))
      end)
    end

    for _, step in ipairs{ "close", "reset" } do
      it("does not count as sent when the server can only " .. step, function()
        local result, err = post(start.scripted{ { { step } } })
        assert.is_nil(result)
        assert.equal("transport", err.kind)
        assert.is_falsy(err.sent) -- false if nothing could be written
      end)
    end

    local garbage = {
      ["no HTTP"] = "220 smtp.example ESMTP\r\n",
      ["HTTP/0.9"] = "hello, world, this is the answer",
      ["HTTP/9"] = "HTTP/9.1 200 OK\r\n\r\n",
      ["HTTP/2 that was not agreed on"] = "HTTP/2 200 OK\r\n\r\nok",
      ["a status of one digit"] = "HTTP/2 2\r\n\r\n",
      ["a status beyond 599"] =
        "HTTP/1.1 600 OK\r\nContent-Length: 2\r\n\r\nok",
      ["a switch to another protocol"] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      ["a status that is none"] = "HTTP/1.1 abc OK\r\n\r\n",
      ["a header without a colon"] = "HTTP/1.1 200 OK\r\ngarbage\r\n\r\n",
      ["a header with a zero"] = "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
      ["a negative length"] = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nok",
      ["an encoding nobody asked for"] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
      ["an encoding that libcurl could decode"] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
        .. "16\r\n" .. GZIPPED .. "\r\n0\r\n\r\n",
      ["an encoding on a line of its own"] = "HTTP/1.1 200 OK\r\n"
        .. "transfer-encoding:\tGzip \r\nTransfer-Encoding: chunked\r\n\r\n"
        .. "16\r\n" .. GZIPPED .. "\r\n0\r\n\r\n",
    }
    for name, answer in pairs(garbage) do
      it("is a fault of the protocol when the answer is " .. name, function()
        local server = start.scripted{ { { "read" }, { "send", answer } } }
        assert_failure("protocol", nil, post(server))
      end)
    end

    local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    local endless = {
      ["a header line"] = { "HTTP/1.1 200 OK\r\nX: ", "x" },
      ["trailers"] = { CHUNKED .. "2\r\nok\r\n0\r\n", "X: y\r\n" },
    }
    for name, parts in pairs(endless) do
      it("stops at endless " .. name, function()
        local server = start.scripted{ { { "read" }, { "send", parts[1] },
          { "flood", parts[2]:rep(1000), 1e9 } } }
        assert_failure("limit", true, post(server))
      end)
    end

    it("stops at a length beyond measure", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nContent-Length: " .. ("9"):rep(40) .. "\r\n\r\nok" } } }
      assert_failure("limit", true, post(server))
    end)

    it("is refused where a chunk's size is garbage", function()
      local server = start.scripted{ { { "read" }, { "send",
        CHUNKED .. "zz\r\nok\r\n0\r\n\r\n" } } }
      assert_failure("protocol", nil, post(server))
    end)

    it("ends at its timeout when nothing comes", function()
      local server = start.scripted{ { { "read" }, { "sleep", 60 } } }
      local begun = transport:now()
      local err = assert_failure("timeout", nil, post(server, { timeout = 0.3 }))
      assert.truthy(err.message:find("within 0.3 s", 1, true))
      assert.is_true(transport:now() - begun < 0.3 + SLACK)
    end)

    it("says after how many seconds, with a point in every locale", function()
      locales.make("de_DE.UTF-8")
      local server = start.scripted{ { { "read" }, { "sleep", 60 } } }
      local child = start.run("env LOCPATH=" .. locales.folder .. " " .. LUA
        .. " " .. start.file(([[
        assert(os.setlocale("de_DE.UTF-8"))
        for _, seconds in ipairs{ 0.25, 0.0125, 1 } do
          local _, err = require "wxbot.transport.curl".new():request{
            url = "%s/", timeout = seconds }
          print(err.message:match("within (.*) s;"))
        end]]):format(server.url)))
      assert.equal("0.25", child:line())
      assert.matches("^0.01[23]$", child:line())
      assert.equal("1", child:line())
    end)

    it("ends at its timeout when bytes drip", function()
      local server = start.scripted{ { { "read" }, { "drip", OK:rep(9), 0.05 } } }
      local begun = transport:now()
      assert_failure("timeout", nil, post(server, { timeout = 0.3 }))
      assert.is_true(transport:now() - begun < 0.3 + SLACK)
    end)

    it("ends at its timeout when the request is not read", function()
      local server = start.scripted{ { { "sleep", 60 } } }
      local body = ("x"):rep(2e7)
      local begun = transport:now()
      assert_failure("timeout", nil, post(server, { timeout = 0.3, body = body }))
      assert.is_true(transport:now() - begun < 0.3 + SLACK)
    end)

    it("has an unknown end on a kept connection, too", function()
      local server = start.scripted{ { { "read" }, { "send", OK }, { "sleep", 60 } } }
      assert(post(server))
      assert_failure("timeout", nil, post(server, { timeout = 0.3 }))
    end)

    it("was not sent when there was no time left", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      assert_failure("timeout", false, post(server, { timeout = -1 }))
      assert.equal(0, server:count("accept"))
    end)

    it("was not sent when the connection takes too long", function()
      local server = start.scripted{ { { "sleep", 60 } } }
      local begun = transport:now()
      local url = server.url:gsub("http:", "https:") .. SECRET
      local err = assert_failure("timeout", false,
        post(server, { url = url, connect_timeout = 0.3 }))
      assert.truthy(err.message:find("no connection within 0.3 s", 1, true))
      assert.is_true(transport:now() - begun < 0.3 + SLACK)
    end)

    it("stops reading at max_body", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 200 OK\r\n\r\n" },
        { "flood", ("x"):rep(1000), 1e9 } } }
      assert_failure("limit", true, post(server, { max_body = 5000 }))
    end)

    it("stops at an announced length over max_body", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nContent-Length: 5001\r\n\r\n" }, { "sleep", 60 } } }
      assert_failure("limit", true, post(server, { max_body = 5000 }))
    end)

    it("takes exactly max_body bytes", function()
      local server = start.scripted{ { { "read" }, { "send", OK }, { "again" } } }
      assert.equal("ok", post(server, { max_body = 2 }).body)
      assert_failure("limit", true, post(server, { max_body = 1 }))
    end)

    it("pays nothing for an announced length that is a lie", function()
      local most = 2 ^ 31 - 1
      local server = start.scripted{ { { "read" }, { "send",
        ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nok"):format(most) } } }
      local before = peak()
      assert_failure("transport", nil, post(server, { max_body = most }))
      assert.is_true(peak() - before < 100e6)
    end)

    it("takes a body longer than any room that is made at first", function()
      local body = ("0123456789abcde\n"):rep(3 * 2 ^ 16)
      local server = start.scripted{ { { "read" }, { "send",
        ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"):format(#body) .. body } } }
      assert.is_true(post(server, { max_body = #body }).body == body)
    end)

    it("stops reading at 1 MiB by default", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 200 OK\r\n\r\n" },
        { "flood", ("x"):rep(65536), 17 } } }
      assert_failure("limit", true, post(server))
    end)

    it("stops at 64 KiB of headers", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 200 OK\r\n" },
        { "flood", "X-Flood: " .. ("x"):rep(1000) .. "\r\n", 1e9 } } }
      assert_failure("limit", true, post(server))
    end)

    it("stops at 64 KiB of interim answers", function()
      local server = start.scripted{ { { "read" },
        { "flood", "HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n", 1e9 } } }
      assert_failure("limit", nil, post(server))
    end)
  end)

  describe("what it refuses to send", function()
    local urls = {
      ["a line feed"] = "http://127.0.0.1/a\nb",
      ["a carriage return"] = "http://127.0.0.1/a\rb",
      ["a zero"] = "http://127.0.0.1/a\0b",
      ["a blank"] = "http://127.0.0.1/a b",
      ["a byte beyond ASCII"] = "http://127.0.0.1/\228",
      ["a fragment"] = "http://127.0.0.1/a#b",
      ["a user"] = "http://SECRET:SECRET@127.0.0.1/",
      ["another scheme"] = "file:///etc/passwd",
      ["no host"] = "http:///x",
      ["a length without measure"] = "http://127.0.0.1/" .. ("a"):rep(9e6),
      ["a very long host"] = "http://" .. ("a"):rep(300),
      ["a port that is none"] = "http://127.0.0.1:99999/SECRET",
    }
    for name, url in pairs(urls) do
      it("a URL with " .. name, function()
        assert_failure("invalid", false, transport:request{ method = "GET", url = url })
      end)
    end

    local headers = {
      ["a line end in its value"] = { ["X-A"] = "SECRET\r\nX-B: 1" },
      ["a zero in its value"] = { ["X-A"] = "a\0" },
      ["a blank in its name"] = { ["X A"] = "1" },
      ["a colon in its name"] = { ["X:A"] = "1" },
      ["an empty name"] = { [""] = "1" },
      ["a length of its own"] = { ["content-length"] = "1" },
      ["an Expect"] = { Expect = "100-continue" },
    }
    for name, header in pairs(headers) do
      it("a header with " .. name, function()
        assert_failure("invalid", false, transport:request{ method = "POST",
          url = "http://127.0.0.1:1/", headers = header })
      end)
    end

    it("a method that is none", function()
      assert_failure("invalid", false, transport:request{ method = "GET / HTTP/1.1\r\n",
        url = "http://127.0.0.1:1/" })
    end)
  end)

  describe("TLS", function()
    local folder

    setup(function()
      folder = start.authority()
    end)

    teardown(function()
      start.remove_folder(folder)
    end)

    local function serve(name, options)
      return start.tls(("-cert %s/%s.pem -key %s/%s.key %s"):format(
        folder, name, folder, name, options or ""))
    end

    local function get(port, options)
      local tls = curl.new(options or { ca_file = folder .. "/ca.pem" })
      local result, err = tls:request{ method = "GET",
        url = ("https://127.0.0.1:%s/SECRET"):format(port) }
      tls:close()
      return result, err
    end

    it("works with the authority in ca_file", function()
      assert.equal(200, assert(get(serve("good").port)).status)
    end)

    it("is refused without the authority, and the error names ca_file", function()
      local err = assert_failure("tls", false, get(serve("good").port, {}))
      assert.truthy(err.message:find("ca_file", 1, true))
    end)

    it("is refused when the certificate is for another host", function()
      local err = assert_failure("tls", false, get(serve("other").port))
      assert.truthy(err.message:find("another host name", 1, true))
    end)

    it("is refused when the certificate has expired", function()
      local err = assert_failure("tls", false, get(serve("old").port))
      assert.truthy(err.message:find("not valid today", 1, true))
    end)

    it("is refused below TLS 1.2", function()
      local server = serve("good", "-tls1_1 -cipher ALL:@SECLEVEL=0")
      assert_failure("tls", false, get(server.port))
    end)

    it("says the name of a ca_file that cannot be read", function()
      local err = assert_failure("tls", false,
        get(serve("good").port, { ca_file = folder .. "/none.pem" }))
      assert.truthy(err.message:find(folder .. "/none.pem", 1, true))
    end)

    it("resumes its session on a new connection", function()
      local server = serve("good")
      local tls = curl.new{ ca_file = folder .. "/ca.pem" }
      local url = ("https://127.0.0.1:%s/"):format(server.port)
      assert.truthy(tls:request{ method = "GET", url = url }.body:find("New, TLSv1"))
      assert.truthy(tls:request{ method = "GET", url = url }.body:find("Reused, TLSv1"))
      tls:close()
    end)
  end)

  describe("Ctrl-C", function()
    -- A child that is interrupted in the call that `code` makes.
    local function interrupt(code)
      local child = start.run(LUA .. " " .. start.file(
        'local t = require "wxbot.transport.curl".new{}\nprint("ready")\nio.stdout:flush()\n' ..
        code .. '\nprint("went on")'))
      child:expect("^ready")
      transport:sleep(0.3)
      local begun = transport:now()
      child:signal("INT")
      local line = child:line()
      assert.is_true(transport:now() - begun < 2)
      assert.truthy(line:find("interrupted!", 1, true))
    end

    it("ends a request", function()
      local server = start.scripted{ { { "read" }, { "sleep", 60 } } }
      interrupt(('t:request{ method = "GET", url = "%s/", timeout = 30 }'):format(server.url))
    end)

    it("ends a request that a coroutine makes", function()
      local server = start.scripted{ { { "read" }, { "sleep", 60 } } }
      interrupt(('coroutine.wrap(function() t:request{ method = "GET", url = "%s/", ' ..
        'timeout = 30 } end)()'):format(server.url))
    end)

    it("ends a request to a server that never stops sending", function()
      local server = start.scripted{ { { "read" },
        { "send", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { "flood", ("1\r\nx\r\n"):rep(10000), 1e6 } } }
      interrupt(('t:request{ method = "GET", url = "%s/", timeout = 20, ' ..
        'max_body = 2 ^ 31 - 1 }'):format(server.url))
    end)

    it("ends a sleep", function()
      interrupt("t:sleep(30)")
    end)
  end)

  describe("the transport", function()
    it("sleeps for as long as it is told", function()
      local begun = transport:now()
      assert.is_true(transport:sleep(0.25))
      local slept = transport:now() - begun
      assert.is_true(slept >= 0.25 and slept < 0.25 + SLACK)
    end)

    it("is closed after close, for every call", function()
      transport:close()
      transport:close()
      assert_failure("closed", false, transport:request{ method = "GET", url = "http://a/" })
      local done, err = transport:sleep(0)
      assert.is_nil(done)
      assert.equal("closed", err.kind)
    end)

    it("shows nothing of its options", function()
      local secret = curl.new{ proxy = "http://user:SECRET@127.0.0.1:1", ca_file = "/SECRET" }
      for _, value in pairs(secret) do
        assert.equal("function", type(value))
      end
      local _, err = secret:request{ method = "GET", url = "http://a/" }
      assert.is_nil(tostring(err):find("SECRET"))
      secret:close()
    end)

    for name, options in pairs{
      ["an unknown option"] = { cafile = "x" },
      ["a ca_file that is no string"] = { ca_file = 1 },
      ["an empty proxy"] = { proxy = "" },
      ["no connections"] = { max_connections = 0 },
      ["half a connection"] = { max_connections = 1.5 },
    } do
      it("raises at the caller's line for " .. name, function()
        local ok, message = pcall(function()
          curl.new(options)
          return nil
        end)
        assert.is_false(ok)
        assert.truthy(message:find("curl_spec.lua:%d+: wxbot.curl: "))
      end)
    end

    it("raises at the caller's line for fields of a wrong type", function()
      for _, req in ipairs{ { url = 1 }, {}, { url = "http://a/", body = 1 },
          { url = "http://a/", timeout = "1" }, { url = "http://a/", max_body = -1 },
          { url = "http://a/", max_body = 2 ^ 31 }, "http://a/",
          { url = "http://a/", headers = { 1 } }, { url = "http://a/", timeout = 0 / 0 } } do
        local ok, message = pcall(function()
          local result = transport:request(req)
          return result
        end)
        assert.is_false(ok)
        assert.matches("curl_spec.lua:%d+: request: ", message)
      end
    end)
  end)

  -- What a loop will stand on.
  describe("the client below", function()
    local function run(client, transfers)
      local running
      repeat
        running = client:step()
        client:poll(0.2)
      until running == 0
      for _, transfer in ipairs(transfers) do
        assert.is_true(transfer:done())
      end
    end

    it("has several calls in flight on connections of their own", function()
      local server = start.scripted{ { { "read" }, { "sleep", 0.2 }, { "send", OK } } }
      local client = core.client()
      local transfers = {}
      for i = 1, 5 do
        transfers[i] = assert(client:start{ url = server.url, body = "x", method = "POST" })
      end
      assert.is_false(transfers[1]:done())
      run(client, transfers)
      for i = 1, 5 do
        assert.equal(200, (transfers[i]:result()))
      end
      client:close()
      assert.equal(5, server:count("accept"))
    end)

    it("refuses a call when it is closed as that is read", function()
      for _, name in ipairs{ "start", "request" } do
        local client = core.client()
        local req = setmetatable({ timeout = 1 }, { __index = function(_, field)
          if field == "url" then
            client:close()
            return "http://127.0.0.1:9/"
          end
        end })
        local result, _, code, sent = client[name](client, req)
        assert.is_nil(result)
        assert.equal("closed", code)
        assert.is_false(sent)
      end
    end)

    it("gives the whole answer of a call that a finalizer closes meanwhile", function()
      local lines = {}
      for i = 1, 500 do
        lines[i] = ("X-%d: %s\r\n"):format(i, ("v"):rep(60))
      end
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n" .. table.concat(lines) .. "\r\n"
        .. ("z"):rep(200000) }, { "again" } } }
      -- A child: the collector must be quick, and a crash be seen.
      local child = start.run(LUA .. " " .. start.file(([[
        local client = require "wxbot.curl".client()
        if not pcall(collectgarbage, "setpause", 0) then -- 5.5
          collectgarbage("param", "pause", 0)
        end
        pcall(collectgarbage, "setstepmul", 1000)
        local turns, last, transfer = 0, -1, nil
        local function finalize()
          turns = turns + 1
          if turns == last then
            transfer:close()
          end
          if newproxy then
            getmetatable(newproxy(true)).__gc = finalize
          else
            setmetatable({}, { __gc = finalize })
          end
        end
        finalize()
        local whole = 0
        for n = 1, 8 do
          transfer = assert(client:start{ url = "%s" })
          repeat
            client:poll(0.2)
          until client:step() == 0
          last = turns + n
          local status, headers, body = transfer:result()
          if status and turns >= last then -- it was closed in the middle
            assert(headers["x-500"] == ("v"):rep(60))
            assert(body == ("z"):rep(200000))
            whole = whole + 1
          end
          last = -1
        end
        print(whole > 0 and "whole" or "never in the middle")]]):format(server.url)))
      assert.equal("whole", child:line())
    end)

    it("joins a great many headers of one name in little room", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" .. ("a:\r\n"):rep(4999) .. "\r\n" } } }
      local client = core.client()
      local transfer = assert(client:start{ url = server.url })
      run(client, { transfer })
      collectgarbage()
      collectgarbage("stop")
      local before = collectgarbage("count")
      local _, headers = transfer:result()
      local used = collectgarbage("count") - before
      collectgarbage("restart")
      assert.equal((", "):rep(4998), headers.a)
      assert.is_true(used < 1024)
      client:close()
    end)

    it("tells the length of an empty body where one is usual", function()
      for method, told in pairs{ POST = true, PUT = true, PATCH = true, DELETE = false } do
        local server = start.scripted{ { { "read" }, { "send", OK } } }
        local client = core.client()
        assert.equal(200, (client:request{ url = server.url, method = method }))
        client:close()
        assert.matches("^accept", server:line())
        local head = server:line()
        assert.matches("^request 1 0 " .. method .. " / ", head)
        assert.equal(told, head:find("|Content-Length: 0|", 1, true) ~= nil)
      end
    end)

    it("opens no more connections than max_connections", function()
      local server = start.scripted{ { { "read" }, { "send", OK }, { "again" } } }
      local client = core.client(nil, nil, 2)
      local transfers = {}
      for i = 1, 6 do
        transfers[i] = assert(client:start{ url = server.url })
      end
      run(client, transfers)
      client:close()
      assert.equal(6, server:count("request"))
      assert.is_true(server:count("accept") <= 2)
    end)

    it("gives a result once", function()
      local client = core.client()
      local transfer = client:start{ url = "http://127.0.0.1:1/" }
      run(client, { transfer })
      assert.equal(7, (select(5, transfer:result())).number)
      assert.equal("closed", (select(3, transfer:result())))
      client:close()
    end)

    -- A server in this process, so that what it does is done before a call
    -- begins: it answers OK and then does `more` with the connection.
    local function calls_of(begin, more)
      local listener = assert(socket.bind("127.0.0.1", 0))
      local url = ("http://127.0.0.1:%d/"):format(select(2, listener:getsockname()))
      local client, conn, accepted = core.client(), nil, 0
      listener:settimeout(0)
      for _ = 1, 2 do
        local transfer = begin(client, url)
        while not transfer:done() do
          client:step()
          local fresh = listener:accept()
          conn, accepted = fresh or conn, accepted + (fresh and 1 or 0)
          if conn then
            conn:settimeout(0)
            local data, _, part = conn:receive(1000)
            if #(data or part or "") > 0 then
              conn:send(OK)
              more(conn)
            end
          end
        end
        local status, _, body = transfer:result()
        assert.equal("200 ok", ("%s %s"):format(tostring(status), tostring(body)))
      end
      client:close()
      listener:close()
      return accepted
    end

    local function begin(client, url)
      return client:start{ url = url }
    end

    it("takes a new connection when the kept one was reset meanwhile", function()
      assert.equal(2, calls_of(begin, function(conn)
        conn:setoption("linger", { on = true, timeout = 0 })
        conn:close()
      end))
    end)

    it("takes nothing for an answer that came before its request", function()
      local late
      assert.equal(2, calls_of(function(client, url)
        if late then
          late:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
        end
        return begin(client, url)
      end, function(conn)
        late = conn
      end))
    end)

    -- The server speaks as soon as there is a connection.
    it("takes nothing for an answer that came before its request, on a new connection",
      function()
        local listener = assert(socket.bind("127.0.0.1", 0))
        local client = core.client()
        local transfer = client:start{
          url = ("http://127.0.0.1:%d/"):format(select(2, listener:getsockname())) }
        client:step()
        local conn = assert(listener:accept())
        assert(conn:send(OK))
        socket.sleep(0.05)
        while not transfer:done() do
          client:poll(0.1)
          client:step()
        end
        local result, message, code, sent = transfer:result()
        assert.is_nil(result)
        assert.equal("protocol", code)
        assert.is_false(sent)
        assert.matches("before the request", message)
        assert.is_nil((conn:receive(1)))
        client:close()
        listener:close()
      end)

    it("cancels a call and closes its connection", function()
      local server = start.scripted{ { { "read" }, { "read" } } }
      local client = core.client()
      local transfer = client:start{ url = server.url }
      client:sleep(0.2)
      server:expect("^request")
      transfer:cancel()
      local result, _, code, sent = transfer:result()
      assert.is_nil(result)
      assert.equal("cancelled", code)
      assert.is_nil(sent)
      server:expect("^eof")
      assert.equal(0, client:step())
      client:close()
    end)

    it("closes the connection of a call that was forgotten", function()
      local server = start.scripted{ { { "read" }, { "read" } } }
      local client = core.client()
      do
        local transfer = client:start{ url = server.url }
        client:sleep(0.2)
        server:expect("^request")
        assert.is_false(transfer:done())
      end
      collectgarbage()
      collectgarbage()
      server:expect("^eof")
      client:close()
    end)

    it("ends the calls in flight when it is closed", function()
      local server = start.scripted{ { { "read" }, { "sleep", 60 } } }
      local client = core.client()
      local transfer = client:start{ url = server.url }
      client:sleep(0.1)
      client:close()
      assert.is_true(transfer:done())
      assert.equal("closed", (select(3, transfer:result())))
    end)

    it("may be collected before and after its calls, also at the end of Lua", function()
      local server = start.scripted{ { { "read" }, { "sleep", 60 } } }
      local child = start.run(LUA .. " " .. start.file(([[
        local core = require "wxbot.curl"
        local function make()
          local client = core.client()
          local transfer = client:start{ url = "%s/" }
          client:step()
          return client, transfer
        end
        local client, transfer = make()
        client = nil collectgarbage() collectgarbage()
        assert(transfer:done() and select(3, transfer:result()) == "closed")
        client, transfer = make()
        transfer = nil collectgarbage() collectgarbage()
        assert(client:step() == 0)
        A, B = make()
        C, D = make()
        D, C = C, D
        print("done")]]):format(server.url)))
      assert.equal("done", child:line())
      assert.is_nil(child:line())
    end)
  end)
end)
