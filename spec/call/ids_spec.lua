-- Without this a number given as an id arrives as "1e+14" or "7.0", and is
-- another user.
--
-- Ids of a program's own are often numbers: wherever an id goes in, an integer
-- is written with all its digits, on both Luas.

local canary = require "spec.support.canary"
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local TOKEN = canary.credentials.token
local AES_KEY = canary.credentials.aes_key

-- What is given, and what it is for everybody else. LuaJIT prints 1e14 as
-- "1e+14", Lua 5.4 a float as "7.0".
local GIVEN = { [12345] = "12345", [7.0] = "7", [0] = "0", [-5] = "-5",
  [1e14] = "100000000000000", [2 ^ 53 - 1] = "9007199254740991" }

-- What is no id: beyond 2^53 a number no longer says which one it is.
local REFUSED = { 1.5, 2 ^ 53, -2 ^ 53, 1e300, math.huge, 0 / 0, true, {},
  math.maxinteger or 2 ^ 63 }

local ANSWER = assert(json.encode{ code = 0, errcode = 0, ret = 0,
  signature = "s", expiresIn = 7200, publish_id = "1", publish_status = 0,
  kefustate = "on", news_item = json.list{}, data = { task_id = "T", state = 2,
    status = 1, access_token = "ACCESS" } })

-- A client whose transport answers all; `asked` has what was sent, opened.
local function client(more)
  local asked, options = {}, { appid = "A", token = TOKEN, aes_key = AES_KEY }
  local crypt = assert(wxbot.msgcrypt(AES_KEY, "A"))
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  options.transport = { now = os.clock, sleep = function() end,
    request = function(_, request)
      local body = request.body
      local sealed = body:find('"encrypt"', 1, true)
        and json.decode(body).encrypt
      asked[#asked + 1] = sealed and crypt:decrypt(sealed) or body
      return { status = 200, headers = {}, body = ANSWER }
    end }
  return options, asked
end

local function bot_and_asked(more)
  local options, asked = client(more)
  options.access_token = "ACCESS"
  return assert(wxbot.new(options)), asked
end

local function claims_of(token)
  return assert(wxbot.jwt.decode(token, AES_KEY, { require_exp = false }))
end

local WEB = { appid = "wx1", category = "c", label = "l", desc = "d" }

local function with(params, name, value)
  local copy = { [name] = value }
  for other, its in pairs(params) do
    copy[other] = its
  end
  return copy
end

-- Method, the id's name, what else it needs, how the id stands on the wire.
local XML = function(name)
  return function(sent, id)
    return sent:find("<" .. name .. "><![CDATA[" .. id .. "]]></" .. name
      .. ">", 1, true)
  end
end
local JSON = function(name)
  return function(sent, id)
    return json.decode(sent)[name] == id
  end
end
local SIGNED = function(name)
  return function(sent, id)
    return claims_of(sent:match("^query=(.*)"))[name] == id
  end
end
local SKILL = { { skillname = "s", title = "t", answer = { "a" } } }
local CALLS = {
  { "sign", "userid", {}, JSON "userid" },
  { "ask", "userid", { query = "q" }, function(sent, id)
    return claims_of(json.decode(sent).signature).userid == id
  end },
  { "message", "username", { msg = "m" }, SIGNED "username" },
  { "nlp", "uid", { name = "ner", data = { q = "q" } }, SIGNED "uid" },
  { "task_fetch", "openid", { task_id = "t" }, XML "openid" },
  { "task_fetch", "task_id", { openid = "o" }, XML "task_id" },
  { "wait_task", "task_id", { openid = "o" }, XML "task_id" },
  { "batchimportskill", "managerid", { skill = SKILL }, XML "managerid" },
  { "import", "managerid", { skill = SKILL }, XML "managerid" },
  { "setautoreply", "managerid", { skillname = "s", title = "t",
    content = "c" }, XML "managerid" },
  { "publish", "managerid", {}, XML "managerid" },
  { "publish_progress", "managerid", {}, XML "managerid" },
  { "wait_bot_publish", "managerid", {}, XML "managerid" },
  { "sendmsg", "openid", { msg = "m", channel = 7 }, XML "openid" },
  { "kefustate_get", "openid", { appid = "wx1" }, XML "openid" },
  { "kefustate_change", "openid", { appid = "wx1", kefustate = "on" },
    XML "openid" },
  { "freepublish_submit", "media_id", {}, JSON "media_id" },
  { "freepublish_get", "publish_id", {}, JSON "publish_id" },
  { "wait_publication", "publish_id", {}, JSON "publish_id" },
  { "freepublish_delete", "article_id", { index = 1 }, JSON "article_id" },
  { "freepublish_getarticle", "article_id", {}, JSON "article_id" },
}

describe("an id that is a number", function()
  for _, case in ipairs(CALLS) do
    local method, name, params, stands = case[1], case[2], case[3], case[4]

    it(("is %s of bot:%s"):format(name, method), function()
      for number, id in pairs(GIVEN) do
        local bot, asked = bot_and_asked()
        local given = with(params, name, number)
        assert(bot[method](bot, given))
        assert.truthy(stands(asked[1], id), asked[1])
        assert.equal(number, given[name]) -- the caller's stays as it is
      end
    end)

    it(("is %s of bot:%s only where it is certain"):format(name, method),
      function()
        local bot, asked = bot_and_asked()
        for _, value in ipairs(REFUSED) do
          local ok, message = pcall(bot[method], bot, with(params, name, value))
          assert.is_false(ok)
          assert.matches(name .. " must be a string %(got", message)
        end
        assert.equal(0, #asked)
      end)
  end

  for _, method in ipairs{ "label_batchset", "tag" } do
    it("is one of the list of bot:" .. method, function()
      local bot, asked = bot_and_asked()
      local list = { 1e14, "o1", 7.0 }
      assert(bot[method](bot, with(WEB, "list", list)))
      assert.truthy(asked[1]:find("<list><openid><![CDATA[100000000000000]]>"
        .. "</openid><openid><![CDATA[o1]]></openid><openid><![CDATA[7]]>"
        .. "</openid></list>", 1, true), asked[1])
      assert.same({ 1e14, "o1", 7.0 }, list)
      for _, value in ipairs(REFUSED) do
        local ok, message = pcall(bot[method], bot,
          with(WEB, "list", { "o1", value }))
        assert.is_false(ok)
        assert.matches("list%[2%] must be a string %(got", message)
      end
    end)
  end

  it("comes from an iterator of bot:tag", function()
    local bot, asked = bot_and_asked()
    local n = 0
    assert.equal(3, assert(bot:tag(with(WEB, "list", function()
      n = n + 1
      return n <= 3 and 1e14 + n or nil
    end))).done)
    assert.truthy(asked[1]:find("[CDATA[100000000000003]]", 1, true))
    for _, value in ipairs(REFUSED) do
      local given = false
      local _, err = bot:tag(with(WEB, "list", function()
        given = not given
        return given and value or nil
      end))
      assert.equal("invalid", err.kind)
      assert.matches("list%[1%] must be a string %(got", err.message)
    end
  end)

  it("goes into v2 and is its account", function()
    local options = client{ account = 1e14 }
    local seen = {}
    options.transport.request = function(_, request)
      local name = request.url:match("[^/]+$")
      seen[name] = request.body
      return { status = 200, headers = {}, body = ANSWER }
    end
    local v2 = assert(wxbot.v2(options))
    assert(v2:wait_task{ task_id = 1e14 })
    assert.equal('{"account":"100000000000000"}', seen.token)
    assert.equal('{"task_id":"100000000000000"}', seen.fetch)
    assert.is_false(pcall(wxbot.v2, { account = 1.5 }))
  end)

  it("is the same user as its text: one signature is kept", function()
    local bot, asked = bot_and_asked{ sign = "remote" }
    assert(bot:ask{ userid = 1e14, query = "q" })
    assert(bot:ask{ userid = "100000000000000", query = "q" })
    assert.equal(3, #asked)
  end)

  it("is the same user as its text: the newer call wins", function()
    local options = client{ retry = { random = function() return 0 end } }
    local bot, calls = nil, 0
    options.transport.request = function()
      calls = calls + 1
      if calls == 1 then
        assert(bot:kefustate_change{ appid = "wx1", openid = "42",
          kefustate = "off" })
        return nil, { kind = "timeout" }
      end
      return { status = 200, headers = {}, body = '{"errcode":0}' }
    end
    bot = assert(wxbot.new(options))
    assert.is_nil((bot:kefustate_change{ appid = "wx1", openid = 42,
      kefustate = "on" }))
    assert.equal(2, calls)
  end)
end)

describe("an id that is a number, in the sandbox,", function()
  local sandbox, bot
  before_each(function()
    sandbox = assert(wxbot.sandbox{ admins = { 1e14 } })
    local options = sandbox:credentials()
    options.transport = sandbox
    bot = assert(wxbot.new(options))
  end)

  it("is whom a user's tags and messages are asked of", function()
    assert(bot:tag(with(WEB, "list", { 1e14 })))
    assert(bot:sendmsg{ openid = 1e14, msg = "m", channel = 7 })
    for _, id in ipairs{ 1e14, "100000000000000" } do
      assert.equal(1, #sandbox:tags(id))
      assert.equal("m", sandbox:messages(id)[1].msg)
    end
  end)

  it("is an administrator, a task, a publication, an article", function()
    assert.equal("7", sandbox:add_task{ task_id = 7 })
    assert.equal("8", sandbox:add_publication{ publish_id = 8.0,
      article_id = 1e14, duration = 0 })
    assert(bot:wait_task{ openid = 1e14, task_id = 7 })
    assert.equal("100000000000000",
      assert(bot:wait_publication{ publish_id = 8 }).article_id)
    assert(bot:freepublish_getarticle{ article_id = 1e14 })
    assert(bot:publish{ managerid = "100000000000000" })
  end)

  it("is whose push it is, and the agent's", function()
    local credentials = sandbox:credentials()
    local receiver = assert(wxbot.receiver{ kind = "kefu",
      appid = credentials.appid, aes_key = credentials.aes_key })
    local message
    sandbox:push{ url = "http://receiver.test", userid = 1e14, msg = "hi",
      customer_info = { openid = 12345.0, name = "n" },
      transport = { request = function(_, request)
        local response
        response, message = receiver:handle{ method = "POST",
          body = request.body }
        return response
      end } }
    assert.equal("100000000000000", message.userid)
    assert.equal("12345", message.customer_info.openid)
  end)
end)

it("an id that is a number may stand in the command's file", function()
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write('{"managerid":100000000000000}')
  file:close()
  local config = require "wxbot.cli.config".read(path)
  os.remove(path)
  assert.equal("100000000000000", config.managerid)
end)
