-- Without this the client of version 2 signs, seals or waits wrongly.
--
-- API version 2: a client on the embedded platform, and on scripts.

local canary = require "spec.support.canary"
local scripted = require "spec.support.scripted"
local start = require "spec.server.start"
local v2wire = require "wxbot.call.wire.v2"
local wxbot = require "wxbot"

local TOKEN = canary.documented.token
local AES_KEY = canary.documented.aes_key

local function client_on(transport, more)
  local options = { appid = "Gg8HejYTkUsEIlG", account = "admin",
    token = TOKEN, aes_key = AES_KEY,
    transport = transport }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.v2(options))
end

local INVALID = { status = 400, body = "invalid sign request" }
local DONE = { body = '{"code":0,"data":{"progress":100,"status":1}}' }

local function token(name)
  return { body = '{"code":0,"data":{"access_token":"' .. name .. '"}}' }
end

-- The access tokens of the calls, "-" for one without.
local function tokens_of(transport)
  local list = {}
  for i, request in ipairs(transport.seen) do
    list[i] = request.headers["X-OPENAI-TOKEN"] or "-"
  end
  return table.concat(list, " ")
end

describe("the signature of v2", function()
  it("agrees with the published examples", function()
    assert.equal("fff8dae1356e7867ea98743439f0e9f8",
      v2wire.sign(TOKEN, "1711001766", "abc", ""))
    assert.equal("1929aa9eff5820e2680e2e1d1b1792dd",
      v2wire.sign(TOKEN, "1711001766", "abc", '{"account":"fb2ab07ce06"}'))
    assert.equal("dfa822f53a8de6bd41e0ea1b8d23f3be",
      v2wire.sign("token123", "1711520394", "abcdefghijklmn",
        '{"env":"online"}'))
  end)
end)

describe("v2 on the sandbox", function()
  local sandbox, client
  before_each(function()
    sandbox = assert(wxbot.sandbox{ random = function() return 1 end })
    client = client_on(sandbox)
  end)

  it("answers as API version 1 does", function()
    local options = sandbox:credentials()
    options.transport = sandbox
    local old = assert(assert(wxbot.new(options)):ask{ userid = "u",
      query = "你好" })
    local new = assert(client:ask{ userid = "v", query = "你好" })
    assert.equal(old.answer, new.answer)
    assert.equal(old.status, new.status)
    assert.equal("answer", new.tier)
    assert.equal("miss", client:ask{ query = "zxqv" }.tier)
  end)

  it("imports, publishes, and then everybody has the answer", function()
    local seen = 0
    local task = assert(client:import_json{ mode = 0, data = { {
      skill = "Places", intent = "where is the moon", answers = { "up" },
    } } })
    local done = assert(client:wait_task{ task_id = task.task_id,
      on_progress = function() seen = seen + 1 end })
    assert.equal("success", done.state_name)
    assert.equal(1, done.success_count)
    assert.is_true(seen >= 1)
    local ask = { query = "where is the moon" }
    assert.equal("miss", client:ask(ask).tier)
    assert.truthy(client:publish().task_id)
    assert.equal(210205, select(2, client:publish()).code)
    assert.equal("success",
      client:wait_bot_publish{ env = "online" }.status_name)
    assert.equal("up", client:ask(ask).answer)
  end)

  it("follows a task on, when its queries came too fast", function()
    local task = assert(client:import_json{ mode = 0, data = { {
      skill = "Places", intent = "where is the sun", answers = { "up" },
    } } })
    sandbox:fail{ endpoint = "v2_fetch", code = 210205, times = 4 }
    assert.equal("success", assert(client:wait_task{
      task_id = task.task_id }).state_name)
  end)

  it("names the task that failed and why", function()
    local task = assert(client:import_json{ mode = 0, data = { {
      skill = "Places", intent = "where", answers = { } } } })
    local done, err = client:wait_task{ task_id = task.task_id }
    assert.is_nil(done)
    assert.equal("failure", err.code)
    assert.equal("where", err.result.fail_skill_info[1].title)
  end)

  it("goes on when the access token has expired", function()
    assert(client:ask{ query = "你好" })
    sandbox:sleep(99 * 60)
    assert(client:ask{ query = "你好" })
    sandbox:sleep(3 * 3600)
    assert(client:ask{ query = "你好" })
  end)

  it("tells of an account that is no administrator", function()
    local reply, err = client_on(sandbox, { account = "x" }):ask{
      query = "你好" }
    assert.is_nil(reply)
    assert.equal(210202, err.code)
    assert.equal("v2_token", err.endpoint)
  end)

  it("refuses who signs with another token", function()
    local reply, err = client_on(sandbox, { token = "other" }):ask{
      query = "你好" }
    assert.is_nil(reply)
    assert.equal("platform", err.kind)
    assert.equal("sign", err.code)
    assert.equal(400, err.status)
    assert.is_nil(tostring(err):find("other", 1, true))
  end)

  it("refuses bytes that are not those that were signed", function()
    local real = client_on{ request = function(_, request)
      request.body = request.body .. " "
      return sandbox:request(request)
    end }
    assert.equal("sign", select(2, real:publish()).code)
  end)

  it("tells of a body that was sealed with another key", function()
    local reply, err = client_on(sandbox, { aes_key = ("A"):rep(43) }):ask{
      query = "你好" }
    assert.is_nil(reply)
    assert.equal(1000012, err.code)
  end)
end)

describe("v2 over the network", function()
  after_each(start.stop_all)

  it("asks a server, whose tokens are asked for on the way", function()
    local server = start.run(start.LUA .. " bin/wxbot serve --port 0")
    local client = client_on(nil, { base_url = server:expect("^url: (.*)$") })
    assert.equal("answer", assert(client:ask{ query = "你好",
      userid = "u" }).tier)
    assert.equal("success", assert(client:progress{
      env = "online" }).status_name)
  end)
end)

-- Where asks overlap, on real sockets.
local ngx = package.loaded.ngx
local hosts = {}
if ngx then
  hosts["light threads of nginx"] = { transport = function()
    return wxbot.resty()
  end, all = function(_, asks)
    local threads = {}
    for i, ask in ipairs(asks) do
      threads[i] = assert(ngx.thread.spawn(ask))
    end
    for _, thread in ipairs(threads) do
      assert(ngx.thread.wait(thread))
    end
  end }
else
  hosts["a loop"] = { transport = function() return wxbot.loop() end,
    all = function(loop, asks)
      for _, ask in ipairs(asks) do
        loop:spawn(ask)
      end
      loop:run()
    end }
end

for name, host in pairs(hosts) do
  describe("v2 in " .. name, function()
    after_each(start.stop_all)

    -- How often each endpoint was called, and what the asks got.
    local function ask_at_once(account)
      local server = start.run(start.LUA .. " bin/wxbot serve --port 0")
      local calls, replies, errs, asks = {}, {}, {}, {}
      local transport = host.transport()
      local client = client_on(transport, { account = account,
        base_url = server:expect("^url: (.*)$"), timeout = 60,
        on_call = function(call)
          calls[call.endpoint] = (calls[call.endpoint] or 0) + 1
        end })
      for i = 1, 5 do
        asks[i] = function()
          replies[i], errs[i] = client:ask{ query = "你好", userid = "u" .. i }
        end
      end
      host.all(transport, asks)
      return calls, replies, errs
    end

    it("fetches one access token for asks at once", function()
      local calls, replies = ask_at_once("admin")
      assert.same({ v2_token = 1, v2_query = 5 }, calls)
      for i = 1, 5 do
        assert.equal("answer", replies[i].tier)
      end
    end)

    it("tells each of them when there is none", function()
      local calls, replies, errs = ask_at_once("x")
      assert.same({ v2_token = 1 }, calls)
      for i = 1, 5 do
        assert.is_nil(replies[i])
        assert.equal(210202, errs[i].code)
      end
    end)
  end)
end

describe("the access token of v2", function()
  it("is fetched once and renewed ahead of the end of its two hours", function()
    local transport = scripted.new{ token "one", DONE, DONE, token "two", DONE }
    local client = client_on(transport, { clock = function()
      return transport.clock
    end })
    assert(client:progress{ env = "online" })
    transport.clock = 7200 * 0.7
    assert(client:progress{ env = "online" })
    transport.clock = 7200 * 0.9
    assert(client:progress{ env = "online" })
    assert.equal("- one one - two", tokens_of(transport))
  end)

  it("is served while renewing fails", function()
    local transport = scripted.new{ token "one", DONE, { status = 500 } }
    local now = 0
    local client = client_on(transport, { retry = false, clock = function()
      return now
    end })
    assert(client:progress{ env = "online" })
    now = 7200 * 0.9
    assert.equal(500, select(2, client:progress{ env = "online" }).status)
    assert.equal("- one - one", tokens_of(transport))
  end)

  it("is fetched again when it was refused, once", function()
    local transport = scripted.new{ token "one", INVALID, token "two", DONE }
    assert(client_on(transport):progress{ env = "online" })
    assert.equal("- one - two", tokens_of(transport))
    transport = scripted.new{ token "one", INVALID, token "two", INVALID }
    local result, err = client_on(transport):progress{ env = "online" }
    assert.is_nil(result)
    assert.equal("sign", err.code)
    assert.equal("- one - two", tokens_of(transport))
  end)

  it("is not fetched again and again when it is itself refused", function()
    local transport = scripted.new{ INVALID }
    local result, err = client_on(transport):publish()
    assert.is_nil(result)
    assert.equal("v2_token", err.endpoint)
    assert.equal(1, #transport.seen)
  end)

  it("is signed anew in every attempt", function()
    local transport = scripted.new{ token "one", { status = 503 }, DONE }
    assert(client_on(transport):progress{ env = "online" })
    local first, second = transport.seen[2].headers, transport.seen[3].headers
    assert.not_equal(first.nonce, second.nonce)
    assert.not_equal(first.sign, second.sign)
    assert.not_equal(first.request_id, second.request_id)
  end)

  it("stands in no error", function()
    local transport = scripted.new{ token "a-token-of-access",
      { body = '{"code":1,"msg":"no: a-token-of-access"}' } }
    local _, err = client_on(transport):progress{ env = "online" }
    assert.is_nil(tostring(err):find("a-token-of-access", 1, true))
  end)
end)

describe("a repeat of v2", function()
  local function attempts(name, params, code)
    local transport = scripted.new{ token "one",
      { body = '{"code":110001,"data":{"err_detail":' .. code .. '}}' } }
    local client = client_on(transport)
    local result, err = client[name](client, params)
    assert.is_nil(result)
    assert.equal(code, err.detail)
    return err.attempts
  end

  it("follows what the internal error was", function()
    assert.equal(3, attempts("progress", { env = "online" }, 210201))
    assert.equal(1, attempts("progress", { env = "online" }, 210202))
    assert.equal(1, attempts("publish", {}, 210205))
  end)
end)

describe("a sealed answer of v2", function()
  it("is refused in no time however many blanks are in it", function()
    local transport = scripted.new{ token "one",
      { body = "a" .. (" "):rep(60000) .. "b" } }
    local began = os.clock()
    local result, err = client_on(transport):ask{ query = "q" }
    assert.is_nil(result)
    assert.equal("protocol", err.kind)
    assert.is_true(os.clock() - began < 2)
  end)
end)

describe("the detail of an internal error of v2", function()
  for _, odd in ipairs{ "0.5", "1e300", '"1e999"', '"nan"', '"x"', "0", "{}" } do
    it("is none when it is " .. odd, function()
      for _, code in ipairs{ "110001", "0" } do
        local transport = scripted.new{ token "one",
          { body = '{"code":' .. code .. ',"data":{"err_detail":' .. odd
            .. '}}' } }
        local _, err = client_on(transport, { retry = false })
          :progress{ env = "online" }
        assert.is_nil(err.detail)
        assert.is_string(tostring(err))
      end
    end)
  end
end)

describe("a client of v2", function()
  it("raises for misuse at the line of who called", function()
    local client = client_on(scripted.new{ DONE })
    for _, call in ipairs{
      function() wxbot.v2{ access_token = "x" } end,
      function() wxbot.v2{ timeout = 0 } end,
      function() wxbot.v2(1) end,
      function() client:ask{} end,
      function() client:ask{ query = "q", user = "u" } end,
      function() client.publish() end,
      function() client:wait_task{} end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.truthy(message:find("v2_spec.lua:", 1, true), message)
    end
  end)

  it("says of a call that takes nothing that nothing is expected", function()
    local ok, message = pcall(function()
      client_on(scripted.new{ DONE }):publish{ x = 1 }
    end)
    assert.is_false(ok)
    assert.matches("unknown name x: expected none$", message)
  end)

  it("names the credentials that a call lacks", function()
    local client = assert(wxbot.v2{ token = canary.credentials.token,
      transport = scripted.new{ DONE } })
    local _, err = client:ask{ query = "q" }
    assert.equal("credentials", err.code)
    assert.matches("needs appid, aes_key: give it to wxbot.v2$", err.message)
  end)

  it("refuses values that cannot be used", function()
    for _, options in ipairs{ { aes_key = "short" }, { token = "a b" },
                              { account = "\0" }, { base_url = "ftp://x" } } do
      local client, err = wxbot.v2(options)
      assert.is_nil(client)
      assert.equal("invalid", err.kind)
    end
  end)

  it("that is closed while its access token is fetched calls no more",
    function()
      local client, transport
      transport = scripted.new{ function()
        client:close()
        return { status = 200, headers = {}, body = token("one").body }
      end, DONE }
      client = client_on(transport)
      local result, err = client:publish()
      assert.is_nil(result)
      assert.equal("closed", err.kind)
      assert.equal(1, #transport.seen)
    end)

  it("is closed once and for all, and shows no key", function()
    local client = client_on(scripted.new{ token "one", DONE })
    client:close()
    client:close()
    assert.equal("closed", select(2, client:publish()).kind)
    assert.equal("wxbot.v2 (Gg8HejYTkUsEIlG, closed)", tostring(client))
    assert.is_nil(next(client))
  end)
end)
