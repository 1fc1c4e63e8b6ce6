-- Without this the sandbox takes what the platform refuses, or with another
-- code.
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local NOW = 1800000000

local function fixture(options)
  options = options or {}
  options.clock = options.clock or function() return NOW end
  local box = assert(wxbot.sandbox(options))
  local credentials = box:credentials()
  credentials.transport = box
  return box, assert(wxbot.new(credentials)), box:credentials()
end

-- What any program may send, past the checks of the client.
local function post(box, path, body, headers)
  return box:handle{ method = "POST", url = "https://x" .. path,
    headers = headers or { ["Content-Type"] = "application/json" },
    body = body }
end

local function code_of(response)
  local answer = assert(json.decode(response.body))
  assert.equal(200, response.status)
  assert.is_string(answer.errmsg)
  return answer.errcode, answer
end

local function sealed(credentials, document, appid, key)
  local crypt = assert(wxbot.msgcrypt(key or credentials.aes_key,
    appid or credentials.appid))
  return json.encode{ encrypt = crypt:encrypt(document) }
end

local TAG = "<xml><appid>%s</appid><category>c</category><label>%s</label>"
  .. "<desc>d</desc><list><openid>o</openid></list></xml>"
local TASK = "<xml><openid>%s</openid><task_id>%s</task_id></xml>"

describe("the sandbox answers", function()
  local box, bot, credentials = fixture()
  local token = credentials.token

  local function signed(claims)
    return assert(wxbot.jwt.encode(claims, credentials.aes_key))
  end

  local function asked(signature)
    return code_of(post(box, "/openapi/aibot/" .. token,
      json.encode{ signature = signature, query = "你好" }))
  end

  local function tagged(body, headers)
    return code_of(post(box, "/openapi/label/batchset/" .. token, body,
      headers))
  end

  it("1001 to a token that is not the bot's, in every v1 endpoint",
    function()
      for _, path in ipairs{ "sign", "aibot", "label/batchset",
        "bts/taskfetch", "batchimportskill", "setautoreply", "publish",
        "publish_progress", "sendmsg", "kefustate/get", "kefustate/change",
        "message", "nlp/ner" } do
        local code, answer = code_of(post(box, "/openapi/" .. path
          .. "/wrong", "{}"))
        assert.equal(1001, code)
        assert.equal("TOKEN is not valid", answer.errmsg)
        assert.matches("^%x%x%x%x%x%x%x%x$", answer.rid)
      end
    end)

  it("1002 where the bot is not approved", function()
    local unapproved, its_bot = fixture{ approved = false }
    local _, err = its_bot:sign{ userid = "u" }
    assert.equal(1002, err.code)
    _, err = its_bot:ask{ userid = "u", query = "q" }
    assert.equal(1002, err.code)
    assert.is_table(its_bot:label_batchset{ appid = "wx", category = "c",
      label = "l", desc = "d", list = { "o" } })
    assert.equal(1, unapproved:tagged())
  end)

  it("1003 to sign without a userid or without a readable body", function()
    for _, body in ipairs{ "{}", '{"userid":""}', '{"userid":7}', "",
      "userid=u", "[]" } do
      assert.equal(1003, (code_of(post(box, "/openapi/sign/" .. token,
        body))))
    end
  end)

  it("1003 to sign when the content type does not say what the body is",
    function()
      local FORM = "application/x-www-form-urlencoded"
      local function signed_as(kind, body)
        return post(box, "/openapi/sign/" .. token, body,
          { ["Content-Type"] = kind })
      end
      for _, case in ipairs{ { nil, '{"userid":"u"}' },
        { "text/plain", '{"userid":"u"}' }, { FORM, '{"userid":"u"}' },
        { "application/json-seq", '{"userid":"u"}' }, { nil, "userid=u" },
        { "application/json", "userid=u" }, { FORM, "" },
        { FORM, ("a=&"):rep(100) .. "userid=u" },
        { "application/json;" .. (" "):rep(240), '{"userid":"u"}' },
        { FORM, "userid=%FF" } } do
        assert.equal(1003, (code_of(signed_as(case[1], case[2]))))
      end
      for _, case in ipairs{ { "Application/JSON ;charset=utf-8",
        '{"userid":"u 1"}' }, { FORM, "username=x&userid=u+1" },
        { FORM .. "; charset=utf-8", "userid=u%201" },
        { FORM, ("a=&"):rep(99) .. "userid=u+1" },
        { "application/json;" .. (" "):rep(239), '{"userid":"u 1"}' } } do
        local answer = assert(json.decode(signed_as(case[1], case[2]).body))
        assert.equal("u 1", assert(wxbot.jwt.decode(answer.signature,
          credentials.aes_key, { now = NOW })).userid)
      end
    end)

  it("1004 to aibot without a signature", function()
    assert.equal(1004, (asked("")))
    assert.equal(1004, (asked(nil)))
  end)

  it("1005 to a signature that is malformed, wrong or expired", function()
    local good = signed{ userid = "u" }
    for _, signature in ipairs{ "x", good .. "x", good:sub(1, -2),
      good:gsub("^eyJ", "eyX"), signed{ userid = "u", exp = NOW - 1 },
      signed{ userid = "u", nbf = NOW + 10 },
      wxbot.jwt.encode({ userid = "u" }, "another key"),
      signed('{"userid":"u","exp":null}'), signed('{"userid":"u","aud":7}'),
      signed('{"userid":"u","nbf":"1"}') } do
      assert.equal(1005, (asked(signature)))
    end
  end)

  it("a question whose filters are no lists of names", function()
    for _, filter in ipairs{ "5", "true", '"x"', "{}", "[1,{}]",
      '{"a":"b"}' } do
      local response = post(box, "/openapi/aibot/" .. token,
        ('{"signature":"%s","query":"你好","first_priority_skills":%s,'
          .. '"second_priority_skills":%s}'):format(signed{ userid = "u" },
          filter, filter))
      assert.equal(200, response.status)
      assert.equal(0, json.decode(response.body).ret)
    end
  end)

  it("1006 to a good signature without userid", function()
    assert.equal(1006, (asked(signed{ name = "u" })))
    assert.equal(1006, (asked(signed{ userid = "" })))
  end)

  it("1007 when appid, category, label or desc is empty", function()
    assert.equal(1007, (tagged(sealed(credentials,
      TAG:format("wx1", "")))))
    assert.equal(1007, (tagged(sealed(credentials, "<xml/>"))))
  end)

  it("1010 to what is sealed for another appid", function()
    assert.equal(1010, (tagged(sealed(credentials,
      TAG:format("wx1", "l"), "AnotherAppid123"))))
  end)

  it("1011 to an appid that is not bound", function()
    assert.equal(1011, (tagged(sealed(credentials,
      TAG:format("gh_1", "l")))))
    local strict = fixture{ apps = { "wx1" } }
    assert.equal(1011, (code_of(post(strict, "/openapi/label/batchset/"
      .. token, sealed(credentials, TAG:format("wx2", "l"))))))
  end)

  it("1013 when encrypt cannot be read", function()
    local good = sealed(credentials, TAG:format("wx1", "l"))
    for _, body in ipairs{ "", "{}", "[]", '{"encrypted":"x"}',
      '{"encrypt":7}', "encrypt=x", good:sub(1, -2) } do
      assert.equal(1013, (tagged(body)))
    end
    assert.equal(1013, (tagged(good, {})))
    assert.equal(1013, (tagged(good, { ["content-type"] = "text/plain" })))
    local response = post(box, "/openapi/label/batchset/" .. token, good, {
      ["CONTENT-TYPE"] = "application/json; charset=utf-8" })
    assert.equal('{"errcode":0,"msg":"Success"}', response.body)
  end)

  it("1019 when it does not decrypt, or holds no such document", function()
    for _, body in ipairs{
      '{"encrypt":""}', '{"encrypt":"AAAA"}', '{"encrypt":"!"}',
      sealed(credentials, TAG:format("wx1", "l"), nil, ("A"):rep(43)),
      sealed(credentials, "not xml"),
      sealed(credentials, "<!DOCTYPE xml>" .. TAG:format("wx1", "l")),
      sealed(credentials, "<other/>"),
      sealed(credentials, (TAG:format("wx1", "l"):gsub("<label>",
        "<label>x</label><label>"))),
    } do
      assert.equal(1019, (tagged(body)))
    end
  end)

  it("1015 to one who is not an administrator", function()
    local _, err = bot:task_fetch{ openid = "stranger", task_id = "t" }
    assert.equal(1015, err.code)
    local owned, its_bot = fixture{ admins = { "boss" } }
    local id = owned:add_task{}
    assert.is_table(its_bot:task_fetch{ openid = "boss", task_id = id })
    _, err = its_bot:task_fetch{ openid = "admin", task_id = id }
    assert.equal(1015, err.code)
  end)

  it("a parameter error to a task that it does not know", function()
    local code = code_of(post(box, "/openapi/bts/taskfetch/" .. token,
      sealed(credentials, TASK:format("admin", "none"))))
    assert.equal(110002, code)
  end)

  it("40001, 40014, 41001, 42001 and 48001 of access tokens", function()
    local function published(access_token, options)
      local other = options and fixture(options) or box
      local code, answer = code_of(post(other, "/cgi-bin/freepublish/get"
        .. (access_token and "?access_token=" .. access_token or ""),
        '{"publish_id":"1"}'))
      assert.matches("rid: %x+$", answer.errmsg)
      return code
    end
    local good = credentials.access_token
    assert.equal(40001, published("wrong"))
    assert.equal(40014, published("wr%20ng"))
    assert.equal(41001, published(nil))
    assert.equal(42001, published(good, { expires = NOW }))
    assert.equal(48001, published(good, { authorised = false }))
    assert.equal(40002, published(good))
  end)

  it("43002, 44002 and 47001 to what is no POST, empty or no JSON", function()
    for _, path in ipairs{ "freepublish/submit", "freepublish/get",
      "freepublish/delete", "freepublish/getarticle", "freepublish/batchget",
      "stable_token" } do
      local url = "/cgi-bin/" .. path .. "?access_token="
        .. credentials.access_token
      assert.equal(43002, code_of(box:handle{ method = "GET", url = url }))
      assert.equal(44002, code_of(post(box, url, "")))
      for _, body in ipairs{ '{"publish_id":', "publish_id=1", "1" } do
        assert.equal(47001, code_of(post(box, url, body)))
      end
    end
    -- Who asks is looked at before what is asked.
    assert.equal(40001, code_of(post(box,
      "/cgi-bin/freepublish/get?access_token=wrong", "")))
  end)

  it("any code, status or body that was injected, so many times", function()
    for _, code in ipairs{ 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008,
      1009, 1010, 1011, 1013, 1015, 1019, 40001, 40002, 48001 } do
      box:fail{ endpoint = "sign", code = code }
      local _, err = bot:sign{ userid = "u" }
      assert.equal(code, err.code)
      assert.is_true(#err.message > 0)
    end
    box:fail{ endpoint = "aibot", status = 502, times = 2 }
    for _ = 1, 2 do
      local _, err = bot:ask{ userid = "u", query = "你好" }
      assert.equal(502, err.status)
    end
    assert.is_table(bot:ask{ userid = "u", query = "你好" })
    box:fail{ body = "<html>" }
    local _, err = bot:sign{ userid = "u" }
    assert.matches("HTML", tostring(err))
  end)

  it("404 and 405 to what it does not know", function()
    assert.equal(404, post(box, "/openapi/nothing/x", "").status)
    assert.equal(404, post(box, "/openapi/sign/", "").status)
    assert.equal(404, post(box, "/openapi/sign/a/b", "").status)
    assert.equal(405, box:handle{ method = "GET",
      url = "/openapi/sign/" .. token }.status)
  end)
end)

describe("the sandbox", function()
  it("signs for two hours, and believes what it signed", function()
    local clock = NOW
    local _, bot, credentials = fixture{ clock = function()
      return clock
    end }
    local answer = assert(bot:sign{ userid = "u1", username = "小明" })
    assert.equal(7200, answer.expiresIn)
    assert.same({ userid = "u1", username = "小明", iat = NOW,
      exp = NOW + 7200 }, wxbot.jwt.decode(answer.signature,
      credentials.aes_key, { now = NOW }))
    local question = { signature = answer.signature, query = "你好" }
    assert.equal("u1", assert(bot:aibot(question)).from_user_name)
    clock = NOW + 7200
    local _, err = bot:aibot(question)
    assert.equal(1005, err.code)
  end)

  it("signs for whole seconds, as the platform does", function()
    local _, bot, credentials = fixture{ clock = function()
      return NOW + 0.75
    end }
    local answer = assert(bot:sign{ userid = "u1" })
    assert.same({ userid = "u1", iat = NOW, exp = NOW + 7200 },
      wxbot.jwt.decode(answer.signature, credentials.aes_key, { now = NOW }))
  end)

  it("leaves what it is told of as it was, and does not follow it", function()
    local box, bot = fixture()
    local task = { task_id = "t", prepare = 0, duration = 0,
      success_skill_info = { { name = "s" } } }
    local publication = { publish_id = "p", duration = 0, articles = { "u" } }
    local fault = { endpoint = "sign", status = 302, headers = { a = "b" } }
    box:add_task(task)
    box:add_publication(publication)
    box:fail(fault)
    assert(bot:task_fetch{ openid = "admin", task_id = "t" })
    assert.is_nil(getmetatable(task.success_skill_info))
    task.success_skill_info[1].name = print
    publication.articles[1] = print
    fault.headers.a = nil
    assert.equal("s", assert(bot:task_fetch{ openid = "admin",
      task_id = "t" }).success_skill_info[1].name)
    assert.equal("u", assert(bot:freepublish_get{ publish_id = "p" })
      .article_detail.item[1].article_url)
    assert.equal("b", box:handle{ url = "/openapi/sign/"
      .. box:credentials().token }.headers.a)
    assert.same({ endpoint = "sign", status = 302, headers = {} }, fault)
  end)

  it("has time that moves when it is told to sleep, and never waits",
    function()
      local box = fixture()
      local before = box:time()
      box:sleep(3600)
      assert.equal(before + 3600, box:time())
      assert.equal(before + 3600, box:now())
    end)

  it("signs by the sandbox's clock, however far it has moved", function()
    local box, bot = fixture()
    box:sleep(86400)
    assert.equal("answer", assert(bot:ask{ userid = "u",
      query = "你好" }).tier)
  end)

  it("helps a bot whose clock is wrong", function()
    local box, _, credentials = fixture()
    credentials.transport = box
    credentials.clock = function() return NOW - 86400 end
    local bot = assert(wxbot.new(credentials))
    assert.equal("answer", assert(bot:ask{ userid = "u",
      query = "你好" }).tier)
  end)

  it("answers aibot with every field of the newest document", function()
    local _, bot = fixture()
    local older = { bid_stat = true, bot_state = true, more_info = true }
    local reply = assert(bot:ask{ userid = "u1", query = "你好" })
    for _, field in ipairs(require "wxbot.api".by_name.aibot.response) do
      if older[field.name] then
        assert.is_nil(reply[field.name], field.name)
      elseif field.name ~= "options" or reply.tier == "recommend" then
        assert.is_not_nil(reply[field.name], field.name)
      end
    end
    assert.equal("你好", reply.query)
    assert.equal("u1", reply.from_user_name)
    assert.equal(reply.answer, reply.msg[1].content)
    assert.equal(("%.0f"):format(NOW * 1000), reply.create_time)
  end)

  it("answers what is not a question without a crash", function()
    local _, bot = fixture()
    for _, query in ipairs{ "?", "😀", " ", "\t\n", ("x"):rep(512 * 1024),
      ("龘"):rep(100000), "]]>", "\127" } do
      assert.equal("miss", assert(bot:ask{ userid = "u",
        query = query }).tier)
    end
  end)

  it("hears a query of 1 MiB, whose echo is beyond the client's cap",
    function()
      local _, bot = fixture()
      local reply, err = bot:ask{ userid = "u",
        query = ("x"):rep(1024 * 1024) }
      assert.is_nil(reply)
      assert.equal("limit", err.kind)
      assert.is_true(err.sent)
    end)

  it("keeps the newest label of each category of an account", function()
    local box, bot = fixture()
    local function set(appid, category, label, list)
      assert(bot:label_batchset{ appid = appid, category = category,
        label = label, desc = "d", list = list })
    end
    set("wx1", "c", "old", { "a", "b" })
    set("wx1", "c", "new", { "a" })
    set("wx1", "other", "l", { "a" })
    set("wx2", "c", "l", { "a" })
    local labels = {}
    for _, tag in ipairs(box:tags("a")) do
      labels[tag.appid .. tag.category] = tag.label
    end
    assert.same({ wx1c = "new", wx1other = "l", wx2c = "l" }, labels)
    assert.equal("old", box:tags("b")[1].label)
    assert.same({}, box:tags("nobody"))
    assert.equal(2, box:tagged())
  end)

  it("takes credentials of one's own", function()
    local _, bot, credentials = fixture{ appid = "MyApp", token = "MyToken",
      aes_key = ("B"):rep(43), access_token = "MyAccess" }
    assert.same({ appid = "MyApp", token = "MyToken",
      aes_key = ("B"):rep(43), access_token = "MyAccess" }, credentials)
    assert.is_table(bot:sign{ userid = "u" })
  end)

  it("returns an error for values that cannot be used", function()
    local box, err = wxbot.sandbox{ aes_key = "short" }
    assert.is_nil(box)
    assert.matches("aes_key", tostring(err))
    box, err = wxbot.sandbox{ token = "a/b" }
    assert.is_nil(box)
    assert.matches("token", tostring(err))
    box, err = wxbot.sandbox{ skills = "no/such/file.json" }
    assert.is_nil(box)
    assert.matches("no/such/file.json", tostring(err))
  end)

  local mistakes = {
    { function() wxbot.sandbox{ skill = {} } end, "unknown name skill" },
    { function() wxbot.sandbox{ admins = "a" } end,
      "admins must be a list of strings" },
    { function() fixture():fail{ endpoint = "nothing" } end,
      "there is none named nothing" },
    { function() fixture():fail{ codes = 1 } end, "unknown name codes" },
    { function() fixture():fail{} end, "expected code, status, body, delay or cut" },
    { function() fixture():fail{ code = 1, times = 0 } end,
      "times must be 1 or more" },
    { function() fixture():fail{ status = 99999 } end,
      "status must be from 200 to 599" },
    { function() fixture():fail{ status = 100 } end,
      "status must be from 200 to 599" },
    { function() fixture().tags("a") end, "call it with a colon" },
    { function() fixture():handle{ url = "/", headers = 5 } end,
      "expected { method" },
    { function() fixture():add_task{ duration = "1" } end,
      "duration must be a number" },
    { function() fixture():handle("x") end, "expected { method" },
  }
  for _, case in ipairs(mistakes) do
    it("raises at the caller's line: " .. case[2], function()
      local ok, message = pcall(case[1])
      assert.is_false(ok)
      assert.matches("^spec/sandbox/init_spec.lua:%d+: .*" .. case[2],
        message)
    end)
  end

  it("shows no credential in its text or its fields", function()
    local box, _, credentials = fixture()
    local shown = tostring(box)
    for name, value in pairs(box) do
      shown = shown .. tostring(name) .. tostring(value)
    end
    assert.is_nil(shown:find(credentials.token, 1, true))
    assert.is_nil(shown:find(credentials.aes_key, 1, true))
  end)

  it("answers random bytes with an error, not a crash",
    function()
      local box, _, credentials = fixture()
      for i = 1, 300 do
        local noise = core.random(i)
        local response = post(box, "/openapi/label/batchset/"
          .. credentials.token, noise)
        assert.equal(200, response.status)
        response = box:handle{ url = noise, body = noise }
        assert.equal(404, response.status)
      end
    end)
end)

-- An endpoint that somebody adds has a description first, and an answer later.
describe("a sandbox without an answer", function()
  local NAME = "wxbot.sandbox.answer.nlp"
  local ASK = { name = "tokenize", uid = "u", data = { q = "q" } }
  local path, kept = package.path, nil

  -- Everything else is loaded, and there.
  before_each(function()
    local _, bot = fixture()
    assert(bot:nlp(ASK) and bot:sign{ userid = "u" })
    require "wxbot.sandbox".unanswered()
    kept = package.loaded[NAME]
    package.loaded[NAME], package.path = nil, ""
  end)
  after_each(function()
    package.loaded[NAME], package.preload[NAME] = kept, nil
    package.path = path
  end)

  local function response_of(box)
    local seen
    local options = box:credentials()
    options.retry = false
    options.transport = { request = function(_, request)
      seen = box:handle(request)
      return seen
    end }
    local result, err = assert(wxbot.new(options)):nlp(ASK)
    assert.is_nil(result)
    return seen, err
  end

  it("says which one is missing, and the bot gets an error", function()
    local seen, err = response_of((fixture()))
    assert.equal(501, seen.status)
    assert.matches("^501 the sandbox has no answer for nlp: module "
      .. "'wxbot%.sandbox%.answer%.nlp' not found$", seen.body)
    assert.equal(501, err.status)
    assert.equal("nlp: the platform answered with status 501: it has no answer "
      .. "for this endpoint", tostring(err))
    assert.same({ { "nlp", "module 'wxbot.sandbox.answer.nlp' not found" } },
      require "wxbot.sandbox".unanswered())
  end)

  it("says so, too, of one that does not load or is no function", function()
    for why, preload in pairs{
      ["it is broken"] = function() error("it is broken", 0) end,
      ["the module returns no function"] = function() return {} end,
    } do
      package.loaded[NAME], package.preload[NAME] = nil, preload
      local seen, err = response_of((fixture()))
      assert.equal(501, seen.status)
      assert.truthy(seen.body:find(why, 1, true), seen.body)
      assert.equal(501, err.status)
    end
  end)

  it("answers everything else, and refuses who is not believed", function()
    local box, bot = fixture()
    assert(bot:sign{ userid = "u" })
    assert.equal(1001, (code_of(post(box, "/openapi/nlp/ner/WRONG", "query=x",
      { ["content-type"] = "application/x-www-form-urlencoded" }))))
  end)

  it("is none that is complete", function()
    package.path = path
    assert.same({}, require "wxbot.sandbox".unanswered())
  end)
end)
