-- Without this calls inside nginx block a worker, or trust other certificates.
--
-- Most of it runs inside nginx, against its servers (spec/nginx/nginx.conf).
local canary = require "spec.support.canary"
local errors = require "wxbot.util.errors"
local http1 = require "wxbot.transport.http1"
local json = require "wxbot.codec.json"
local resty = require "wxbot.transport.resty"
local start = require "spec.server.start"

local INSIDE = package.loaded.ngx ~= nil

-- Stands for the token, which is a part of the real URLs.
local SECRET = "/openapi/aibot/" .. canary.credentials.token
  .. "?access_token=" .. canary.access_token
local OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

-- Seconds that a deadline may be missed by on a busy machine.
local SLACK = 2

describe("wxbot.resty", function()
  for name, options in pairs{
    ["an unknown option"] = { caid = "x" },
    ["a ca_id that is no string"] = { ca_id = 1 },
    ["a ca_id with a blank"] = { ca_id = "a b" },
    ["an empty server_name"] = { server_name = "" },
    ["a server_name that is none"] = { server_name = "a:b" },
    ["a pool of nothing"] = { pool_size = 0 },
    ["half a connection"] = { pool_size = 1.5 },
    ["a proxy of another kind"] = { proxy = "https://u:PASSWORD@p:1" },
    ["a proxy by SOCKS"] = { proxy = "socks5://p:1080" },
    ["a proxy without a port"] = { proxy = "http://p" },
    ["no time"] = { idle_timeout = 0 },
    ["options that are no table"] = "x",
  } do
    it("raises at the caller's line for " .. name, function()
      local ok, message = pcall(function()
        require "wxbot".resty(options)
      end)
      assert.is_false(ok)
      assert.matches("resty_spec.lua:%d+: wxbot.resty: ", message)
      assert.is_nil(message:find("PASSWORD", 1, true))
    end)
  end

  if not INSIDE then
    it("raises at the caller's line outside nginx", function()
      local ok, message = pcall(function()
        require "wxbot".resty()
      end)
      assert.is_false(ok)
      assert.matches("resty_spec.lua:%d+: .*inside nginx only", message)
    end)
  end
end)

if not INSIDE then
  return
end

local function new()
  return resty.new{}
end

require "spec.support.contract"("cosockets, inside nginx", {
  transport = new,
  can = { network = true, keepalive = true, close = true, waits = true,
    threads = true },
})

local WORK = os.getenv("WXBOT_SPEC_WORK")

require "spec.support.fault_specs"("wxbot.resty", {
  transport = new,
  secure = function()
    return resty.new{ server_name = "good.test" }
  end,
  authority = WORK,
})

local TLS, PLAIN, DNS = os.getenv("WXBOT_SPEC_PORTS"):match("(%d+) (%d+) (%d+)")

describe("inside nginx", function()
  local transport

  before_each(function()
    transport = resty.new{}
  end)

  after_each(function()
    start.stop_all()
  end)

  local function post(server, fields, by)
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
    local response, err = (by or transport):request(req)
    return response, err
  end

  -- Asserts that a call failed in that way, and without the secret.
  local function assert_failure(kind, sent, response, err)
    assert.is_nil(response)
    assert.equal(kind, err.kind)
    assert.equal(sent, err.sent)
    for _, value in pairs(err) do
      assert.is_nil(tostring(value):find("SECRET", 1, true))
    assert.is_nil(canary.found(tostring(value)))
    end
    return err
  end

  -- Asserts that a call ends when it must, and lets others run meanwhile.
  local function assert_deadline(seconds, call)
    local ticks, stop = 0, false
    local ticker = ngx.thread.spawn(function()
      while not stop do
        ngx.sleep(0.02)
        ticks = ticks + 1
      end
    end)
    local begun = transport:now()
    local response, err = call()
    local took = transport:now() - begun
    stop = true
    ngx.thread.wait(ticker)
    assert.is_true(took >= seconds - 0.02, "ended after " .. took)
    assert.is_true(took < seconds + SLACK, "ended after " .. took)
    assert.is_true(ticks >= seconds / 0.02 / 4, "only " .. ticks .. " ticks")
    return response, err
  end

  -- Makes a call from a request of another server block of nginx.conf.
  local function from(server, request, options, path)
    local sock = ngx.socket.tcp()
    sock:settimeout(20000)
    assert(sock:connect(("unix:%s/%s.sock"):format(WORK, server)))
    local text = assert(json.encode{ request = request,
      options = options or json.null })
    assert(sock:send(("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      .. "Content-Length: %d\r\n\r\n%s"):format(path or "/", #text, text)))
    local parser = http1.parser("POST", 1e6)
    repeat
      local data = assert(sock:receiveany(65536))
    until assert(parser:feed(data) ~= nil) and parser.state == "done"
    sock:close()
    local answer = assert(json.decode(parser:response().body))
    return answer.response, answer.err
  end

  local function plain(path, fields, by)
    fields = fields or {}
    fields.url = "http://127.0.0.1:" .. PLAIN .. path
    return post({ url = "" }, fields, by)
  end

  local function tls(name, fields, options)
    options = options or {}
    options.server_name = name
    return post({ url = "https://127.0.0.1:" .. TLS }, fields,
      resty.new(options))
  end

  local function count_fds()
    local n = 0
    for _ in require "lfs".dir("/proc/self/fd") do
      n = n + 1
    end
    return n
  end

  describe("a call", function()
    it("gives status, headers and body", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 404 Not Found\r\n"
        .. "X-One: 1\r\nx-one:  2 \r\nContent-Length: 3\r\n\r\nno\0" } } }
      local response = assert(post(server))
      assert.equal(404, response.status)
      assert.equal("1, 2", response.headers["x-one"])
      assert.equal("no\0", response.body)
    end)

    it("sends method, path, headers and body as they are", function()
      local response = assert(plain("/a/../b?c=%20", { body = ("x"):rep(70000) }))
      local seen = json.decode(response.body)
      assert.equal("POST", seen.method)
      assert.equal("/a/../b?c=%20", seen.uri)
      assert.equal(70000, seen.body)
      assert.same({ ["accept"] = "*/*", ["content-type"] = "application/json",
        ["content-length"] = "70000", ["host"] = "127.0.0.1:" .. PLAIN }, seen.headers)
    end)

    it("takes chunked answers, and keeps the connection", function()
      assert.equal("one two three", assert(plain("/chunked")).body)
      local first = json.decode(plain("/").body).connection
      assert.equal("one two three", assert(plain("/chunked")).body)
      assert.equal(first, json.decode(plain("/").body).connection)
    end)

    it("takes answers without a body", function()
      local response = assert(plain("/empty"))
      assert.equal(204, response.status)
      assert.equal("", response.body)
      assert.equal(200, assert(plain("/", { method = "HEAD", body = "" })).status)
      assert.equal(200, assert(plain("/", { method = "GET", body = "" })).status)
    end)

    it("takes a body that comes drop by drop", function()
      local server = start.scripted{ { { "read" }, { "drip", OK, 0.005 } } }
      assert.equal("ok", assert(post(server)).body)
    end)

    it("drops interim answers", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 100 Continue\r\n\r\n" .. OK } } }
      assert.equal(200, assert(post(server)).status)
    end)

    it("follows no redirect", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" },
        { "again" } } }
      assert.equal(302, assert(post(server)).status)
      assert.equal(1, server:count("request"))
    end)

    it("does not decode what calls itself compressed", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 200 OK\r\n"
        .. "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnot!" } } }
      assert.equal("not!", assert(post(server)).body)
    end)

    it("lets others run while it waits", function()
      local response = assert_deadline(0.4, function()
        return plain("/late?s=0.4")
      end)
      assert.equal("late", response.body)
    end)

    it("may be one of many at once", function()
      local threads = {}
      for i = 1, 50 do
        threads[i] = ngx.thread.spawn(function()
          local response = assert(plain("/?" .. i))
          return json.decode(response.body).uri
        end)
      end
      for i, thread in ipairs(threads) do
        local ok, uri = ngx.thread.wait(thread)
        assert.is_true(ok)
        assert.equal("/?" .. i, uri)
      end
    end)

    it("may be made in a coroutine", function()
      local call = coroutine.wrap(function()
        return (plain("/chunked"))
      end)
      assert.equal("one two three", call().body)
    end)

    for _, path in ipairs{ "/", "/rewrite", "/access" } do
      it("may be made by a request, " .. path, function()
        local response, err = from("trusting", { method = "POST", body = "x",
          url = "http://127.0.0.1:" .. PLAIN .. "/chunked" }, nil, path)
        assert.is_nil(err)
        assert.equal("one two three", response.body)
      end)
    end

    it("may go to an address of IPv6", function()
      local err = assert_failure("transport", false,
        post{ url = "http://[::1]:1" })
      assert.matches("^http://%[::1%]:1: no connection", err.message)
    end)
  end)

  describe("a connection", function()
    local function number_of(path, by)
      return json.decode(assert(plain(path, nil, by)).body).connection
    end

    it("is kept for the next call", function()
      local first = number_of("/")
      assert.equal(first, number_of("/"))
      assert.equal(first, number_of("/", resty.new{}))
    end)

    it("is shared with no other trust", function()
      assert.not_equal(number_of("/"), number_of("/", resty.new{ ca_id = "b" }))
      local first = assert(tls("good.test"))
      local second = assert(tls("good.test", nil, { ca_id = "b" }))
      assert.not_equal(json.decode(first.body).connection,
        json.decode(second.body).connection)
    end)

    it("is not kept when the server closes it", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 200 OK\r\n"
        .. "Connection: close\r\nContent-Length: 2\r\n\r\nok" }, { "read" } } }
      assert(post(server))
      server:expect("^eof")
    end)

    it("is not kept when more came than the answer", function()
      local server = start.scripted{ { { "read" }, { "send", OK .. "HTTP/1.1 200 OK" },
        { "read" } } }
      assert(post(server))
      server:expect("^eof")
    end)

    it("is not kept after a failure", function()
      local server = start.scripted{ { { "read" }, { "send", "garbage" }, { "read" } } }
      assert_failure("protocol", nil, post(server))
      server:expect("^eof")
    end)

    it("is not kept after a timeout", function()
      local server = start.scripted{ { { "read" }, { "read" } } }
      assert_failure("timeout", nil, post(server, { timeout = 0.2 }))
      server:expect("^eof")
    end)

    it("that ended while it was kept is not used", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      assert(post(server))
      transport:sleep(0.1)
      assert(post(server))
      assert.equal(2, server:count("request"))
    end)

    it("that dies with a request on it is not replaced", function()
      local server = start.scripted{
        { { "read" }, { "send", OK }, { "read" }, { "close" } },
        { { "read" }, { "send", OK }, { "again" } },
      }
      assert(post(server))
      local err = assert_failure("transport", nil, post(server, { idempotent = true }))
      assert.matches("arrived is not known", err.message)
      assert(post(server))
      assert.equal(3, server:count("request"))
    end)

    it("is not left open by any failure", function()
      local before
      for i = 1, 20 do
        local server = start.scripted{ { { "read" }, { "sleep", 1 } } }
        post(server, { timeout = 0.02 })
        post(server, { url = server.url:gsub("http:", "https:"), timeout = 0.02 })
        server:stop()
        post(server)
        tls("other.test")
        from("trusting", { url = "http://a.silent/", timeout = 0.02 })
        before = i == 5 and count_fds() or before
      end
      transport:sleep(0.1)
      assert.is_true(count_fds() <= before + 5)
    end)
  end)

  describe("a call that fails", function()
    it("was not sent when nobody listens", function()
      local err = assert_failure("transport", false, post{ url = "http://127.0.0.1:1" })
      assert.matches("^http://127.0.0.1:1: no connection", err.message)
    end)

    local unknown = {
      ["is closed after the request"] = { { "read" }, { "close" } },
      ["is reset after the request"] = { { "read" }, { "reset" } },
      ["is closed in the headers"] = { { "read" }, { "send", OK:sub(1, 20) } },
      ["is reset in the body"] = { { "read" }, { "send", OK:sub(1, -2) },
        { "sleep", 0.1 }, { "reset" } },
      ["is closed before the announced length"] = { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nok" } },
      ["is closed before the last chunk"] = { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" } },
    }
    for name, steps in pairs(unknown) do
      it("has an unknown end when the connection " .. name, function()
        local err = assert_failure("transport", nil, post(start.scripted{ steps }))
        assert.matches("not known", err.message)
      end)
    end

    -- Whether anything was sent before is a matter of who is faster.
    for _, how in ipairs{ "close", "reset" } do
      it("never claims an answer when it meets a " .. how .. " at once", function()
        local _, err = post(start.scripted{ { { how } } })
        assert.equal("transport", err.kind)
        assert.is_not_true(err.sent)
      end)
    end

    it("was not sent when no descriptor is left", function()
      local process = start.process()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      local files = {}
      assert.is_true(process.limit(64))
      repeat
        local file = io.open("/dev/null")
        files[#files + 1] = file
      until not file
      local response, failure = post(server)
      for _, each in ipairs(files) do
        each:close()
      end
      process.limit(1024)
      local err = assert_failure("unavailable", false, response, failure)
      assert.matches("no file descriptor is left", err.message)
      assert.equal("ok", assert(post(server)).body)
    end)

    it("was not sent when nginx has no connection left", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      local sockets, opened = {}, true
      while opened do
        local sock = ngx.socket.tcp()
        opened = sock:connect("127.0.0.1", tonumber(server.port), {
          pool = "spec" .. #sockets })
        sockets[#sockets + 1] = sock
      end
      local response, failure = post(server)
      for _, sock in ipairs(sockets) do
        sock:close()
      end
      local err = assert_failure("unavailable", false, response, failure)
      assert.matches("worker_connections", err.message)
      assert.equal("ok", assert(post(server)).body)
    end)

    it("is a fault of the protocol when no HTTP comes", function()
      local server = start.scripted{ { { "send", "220 smtp.test ESMTP\r\n" }, { "read" } } }
      assert_failure("protocol", nil, post(server))
    end)

    for _, name in ipairs{ "Content-Length: -5", "Content-Length: +5",
        "Content-Length: 2\r\nContent-Length: 2",
        "Content-Length: 2\r\nTransfer-Encoding: chunked" } do
      it("is a fault of the protocol with " .. name:gsub("%c+", ", "), function()
        local server = start.scripted{ { { "read" }, { "send",
          "HTTP/1.1 200 OK\r\n" .. name .. "\r\n\r\nok" } } }
        assert_failure("protocol", nil, post(server))
      end)
    end

    it("ends at its timeout when nothing comes", function()
      local server = start.scripted{ { { "read" }, { "sleep", 60 } } }
      local err = assert_failure("timeout", nil, assert_deadline(0.4, function()
        return post(server, { timeout = 0.4 })
      end))
      assert.matches("no answer within 0.4 s", err.message)
    end)

    it("ends at its timeout when a header drips", function()
      local server = start.scripted{ { { "read" }, { "drip", OK:rep(9), 0.05 } } }
      assert_failure("timeout", nil, assert_deadline(0.4, function()
        return post(server, { timeout = 0.4 })
      end))
    end)

    it("ends at its timeout when a body drips", function()
      local server = start.scripted{ { { "read" }, { "send",
        "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" }, { "drip", OK:rep(9), 0.05 } } }
      assert_failure("timeout", nil, assert_deadline(0.4, function()
        return post(server, { timeout = 0.4 })
      end))
    end)

    it("ends at its timeout when the request is not read", function()
      local server = start.scripted{ { { "sleep", 60 } } }
      assert_failure("timeout", nil, assert_deadline(0.4, function()
        return post(server, { timeout = 0.4, body = ("x"):rep(2e7) })
      end))
    end)

    it("ends at its timeout in a handshake that says nothing", function()
      local server = start.scripted{ { { "sleep", 60 } } }
      local err = assert_failure("timeout", false, assert_deadline(0.4, function()
        return post(server, { url = server.url:gsub("http:", "https:"),
          connect_timeout = 0.4 })
      end))
      assert.matches("no connection within 0.4 s", err.message)
    end)

    it("ends at its timeout in a handshake that drips", function()
      local server = start.scripted{ { { "drip",
        "\22\3\3\64\0\2\0\63\252" .. ("x"):rep(99), 0.05 } } }
      assert_failure("timeout", false, assert_deadline(0.4, function()
        return post(server, { url = server.url:gsub("http:", "https:"),
          connect_timeout = 0.4 })
      end))
    end)

    it("was not sent when there was no time left", function()
      local server = start.scripted{ { { "read" }, { "send", OK } } }
      assert_failure("timeout", false, post(server, { timeout = -1 }))
      assert.equal(0, server:count("accept"))
    end)

    it("stops reading at max_body, announced or not", function()
      local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 200 OK\r\n\r\n" },
        { "flood", ("x"):rep(1000), 1e9 } } }
      assert_failure("limit", true, post(server, { max_body = 5000 }))
      assert_failure("limit", true, plain("/length?n=5001", { max_body = 5000 }))
      assert.equal(5000, #assert(plain("/length?n=5000", { max_body = 5000 })).body)
    end)

    it("stops reading at 1 MiB by default", function()
      assert.equal(1048576, #assert(plain("/length?n=1048576")).body)
      assert_failure("limit", true, plain("/length?n=1048577"))
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

    for name, fields in pairs{
      ["a URL with a line end"] = { url = "http://127.0.0.1/a\r\nSECRET" },
      ["another scheme"] = { url = "file:///etc/passwd" },
      ["a socket of the machine"] = { url = "http://unix:/run/x.sock" },
      ["a header with a line end"] = { headers = { ["X-A"] = "SECRET\r\nX-B: 1" } },
      ["a host of its own"] = { headers = { Host = "a" } },
      ["a method that is none"] = { method = "GET / HTTP/1.1\r\n" },
    } do
      it("is refused with " .. name, function()
        assert_failure("invalid", false, post({ url = "http://127.0.0.1:1" }, fields))
      end)
    end

    it("is refused after close", function()
      transport:close()
      assert_failure("closed", false, post{ url = "http://127.0.0.1:1" })
      assert_failure("closed", false, transport:sleep(0.001))
    end)
  end)

  describe("TLS", function()
    it("is had with the authority that nginx.conf names", function()
      local response = assert(tls("good.test"))
      assert.equal(SECRET,
        json.decode(response.body).uri)
    end)

    it("is kept", function()
      local first = json.decode(tls("good.test").body).connection
      assert.equal(first, json.decode(tls("good.test").body).connection)
    end)

    -- Several times: whether the handshake ends at once is a matter of luck,
    -- and then nginx's library tells of it in another way.
    local function refused(name, server, pattern, by)
      it("is refused when " .. name, function()
        for _ = 1, 10 do
          local response, err
          if by then
            response, err = from(by, { method = "POST", body = "x",
              url = "https://127.0.0.1:" .. TLS .. SECRET },
              { server_name = server, ca_id = by })
          else
            response, err = tls(server)
          end
          assert_failure("tls", false, response, err)
          assert.equal("certificate", err.code)
          assert.matches(pattern, err.message)
        end
      end)
    end

    refused("the certificate is for another host", "other.test", "another host name")
    refused("the certificate has expired", "old.test", "not valid today")
    refused("nothing is trusted that issued it", "good.test",
      "lua_ssl_trusted_certificate", "stranger")
    refused("there are more steps than lua_ssl_verify_depth", "deep.test",
      "lua_ssl_verify_depth")

    it("is had over more steps when lua_ssl_verify_depth allows them", function()
      local response = from("deep", { url = "https://127.0.0.1:" .. TLS },
        { server_name = "deep.test" })
      assert.equal(200, response.status)
    end)

    it("is refused for an address, which nginx does not compare", function()
      local err = assert_failure("tls", false,
        post{ url = "https://127.0.0.1:" .. TLS })
      assert.equal("certificate", err.code)
      assert.matches("not with addresses", err.message)
      assert.matches("server_name", err.message)
    end)

    it("lends no connection to who asks for another name", function()
      assert(tls("good.test"))
      assert_failure("tls", false, tls("other.test"))
    end)

    it("is refused when the peer does not speak it", function()
      local server = start.scripted{ { { "send", "HTTP/1.1 400 Bad\r\n\r\n" }, { "read" } } }
      local err = assert_failure("tls", false,
        post(server, { url = server.url:gsub("http:", "https:") }))
      assert.matches("on this port", err.message)
    end)

    it("makes no answer whole by its end, which may be a cut", function()
      local server = start.tls(("-cert %s/good.pem -key %s/good.key")
        :format(WORK, WORK))
      local err = assert_failure("transport", nil, post({
        url = "https://127.0.0.1:" .. server.port }, { method = "GET", body = "" },
        resty.new{ server_name = "good.test" }))
      assert.matches("tells no length", err.message)
    end)

    it("is refused below TLS 1.2", function()
      local server = start.tls(("-cert %s/good.pem -key %s/good.key -tls1_1 "
        .. "-cipher ALL:@SECLEVEL=0"):format(WORK, WORK))
      assert_failure("tls", false, post({ url = "https://127.0.0.1:" .. server.port },
        nil, resty.new{ server_name = "good.test" }))
    end)
  end)

  describe("a name", function()
    it("without resolver is an error that names the directive", function()
      local err = assert_failure("unavailable", false, post{ url = "http://good.test" })
      assert.equal("resolver", err.code)
      assert.matches("set resolver in nginx.conf", err.message)
    end)

    local function ask(name, by, fields)
      local request = { method = "POST", url = name .. SECRET }
      for key, value in pairs(fields or {}) do
        request[key] = value
      end
      return from(by or "trusting", request)
    end

    before_each(function()
      start.run(start.LUA .. " spec/nginx/dns.lua " .. DNS):expect("^ready")
    end)

    it("is looked up, and checked against the certificate", function()
      assert.equal(200, assert(ask("https://good.test:" .. TLS)).status)
      assert.equal(200, assert(ask("http://good.test:" .. PLAIN)).status)
      assert_failure("tls", false, ask("https://another.test:" .. TLS))
    end)

    it("that does not exist was not sent to", function()
      local err = assert_failure("transport", false, ask("https://good.nowhere"))
      assert.matches("name is not known", err.message)
    end)

    it("that no server answers for ends the call at its deadline", function()
      local err = assert_failure("timeout", false, assert_deadline(0.4, function()
        return ask("https://a.silent", nil, { timeout = 0.4 })
      end))
      assert.matches("no connection within 0.4 s", err.message)
      err = assert_failure("timeout", false, assert_deadline(0.4, function()
        return ask("https://b.silent", nil, { connect_timeout = 0.4 })
      end))
      assert.matches("no connection within 0.4 s", err.message)
    end)

    it("that no server answers for may end it sooner, by resolver_timeout", function()
      local err = assert_failure("timeout", false, ask("https://c.silent", "hasty"))
      assert.matches("check resolver", err.message)
    end)
  end)

  describe("a phase that allows no sockets", function()
    local phases = require "spec.nginx.phases"

    setup(function()
      local sock = ngx.socket.tcp()
      assert(sock:connect(("unix:%s/trusting.sock"):format(WORK)))
      assert(sock:send("GET /phases HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
      assert.truthy(sock:receive("*a"):find("200 OK", 1, true))
      ngx.sleep(0.05) -- the log comes after the answer
    end)

    for _, phase in ipairs{ "init", "init_worker", "set", "header_filter",
        "body_filter", "log" } do
      it("is an error that says what to do: " .. phase, function()
        local seen = phases.seen[phase]
        local err = assert_failure("unavailable", false, seen.response, seen.err)
        assert.is_true(errors.is(err))
        assert.equal("phase", err.code)
        assert.matches("the phase " .. phase .. ":", err.message, 1, true)
        assert.matches("ngx.timer.at", err.message, 1, true)
        assert_failure("unavailable", false, seen.slept, seen.why)
        assert.equal("phase", seen.why.code)
      end)
    end

    for what, run in pairs{
      ["string.gsub"] = function(fn) ("x"):gsub("x", fn) end,
      ["table.sort"] = function(fn)
        table.sort({ 2, 1 }, function(a, b)
          fn()
          return a < b
        end)
      end,
      ["require"] = function(fn)
        package.preload["spec.below"] = fn
        require "spec.below"
        package.loaded["spec.below"] = nil
      end,
    } do
      it("is also one that a C function has begun: " .. what, function()
        local response, err, slept, why
        run(function()
          if not err then
            response, err = plain("/")
            slept, why = transport:sleep(0.01)
          end
        end)
        assert_failure("unavailable", false, response, err)
        assert.matches("cannot wait here", err.message)
        assert_failure("unavailable", false, slept, why)
        assert(plain("/"))
      end)
    end

    it("is known where the host has no debug library", function()
      local own, usual = debug, {}
      _G.debug = nil
      for name, module in pairs(package.loaded) do
        if name:find("^wxbot%.transport%.resty") then
          usual[name], package.loaded[name] = module, nil
        end
      end
      local loaded, bare = pcall(require, "wxbot.transport.resty")
      _G.debug = own
      for name, module in pairs(usual) do
        package.loaded[name] = module
      end
      assert(loaded, bare)
      local err;
      ("x"):gsub("x", function()
        err = select(2, bare.new():request{ url = "http://127.0.0.1:1/" })
      end)
      assert.equal("yield", err.code)
    end)

    it("is none where Lua calls Lua, whatever is in between", function()
      local seen = {}
      local object = setmetatable({}, {
        __index = function() return (plain("/")) end,
        __call = function() return (plain("/")) end,
      })
      seen[1] = object.field
      seen[2] = object()
      seen[3] = select(2, pcall(plain, "/"))
      seen[4] = select(2, xpcall(function() return (plain("/")) end, print))
      seen[5] = coroutine.wrap(function() return (plain("/")) end)()
      for response in function(_, before)
        return not before and (plain("/")) or nil
      end do
        seen[6] = response
      end
      for i = 1, 6 do
        assert.equal(200, seen[i].status)
      end
    end)
  end)

  describe("the transport", function()
    it("sleeps for as long as it is told, and lets others run", function()
      assert.is_true(assert_deadline(0.3, function()
        return transport:sleep(0.3)
      end))
    end)

    it("shows nothing of its options", function()
      local shown = resty.new{ ca_id = "SECRET" }
      assert.is_nil(next(shown))
      assert.equal("string", type(getmetatable(shown)))
    end)

    it("raises at the caller's line for fields of a wrong type", function()
      for _, req in ipairs{ { url = 1 }, {}, { url = "http://a/", body = 1 },
          { url = "http://a/", timeout = "1" }, { url = "http://a/", max_body = -1 },
          { url = "http://a/", headers = { 1 } }, { url = "http://a/", timeout = 0 / 0 } } do
        local ok, message = pcall(function()
          transport:request(req)
        end)
        assert.is_false(ok)
        assert.matches("resty_spec.lua:%d+: request: ", message)
      end
    end)

    it("is for no jobs, which wait for the disk", function()
      local box = require "wxbot".sandbox{}
      for _, given in ipairs{ transport, box } do
        local options = box:credentials()
        options.transport = given
        local bot = assert(require "wxbot".new(options))
        assert.has_error(function()
          bot:tag{ appid = "a", category = "c", label = "l", desc = "d",
            list = { "o" }, job = "/nowhere/job" }
        end, "tag: job: it waits for the disk; not in a loop's fiber, nor in "
          .. "nginx")
      end
    end)

    it("is what a bot without a transport uses, and libcurl stays away", function()
      local bot = assert(require "wxbot".new{ appid = "a",
        token = canary.credentials.token, aes_key = canary.credentials.aes_key,
        base_url = "http://127.0.0.1:1", retry = false })
      local err = assert_failure("transport", false,
        bot:sign{ userid = "u" })
      assert.matches("no connection; check host", err.message)
      assert.is_nil(package.loaded["wxbot.curl"])
      local maps = assert(io.open("/proc/self/maps")):read("*a")
      assert.is_nil(maps:find("libcurl", 1, true))
    end)
  end)
end)
