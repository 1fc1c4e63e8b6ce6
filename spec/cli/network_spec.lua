-- Without this the command does not go by the proxy that it was told of, or says
-- nothing of it.
--
-- The command by a real proxy, to a platform over TLS whose name only the proxy
-- knows.
-- #once
local canary = require "spec.support.canary"
local run = require "spec.support.command"
local secure = require "spec.server.secure"
local start = require "spec.server.start"

local SIGNATURE = '{"signature":"abc","expiresIn":7200}'
local ANSWER = ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(
  #SIGNATURE, SIGNATURE)
local OPENED = "HTTP/1.1 200 Connection established\r\n\r\n"

describe("the command and a proxy", function()
  local folder, ca_file, platform, proxy, proxy_url, shown

  setup(function()
    folder = start.authority()
    ca_file = folder .. "/ca.pem"
  end)

  teardown(function()
    start.remove_folder(folder)
  end)

  before_each(function()
    platform = secure(start.scripted{ { { "read" }, { "send", ANSWER },
      { "again" } } }.url, folder).url:match("%d+$")
    proxy = start.scripted{ { { "head" }, { "send", OPENED },
      { "relay", platform, 256 } } }
    proxy_url = "http://user:PASSWORD@127.0.0.1:" .. proxy.port
    shown = "wxbot: by the proxy http://user:***@127.0.0.1:" .. proxy.port
  end)

  after_each(function()
    run.clean()
    start.stop_all()
  end)

  local function with(environment)
    environment.WXBOT_APPID = canary.credentials.appid
    environment.WXBOT_TOKEN = canary.credentials.token
    environment.WXBOT_AES_KEY = canary.credentials.aes_key
    return environment
  end

  -- Runs a command, here `sign`.
  local function sign(environment, ...)
    local result = run.run{ "sign", "--userid", "u", "--ca-file", ca_file,
      "--timeout", "5", env = with(environment), ... }
    assert.is_nil(result.err:find("PASSWORD", 1, true))
    return result
  end

  it("goes by that of HTTPS_PROXY, and says so once", function()
    local result = sign({ HTTPS_PROXY = proxy_url }, "--base-url",
      "https://good.test", "-v")
    assert.equal(0, result.status, result.err)
    assert.equal("abc\n", result.out)
    assert.equal(shown .. " (HTTPS_PROXY)", result.err:match("^[^\n]*"))
    assert.matches("\nwxbot: sign 200 %d+ ms\ngood for 7200 seconds\n$", result.err)
    proxy:expect("^request 1 %- CONNECT good%.test:443 ")
  end)

  it("goes by --proxy first, and says nothing where results are JSON", function()
    local result = sign({ HTTPS_PROXY = "http://127.0.0.1:1" }, "--base-url",
      "https://good.test", "--proxy", proxy_url, "--json")
    assert.equal(0, result.status, result.err)
    assert.equal("", result.err)
  end)

  it("goes by none to this machine, to what NO_PROXY names, or told so", function()
    local result = sign({ HTTPS_PROXY = proxy_url }, "--base-url",
      "https://127.0.0.1:" .. platform)
    assert.equal("abc\n", result.out)
    assert.is_nil(result.err:find("proxy", 1, true))
    for _, more in ipairs{ { "x, .test" }, { "", "--proxy", "" } } do
      result = sign({ HTTPS_PROXY = proxy_url, NO_PROXY = more[1] }, "--base-url",
        "https://good.test", more[2], more[3])
      assert.equal(1, result.status)
      assert.truthy(result.err:find("the host name is not known", 1, true),
        result.err)
    end
    assert.equal(0, proxy:count("accept"))
  end)

  it("shows no password, though the proxy should tell it", function()
    local text = '{"errcode":40001,"errmsg":"not PASS/WORD"}'
    proxy = start.scripted{ { { "read" }, { "send",
      ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#text, text) },
      { "again" } } }
    local result = sign({}, "--base-url", "http://bot.test", "--proxy",
      "http://user:PASS%2FWORD@127.0.0.1:" .. proxy.port)
    assert.equal(1, result.status)
    assert.truthy(result.err:find("sign: 40001 not ***\n", 1, true), result.err)
  end)

  it("tells of each attempt at one that is not there", function()
    proxy = start.scripted{ backlog = "closed" }
    local result = sign({ HTTPS_PROXY = "127.0.0.1:" .. proxy.port }, "--base-url",
      "https://good.test", "--json", "--verbose")
    assert.equal(1, result.status)
    assert.matches("^wxbot: sign transport proxy %d+ ms\n"
      .. "wxbot: sign transport proxy %d+ ms, attempt 2\n"
      .. "wxbot: sign transport proxy %d+ ms, attempt 3\n{", result.err)
    assert.truthy(result.err:find('"hint":"check --proxy or HTTPS_PROXY', 1, true))
  end)

  for _, url in ipairs{ "PASSWORD", "ftp://u:PASSWORD@p:21", "http://p/" } do
    it("takes " .. url .. " for wrong use", function()
      local result = sign({}, "--proxy", url)
      assert.equal(2, result.status)
      assert.truthy(result.err:find("wxbot: --proxy must be the URL of a proxy",
        1, true))
      result = sign{ https_proxy = url }
      assert.equal(2, result.status)
      assert.truthy(result.err:find("https_proxy must be the URL of a proxy", 1,
        true))
    end)
  end

  it("does not take --proxy where there is no network", function()
    for _, args in ipairs{ { "--sandbox", "ask", "hi" }, { "serve" } } do
      args[#args + 1] = "--proxy"
      args[#args + 1] = proxy_url
      local result = run.run(args)
      assert.equal(2, result.status)
      assert.truthy(result.err:find("wxbot: --proxy belongs to calls over the "
        .. "network", 1, true))
    end
  end)

  describe("in receive", function()
    local handler

    before_each(function()
      handler = run.file([[return function(_, bot)
        local answer, err = bot:sign{ userid = "u" }
        print(answer and answer.signature or tostring(err))
      end]])
    end)

    it("is used by the bot of the handler, whose attempts are told", function()
      local server = start.run("timeout 60 " .. run.line{ "receive", handler,
        "--port", "0", "--base-url", "https://good.test", "--ca-file", ca_file,
        "-v", env = with{ HTTPS_PROXY = proxy_url } })
      server:expect("^" .. shown:gsub("%p", "%%%0") .. " %(HTTPS_PROXY%)$")
      local url = server:expect("^url: (.*)")
      server:expect("^stop: ")
      assert.equal("taken\n", run.run{ "push", "--url", url, "--userid", "u",
        "hi", env = with{} }.out)
      server:expect("^wxbot: sign 200 %d+ ms$")
      server:expect("^wxbot: abc$")
      proxy:expect("^request 1 %- CONNECT good%.test:443 ")
    end)

    it("must be one of HTTP", function()
      local result = run.run{ "receive", handler, "--proxy",
        "socks5://u:PASSWORD@p:1080", env = with{} }
      assert.equal(2, result.status)
      assert.truthy(result.err:find("receive takes http:// proxies only, not "
        .. "socks5://u:***@p:1080", 1, true), result.err)
    end)
  end)
end)
