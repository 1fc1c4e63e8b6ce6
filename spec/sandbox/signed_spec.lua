-- Without this endpoints that take a signed token answer whoever asks the
-- sandbox.
local canary = require "spec.support.canary"
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local NOW = 1800000000

local function fixture(options)
  options = options or {}
  options.clock = function() return NOW end
  local box = assert(wxbot.sandbox(options))
  local credentials = box:credentials()
  credentials.transport = box
  return box, assert(wxbot.new(credentials)), credentials
end

local box, bot, credentials = fixture()

local function signed(claims, key)
  return assert(wxbot.jwt.encode(claims, key or credentials.aes_key))
end

local function post(path, body)
  local response = box:handle{ method = "POST", body = body,
    url = "/openapi/" .. path .. "/" .. credentials.token }
  assert.equal(200, response.status)
  return json.decode(response.body)
end

describe("message on the sandbox", function()
  it("answers as aibot does", function()
    local reply = assert(bot:message{ username = "u1", msg = "你好" })
    assert.equal("GENERAL_FAQ", reply.status)
    assert.equal("u1", reply.from_user_name)
    assert.equal(bot:ask{ userid = "u1", query = "你好" }.title, reply.title)
  end)

  it("has a dialogue for each username", function()
    local talker = select(2, fixture{ skills = { skills = { { name = "s",
      intents = { { title = "营业时间是什么", answers = { "九点" } },
        { title = "周末呢", answers = { "休息" },
          follows = "营业时间是什么" } } } } } })
    assert(talker:message{ username = "u1", msg = "营业时间是什么" })
    assert.equal("NOMATCH", talker:message{ username = "u2",
      msg = "周末呢" }.status)
    assert.equal("CONTEXT_FAQ", talker:message{ username = "u1",
      msg = "周末呢" }.status)
  end)

  it("is read from a form and from JSON", function()
    local token = signed{ username = "u1", msg = "你好" }
    assert.equal("GENERAL_FAQ", post("message", "query=" .. token).status)
    assert.equal("GENERAL_FAQ", post("message",
      json.encode{ query = token }).status)
  end)

  it("is 1006 without a username, and 1002 of a bot not approved", function()
    assert.equal(1006, post("message", "query="
      .. signed{ msg = "你好" }).errcode)
    assert.equal(1006, post("message", "query="
      .. signed{ username = "", msg = "你好" }).errcode)
    local _, unapproved = fixture{ approved = false }
    local _, err = unapproved:message{ username = "u", msg = "m" }
    assert.equal(1002, err.code)
  end)
end)

for _, path in ipairs{ "message", "nlp/tokenize" } do
  describe(path .. " on the sandbox", function()
    it("is 1004 without a token", function()
      for _, body in ipairs{ "", "query=", "{}", '{"query":7}', "x=y",
        '{"query":""}' } do
        assert.equal(1004, post(path, body).errcode)
      end
    end)

    it("is 1005 for a token that is malformed, wrong or expired", function()
      local good = signed{ username = "u", uid = "u", msg = "m",
        data = { q = "q" } }
      for _, token in ipairs{ "x", good .. "x", good:sub(1, -2),
        (good:gsub("^eyJ", "eyX")), signed({ username = "u" }, "another key"),
        signed{ username = "u", exp = NOW - 1 },
        -- Not signed at all.
        "eyJhbGciOiJub25lIn0.eyJ1aWQiOiJ1In0." } do
        assert.equal(1005, post(path, "query=" .. token).errcode)
        assert.equal(1005, post(path, json.encode{ query = token }).errcode)
      end
    end)
  end)
end

describe("nlp on the sandbox", function()
  local services = {
    tokenize = "words", ner = "result", sentiment = "result",
    sensitive = "result", ["ner-product"] = "entities", rank = "results",
    translate_en2cn = "result", translate_cn2en = "result",
    get_similar_query = "data", ["news-abstraction"] = "abstraction",
    document_classify = "preds", recommend_questions = "results",
    casual_chat = "response",
  }
  for name, field in pairs(services) do
    it("answers in the shape of " .. name, function()
      local answer = assert(bot:nlp{ name = name, uid = "u1",
        data = { q = "你好", title = "t", candidates = {} } })
      assert.is_not_nil(answer[field])
      assert.is_nil(answer.error)
    end)
  end

  it("says in `error` what it does not know", function()
    local _, err = bot:nlp{ name = "nothing", uid = "u1", data = {} }
    assert.equal("platform", err.kind)
    assert.equal("there is no such service", err.message)
  end)

  it("sends no name that could lead elsewhere", function()
    for _, name in ipairs{ "../sign", "a/b", "A", "a b", "a?b", "a%2f", "",
      "a\n" } do
      local result, err = bot:nlp{ name = name, uid = "u1", data = {} }
      assert.is_nil(result)
      assert.equal("invalid", err.kind)
      assert.equal("name", err.field)
      assert.is_false(err.sent)
    end
  end)

  it("does not keep one service's address for another", function()
    assert(bot:nlp{ name = "ner", uid = "u1", data = { q = "a" } })
    assert.equal("a", bot:nlp{ name = "translate_en2cn", uid = "u1",
      data = { q = "a" } }.result)
  end)

  it("is an error for data that JSON cannot hold", function()
    local _, err = bot:nlp{ name = "ner", uid = "u1",
      data = { q = print } }
    assert.equal("invalid", err.kind)
    _, err = bot:nlp{ name = "ner", uid = "u1", data = { "q" } }
    assert.equal("invalid", err.kind)
  end)
end)

describe("a signed call that fails", function()
  it("shows its token to nobody", function()
    local seen
    local teller = assert(wxbot.new{ token = canary.credentials.token,
      aes_key = credentials.aes_key, retry = false, transport = {
        request = function(_, req)
          seen = req.body:match("^query=(.*)")
          return nil, { kind = "transport", message = "lost " .. req.body
            .. " to " .. req.url }
        end } })
    local _, err = teller:nlp{ name = "ner", uid = "u1", data = {} }
    assert.is_true(#seen > 40)
    assert.is_nil(tostring(err):find(seen, 1, true))
    assert.is_nil(tostring(err):find(canary.credentials.token, 1, true))
  end)
end)
