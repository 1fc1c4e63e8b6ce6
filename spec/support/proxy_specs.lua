-- Defines the specs of how a transport goes by a proxy: the same for all.
--
--   proxies("wxbot.curl", {
--     transport = function(proxy, ca_file) return … end,
--     run = function(body) … end,     runs a spec's body; nil: as it is
--     authority = folder,             with what authority.sh has made, where
--                                     the trust is settled; nil: makes one
--   })
--
-- The proxies are scripted servers. No name of the platform's is looked up
-- here: only the proxy learns it.

local busted = require "busted"
local core = require "wxbot.core"
local secure = require "spec.server.secure"
local start = require "spec.server.start"

-- Only the spec files themselves have them as globals.
local assert, describe, it = busted.assert, busted.describe, busted.it
local after_each, setup, teardown = busted.after_each, busted.setup,
  busted.teardown

-- Some of it percent-encoded, some not; both ways the host seems to end there.
local USER = "user:p%40ss/?@:-PASSWORD"
local BASIC = "Basic " .. core.base64_encode("user:p@ss/?@:-PASSWORD")
local OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
local OPENED = "HTTP/1.0 200 Connection established\r\n\r\n"
local SECRET = "/openapi/SECRET"

-- Seconds: of a call to a proxy that says nothing, and how late the end may come.
local SHORT, LATE = 0.3, 0.25

local NO_RECORD = 256 -- no TLS record has this type

-- What keeps a proxy from being one; what is told, and the proxy's status.
local REFUSED = {
  ["wants credentials"] = { "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic "
    .. 'realm="x"\r\nContent-Length: 2\r\n\r\nno', "407", 407 },
  ["does not reach the platform"] = {
    "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", "502", 502 },
  ["forbids it, and closes"] = { "HTTP/1.0 403 No\r\n\r\nlong text", "403", 403 },
  ["asks to come later"] = { "HTTP/1.1 503 Later\r\nRetry-After: 1\r\n"
    .. "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "503", 503 },
  ["redirects"] = { "HTTP/1.1 302 There\r\nLocation: http://x/\r\n"
    .. "Content-Length: 0\r\n\r\n", "302", 302 },
  ["asks to wait"] = { "HTTP/1.1 100 Wait\r\n\r\n" .. OPENED, "100", 100 },
  ["wants another protocol"] = { "HTTP/1.1 101 Switch\r\n\r\n", "101", 101 },
  ["closes"] = { "", "by way of the proxy" },
  ["does not speak HTTP"] = { "SSH-2.0-x\r\n", "by way of the proxy" },
  ["breaks off"] = { "HTTP/1.1 200 OK\r\nX:", "by way of the proxy" },
}

return function(name, make)
  local run = make.run or function(body)
    body()
  end

  describe("a proxy, for " .. name, function()
    local folder, transport

    setup(function()
      folder = make.authority or start.authority()
    end)

    teardown(function()
      if not make.authority then
        start.remove_folder(folder)
      end
    end)

    after_each(function()
      if transport then
        transport:close()
      end
      transport = nil
      start.stop_all()
    end)

    local function by(proxy)
      transport = make.transport(proxy, folder .. "/ca.pem")
    end

    -- A transport by the scripted proxy.
    local function serve(...)
      local server = start.scripted{ ... }
      by(("http://%s@127.0.0.1:%d"):format(USER, server.port))
      return server
    end

    -- Makes calls, one after the other; returns the last one's result.
    local function post(fields, times)
      local req = { method = "POST", url = "https://good.test" .. SECRET,
        headers = { ["content-type"] = "application/json" }, body = "{}",
        timeout = 5, connect_timeout = 3 }
      for key, value in pairs(fields or {}) do
        req[key] = value
      end
      local response, err
      run(function()
        for _ = 1, times or 1 do
          response, err = transport:request(req)
        end
      end)
      return response, err
    end

    local function assert_failure(kinds, said, response, err)
      assert.is_nil(response)
      assert.truthy((" " .. kinds .. " "):find(" " .. err.kind .. " ", 1, true),
        err.kind .. ": " .. err.message)
      assert.is_false(err.sent)
      assert.truthy(err.message:find("https://good.test: ", 1, true))
      assert.truthy(err.message:find(said, 1, true), err.message)
      for _, value in pairs(err) do
        for _, secret in ipairs{ "SECRET", "PASSWORD", BASIC } do
          assert.is_nil(tostring(value):find(secret, 1, true))
        end
      end
      return err
    end

    -- Its script, for a tunnel to what listens at that port.
    local function tunnel(port, opened)
      return { { "head" }, { "send", opened or OPENED },
        { "relay", port, NO_RECORD } }
    end

    -- What answers https, and its port.
    local function platform_of()
      local platform = start.scripted{ { { "read" }, { "send", OK }, { "again" } } }
      return platform, secure(platform.url, folder).url:match("%d+$")
    end

    it("makes a tunnel for https, and alone learns its credentials", function()
      local platform, port = platform_of()
      local server = serve(tunnel(port))
      assert.equal("ok", assert(post(nil, 2)).body)
      local head = server:expect("^request 1 %- (.*)")
      assert.equal("CONNECT good.test:443 HTTP/1.1|Host: good.test:443|",
        head:match("^[^|]*|[^|]*|"))
      assert.truthy(head:find("|Proxy-Authorization: " .. BASIC .. "|", 1, true))
      assert.equal(1, server:count("accept"))
      head = platform:expect("^request 1 2 (.*)")
      assert.equal("POST " .. SECRET .. " HTTP/1.1", head:match("^[^|]*"))
      assert.is_nil(head:lower():find("proxy-", 1, true))
      assert.equal(1, platform:count("request") - 1)
    end)

    it("may tell of a length in front of a tunnel", function()
      local _, port = platform_of()
      serve(tunnel(port, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"))
      assert.equal("ok", assert(post()).body)
    end)

    it("lets nothing be taken for the platform's that it says itself", function()
      local _, port = platform_of()
      serve(tunnel(port, OPENED .. OK))
      local response, err = post()
      assert.is_nil(response)
      assert.is_false(err.sent)
    end)

    it("does not make a wrong certificate right", function()
      local port = start.tls(("-cert %s/other.pem -key %s/other.key")
        :format(folder, folder)).port
      serve(tunnel(port))
      assert_failure("tls", "the certificate is for another host name", post())
    end)

    it("is given the whole URL of http", function()
      local server = serve{ { "read" }, { "send", OK }, { "again" } }
      assert.equal("ok",
        assert(post({ url = "http://bot.test:8080/a?b" }, 2)).body)
      local head = server:expect("^request 1 2 (.*)")
      assert.equal("POST http://bot.test:8080/a?b HTTP/1.1|Host: bot.test:8080|",
        head:match("^[^|]*|[^|]*|"))
      assert.truthy(head:find("|Proxy-Authorization: " .. BASIC .. "|", 1, true))
      assert.equal(1, server:count("accept"))
    end)

    it("takes no connection that was made by another", function()
      local first = serve{ { "read" }, { "send", OK }, { "again" } }
      local url = { url = "http://bot.test/" }
      assert(post(url))
      local old = transport
      local second = serve{ { "read" }, { "send", OK }, { "again" } }
      assert(post(url))
      old:close()
      assert.equal(1, first:count("request"))
      assert.equal(1, second:count("request"))
    end)

    it("gives on what answers http, its own answers too", function()
      serve{ { "read" }, { "send",
        "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n" } }
      assert.equal(502, assert(post{ url = "http://bot.test/" }).status)
    end)

    for what, answer in pairs(REFUSED) do
      it("is named when it " .. what, function()
        local server = serve{ { "head" }, { "send", answer[1] }, { "close" } }
        local err = assert_failure("transport", answer[2], post())
        assert.equal("proxy", err.code)
        assert.equal(answer[3], err.status)
        assert.equal(1, server:count("request"))
      end)
    end

    for what, steps in pairs{
      ["says nothing"] = { { "head" }, { "sleep", 20 } },
      ["drips its head"] = { { "head" },
        { "drip", "HTTP/1.1 200 OK\r\n" .. ("X: y\r\n"):rep(99), 0.02 } },
      ["leaves the tunnel empty"] = { { "head" }, { "send", OPENED },
        { "sleep", 20 } },
    } do
      it("does not hold a call up when it " .. what, function()
        serve(steps)
        for _, name_of_time in ipairs{ "timeout", "connect_timeout" } do
          local begun = transport:now()
          assert_failure("timeout", "no connection by way of the proxy within "
            .. "0.3 s", post{ [name_of_time] = SHORT })
          assert.is_true(transport:now() - begun < SHORT + LATE)
        end
      end)
    end

    it("is named when nobody listens there", function()
      local server = start.scripted{ backlog = "closed" }
      by("http://127.0.0.1:" .. server.port)
      local err = assert_failure("transport", "by way of the proxy; check proxy",
        post())
      assert.equal("proxy", err.code)
    end)

    it("is named when its name is not known", function()
      by("http://proxy.invalid:3128")
      assert_failure("transport timeout unavailable", "", post{ timeout = 2 })
    end)
  end)
end
