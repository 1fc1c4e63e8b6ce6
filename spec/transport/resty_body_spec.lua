-- Without this a push that nginx has put into a file is lost.
--
-- The body of a request to nginx, wherever nginx has put it. The server is
-- location /body of spec/nginx: a body of more than 1 KiB is in a file there.
local wxbot = require "wxbot"

local inside = rawget(_G, "ngx") ~= nil

describe("wxbot.resty_body", function()
  it("refuses a time that is none", function()
    for _, seconds in ipairs{ 0, -1, "5", false } do
      local ok, message = pcall(wxbot.resty_body, seconds)
      assert.is_false(ok)
      assert.matches("seconds must be a number above 0", message, 1, true)
    end
  end)

  if not inside then
    it("says that it works inside nginx only", function()
      local ok, message = pcall(function() wxbot.resty_body() end)
      assert.is_false(ok)
      assert.matches("^spec/transport/resty_body_spec.lua:%d+: wxbot.resty_body: "
        .. "works inside nginx only$", message)
    end)
    return
  end

  local port = tonumber(os.getenv("WXBOT_SPEC_PORTS"):match("%d+ (%d+)"))
  local url = "http://127.0.0.1:" .. port .. "/body"
  local transport

  setup(function() transport = wxbot.resty{} end)
  teardown(function() transport:close() end)

  local function post(body, query)
    return assert(transport:request{ method = "POST", body = body,
      url = url .. (query or "") })
  end

  it("gives the body, in memory, in a file, or empty", function()
    for _, query in ipairs{ "", "?s=5" } do
      for _, length in ipairs{ 1, 1023, 1024, 1025, 16384, 1000000 } do
        local body = ("0123456789"):rep(length):sub(1, length)
        assert.is_true(body == post(body, query).body)
      end
      assert.equal("", post("", query).body)
    end
    assert.equal("", transport:request{ method = "GET", url = url }.body)
  end)

  -- Sends the pieces of a body, with a pause before each.
  local function send(head, pieces, pause, query)
    local socket = ngx.socket.tcp()
    socket:settimeout(5000)
    assert(socket:connect("127.0.0.1", port))
    socket:send("POST /body" .. query .. " HTTP/1.1\r\nHost: x\r\n"
      .. "Connection: close\r\n" .. head .. "\r\n\r\n")
    for _, piece in ipairs(pieces) do
      ngx.sleep(pause)
      socket:send(piece)
    end
    local answer = assert(socket:receive("*a"))
    socket:close()
    return answer
  end

  it("gives a body of small chunks that outgrow the buffer", function()
    local chunks = {}
    for i = 1, 900 do
      chunks[i] = "1\r\nx\r\n"
    end
    chunks[901] = "0\r\n\r\n"
    local answer = send("Transfer-Encoding: chunked",
      { table.concat(chunks) }, 0, "?s=5")
    assert.equal(("x"):rep(900), answer:match("\r\n\r\n(.*)$"))
  end)

  it("does not wait longer than it is told, however a body drips", function()
    local began = ngx.now()
    -- nginx answers a 408 by closing.
    assert.equal("", send("Content-Length: 100",
      { "a", "b", "c", "d", "e", "f" }, 0.1, "?s=0.3"))
    assert.is_true(ngx.now() - began < 3)
    assert.matches("abc$", send("Content-Length: 3", { "a", "b", "c" }, 0.1,
      "?s=3"))
  end)

  it("says that the file where nginx put it cannot be read", function()
    assert.matches("^unavailable: nginx put the body into a file that cannot "
      .. "be read: .*No such file", post(("x"):rep(20000), "?lose=1").body)
  end)
end)
