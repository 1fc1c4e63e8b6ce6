-- Without this a bot takes wrong options, shows its credentials, or signs
-- questions wrongly.
local canary = require "spec.support.canary"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local scripted = require "spec.support.scripted"
local wxbot = require "wxbot"

local TOKEN = canary.credentials.token
local AES_KEY = canary.credentials.aes_key

local function bot_on(transport, more)
  local options = { appid = "A", token = TOKEN, aes_key = AES_KEY,
    transport = transport, clock = function() return 1800000000 end }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.new(options))
end

local function raised(fn)
  local ok, message = pcall(fn)
  assert.is_false(ok)
  return message
end

describe("wxbot.new", function()
  it("needs nothing", function()
    assert.is_table(wxbot.new{ transport = scripted.new{ {} } })
  end)

  -- In a value: nil, err.
  local values = {
    { "token", "a/b" }, { "token", "a?b" }, { "token", "a#b" },
    { "token", "../x" }, { "token", "a\nb" }, { "token", "" },
    { "token", ("x"):rep(129) }, { "token", "a b" }, { "token", "a\0" },
    { "aes_key", AES_KEY:sub(1, 42) }, { "aes_key", AES_KEY .. "=" },
    { "aes_key", "" }, { "aes_key", ("!"):rep(43) }, { "appid", "a/b" },
    { "access_token", "a b" }, { "access_token", "" }, { "sign", "never" },
    { "base_url", "ftp://x" }, { "base_url", "https://u:p@x" },
    { "base_url", "https://x/path" }, { "base_url", "https://x?y" },
    { "base_url", "https://" }, { "base_url", "https://x:99999" },
    { "base_url", "https://x y" }, { "base_url", "https://x:0" },
    { "base_url", "http://-" }, { "base_url", "https://a..b" },
    { "base_url", "https://[x]" }, { "base_url", { api = "x" } },
  }
  for _, case in ipairs(values) do
    it(("returns an error for %s = %q"):format(case[1], tostring(case[2])),
      function()
        local bot, err = wxbot.new{ [case[1]] = case[2] }
        assert.is_nil(bot)
        assert.is_true(errors.is(err))
        assert.equal("invalid", err.kind)
        assert.matches(case[1], tostring(err))
        if case[1] == "token" and #case[2] > 3 or case[1] == "aes_key"
            and #case[2] > 3 then
          assert.is_nil(tostring(err):find(case[2], 1, true))
        end
      end)
  end

  -- A programming mistake: raised here, naming the option.
  local mistakes = {
    { { tokn = "x" }, "unknown name tokn: expected appid, token" },
    { { token = 7 }, "token must be a string %(got number%)" },
    { { timeout = "1" }, "timeout must be a number %(got string%)" },
    { { timeout = 0 }, "timeout must be greater than 0" },
    { { transport = {} }, "transport must have a method request" },
    { { retry = { tries = 3 } }, "retry: unknown name tries: expected attempts" },
    { { retry = { attempts = "3" } }, "retry: attempts must be a number" },
    { { base_url = { chatbot = 5 } },
      "base_url: chatbot must be a string %(got number%)" },
    { { timeout = 0 / 0 }, "timeout must be a number" },
    { { base_url = { chat = "https://x" } }, "base_url: unknown name chat" },
    { { access_token = 1 },
      "access_token must be a string or a function %(got number%)" },
    { "x", "expected a table, got string" },
  }
  for _, case in ipairs(mistakes) do
    it("raises at the caller's line: " .. case[2], function()
      local message = raised(function() wxbot.new(case[1]) end)
      assert.matches("^spec/client/bot_spec.lua:%d+: wxbot.new: .*" .. case[2],
        message)
    end)
  end
end)

describe("a bot", function()
  it("shows no credential in its text or its fields", function()
    local bot = bot_on(scripted.new{ {} }, { access_token = canary.access_token })
    local shown = tostring(bot) .. tostring(getmetatable(bot))
    for name, value in pairs(bot) do
      shown = shown .. tostring(name) .. tostring(value)
    end
    assert.matches("^wxbot.bot %(A%)", shown)
    for _, secret in ipairs{ TOKEN, AES_KEY, canary.access_token } do
      assert.is_nil(shown:find(secret, 1, true))
    end
  end)

  it("refuses calls after close, which may be repeated", function()
    local transport = scripted.new{ {} }
    local bot = bot_on(transport)
    bot:close()
    bot:close()
    local result, err = bot:ask{ userid = "u", query = "q" }
    assert.is_nil(result)
    assert.equal("closed", err.kind)
    assert.is_false(err.sent)
    assert.equal(0, #transport.seen)
    assert.matches("closed", tostring(bot))
  end)

  local mistakes = {
    { function(bot) bot:task_fetch() end, "openid is missing: expected a string" },
    { function(bot) bot:task_fetch{ openid = "o" } end,
      "task_id is missing: expected a string" },
    { function(bot) bot:task_fetch{ openid = 1.5, task_id = "t" } end,
      "openid must be a string %(got number%)" },
    { function(bot) bot:task_fetch{ openid = "o", task_id = "t", x = 1 } end,
      "unknown name x: expected openid, task_id" },
    { function(bot) bot:label_batchset{ appid = "a", category = "c",
      label = "l", desc = "d", list = "o" } end,
      "list must be a list of strings %(got string%)" },
    { function(bot) bot:label_batchset{ appid = "a", category = "c",
      label = "l", desc = "d", list = { "o", 7.5 } } end,
      "list%[2%] must be a string %(got number%)" },
    { function(bot) bot:label_batchset{ appid = "a", category = "c",
      label = "l", desc = "d", list = { a = "o" } } end,
      "list must be a list: it has the key a" },
    { function(bot) bot:ask{ query = "q" } end, "userid is missing" },
    { function(bot) bot:ask({ userid = "u", query = "q" }, { time = 1 }) end,
      "options: unknown name time" },
    { function(bot) bot:ask({ userid = "u", query = "q" },
      { timeout = -1 }) end, "timeout must be greater than 0" },
    { function(bot) bot:tag{ appid = "a", category = "c", label = "l",
      desc = "d" } end, "list is missing" },
    { function(bot) bot:wait_task{ openid = "o", task_id = "t",
      interval = "1" } end, "interval must be a number" },
    { function(bot) bot.ask{ userid = "u" } end, "call it with a colon" },
  }
  for _, case in ipairs(mistakes) do
    it("raises at the caller's line: " .. case[2], function()
      local bot = bot_on(scripted.new{ {} })
      assert.matches("^spec/client/bot_spec.lua:%d+: .*" .. case[2],
        raised(function() case[1](bot) end))
    end)
  end

  local values = {
    { "a NUL byte", { openid = "a\0b", task_id = "t" }, "openid" },
    { "invalid UTF-8", { openid = "o", task_id = "\192\128" }, "task_id" },
    { "a character that XML forbids", { openid = "o", task_id = "\1" },
      "task_id" },
    { "an empty string", { openid = "", task_id = "t" }, "openid" },
  }
  for _, case in ipairs(values) do
    it("returns an error for " .. case[1], function()
      local transport = scripted.new{ {} }
      local result, err = bot_on(transport):task_fetch(case[2])
      assert.is_nil(result)
      assert.equal("invalid", err.kind)
      assert.is_false(err.sent)
      assert.matches(case[3], tostring(err))
      assert.equal(0, #transport.seen)
    end)
  end

  it("looks at what a metatable gives, too", function()
    for _, hidden in ipairs{ "by a name", false } do
      local params = setmetatable({ query = "q" }, { __metatable = hidden,
        __index = { userid = "a\0b" } })
      local reply, err = bot_on(scripted.new{ {} }):ask(params)
      assert.is_nil(reply)
      assert.equal("userid", err.field)
    end
  end)

  it("returns an error for an env that does not exist", function()
    local _, err = bot_on(scripted.new{ {} }):aibot{ signature = "s",
      query = "q", env = "test" }
    assert.equal("aibot: env must be one of online, debug", tostring(err))
  end)

  it("takes a timeout for one call", function()
    local transport = scripted.new{ { body = '{"signature":"s"}' } }
    assert(bot_on(transport):sign({ userid = "u" }, { timeout = 2.5 }))
    assert.equal(2.5, transport.seen[1].timeout)
    assert(bot_on(transport):sign{ userid = "u" })
    assert.equal(10, transport.seen[2].timeout)
  end)
end)

describe("bot:ask", function()
  local FINE = { body = '{"ret":0,"status":"FAQ","answer":"a"}' }
  local EXPIRED = { body = '{"errcode":1005}' }
  local SIGNED = { body = '{"signature":"remote.u1.x","expiresIn":7200}' }

  local function claims_of(request)
    return assert(wxbot.jwt.decode(json.decode(request.body).signature,
      AES_KEY, { now = 1800000000, require_exp = true }))
  end

  it("signs for the user, for ten minutes, and asks", function()
    local transport = scripted.new{ FINE }
    local reply = assert(bot_on(transport):ask{ userid = "u1", query = "q",
      username = "小明", avatar = "https://example.com/a.png",
      env = "debug", first_priority_skills = { "s" } })
    assert.equal("a", reply.answer)
    assert.equal(1, #transport.seen)
    assert.same({ userid = "u1", username = "小明", avatar =
      "https://example.com/a.png", iat = 1800000000, exp = 1800000600 },
      claims_of(transport.seen[1]))
    local body = json.decode(transport.seen[1].body)
    body.signature = nil
    assert.same({ query = "q", env = "debug",
      first_priority_skills = { "s" } }, body)
  end)

  it("signs for whole seconds by a clock that has parts of them", function()
    local transport = scripted.new{ FINE }
    assert(bot_on(transport, { clock = function() return 1800000000.75 end })
      :ask{ userid = "u1", query = "q" })
    assert.same({ userid = "u1", iat = 1800000000, exp = 1800000600 },
      claims_of(transport.seen[1]))
  end)

  it("makes the same bytes as another implementation of HS256", function()
    local transport = scripted.new{ FINE }
    assert(bot_on(transport):ask{ userid = "u1", query = "q" })
    assert.equal("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1c2VyaWQiOiJ1MSIs"
      .. "ImlhdCI6MTgwMDAwMDAwMCwiZXhwIjoxODAwMDAwNjAwfQ."
      .. "ARaQRwtFPe1TilzEZEy54wFD3QlLFVbz93eLkRAbnPM",
      json.decode(transport.seen[1].body).signature)
  end)

  local tiers = {
    { '{"ret":0,"status":"FAQ"}', "answer" },
    { '{"ret":0,"status":"CONTEXT_FAQ"}', "answer" },
    { '{"ret":0,"status":"GENERAL_FAQ"}', "answer" },
    { '{"ret":0,"status":"FAQ_RECOMMEND"}', "recommend" },
    { '{"ret":0,"status":"NOMATCH","answer":"sorry"}', "miss" },
    { '{"ret":0,"status":"NEW","answer":"a"}', "answer" },
    { '{"ret":0,"status":"NEW","options":[{"title":"t"}]}', "recommend" },
    { '{"ret":0}', "miss" },
  }
  for _, case in ipairs(tiers) do
    it(("calls %s a tier of %s"):format(case[1], case[2]), function()
      local reply = bot_on(scripted.new{ { body = case[1] } })
        :ask{ userid = "u", query = "q" }
      assert.equal(case[2], reply.tier)
    end)
  end

  it("calls the sign interface once when the signature is refused",
    function()
      local transport = scripted.new{ EXPIRED, SIGNED, FINE }
      assert(bot_on(transport):ask{ userid = "u1", query = "q" })
      assert.equal(3, #transport.seen)
      assert.matches("/sign/", transport.seen[2].url)
      assert.equal("remote.u1.x",
        json.decode(transport.seen[3].body).signature)
    end)

  it("does not call it twice", function()
    local transport = scripted.new{ EXPIRED, SIGNED, EXPIRED }
    local reply, err = bot_on(transport):ask{ userid = "u1", query = "q" }
    assert.is_nil(reply)
    assert.equal(1005, err.code)
    assert.equal(3, #transport.seen)
  end)

  it("says when the sign interface fails", function()
    local transport = scripted.new{ EXPIRED, { body = '{"errcode":1002}' } }
    local _, err = bot_on(transport):ask{ userid = "u1", query = "q" }
    assert.equal(1002, err.code)
    assert.equal("sign", err.endpoint)
  end)

  it("keeps the new signature out of errors, too", function()
    local fresh = ("eyJhbGciOiJIUzI1NiJ9.%s.%s"):format(("a"):rep(40),
      ("b"):rep(43))
    local _, err = bot_on(scripted.new{ EXPIRED,
      { body = '{"signature":"' .. fresh .. '","expiresIn":7200}' },
      { body = '{"errcode":1005,"errmsg":"bad signature ' .. fresh .. '"}' } })
      :ask{ userid = "u1", query = "q" }
    assert.equal(1005, err.code)
    assert.matches("^bad signature ", err.message)
    assert.is_nil(err.message:find("aaaa", 1, true)
      or err.message:find("bbbb", 1, true))
  end)

  it("says what it needs to sign with", function()
    local bot = assert(wxbot.new{ token = "t",
      transport = scripted.new{ FINE } })
    local _, err = bot:ask{ userid = "u", query = "q" }
    assert.equal("invalid", err.kind)
    assert.matches('needs aes_key to sign', tostring(err))
  end)

  it("refuses an empty query, and sends one of 1 MiB", function()
    local transport = scripted.new{ FINE }
    local bot = bot_on(transport)
    local _, err = bot:ask{ userid = "u", query = "" }
    assert.equal("ask: query must not be empty", tostring(err))
    assert(bot:ask{ userid = "u", query = ("x"):rep(1024 * 1024) })
    assert.equal(1, #transport.seen)
  end)

  describe("with remote signatures", function()
    -- Signs as the platform does: a signature names its user.
    local function platform(life)
      local transport = { signed = 0, asked = {}, clock = 1800000000 }
      function transport.request(_, request)
        local params = json.decode(request.body)
        if request.url:find("/sign/", 1, true) then
          transport.signed = transport.signed + 1
          return { status = 200, body = assert(json.encode{
            expiresIn = life or 7200, signature = "for."
              .. params.userid .. "." .. (params.username or "") }) }
        end
        transport.asked[#transport.asked + 1] = params.signature
        return { status = 200, body = FINE.body }
      end
      return transport, bot_on(transport, { sign = "remote",
        clock = function() return transport.clock end })
    end

    it("keeps a signature for its user until shortly before its end",
      function()
        local transport, bot = platform()
        for _ = 1, 3 do
          assert(bot:ask{ userid = "u1", query = "q" })
        end
        assert.equal(1, transport.signed)
        transport.clock = transport.clock + 7200 - 59
        assert(bot:ask{ userid = "u1", query = "q" })
        assert.equal(2, transport.signed)
      end)

    it("never gives a user the signature of another", function()
      local transport, bot = platform()
      local expected = {}
      for round = 1, 2 do
        for i = 1, 50 do
          local userid, name = "u" .. i, round == 2 and "n" or nil
          assert(bot:ask{ userid = userid, username = name, query = "q" })
          expected[#expected + 1] = "for." .. userid .. "." .. (name or "")
        end
      end
      assert.same(expected, transport.asked)
    end)

    it("does not keep one that is about to expire", function()
      local transport, bot = platform(60)
      assert(bot:ask{ userid = "u1", query = "q" })
      assert(bot:ask{ userid = "u1", query = "q" })
      assert.equal(2, transport.signed)
    end)

    it("still works for more users than are kept", function()
      local transport, bot = platform()
      for i = 1, 25000 do
        assert(bot:ask{ userid = "u" .. i, query = "q" })
      end
      assert(bot:ask{ userid = "u25000", query = "q" })
      assert(bot:ask{ userid = "u1", query = "q" })
      assert.equal(25001, transport.signed)
      assert.equal("for.u1.", transport.asked[#transport.asked])
    end)
  end)
end)
