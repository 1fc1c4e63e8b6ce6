-- Without this an answer inside nginx is read otherwise, depending on how it is
-- cut.
local answers = require "spec.support.answers"
local http1 = require "wxbot.transport.http1"

local OK = "HTTP/1.1 200 OK\r\n"
local CHUNKED = OK .. "Transfer-Encoding: chunked\r\n\r\n"
local MAX = 1000

-- Feeds the parts in turn; returns what the last one returned.
local function feed(parts, method, max_body)
  local parser = http1.parser(method or "POST", max_body or MAX)
  local done, kind, why
  for _, part in ipairs(parts) do
    done, kind, why = parser:feed(part)
    if done == nil then
      break
    end
  end
  return parser, done, kind, why
end

local function bytes_of(text)
  local parts = {}
  for i = 1, #text do
    parts[i] = text:sub(i, i)
  end
  return parts
end

describe("an answer", function()
  local forms = {
    { "with a length", OK .. "Content-Length: 5\r\n\r\nhel\0o",
      body = "hel\0o", keep = true },
    { "with a length of nothing", OK .. "content-length: 00\r\n\r\n",
      body = "", keep = true },
    { "in chunks", CHUNKED .. "2\r\nab\r\n00a\r\n0123456789\r\n0\r\n\r\n",
      body = "ab0123456789", keep = true },
    { "in chunks with extensions", CHUNKED
      .. "2;x\r\nab\r\n1 ; y=\"z\"\r\nc\r\n0;end\r\n\r\n",
      body = "abc", keep = true },
    { "with trailers", CHUNKED .. "1\r\na\r\n0\r\nX-Late: 1\r\n\r\n",
      body = "a", keep = true },
    { "after interim ones", "HTTP/1.1 100 Continue\r\n\r\n"
      .. "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" .. OK
      .. "Content-Length: 1\r\n\r\na", body = "a", keep = true },
    { "that closes", OK .. "Connection: x, Close\r\nContent-Length: 1\r\n\r\na",
      body = "a", keep = false },
    { "of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
      body = "a", keep = false },
    { "without a reason", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na",
      body = "a", keep = true },
    { "of status 204", "HTTP/1.1 204 No Content\r\n\r\n",
      status = 204, body = "", keep = true },
    { "of status 304 with the length of what it is not",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
      status = 304, body = "", keep = true },
    { "of status 304 with a length that nothing could have",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: " .. ("6"):rep(400)
        .. "\r\n\r\n", status = 304, body = "", keep = true },
    { "of status 204 that announces a body",
      "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
      status = 204, body = "", keep = false },
    { "to HEAD", OK .. "Content-Length: 5\r\n\r\n", method = "HEAD",
      body = "", keep = true },
    { "to HEAD that announces chunks", CHUNKED, method = "HEAD",
      body = "", keep = false },
  }

  for _, case in ipairs(forms) do
    local name, text = case[1], case[2]

    local function check(parts)
      local parser, done = feed(parts, case.method)
      assert.is_true(done)
      local response = parser:response()
      assert.equal(case.status or 200, response.status)
      assert.equal(case.body, response.body)
      assert.equal(case.keep, parser.keep)
    end

    it(name .. " is read", function()
      check{ text }
    end)

    it(name .. " is read however it is cut", function()
      for i = 1, #text - 1 do
        check{ text:sub(1, i), text:sub(i + 1) }
      end
      check(bytes_of(text))
    end)

    it(name .. " is not whole a byte earlier", function()
      local parser, done = feed({ text:sub(1, -2) }, case.method)
      assert.is_false(done)
      local ended, kind = parser:finish()
      assert.is_nil(ended)
      assert.equal("transport", kind)
    end)

    it(name .. " leaves no connection to keep when more follows", function()
      local parser, done = feed({ text .. "x" }, case.method)
      assert.is_true(done)
      assert.is_false(parser.keep)
    end)
  end

  it("without a length lasts until the connection ends", function()
    local parser, done = feed{ OK .. "\r\nab", "c" }
    assert.is_false(done)
    assert.is_true(parser:finish())
    assert.equal("abc", parser:response().body)
    assert.is_false(parser.keep)
  end)

  it("may be due until the last byte that can be counted", function()
    for _, head in ipairs{ OK, OK .. "Content-Length: 2147483647\r\n" } do
      local parser = http1.parser("POST", 2 ^ 31 - 1)
      assert.is_false((parser:feed(head .. "\r\na")))
      assert.is_false((parser:feed("b")))
    end
  end)

  it("that is whole stays so when the connection ends", function()
    local parser = feed{ OK .. "Content-Length: 1\r\n\r\na" }
    assert.is_true(parser:finish())
    assert.is_false(parser.keep)
  end)

  it("has its headers by names in lower case, repeated ones joined", function()
    local parser = feed{ OK .. "X-One:1\r\nX-Two: \t a b \t\r\nx-ONE:  2\r\n"
      .. "X-None:\r\nContent-Length: 0\r\n\r\n" }
    assert.same({ ["x-one"] = "1, 2", ["x-two"] = "a b", ["x-none"] = "",
      ["content-length"] = "0" }, parser:response().headers)
  end)

  for name, text in pairs(answers.fine) do
    it(name .. " is taken", function()
      for _, parts in ipairs{ { text }, bytes_of(text) } do
        local parser, done = feed(parts)
        assert.is_true(done)
        assert.equal("ok", parser:response().body)
      end
    end)
  end

  -- A line of 8 KiB, and all the lines that there may be.
  for name, text in pairs{
    ["blanks in a header"] = "X: a" .. (" "):rep(8000) .. "b\r\n",
    ["blanks before the colon"] = "X" .. (" "):rep(8000) .. ": b\r\n",
    ["colons"] = (":"):rep(8000) .. "\r\n",
    ["commas"] = "Connection: " .. (" ,"):rep(4000) .. "\r\n",
    ["zeros before a letter"] = "Content-Length: " .. ("0"):rep(8000) .. "x\r\n",
    ["digits"] = "Content-Length: " .. ("7"):rep(8000) .. "\r\n",
    ["letters"] = ("a"):rep(8000) .. ": b\r\n",
    ["lines"] = ("a:\r\n"):rep(5000),
  } do
    it("is read in no time, however many " .. name .. " it has", function()
      local began = os.clock()
      for _ = 1, 10 do
        feed{ OK .. text .. "\r\n" }
      end
      assert.is_true(os.clock() - began < 0.5)
    end)
  end

  it("shows nothing of the interim ones, nor of trailers", function()
    local parser = feed{ "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" .. CHUNKED
      .. "0\r\nX-Late: 1\r\n\r\n" }
    assert.same({ ["transfer-encoding"] = "chunked" },
      parser:response().headers)
  end)

  it("of exactly max_body bytes is taken", function()
    local body = ("x"):rep(MAX)
    assert.is_true((select(2, feed{ OK .. "Content-Length: " .. MAX
      .. "\r\n\r\n" .. body })))
    assert.is_true((select(2, feed{ CHUNKED .. "3e8\r\n" .. body
      .. "\r\n0\r\n\r\n" })))
    local parser, done = feed{ OK .. "\r\n" .. body }
    assert.is_false(done)
    assert.is_true(parser:finish())
  end)

  it("may come in more chunks than headers may have bytes", function()
    local n = 30000
    local parser, done = feed({ CHUNKED .. ("1\r\nx\r\n"):rep(n)
      .. "0\r\n\r\n" }, "POST", n)
    assert.is_true(done)
    assert.equal(n, #parser:response().body)
  end)
end)

describe("an answer is refused", function()
  local function refused(kind, name, text, method)
    it(name, function()
      local parser, done, got, why = feed({ text }, method)
      assert.is_nil(done)
      assert.equal(kind, got)
      assert.equal("string", type(why))
      -- And so it stays.
      assert.is_nil((parser:feed(OK .. "Content-Length: 0\r\n\r\n")))
      assert.is_nil((parser:finish()))
      assert.is_nil((select(2, feed(bytes_of(text), method))))
    end)
  end

  local malformed = {
    ["of another protocol, without a line end"] = "SSH-2.0-",
    ["of another protocol after an interim one, without a line end"] =
      "HTTP/1.1 100 Continue\r\n\r\nSSH-2.0-",
    ["of HTTP/1.2"] = "HTTP/1.2 200 OK\r\n",
    ["with an empty line first"] = "\r\n" .. OK,
    ["with a status of four digits"] = "HTTP/1.1 2000 OK\r\n",
    ["with a zero in its status line"] = "HTTP/1.1 200 O\0K\r\n",
  }
  for _, list in ipairs{ malformed, answers.malformed, answers.folded } do
    for name, text in pairs(list) do
      refused("protocol", name, text)
    end
  end

  local oversized = {
    ["with a status line of more than 8 KiB"] = "HTTP/1.1 200 "
      .. ("x"):rep(8192),
    ["with a header line of more than 8 KiB that has no end"] = OK .. "A: "
      .. ("x"):rep(8192),
    ["with more than 64 KiB of interim answers"] =
      ("HTTP/1.1 103 Early\r\n\r\n"):rep(3000),
    ["with more than 64 KiB of trailers"] = CHUNKED .. "0\r\n"
      .. ("A: 123456\r\n"):rep(6000),
    ["with a body over max_body"] = OK .. "\r\n" .. ("x"):rep(1001),
  }
  for _, list in ipairs{ oversized, answers.oversized } do
    for name, text in pairs(list) do
      refused("limit", name, text)
    end
  end
end)

describe("a URL", function()
  local function parts_of(text)
    local url = assert(http1.url(text))
    return { url.scheme, url.host, url.port, url.target, url.is_name }
  end

  it("is taken apart", function()
    assert.same({ "https", "bot.test", 443, "/", true },
      parts_of "https://Bot.test")
    assert.same({ "https", "bot.test", 8443, "/a/../b?c=%20", true },
      parts_of "https://bot.test:8443/a/../b?c=%20")
    assert.same({ "http", "127.0.0.1", 80, "/?x", false },
      parts_of "http://127.0.0.1?x")
    assert.same({ "https", "[::1]", 99, "/a", false },
      parts_of "https://[::1]:99/a")
  end)

  it("has an origin to tell of, without its path", function()
    assert.equal("https://Bot.test:8443",
      http1.url("https://Bot.test:8443/SECRET?SECRET").origin)
  end)

  for name, text in pairs{
    ["a line feed"] = "http://a/b\nc",
    ["a zero"] = "http://a/b\0c",
    ["a blank"] = "http://a/b c",
    ["a byte beyond ASCII"] = "http://a/\228",
    ["a backslash"] = "http://a\\b/",
    ["a fragment"] = "http://a/b#c",
    ["a user"] = "http://user:SECRET@a/",
    ["another scheme"] = "file:///etc/passwd",
    ["a scheme in capitals"] = "HTTP://a/",
    ["no host"] = "http:///x",
    ["no host but a port"] = "http://:80/",
    ["port 0"] = "http://a:0/",
    ["a port that is too large"] = "http://a:65536/",
    ["an empty port"] = "http://a:/",
    ["an IPv6 address without brackets"] = "http://::1/",
    ["a path of a socket"] = "http://unix:/run/x.sock",
    ["something after the brackets"] = "http://[::1]x/",
    ["a very long host"] = "http://" .. ("a"):rep(300),
    ["a length without measure"] = "http://a/" .. ("a"):rep(9e6),
  } do
    it("is refused with " .. name, function()
      local url, why = http1.url(text)
      assert.is_nil(url)
      assert.is_nil(why:find("SECRET"))
    end)
  end
end)

describe("a request", function()
  local url = http1.url("https://bot.test:8443/a?b")

  it("begins with a head of its own", function()
    assert.equal("POST /a?b HTTP/1.1\r\nHost: bot.test:8443\r\n"
      .. "Accept: */*\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n",
      http1.head("POST", url, { ["X-A"] = "1" }, 3))
    assert.equal("GET /a?b HTTP/1.1\r\nHost: bot.test:8443\r\nAccept: */*\r\n\r\n",
      http1.head("GET", url, {}, 0))
  end)

  it("says that it has no body where one is usual", function()
    assert.truthy(http1.head("POST", url, {}, 0):find("Content-Length: 0", 1, true))
  end)

  for name, header in pairs{
    ["a line end in its value"] = { ["X-A"] = "SECRET\r\nX-B: 1" },
    ["a zero in its value"] = { ["X-A"] = "a\0" },
    ["a blank in its name"] = { ["X A"] = "1" },
    ["a colon in its name"] = { ["X:A"] = "1" },
    ["an empty name"] = { [""] = "1" },
    ["a length of its own"] = { ["content-length"] = "1" },
    ["a host of its own"] = { HOST = "a" },
    ["a say in the connection"] = { Connection = "close" },
    ["an encoding"] = { ["Transfer-Encoding"] = "chunked" },
    ["an Expect"] = { Expect = "100-continue" },
  } do
    it("is refused for a header with " .. name, function()
      local head, why = http1.head("POST", url, header, 0)
      assert.is_nil(head)
      assert.is_nil(why:find("SECRET"))
    end)
  end

  it("is refused for HEAD with a body", function()
    assert.is_nil((http1.head("HEAD", url, {}, 1)))
    assert.truthy(http1.head("HEAD", url, {}, 0))
  end)

  it("is refused for a method that is none", function()
    assert.is_nil((http1.head("GET / HTTP/1.1\r\n", url, {}, 0)))
  end)
end)

describe("the answer to CONNECT", function()
  it("ends with its head when the tunnel is there, whatever that says", function()
    for _, more in ipairs{ "", "Content-Length: 9\r\n", "Content-Length: 0\r\n",
        "Transfer-Encoding: chunked\r\n" } do
      local text = OK .. more .. "\r\n"
      for _, parts in ipairs{ { text }, bytes_of(text) } do
        local parser, done = feed(parts, "CONNECT", 0)
        assert.is_true(done)
        assert.is_false(parser.has_more)
      end
    end
  end)

  it("tells of bytes behind it", function()
    local parser, done = feed({ OK .. "\r\nx" }, "CONNECT", 0)
    assert.is_true(done)
    assert.is_true(parser.has_more)
  end)

  it("shows its status before its body is there", function()
    local parser, done = feed({ "HTTP/1.1 407 Who\r\nContent-Length: 9\r\n\r\n" },
      "CONNECT", 100)
    assert.is_false(done)
    assert.equal(407, parser.headers and parser.status)
  end)
end)
