-- Without this an answer that is broken, too long or refused is taken for a
-- result.
local call_run = require "wxbot.call".run
local canary = require "spec.support.canary"
local contexts = require "wxbot.call.context"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local scripted = require "spec.support.scripted"
local wxbot = require "wxbot"

local TOKEN = canary.credentials.token
local AES_KEY = canary.credentials.aes_key
local TASK = { openid = "o", task_id = "t" }

local function bot_on(transport, more)
  local options = { appid = "A", token = TOKEN, aes_key = AES_KEY,
    transport = transport, retry = false }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.new(options))
end

local function answered(body, status)
  return bot_on(scripted.new{ { body = body, status = status } })
    :task_fetch(TASK)
end

describe("an answer that", function()
  local deep = ("["):rep(10000) .. ("]"):rep(10000)
  local broken = {
    ["is HTML"] = { "<html><body>502</body></html>", "HTML" },
    ["is empty"] = { "", "empty" },
    ["is cut off"] = { '{"code":0,"data":{"state":1', "read" },
    ["is not UTF-8"] = { '{"code":0,"data":{"state":1}}\255', "read" },
    ["has a name that is not UTF-8"] = { '{"code":0,"data":{"\255":1}}', "read" },
    ["is nested 10,000 deep"] = { deep, "read" },
    ["is a list"] = { "[1]", "object" },
    ["is a number"] = { "1", "object" },
    ["is null"] = { "null", "read" },
    ["has data of a wrong kind"] = { '{"code":0,"data":"x"}', "data" },
    ["has no state"] = { '{"code":0,"data":{"progress":1}}', "state" },
  }
  for what, case in pairs(broken) do
    it(what .. " is a protocol error that says so", function()
      local result, err = answered(case[1])
      assert.is_nil(result)
      assert.is_true(errors.is(err))
      assert.equal("protocol", err.kind)
      assert.equal("task_fetch", err.endpoint)
      assert.is_true(err.sent)
      assert.matches(case[2], tostring(err))
    end)
  end

  it("has a long text shows what fits of it, in whole characters", function()
    local text = ("请勿频繁请求"):rep(40)
    for letters, shown in pairs{ [""] = 498, a = 499, ab = 500 } do
      local _, err = answered('{"errcode":1015,"errmsg":"' .. letters .. text
        .. '","rid":"31904d53"}')
      assert.equal((letters .. text):sub(1, shown) .. "…", err.message)
      assert.equal("31904d53", err.rid)
    end
  end)

  it("is 2 MiB long is an error of kind limit", function()
    local result, err = bot_on(scripted.new{
      { body = ("x"):rep(2 * 1024 * 1024) } }):publish_progress{
      managerid = "m" }
    assert.is_nil(result)
    assert.equal("limit", err.kind)
  end)

  for status, kind in pairs{ [301] = "protocol", [400] = "protocol",
    [404] = "protocol", [429] = "unavailable", [502] = "unavailable" } do
    it(("has status %d is of kind %s"):format(status, kind), function()
      local result, err = answered("", status)
      assert.is_nil(result)
      assert.equal(kind, err.kind)
      assert.equal(status, err.status)
    end)
  end

  it("has a status that tells what to look at says so", function()
    local _, err = answered("", 404)
    assert.matches("status 404: check token and base_url$", tostring(err))
    _, err = answered("", 413)
    assert.matches("status 413: the request is too large$", tostring(err))
  end)

  it("tells a platform code is believed whatever its status", function()
    local _, err = answered('{"errcode":1001,"errmsg":"TOKEN is not valid"}',
      400)
    assert.equal("platform", err.kind)
    assert.equal(1001, err.code)
    assert.equal(400, err.status)
  end)
end)

describe("an answer that is empty", function()
  local LATER = { 200, 201, 204, 299 }

  for _, endpoint in ipairs(endpoints.all) do
    local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")

    it("has a code of its own, from " .. endpoint.name, function()
      for _, body in ipairs{ "", "\n", " \r\n\t ", "\239\187\191",
          "\239\187\191\r\n" } do
        for _, status in ipairs(LATER) do
          local transport = scripted.new{ { body = body, status = status } }
          local context = assert(contexts.new({}, { appid = "A", token = TOKEN,
            aes_key = AES_KEY, access_token = "ACCESS",
            transport = transport }))
          context.raw = core.rawcrypt(AES_KEY)
          local result, err = call_run(context, endpoint,
            golden.requests[1].params)
          assert.is_nil(result)
          assert.same({ "protocol", "empty", true, status }, { err.kind,
            err.code, err.sent, err.status })
          assert.matches(endpoint.repeats == "always" and "it is empty$"
            or ": the platform took it and said nothing: it may have been "
            .. "done$", tostring(err))
          assert.equal(1, #transport.seen)
        end
      end
    end)
  end

  it("is none where the status says what is wrong", function()
    for status, kind in pairs{ [302] = "protocol", [404] = "protocol",
      [500] = "unavailable" } do
      local _, err = answered("", status)
      assert.equal(kind, err.kind)
      assert.is_nil(err.code)
    end
  end)
end)

describe("an answer that may be long", function()
  local function read(name, params, body)
    local transport = scripted.new{ { body = body } }
    local bot = bot_on(transport, { access_token = "ACCESS" })
    local result, err = bot[name](bot, params)
    return result, err, transport.seen[1].max_body
  end

  it("is one of eight articles of 1 MB", function()
    local content = ("x"):rep(1000 * 1000)
    local result, _, max_body = read("freepublish_getarticle",
      { article_id = "a" }, '{"news_item":[' .. ('{"content":"' .. content
        .. '"},'):rep(7) .. '{"content":"' .. content .. '"}]}')
    assert.equal(8, #result.news_item)
    assert.is_true(max_body >= 2 ^ 24)
  end)

  it("is one of a task with all skills that it may tell of", function()
    local skills = ('{"id":"12345678","name":"%s","intents":[{"id":"1","name":'
      .. '"%s"}]},'):format(("名"):rep(50), ("题"):rep(50)):rep(4999)
      .. '{"id":"1"}'
    local result = assert(read("task_fetch", TASK, '{"code":0,"data":{"state":2,'
      .. '"success_skill_info":[' .. skills .. '],"fail_skill_info":['
      .. skills .. "]}}"))
    assert.equal(5000, #result.success_skill_info)
    assert.equal(5000, #result.fail_skill_info)
  end)

  it("still ends at its limit", function()
    local _, err, max_body = read("freepublish_getarticle",
      { article_id = "a" }, (" "):rep(2 ^ 24 + 1))
    assert.equal("limit", err.kind)
    assert.equal(2 ^ 24, max_body)
    _, err, max_body = read("freepublish_get", { publish_id = "p" },
      (" "):rep(2 ^ 20 + 1))
    assert.equal("limit", err.kind)
    assert.equal(2 ^ 20, max_body)
  end)

  it("holds no more values than one of 1 MiB", function()
    for _, value in ipairs{ "0", "[]", "{}", '"a"' } do
      local few = '{"news_item":[],"a":[' .. (value .. ","):rep(2 ^ 19 - 4)
        .. value .. "]}"
      assert.is_table(read("freepublish_getarticle", { article_id = "a" }, few))
      local _, err = read("freepublish_getarticle", { article_id = "a" },
        (few:gsub("]}$", ",0]}")))
      assert.equal("protocol", err.kind)
      assert.matches("too many values", err.message)
    end
  end)
end)

describe("an answer that confirms nothing", function()
  local CALLS = {
    label_batchset = { appid = "wx", category = "c", label = "l",
      desc = "d", list = { "o" } },
    aibot = { signature = "s", query = "q" },
    sign = { userid = "u" },
    task_fetch = TASK,
  }
  for name, params in pairs(CALLS) do
    for _, body in ipairs{ "{}", "[]", '{"errcode":null}',
      '{"hello":"world"}' } do
      it(("is no success of %s: %s"):format(name, body), function()
        local bot = bot_on(scripted.new{ { body = body } })
        local result, err = bot[name](bot, params)
        assert.is_nil(result)
        assert.equal("protocol", err.kind)
      end)
    end
  end

  it("is an empty signature", function()
    local bot = bot_on(scripted.new{ { body = '{"signature":""}' } })
    local _, err = bot:sign{ userid = "u" }
    assert.matches("signature is missing", tostring(err))
  end)
end)

describe("a described field of a wrong type", function()
  local function fetched(data)
    return bot_on(scripted.new{ { body = '{"code":0,"data":' .. data .. "}" } })
      :task_fetch(TASK)
  end

  it("becomes what is described, or is dropped", function()
    assert.same({ state = 1, state_name = "running", msg = '{"a":[1]}',
      success_skill_info = { { id = "1", intents = {} } },
      fail_skill_info = { "x" }, other = { 5 }, progress = 50 },
      fetched('{"state":1,"progress":50.5,"start":"soon","end":1e300,'
        .. '"msg":{"a":[1]},"url":null,"success_skill_info":'
        .. '[{"id":1},7,"y"],"fail_skill_info":"x","other":[5]}'))
  end)

  it("is as good as missing where it is required", function()
    local result, err = fetched('{"state":{"a":1}}')
    assert.is_nil(result)
    assert.matches("state is missing", tostring(err))
  end)

  it("does not crash who waits", function()
    for _, data in ipairs{ '{"state":1,"progress":{"a":1}}',
      '{"state":3,"msg":{"a":1}}' } do
      local bot = bot_on(scripted.new{ {
        body = '{"code":0,"data":' .. data .. "}" } })
      local _, err = bot:wait_task{ openid = "o", task_id = "t",
        timeout = 5 }
      assert.is_true(errors.is(err))
    end
  end)

  it("does not crash who keeps signatures", function()
    local bot = bot_on(scripted.new{
      { body = '{"signature":"s","expiresIn":"soon"}' },
      { body = '{"ret":0,"status":"FAQ"}' } }, { sign = "remote" })
    assert.is_table(bot:ask{ userid = "u", query = "q" })
  end)
end)

describe("an answer of a gateway in between", function()
  local SUCCESS = { body = '{"code":0,"data":{"state":1}}' }
  for _, case in ipairs{
    { status = 429, body = '{"error":"rate limited"}' },
    { status = 502, body = '{"code":502,"message":"bad gateway"}' },
  } do
    it(("is unavailable and repeated: %d %s"):format(case.status, case.body),
      function()
        local transport = scripted.new{ case, SUCCESS }
        local bot = bot_on(transport, { retry = {} })
        assert.is_table(bot:task_fetch(TASK))
        assert.equal(2, #transport.seen)
      end)
  end

  it("is the platform's when the code is the platform's", function()
    local _, err = bot_on(scripted.new{ { status = 500,
      body = '{"errcode":1001}' } }):task_fetch(TASK)
    assert.equal("platform", err.kind)
  end)
end)

describe("a bot that is closed while a call waits", function()
  it("ends the call with an error of kind closed", function()
    local transport = scripted.new{ { err = { kind = "transport",
      sent = false } } }
    local bot = bot_on(transport, { retry = {} })
    transport.sleep = function() bot:close() end
    local _, err = bot:sign{ userid = "u" }
    assert.equal("closed", err.kind)
    assert.equal(1, #transport.seen)
  end)

  it("for its access token, too", function()
    local transport, bot = scripted.new{ { body = '{"publish_status":0}' } }, nil
    bot = bot_on(transport, { access_token = function()
      bot:close()
      return canary.credentials.access_token
    end })
    local result, err = bot:freepublish_get{ publish_id = "1" }
    assert.is_nil(result)
    assert.equal("closed", err.kind)
    assert.is_false(err.sent)
    assert.equal(0, #transport.seen)
  end)

  it("ends a run of batches so, too", function()
    local bot = bot_on(scripted.new{ { body = '{"errcode":0}' } })
    local _, err = bot:tag{ appid = "wx", category = "c", label = "l",
      desc = "d", list = { "a", "b" }, batch = 1,
      on_progress = function() bot:close() end }
    assert.equal("closed", err.kind)
    assert.equal(1, err.done)
  end)
end)

describe("an error", function()
  it("prints as a sentence, and concatenates", function()
    local _, err = answered('{"errcode":1001,"errmsg":"TOKEN is not valid",'
      .. '"rid":"31904d53"}')
    assert.equal("task_fetch: 1001 TOKEN is not valid (rid 31904d53)",
      tostring(err))
    assert.equal("wxbot: " .. tostring(err), "wxbot: " .. err)
    assert.equal(tostring(err) .. "!", err .. "!")
  end)

  it("prints a trace id once when the platform's text already has it",
    function()
      local _, err = answered('{"errcode":40001,"errmsg":"invalid credential'
        .. ' rid: 67db812a-08959018-7d56a8b6"}')
      assert.equal("67db812a-08959018-7d56a8b6", err.rid)
      assert.equal("task_fetch: 40001 invalid credential rid: "
        .. "67db812a-08959018-7d56a8b6", tostring(err))
    end)

  -- As a number each of these printed badly, or passed for a success.
  for sent, code in pairs{ ['"00.5"'] = "00.5", ["1.5"] = "1.5",
    ['"1e999"'] = "1e999", ['"nan"'] = "nan",
    ["12345678901234567890"] = "12345678901234567890" } do
    it("has a code that is no whole number as a word: " .. sent, function()
      for _, name in ipairs{ "errcode", "code", "ret", "error" } do
        local result, err = answered(('{"%s":%s}'):format(name, sent))
        assert.is_nil(result)
        assert.equal("platform", err.kind)
        assert.equal(code, err.code)
        assert.equal("task_fetch: " .. code, tostring(err))
      end
    end)
  end

  it("is what a code beyond all measure makes of an answer", function()
    local _, err = answered('{"errcode":1e300}')
    assert.equal("platform", err.kind)
    assert.equal("task_fetch: 1e+300", tostring(err))
  end)

  it("prints whatever number a transport has as its code", function()
    for _, code in ipairs{ 1.5, 2 ^ 53, math.huge, -math.huge, 0 / 0 } do
      local _, err = bot_on(scripted.new{ function()
        return nil, { kind = "transport", code = code, message = "no" }
      end }):task_fetch(TASK)
      assert.matches("^task_fetch: %S+ no", tostring(err))
    end
  end)

  it("never holds a credential, whoever wrote its text", function()
    local said = "POST /openapi/x/" .. TOKEN .. " key " .. AES_KEY
    local _, err = bot_on(scripted.new{ function() return nil, said end })
      :task_fetch(TASK)
    assert.equal("transport", err.kind)
    assert.matches("^POST /openapi/x/%*%*%* key %*%*%*$", err.message)
    _, err = answered(('{"errcode":1,"errmsg":"%s"}'):format(said))
    assert.is_nil(tostring(err):find(TOKEN, 1, true))
    assert.is_nil(tostring(err):find(AES_KEY, 1, true))
  end)

  local function failed_with(step, more, call)
    local bot = bot_on(scripted.new{ step }, more)
    local _, err = (call or function()
      return bot:task_fetch(TASK)
    end)(bot)
    local shown = tostring(err)
    for name, value in pairs(err) do
      shown = shown .. " " .. tostring(name) .. " " .. tostring(value)
    end
    return shown
  end

  it("holds no signature that was sent", function()
    local shown = failed_with({ body = '{"errcode":1004,"errmsg":'
      .. '"bad aaaa.bbbb.cccc"}' }, nil, function(bot)
      return bot:aibot{ signature = "aaaa.bbbb.cccc", query = "q" }
    end)
    assert.is_nil(shown:find("aaaa.bbbb.cccc", 1, true))
  end)

  it("holds no credential in its code or trace id", function()
    local shown = failed_with{ body = '{"error":"no such token ' .. TOKEN
      .. '","rid":"' .. TOKEN .. '"}' }
    assert.is_nil(shown:find(TOKEN, 1, true))
    shown = failed_with{ body = '{"error":"' .. TOKEN .. '"}' }
    assert.is_nil(shown:find(TOKEN, 1, true))
  end)

  it("holds no credential in its percent-encoded form", function()
    local shown = failed_with(function(request)
      return nil, "cannot fetch " .. request.url
    end, { access_token = "AB/cd+ef==gh" }, function(bot)
      return bot:freepublish_get{ publish_id = "1" }
    end)
    assert.matches("cannot fetch https://api.weixin.qq.com", shown)
    assert.is_nil(shown:find("cd%2Bef", 1, true))
  end)

  it("holds no token however short", function()
    local shown = failed_with(function(request)
      return nil, "cannot fetch " .. request.url
    end, { token = "abc" })
    assert.matches("taskfetch/{token}", shown)
  end)

  it("takes only what is known from a transport's error", function()
    local shown = failed_with(function(request)
      return nil, { kind = "transport", message = "x", url = request.url }
    end)
    assert.is_nil(shown:find(TOKEN, 1, true))
  end)

  it("is one line of bounded length, whatever the platform sent", function()
    local _, err = answered('{"errcode":5,"errmsg":"x\\u001b[2Jfake\\nline'
      .. ("y"):rep(100000) .. '"}')
    assert.is_true(#tostring(err) < 600)
    assert.is_nil(tostring(err):find("[%z\1-\31\127]"))
  end)

  it("says which credentials an endpoint lacks", function()
    local transport = scripted.new{ {} }
    local _, err = assert(wxbot.new{ token = "t", transport = transport })
      :task_fetch(TASK)
    assert.equal("invalid", err.kind)
    assert.equal("task_fetch: needs aes_key, appid: give it to wxbot.new",
      tostring(err))
    assert.equal(0, #transport.seen)
  end)
end)

describe("a transport of somebody else's", function()
  it("may return an error as a string", function()
    local _, err = bot_on(scripted.new{ function()
      return nil, "no route"
    end }):task_fetch(TASK)
    assert.is_true(errors.is(err))
    assert.equal("transport", err.kind)
    assert.equal("no route", err.message)
    assert.is_nil(err.sent)
  end)

  it("may return an error as a plain table", function()
    local _, err = bot_on(scripted.new{ function()
      return nil, { kind = "tls", message = "bad name", sent = false }
    end }):task_fetch(TASK)
    assert.is_true(errors.is(err))
    assert.equal("tls", err.kind)
    assert.is_false(err.sent)
  end)

  it("is told off when it returns something else", function()
    for _, response in ipairs{ "text", {}, { status = 200 },
      { status = "200", body = "" } } do
      local _, err = bot_on(scripted.new{ function()
        return response
      end }):task_fetch(TASK)
      assert.equal("protocol", err.kind)
      assert.matches("status, headers, body", tostring(err))
    end
  end)

  it("needs no headers, clock or sleep", function()
    local bot = bot_on{ request = function()
      return { status = 200, body = '{"code":0,"data":{"state":0}}' }
    end }
    assert.equal("preparing", bot:task_fetch(TASK).state_name)
  end)

  it("may yield", function()
    local bot = bot_on{ request = function()
      coroutine.yield()
      return { status = 200, body = '{"code":0,"data":{"state":0}}' }
    end }
    local thread = coroutine.create(function()
      return bot:task_fetch(TASK)
    end)
    assert.is_true(coroutine.resume(thread))
    local _, result = coroutine.resume(thread)
    assert.equal(0, result.state)
  end)
end)

describe("on_call", function()
  it("is told of every attempt, without secrets", function()
    local told = {}
    local bot = bot_on(scripted.new{ each = 0.25,
      { err = { kind = "transport", sent = false } },
      { body = '{"code":0,"data":{"state":0}}' } },
      { retry = { random = function() return 0 end },
        on_call = function(info) told[#told + 1] = info end })
    assert(bot:task_fetch(TASK))
    assert.same({
      { endpoint = "task_fetch", attempt = 1, milliseconds = 250, bytes = 0,
        kind = "transport" },
      { endpoint = "task_fetch", attempt = 2, milliseconds = 250,
        bytes = 29, status = 200 },
    }, told)
  end)

  it("is told what the server's clock says, if it says so", function()
    local dates = {}
    local bot = bot_on(scripted.new{
      { body = '{"errcode":1019}',
        headers = { date = "Sun, 06 Nov 1994 08:49:37 GMT" } },
      { body = '{"code":0,"data":{"state":0}}', headers = { date = "now" } },
    }, { on_call = function(info) dates[#dates + 1] = info.date or "none" end })
    bot:task_fetch(TASK)
    bot:task_fetch(TASK)
    assert.same({ 784111777, "none" }, dates)
  end)
end)

describe("a URL", function()
  local function url_with(base_url)
    local transport = scripted.new{ {} }
    bot_on(transport, { base_url = base_url }):task_fetch(TASK)
    return transport.seen[1].url
  end

  it("goes to the platform unless told otherwise", function()
    assert.equal("https://chatbot.weixin.qq.com/openapi/bts/taskfetch/"
      .. TOKEN, url_with(nil))
  end)

  it("goes to one base_url for every service, or to one of each", function()
    assert.equal("http://127.0.0.1:8080/openapi/bts/taskfetch/" .. TOKEN,
      url_with("http://127.0.0.1:8080/"))
    assert.equal("https://[::1]/openapi/bts/taskfetch/" .. TOKEN,
      url_with{ chatbot = "https://[::1]" })
    assert.equal("https://chatbot.weixin.qq.com/openapi/bts/taskfetch/"
      .. TOKEN, url_with{ api = "https://example.com" })
  end)
end)
