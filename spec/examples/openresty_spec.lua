-- Without this the chat service of the example does not run, or shows foreign
-- HTML.
--
-- The chat service of examples/openresty, as its users meet it.
-- #once
local json = require "wxbot.codec.json"
local start = require "spec.server.start"
local wxbot = require "wxbot"

local output_of = start.output_of

-- Posts JSON in chunks of a byte each, five times as much on the wire: more
-- than the buffer of nginx, which puts it into a file. Gives the answer.
local function post_in_pieces(url, path, body)
  local client = assert(require "socket".connect("127.0.0.1",
    url:match("%d+$")))
  client:settimeout(20)
  client:send("POST " .. path .. " HTTP/1.1\r\nHost: x\r\n"
    .. "Connection: close\r\nContent-Type: application/json\r\n"
    .. "Transfer-Encoding: chunked\r\n\r\n"
    .. body:gsub(".", "1\r\n%0\r\n") .. "0\r\n\r\n")
  local answer = client:receive("*a")
  client:close()
  return answer
end

describe("examples/openresty", function()
  local transport, url, service

  setup(function()
    local socket = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = socket:getsockname()
    socket:close()
    service = start.run("env -u WXBOT_TOKEN -u WXBOT_BASE_URL PORT=" .. port
      .. " examples/openresty/run")
    url = service:expect("^(http://127.0.0.1:%d+)/$")
    transport = wxbot.curl{}
    -- It says where it will be before it is there.
    for _ = 1, 100 do
      if transport:request{ url = url .. "/ping" } then
        break
      end
      transport:sleep(0.05)
    end
  end)

  teardown(function()
    transport:close()
    start.stop_all()
  end)

  local function chat(fields)
    local body = type(fields) == "table" and json.encode(fields) or fields
    local response = assert(transport:request{ method = "POST",
      url = url .. "/chat", body = body,
      headers = { ["Content-Type"] = "application/json" } })
    return response.status, json.decode(response.body)
  end

  it("answers a ping", function()
    assert.equal("pong\n", transport:request{ url = url .. "/ping" }.body)
  end)

  it("answers a question, offers options, says when it does not know", function()
    local status, reply = chat{ userid = "u", query = "怎么修改密码" }
    assert.equal(200, status)
    assert.same({ answer = "在设置-账号安全里可以修改密码。",
      tier = "answer", options = {} }, reply)
    status, reply = chat{ userid = "u", query = "密码" }
    assert.equal(200, status)
    assert.equal("recommend", reply.tier)
    assert.same({ "怎么修改密码" }, reply.options)
    assert.equal("miss", select(2, chat{ userid = "u", query = "今天天气" }).tier)
  end)

  it("reads a question that nginx has put into a file", function()
    local answer = post_in_pieces(url, "/chat", assert(json.encode{
      userid = "u", query = "怎么修改密码", more = ("x"):rep(9000) }))
    assert.matches("在设置-账号安全里可以修改密码。", answer, 1, true)
  end)

  it("remembers what a user was talking about", function()
    chat{ userid = "u", query = "我们来猜拳吧" }
    local _, reply = chat{ userid = "u", query = "石头" }
    assert.matches("我出", reply.answer)
  end)

  for name, body in pairs{
    ["no JSON"] = "x",
    ["no object"] = "[]",
    ["no query"] = { userid = "u" },
    ["an empty query"] = { userid = "u", query = "" },
    ["a query that is a number"] = { userid = "u", query = 1 },
    ["a query without measure"] = { userid = "u", query = ("x"):rep(1001) },
  } do
    it("refuses a body with " .. name, function()
      local status, reply = chat(body)
      assert.equal(400, status)
      assert.is_string(reply.error)
    end)
  end

  it("refuses what another site's form could send", function()
    local response = transport:request{ method = "POST", url = url .. "/chat",
      body = "{}", headers = { ["Content-Type"] = "text/plain" } }
    assert.equal(415, response.status)
    assert.equal(405, transport:request{ url = url .. "/chat" }.status)
  end)

  local browser = output_of("command -v chromium chromium-browser "
    .. "google-chrome 2>/dev/null"):match("^(%S+)")
  if not browser then
    return pending("shows a conversation: needs Chromium")
  end

  it("shows a conversation in Chromium", function()
    local profile = output_of("mktemp -d"):match("%S+")
    local page = output_of(("timeout 60 %s --headless --no-sandbox "
      .. "--disable-gpu --user-data-dir=%s --virtual-time-budget=8000 "
      .. "--dump-dom '%s/?ask=密码&ask=<b>' 2>/dev/null"):format(browser,
      profile, url))
    start.remove_folder(profile)
    assert.matches('<div class="line user">密码</div>', page, 1, true)
    assert.matches("在设置-账号安全里可以修改密码。", page, 1, true)
    assert.matches('<button type="button">怎么修改密码</button></div>'
      .. '<div class="line user">&lt;b&gt;</div>', page, 1, true)
    assert.matches('<div class="line miss">', page, 1, true)
  end)
end)

-- The spec is the platform here: it pushes, and takes what comes back.
describe("pushes to examples/openresty", function()
  local socket = require "socket"
  local sandbox, account, platform, transport, url

  setup(function()
    sandbox = assert(wxbot.sandbox{})
    account = sandbox:credentials()
    platform = assert(socket.bind("127.0.0.1", 0))
    platform:settimeout(20)
    local _, port = platform:getsockname()
    local free = assert(socket.bind("127.0.0.1", 0))
    local _, free_port = free:getsockname()
    free:close()
    url = start.run(("env -u WXBOT_TOKEN PORT=%d "
      .. "WXBOT_BASE_URL=http://127.0.0.1:%d examples/openresty/run 2>&1")
      :format(free_port, port)):expect("^(http://127.0.0.1:%d+)/$")
    transport = wxbot.curl{}
    for _ = 1, 100 do
      if transport:request{ url = url .. "/ping" } then
        break
      end
      transport:sleep(0.05)
    end
  end)

  teardown(function()
    transport:close()
    platform:close()
    start.stop_all()
  end)

  local function push(body)
    return assert(transport:request{ method = "POST", url = url .. "/push",
      body = body, headers = { ["Content-Type"] = "application/json" } })
  end

  -- Takes one request of the service, and has the sandbox answer it.
  local function serve_one()
    local client = assert(platform:accept())
    client:settimeout(20)
    local method, path = assert(client:receive("*l")):match("^(%u+) (%S+)")
    local headers = {}
    for line in function() return client:receive("*l") end do
      local name, value = line:match("^([^:]+):%s*(.*)$")
      if not name then
        break
      end
      headers[name:lower()] = value
    end
    local response = assert(sandbox:request{ method = method, headers = {
      ["Content-Type"] = headers["content-type"] },
      url = "https://chatbot.weixin.qq.com" .. path,
      body = client:receive(tonumber(headers["content-length"])) })
    client:send(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
      .. "Content-Length: %d\r\n\r\n%s"):format(#response.body, response.body))
    client:close()
  end

  it("are answered at once, each once, and replied to through sendmsg", function()
    local body = json.encode{ encrypted = wxbot.msgcrypt(account.aes_key,
      account.appid):encrypt("<xml><userid>u1</userid><appid>wx1</appid>"
      .. "<content><msg>人工</msg><msgtype>text</msgtype></content>"
      .. "<from>0</from><kfstate>3</kfstate><channel>1</channel>"
      .. "<createtime>1716535576142</createtime></xml>") }
    for _ = 1, 3 do
      local response = push(body)
      assert.equal(200, response.status)
      assert.equal("", response.body)
    end
    serve_one()
    local sent = sandbox:messages("u1")
    assert.equal(1, #sent)
    assert.equal("已转给客服：人工", sent[1].msg)
    assert.equal("wx1", sent[1].appid)
    assert.equal(1, sent[1].channel)
    platform:settimeout(0.3)
    assert.is_nil(platform:accept())
  end)

  it("are quoted as a person would read them", function()
    platform:settimeout(20)
    assert.equal(200, push(json.encode{ encrypted = wxbot.msgcrypt(
      account.aes_key, account.appid):encrypt("<xml><userid>u3</userid>"
      .. "<appid>wx1</appid><content>"
      .. '<msg>{"image":{"url":"http://i"}}</msg></content><from>0</from>'
      .. "<kfstate>3</kfstate></xml>") }).status)
    serve_one()
    assert.equal("已转给客服：http://i", sandbox:messages("u3")[1].msg)
  end)

  it("are read when nginx has put them into a file", function()
    platform:settimeout(20)
    local answer = post_in_pieces(url, "/push", assert(json.encode{
      encrypted = wxbot.msgcrypt(account.aes_key, account.appid):encrypt(
        "<xml><userid>u2</userid><appid>wx1</appid><content><msg>人工</msg></content><more>"
        .. ("x"):rep(12000)
        .. "</more><from>0</from><kfstate>3</kfstate></xml>") }))
    assert.matches("^HTTP/1.1 200 ", answer)
    serve_one()
    assert.equal(1, #sandbox:messages("u2"))
  end)

  it("are refused when they do not decrypt", function()
    assert.equal(403, push('{"encrypted":"AAAA"}').status)
    assert.equal(403, transport:request{ url = url .. "/push" }.status)
  end)

  -- nginx has 256 timers at once, if it is not told to have more, and drops
  -- what is beyond.
  it("are all replied to, also while many replies wait", function()
    local crypt = wxbot.msgcrypt(account.aes_key, account.appid)
    local waiting = {}
    platform:settimeout(20)
    for i = 1, 400 do
      assert.equal(200, push(json.encode{ encrypted = crypt:encrypt(
        ("<xml><userid>u%d</userid><content><msg>人工</msg></content>"
        .. "<from>0</from><kfstate>3</kfstate></xml>"):format(i)) }).status)
      waiting[i] = assert(platform:accept())
    end
    for _, client in ipairs(waiting) do
      client:close()
    end
  end)
end)
