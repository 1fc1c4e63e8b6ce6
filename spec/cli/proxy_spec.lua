-- Without this the command reaches the platform by a proxy that nobody chose, or
-- not by the one that is needed.
local proxy = require "wxbot.cli.proxy"

local PLATFORM = "https://chatbot.weixin.qq.com"

-- The proxy that is chosen, and what decided.
local function chosen(environment, url, options)
  local choice, err = proxy.choose(options or {}, function(name)
    return environment[name]
  end, url or PLATFORM)
  assert.is_nil(err)
  return choice.proxy and choice.proxy.url, choice.source
end

local function assert_chosen(wanted, source, ...)
  assert.same({ wanted, source }, { chosen(...) })
end

describe("the choice of a proxy", function()
  it("is none where nothing asks for one", function()
    assert_chosen(nil, nil, {})
    assert_chosen(nil, nil, { HTTPS_PROXY = "" })
    assert_chosen(nil, nil, { HTTP_PROXY = "http://p:1", http_proxy = "http://p:1" })
  end)

  it("is that of the environment for https, by either name", function()
    assert_chosen("http://p:3128", "HTTPS_PROXY", { HTTPS_PROXY = "http://p:3128" })
    assert_chosen("http://q:1", "https_proxy",
      { HTTPS_PROXY = "http://p:3128", https_proxy = "http://q:1" })
    assert_chosen("http://p:3128", "HTTPS_PROXY",
      { HTTPS_PROXY = "p:3128", https_proxy = "" })
    assert_chosen(nil, nil, { HTTPS_PROXY = "http://p:3128" }, "http://bot.test")
  end)

  it("is one that libcurl reads as we do", function()
    assert_chosen("socks5h://a%40b:c%2Fd%3F%40%25@p:1", "--proxy", {}, nil,
      { proxy = "SOCKS5H://a@b:c/d?%40%25@p:1" })
    assert_chosen("http://a@p:1", "--proxy", {}, nil, { proxy = "a@p:1" })
    assert_chosen("http://a:@p:1", "--proxy", {}, nil, { proxy = "a:@p:1" })
  end)

  it("is --proxy before the environment, for every address", function()
    local environment = { HTTPS_PROXY = "http://p:3128", NO_PROXY = "*" }
    for _, url in ipairs{ PLATFORM, "http://bot.test", "https://127.0.0.1:8443" } do
      assert_chosen("socks5h://q:1080", "--proxy", environment, url,
        { proxy = "socks5h://q:1080" })
      assert_chosen(nil, "--proxy", environment, url, { proxy = "" })
    end
  end)

  it("is never one of the environment for this machine", function()
    for _, host in ipairs{ "localhost", "LOCALHOST:8080", "a.localhost",
        "127.0.0.1:8443", "127.1.2.3", "[::1]:8443" } do
      assert_chosen(nil, "loopback", { HTTPS_PROXY = "http://p:3128" },
        "https://" .. host)
    end
    for _, host in ipairs{ "mylocalhost", "127.0.0.1.test", "[::2]" } do
      assert_chosen("http://p:3128", "HTTPS_PROXY",
        { HTTPS_PROXY = "http://p:3128" }, "https://" .. host)
    end
  end)

  for list, hosts in pairs{
    ["*"] = { yes = { "chatbot.weixin.qq.com", "10.0.0.1", "[fe80::1]" }, no = {} },
    ["a.test, *"] = { yes = { "b.test" }, no = {} },
    ["qq.com"] = { yes = { "qq.com", "QQ.com:8443", "chatbot.weixin.qq.com" },
      no = { "notqq.com", "qq.com.test" } },
    [".qq.com"] = { yes = { "qq.com", "chatbot.weixin.qq.com" }, no = { "aqq.com" } },
    ["*.qq.com"] = { yes = { "chatbot.weixin.qq.com" }, no = { "aqq.com" } },
    ["a.test:8443 b.test"] = { yes = { "a.test:8443", "x.a.test:8443", "b.test" },
      no = { "a.test", "a.test:8444" } },
    ["a.test:443"] = { yes = { "a.test" }, no = { "a.test:8443" } },
    ["10.0.0.1"] = { yes = { "10.0.0.1", "10.0.0.1:8443" },
      no = { "110.0.0.1", "10.0.0.11" } },
    ["10.0.0.0/8"] = { yes = { "10.0.0.1", "10.255.255.255:8443" },
      no = { "11.0.0.1", "9.255.255.255", "x.test" } },
    ["192.168.255.1/17 172.16.0.0/12"] = { yes = { "192.168.128.0",
      "192.168.255.255", "172.31.0.1" }, no = { "192.168.127.255", "172.32.0.1" } },
    ["10.0.0.1/32"] = { yes = { "10.0.0.1" }, no = { "10.0.0.0" } },
    ["10.0.0.1/33 10.0.0.1/ 10.0.0.1/x 10.0.0.1/-1 10.0/8"] =
      { yes = {}, no = { "10.0.0.1" } },
    ["0.0.1"] = { yes = {}, no = { "10.0.0.1" } },
    ["[FE80::1]"] = { yes = { "[fe80::1]", "[fe80::1]:8443" }, no = { "[fe80::2]" } },
    ["fe80::1"] = { yes = { "[fe80::1]:8443" }, no = { "[fe80::12]" } },
    ["[fe80::1]:8443"] = { yes = { "[fe80::1]:8443" }, no = { "[fe80::1]" } },
    [",, ,"] = { yes = {}, no = { "a.test" } },
  } do
    it("minds NO_PROXY=" .. list, function()
      local environment = { HTTPS_PROXY = "http://p:3128", NO_PROXY = list }
      for _, host in ipairs(hosts.yes) do
        assert_chosen(nil, "NO_PROXY", environment, "https://" .. host)
      end
      for _, host in ipairs(hosts.no) do
        assert_chosen("http://p:3128", "HTTPS_PROXY", environment, "https://" .. host)
      end
    end)
  end

  it("reads no_proxy first", function()
    assert_chosen(nil, "no_proxy", { HTTPS_PROXY = "http://p:3128",
      no_proxy = "qq.com", NO_PROXY = "x" })
  end)

  for _, text in ipairs{ "http://", "p", "http://p", "http://:3128", "ftp://p:21",
      "http://p:3128/x", "http://p:0", "http://a b@p:1", "http://p:65536",
      "http://p:1#", "PASSWORD@p",
      "http://u%0a:PASSWORD@p:1", "http://u%3a:PASSWORD@p:1" } do
    it("refuses the URL " .. text, function()
      local function assert_refused(options, environment, name)
        local choice, err = proxy.choose(options, function(which)
          return environment[which]
        end, PLATFORM)
        assert.is_nil(choice)
        assert.equal("invalid", err.kind)
        assert.equal(name .. " must be", err.message:sub(1, #name + 8))
        assert.is_nil(err.message:find("PASSWORD", 1, true))
      end
      assert_refused({ proxy = text }, {}, "--proxy")
      assert_refused({}, { HTTPS_PROXY = text }, "HTTPS_PROXY")
    end)
  end

  it("shows a URL without its password", function()
    for url, shown in pairs{
      ["http://p:1/"] = "http://p:1",
      ["http://u@p:1"] = "http://u@p:1",
      ["http://u:PASS:W@RD@[::1]:1"] = "http://u:***@[::1]:1",
      ["socks5://u:@p:1"] = "socks5://u:***@p:1",
    } do
      local choice = assert(proxy.choose({ proxy = url }, os.getenv, PLATFORM))
      assert.equal(shown, choice.proxy.shown)
    end
  end)
end)
