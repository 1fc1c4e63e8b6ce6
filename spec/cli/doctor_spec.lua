-- Without this wxbot doctor calls what is broken right, names the wrong cause,
-- or shows a secret.
--
-- Each fault is planted in a command and a platform that are right otherwise.
-- #once
-- #long
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local secure = require "spec.server.secure"
local served = require "spec.support.served"
local start = require "spec.server.start"

local NO_KEY = ("Aa1Bb2Cc3Dd4Ee5"):rep(3):sub(1, 43) -- that of no bot

-- For Lua that runs before the command.
local PATHS = [[
  package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
  package.cpath = (os.getenv "BUILD" or "build") .. "/"
    .. _VERSION:match("%d.%d") .. "/?.so;" .. package.cpath
]]

local authority -- a folder: see spec.server.start
local platform, tls

setup(function()
  authority = start.authority()
  platform = served.start()
  tls = secure(platform.url, authority)
end)

teardown(function()
  start.stop_all()
  start.remove_folder(authority)
end)

after_each(run.clean)

-- Runs it; `found` has what was found by each check: the word, then the rest.
local function doctor(args)
  args[#args + 1] = "doctor"
  args.env = args.env or served.env()
  local result = run.run(args)
  result.found = {}
  for word, name, text in result.out:gmatch("([a-zA-Z]+) +([a-z0-9_]+) +([^\n]*)\n")
  do
    result.found[name] = { word, text }
  end
  return result
end

-- On the served platform.
local function examine(args)
  table.insert(args, 1, "--base-url")
  table.insert(args, 2, platform.url)
  return doctor(args)
end

-- On the embedded platform, made with other options.
local function examine_sandbox(options, ...)
  return doctor{ "--sandbox", before = PATHS .. ([[
    local platform = require "wxbot.sandbox.platform"
    local new = platform.new
    platform.new = function(options)
      options.%s = %s
      return new(options)
    end]]):format(options[1], options[2]), ... }
end

-- The names of the checks that failed.
local function failed(result)
  local names = {}
  for name, finding in pairs(result.found) do
    names[#names + 1] = finding[1] == "FAIL" and name or nil
  end
  table.sort(names)
  return table.concat(names, " ")
end

local function assert_says(result, name, ...)
  local text = result.found[name][2]
  for _, part in ipairs{ ... } do
    assert.truthy(text:find(part, 1, true), ("%q is not in: %s"):format(part, text))
  end
end

describe("wxbot doctor", function()
  it("shows no value that may be a secret in another's place", function()
    -- None of ours: the emulator quotes a managerid that it refuses.
    local key = ("Zz9Yy8Xx7Ww6Vv5"):rep(3):sub(1, 43)
    local result = examine{ env = served.env{ managerid = key } }
    assert.equal("43 characters", result.found.managerid[2])
  end)

  it("finds all in order where it is", function()
    local result = examine{ "--v2" }
    assert.same({ 0, "", "" }, { result.status, result.err, failed(result) })
    for name, word in pairs{ config = "skip", appid = "ok", token = "ok",
        aes_key = "ok", managerid = "ok", access_token = "ok",
        libraries = "ok", dns = "skip", proxy = "ok", connect = "ok",
        tls = "skip", clock = "ok", sign = "ok", signature = "ok",
        sealed = "ok", v2 = "ok", administrator = "ok", account = "ok" } do
      assert.equal(word, result.found[name][1], name)
    end
  end)

  it("does so over TLS, with the authority's file", function()
    local result = doctor{ "--base-url", tls.url, "--ca-file",
      authority .. "/ca.pem" }
    assert.same({ 0, "" }, { result.status, failed(result) })
    assert.equal("ok", result.found.tls[1])
  end)

  it("does so on the embedded platform, without a network", function()
    local result = doctor{ "--sandbox", "--v2", env = {} }
    assert.same({ 0, "" }, { result.status, failed(result) })
    assert_says(result, "connect", "in this process")
  end)

  it("only reads, and asks no question where the key is proven", function()
    local result = doctor{ "--sandbox", "--v2", before = PATHS .. [[
      local router = require "wxbot.sandbox.router"
      local handle = router.handle
      router.handle = function(platform, request)
        io.stderr:write(request.url:gsub(platform.token, "…"):match("//[^/]*/([^?]*)"), " ")
        return handle(platform, request)
      end]] }
    assert.equal("openapi/sign/… openapi/kefustate/get/… v2/token "
      .. "v2/bot/effective_progress openapi/publish_progress/… "
      .. "cgi-bin/freepublish/batchget ", result.err)
  end)

  it("prints one line of JSON", function()
    local result = examine{ "--json", env = served.env{ token = "no" } }
    local answer = assert(json.decode(result.out))
    assert.equal(1, result.status)
    assert.is_false(answer.ok)
    assert.equal(18, #answer.checks)
    local by_name = {}
    for _, check in ipairs(answer.checks) do
      assert.is_number(check.milliseconds)
      by_name[check.name] = check
    end
    assert.equal("fail", by_name.sign.result)
    assert.truthy(by_name.sign.message:find("1001", 1, true))
    assert.is_string(by_name.sign.hint)
    assert.same({ "skip", "needs sign" }, { by_name.signature.result,
      by_name.signature.message })
    assert.truthy(json.decode(result.err).error)
  end)

  it("looks at no bot where there is only an access token", function()
    local result = examine{ env = served.env{ appid = false, token = false,
      aes_key = false, managerid = false } }
    assert.same({ 0, "" }, { result.status, failed(result) })
    assert.equal("ok", result.found.account[1])
    assert_says(result, "sign", "needs token")
  end)

  it("says what is missing, and where it is", function()
    local result = examine{ env = {} }
    assert.equal("aes_key appid token", failed(result))
    assert_says(result, "token", "none is given", "WXBOT_TOKEN", "开放API")
    assert.equal("wxbot: 3 of 18 checks failed\n", result.err)
  end)
end)

describe("wxbot doctor that is interrupted", function()
  it("has said what it found so far, and ends with 130", function()
    local server = start.scripted{ backlog = "full" }
    local child = run.start{ "--base-url", server.url, "--timeout", "60",
      "doctor", env = served.env() }
    run.wait_for(function()
      return run.read(child.out):find("\nok    libraries", 1, true)
    end, "the first checks")
    child:interrupt()
    local result = child:wait()
    assert.equal(130, result.status)
    assert.equal("wxbot: interrupted\n", result.err)
    server:stop()
  end)

  it("is so while another program runs for it, and that ends, too", function()
    local server = start.scripted{ backlog = "full" }
    local folder = os.tmpname()
    os.execute(("rm %s; mkdir %s; cat >%s/getent <<'END'; chmod +x %s/getent")
      :format(folder, folder, folder, folder) .. [[

#!/bin/sh
trap 'echo was struck >/dev/tty; exit' INT
echo is asked >/dev/tty
sleep 20
END
]])
    local env = served.env()
    env.PATH = folder .. ":" .. os.getenv "PATH"
    local screen = run.on_terminal{ "--base-url", (server.url:gsub("127.0.0.1",
      "localhost")), "--timeout", "2", "doctor", env = env, after = "is asked",
      keys = "\\003" }
    os.execute("rm -r " .. folder)
    server:stop()
    if screen then
      assert.truthy(screen:find("was struck", 1, true), screen)
      assert.truthy(screen:find("status: 130", 1, true), screen)
    end
  end)
end)

describe("wxbot doctor names", function()
  -- ------------------------------------------------------- what was given

  it("a config file that others can read", function()
    local env = served.env()
    local path = run.file(json.encode{ token = env.WXBOT_TOKEN })
    env.WXBOT_TOKEN = nil
    os.execute("chmod 644 " .. path)
    local result = examine{ "--config", path, env = env }
    assert.equal("config", failed(result))
    assert_says(result, "config", path, "chmod 600")
    os.execute("chmod 600 " .. path)
    assert.equal("", failed(examine{ "--config", path, env = env }))
  end)

  local given = served.env()
  local TOKEN, KEY = given.WXBOT_TOKEN, given.WXBOT_AES_KEY

  for what, case in pairs{
    ["a token with a line feed"] = { { token = TOKEN .. "\n" }, "token",
      "line feed" },
    ["a token with a blank"] = { { token = TOKEN .. " " }, "token",
      "ends with a blank" },
    ["a token in quotes"] = { { token = '"' .. TOKEN .. '"' }, "token",
      "in quotes" },
    ["a token with a letter of full width"] = { { token = TOKEN .. "Ａ" },
      "token", "not ASCII" },
    ["a token that is none"] = { { token = "a/b" }, "token", "letters" },
    ["an aes_key that is cut off"] = { { aes_key = KEY:sub(1, 42) }, "aes_key",
      "must have 43 characters, and has 42" },
    ["an aes_key with the end of base64"] = { { aes_key = KEY .. "=" },
      "aes_key", "leave the = out" },
    ["an aes_key that is not base64"] = { {
      aes_key = ("abcdefgh-"):rep(5):sub(3) }, "aes_key",
      "43 characters of base64" },
    ["token and aes_key that are swapped"] = { { aes_key = TOKEN, token = KEY },
      "aes_key token", "exchange the two" },
    ["appid and token that are swapped"] = { { appid = TOKEN,
      token = "abcdefgh1234567" }, "appid sign", "exchange the two" },
    ["the appid of an official account"] = { { appid = "wx1234567890abcdef" },
      "appid", "official account", "has an APPID of its own" },
    ["a token in the place of the appid"] = { { appid = TOKEN, token = false },
      "appid token", "longer than an APPID: it has" },
    ["an aes_key in the place of the appid"] = { { appid = ("aB3"):rep(15)
      :sub(1, 43) }, "appid", "longer than an APPID: it has" },
    ["an access token with a line feed"] = {
      { access_token = "token_of_an_account\r\n" }, "access_token",
      "line feed" },
  } do
    it(what, function()
      local result = examine{ env = served.env(case[1]) }
      assert.same({ 1, case[2] }, { result.status, failed(result) })
      assert_says(result, case[2]:match("^[a-z_]+"), case[3], case[4])
    end)
  end

  it("a wrong token", function()
    local result = examine{ env = served.env{ token = TOKEN:reverse() } }
    assert.equal("sign", failed(result))
    assert_says(result, "sign", "1001", "the token is that of no bot")
    assert_says(result, "sealed", "needs sign")
  end)

  it("a wrong key", function()
    local result = examine{ env = served.env{ aes_key = NO_KEY } }
    assert.equal("sealed signature", failed(result))
    assert_says(result, "signature", "aes_key is wrong", "the clock is right")
    assert_says(result, "sealed", "1019", "copy aes_key")
  end)

  it("the key of another bot under a wrong clock", function()
    local result = examine{ env = served.env{ aes_key = NO_KEY },
      before = served.clock(-1800) }
    assert.equal("clock sealed signature", failed(result))
    assert_says(result, "signature", "set the clock first", "copy aes_key")
  end)

  it("a wrong appid", function()
    local result = examine{ env = served.env{ appid = "Gg8HejYTkUsEIlX" } }
    assert.equal("sealed", failed(result))
    assert_says(result, "sealed", "1010", "of another bot")
  end)

  it("who is no administrator", function()
    local result = examine{ "--v2", env = served.env{ managerid = "oNobody" } }
    assert.equal("administrator v2", failed(result))
    assert_says(result, "administrator", "1015", "用户ID")
    assert_says(result, "v2", "210202", "administrator")
    assert.equal("", failed(examine{ "--managerid", "admin", "--v2",
      env = served.env{ managerid = "oNobody" } }))
  end)

  -- ------------------------------------------------------ of the platform

  it("a platform that is busy, and so says nothing of a message", function()
    local result = doctor{ "--sandbox", before = PATHS .. [[
      require "wxbot.sandbox.demo".add = function(sandbox)
        sandbox:fail{ endpoint = "kefustate_get", code = -1 }
      end]] }
    assert.equal("sealed", failed(result))
    assert_says(result, "sealed", "try again later")
  end)

  it("version 2 that is refused under a wrong clock", function()
    local result = examine{ "--v2", before = served.clock(-1800),
      env = served.env{ appid = "Gg8HejYTkUsEIlX" } }
    assert.equal("clock sealed v2", failed(result))
    assert_says(result, "v2", "set the clock")
  end)

  it("a bot that is not approved", function()
    local result = examine_sandbox{ "approved", "false" }
    assert.equal("sign", failed(result))
    assert_says(result, "sign", "1002", "approved in the console")
  end)

  it("an access token that has expired", function()
    local result = examine_sandbox{ "expires", "1" }
    assert.equal("account", failed(result))
    assert_says(result, "account", "42001", "get a new one")
  end)

  it("an access token that was replaced", function()
    local result = examine{ env = served.env{ access_token = "no_longer" } }
    assert.equal("account", failed(result))
    assert_says(result, "account", "40001", "get a new one")
  end)

  it("an account that may not publish", function()
    local result = examine_sandbox{ "authorised", "false" }
    assert.equal("account", failed(result))
    assert_says(result, "account", "48001", "July 2025")
  end)

  it("version 2 that is refused", function()
    local result = examine{ "--v2", env = served.env{
      appid = "Gg8HejYTkUsEIlX" } }
    assert.equal("sealed v2", failed(result))
    assert_says(result, "v2", "do appid and token belong to one bot?")
  end)

  -- --------------------------------------------------------- of the clock

  it("a clock that is 30 minutes behind", function()
    local result = examine{ before = served.clock(-1800) }
    assert.equal("clock", failed(result))
    assert_says(result, "clock", "30 minutes behind", "set it")
    assert_says(result, "signature", "needs clock; aes_key is right")
  end)

  it("a clock that is days ahead", function()
    local result = examine{ before = served.clock(3 * 86400) }
    assert.equal("clock", failed(result))
    assert_says(result, "clock", "3 days ahead", "set it")
  end)

  it("a certificate that has expired, or a clock", function()
    local server = start.tls(("-cert %s/old.pem -key %s/old.key"):format(
      authority, authority))
    local result = doctor{ "--base-url", "https://127.0.0.1:" .. server.port,
      "--ca-file", authority .. "/ca.pem" }
    assert.equal("tls", failed(result))
    assert_says(result, "tls", "not valid today",
      "the clock of this machine says " .. os.date("!%Y-%m-%d"))
    server:stop()
  end)

  -- ------------------------------------------------------- of the network

  it("a host that is not known", function()
    local result = doctor{ "--base-url", "https://nowhere.invalid" }
    assert.equal("dns", failed(result))
    assert_says(result, "dns", "nowhere.invalid is not known", "HTTPS_PROXY")
    assert_says(result, "sign", "needs connect")
  end)

  it("an address that is none", function()
    local result = doctor{ "--base-url", "chatbot" }
    assert.equal("dns", failed(result))
    assert_says(result, "dns", "base_url must be http(s)://host[:port]")
  end)

  it("a host that is not the platform's", function()
    local server = start.scripted{ { { "read" }, { "send", "HTTP/1.1 302 Log in"
      .. "\r\nLocation: http://login/\r\nContent-Length: 0\r\n\r\n" },
      { "again" } } }
    local result = doctor{ "--base-url", server.url }
    assert.equal("account sign", failed(result))
    assert_says(result, "sign", "status 302", "is it the platform that answers?")
    server:stop()
  end)

  it("a port where nobody listens", function()
    local server = start.scripted{ backlog = "closed" }
    local result = doctor{ "--base-url", server.url }
    assert.equal("connect", failed(result))
    assert_says(result, "connect", "check host and port (--base-url)")
    server:stop()
  end)

  it("a host that lets nobody in, where a proxy may be needed", function()
    local server = start.scripted{ backlog = "full" }
    local result = doctor{ "--base-url", server.url, "--timeout", "0.3" }
    assert.equal("connect", failed(result))
    assert_says(result, "connect", "no connection within 0.3 s", "firewall",
      "if a proxy is needed here, --proxy URL or HTTPS_PROXY names it")
    server:stop()
  end)

  it("a proxy of the environment that is not used, and is needed", function()
    local env = served.env()
    env.ALL_PROXY = "http://127.0.0.1:1"
    local result = doctor{ "--base-url", "https://nowhere.invalid", env = env }
    assert.equal("dns", failed(result))
    assert_says(result, "dns", "a proxy may be needed",
      "ALL_PROXY is set, and only HTTPS_PROXY is used", "--proxy URL uses one")
    env.HTTPS_PROXY, env.NO_PROXY = "http://127.0.0.1:1", ".invalid"
    assert_says(doctor{ "--base-url", "https://nowhere.invalid", env = env },
      "dns", "NO_PROXY has none used for nowhere.invalid")
  end)

  -- By the first line of its answer to CONNECT; good.test is the served one.
  local function proxy(answer, ...)
    return start.scripted{ { { "head" }, { "send", "HTTP/1.1 " .. answer
      .. "\r\n\r\n" }, ... } }
  end

  local function through(server, env, ...)
    env = env or served.env()
    return doctor{ "--base-url", "https://good.test", "--ca-file",
      authority .. "/ca.pem", env = env, "--proxy",
      (server.url:gsub("//", "//me:hidden_password@")), ... }
  end

  it("a proxy that is needed, and finds all in order by it", function()
    local server = proxy("200 OK", { "relay", tls.url:match("%d+$"), 99 })
    local env = served.env()
    local result = doctor{ "--base-url", "https://good.test", env = env }
    assert.equal("dns", failed(result))
    assert_says(result, "dns", "if a proxy is needed here")
    result = through(server)
    assert.same({ 0, "" }, { result.status, failed(result) })
    assert_says(result, "dns", "the proxy looks up good.test")
    assert_says(result, "proxy", "through http://me:***@127.0.0.1:",
      "by --proxy")
    assert.is_nil(result.err:find("hidden", 1, true))
    env.HTTPS_PROXY = server.url
    result = doctor{ "--base-url", "https://good.test", "--ca-file",
      authority .. "/ca.pem", env = env }
    assert.same({ 0, "" }, { result.status, failed(result) })
    assert_says(result, "proxy", "by HTTPS_PROXY")
    server:stop()
  end)

  it("a proxy that wants a password", function()
    local server = proxy "407 Proxy Authentication Required"
    local result = through(server)
    assert.equal("proxy", failed(result))
    assert_says(result, "proxy", "407", "its user and its password")
    assert_says(result, "sign", "needs connect")
    server:stop()
  end)

  it("a proxy that does not listen", function()
    local server = start.scripted{ backlog = "closed" }
    local result = through(server)
    assert.equal("proxy", failed(result))
    assert_says(result, "proxy", "check its address")
    server:stop()
  end)

  it("a proxy that says nothing", function()
    local server = start.scripted{ { { "head" }, { "sleep", 20 } } }
    local result = doctor{ "--base-url", "https://good.test", "--timeout", "0.3",
      "--proxy", "http://127.0.0.1:" .. server.port }
    assert.equal("proxy", failed(result))
    assert_says(result, "proxy", "no connection by way of the proxy within 0.3 s")
    server:stop()
  end)

  it("a proxy that reads what is sent, and its authority", function()
    local strange = start.tls(("-cert %s/strange.pem -key %s/strange.key")
      :format(authority, authority))
    local server = proxy("200 OK", { "relay", strange.port, 99 })
    local env = served.env()
    env.HTTPS_PROXY = server.url
    local result = doctor{ "--base-url", "https://good.test", "--ca-file",
      authority .. "/ca.pem", env = env }
    assert.equal("tls", failed(result))
    assert_says(result, "tls", "issued by CN=wxbot test authority stranger",
      "if a proxy on the way reads what is sent, --ca-file")
    server:stop()
    strange:stop()
  end)

  it("a variable that names no proxy", function()
    local env = served.env()
    env.HTTPS_PROXY = "proxy"
    local result = doctor{ "--base-url", "https://good.test", env = env }
    assert.equal("proxy", failed(result))
    assert_says(result, "proxy", "HTTPS_PROXY must be the URL of a proxy")
  end)

  it("a name server that does not answer", function()
    local line = run.line{ "--base-url", "https://platform.test", "--timeout",
      "0.5", "doctor", env = served.env() }
    local said = start.output_of("sh spec/support/silent_dns.sh " .. line
      .. " 2>&1; echo $?")
    if said == "77\n" then
      return -- there may be no network of its own here
    end
    assert.matches("FAIL  dns +no name server says in time where platform.test "
      .. "is; ", said)
  end)

  it("an authority that is missing, and who issued", function()
    local result = doctor{ "--base-url", tls.url }
    assert.equal("tls", failed(result))
    assert_says(result, "tls", "is not trusted",
      "issued by CN=wxbot test authority ca", "--ca-file")
    assert_says(result, "sign", "needs tls")
  end)

  it("a file of authorities that is missing", function()
    local result = doctor{ "--base-url", tls.url, "--ca-file", "/nowhere.pem" }
    assert.equal("tls", failed(result))
    assert_says(result, "tls", "/nowhere.pem", "name a PEM file with --ca-file")
  end)
end)
