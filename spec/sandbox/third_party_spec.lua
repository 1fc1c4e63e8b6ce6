-- Without this the sandbox is a third-party platform's other side that no
-- program could rely on: tickets that do not come, codes that never end.
local json = require "wxbot.codec.json"
local parts = require "wxbot.sandbox.component"
local wxbot = require "wxbot"

local function world(more)
  local at = { now = 1700000000, heard = {}, status = 200 }
  local options = { clock = function() return at.now end, secret = "SECRET" }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  local receiver
  options.transport = { request = function(_, request)
    local response, message = receiver:handle{ method = "POST",
      query = request.url:match("%?(.*)"), body = request.body }
    at.heard[#at.heard + 1] = message
    at.answered = response
    return { status = at.status, headers = {}, body = response.body }
  end }
  at.sandbox = assert(wxbot.sandbox(options))
  local given = at.sandbox:component()
  receiver = assert(wxbot.receiver{ kind = "third_party", appid = given.appid,
    token = given.token, aes_key = given.aes_key,
    clock = function() return at.sandbox:time() end })
  at.given = given
  function at.push(push)
    push.kind, push.url = "third_party", push.url or "http://127.0.0.1/"
    push.transport = options.transport
    local before = #at.heard
    assert(at.sandbox:push(push))
    return at.heard[before + 1]
  end
  -- Calls an interface: what it answers, and the whole response.
  function at.call(name, token, body)
    body.component_appid = body.component_appid or given.appid
    local response = at.sandbox:handle{ method = "POST", headers = {
      ["content-type"] = "application/json" }, body = json.encode(body),
      url = "https://api.weixin.qq.com/cgi-bin/component/api_" .. name
        .. (token and "?component_access_token=" .. token or "") }
    return json.decode(response.body), response
  end
  function at.token()
    return at.call("component_token", nil, {
      component_appsecret = given.secret,
      component_verify_ticket = at.push{}.ticket }).component_access_token
  end
  return at
end

local function refused(code, cause, answer, response)
  assert.equal(code, answer.errcode)
  assert.equal(cause, response.cause_id)
end

describe("the third-party platform of a sandbox", function()
  local at
  before_each(function() at = world() end)

  it("is given a ticket whenever one is asked for", function()
    local first, second = at.push{}, at.push{}
    assert.equal("success", at.answered.body)
    assert.is_truthy(first.ticket:find("^ticket@@@[A-Za-z0-9_-]+$"))
    assert.equal(#"ticket@@@" + 86, #first.ticket)
    assert.not_equal(first.ticket, second.ticket)
    for _, message in ipairs{ first, second } do
      assert.equal(7200, at.call("component_token", nil, {
        component_appsecret = "SECRET",
        component_verify_ticket = message.ticket }).expires_in)
    end
  end)

  it("knows a ticket from one that has ended, and from none", function()
    local ticket = at.push{}.ticket
    local function ask(with)
      return at.call("component_token", nil, { component_appsecret = "SECRET",
        component_verify_ticket = with })
    end
    refused(61006, "unknown_ticket", ask("ticket@@@x"))
    refused(61006, "unknown_ticket", ask(nil))
    at.now = at.now + 43200
    refused(61005, "ended_ticket", ask(ticket))
  end)

  it("looks at who calls", function()
    local token = at.token()
    refused(41018, "no_field", at.call("create_preauthcode", token,
      { component_appid = "" }))
    local answer, response = at.call("create_preauthcode", token,
      { component_appid = 7 })
    refused(41018, "field_type", answer, response)
    assert.is_truthy(response.cause:find("where a string is wanted", 1, true))
    refused(61011, "unknown_component", at.call("create_preauthcode", token,
      { component_appid = "wxother" }))
    refused(40125, "wrong_component_secret", at.call("component_token", nil,
      { component_appsecret = "WRONG" }))
    refused(41004, "no_field", at.call("start_push_ticket", nil, {}))
    refused(41001, "no_access_token", at.call("create_preauthcode", nil, {}))
    refused(40001, "wrong_access_token", at.call("create_preauthcode", "x", {}))
  end)

  it("takes the token under the name of the newer pages, too", function()
    local token = at.token()
    local response = at.sandbox:handle{ method = "POST", headers = {},
      url = "https://api.weixin.qq.com/cgi-bin/component/api_create_preauthcode"
        .. "?access_token=" .. token,
      body = '{"component_appid":"' .. at.given.appid .. '"}' }
    assert.is_truthy(response.body:find("preauthcode@@@", 1, true))
  end)

  it("ends a token with the next one, at once", function()
    local token = at.token()
    at.token()
    refused(40001, "replaced_access_token", at.call("create_preauthcode", token,
      {}))
  end)

  it("does not take tokens of accounts, nor accounts its own", function()
    local account = at.sandbox:account()
    local stable = assert(wxbot.access_token{ appid = account.appid,
      secret = account.secret, transport = at.sandbox })
    refused(61014, "not_component_token", at.call("create_preauthcode",
      assert(stable:get()), {}))
    assert(at.call("create_preauthcode", at.sandbox:credentials().access_token,
      {}).pre_auth_code)
    local token = at.token()
    local message = at.push{ infotype = "authorized" }
    local info = at.call("query_auth", token,
      { authorization_code = message.authorization_code }).authorization_info
    refused(61014, "not_component_token", at.call("create_preauthcode",
      info.authorizer_access_token, {}))
    local bot = assert(wxbot.new{ access_token = token, transport = at.sandbox })
    local _, err = bot:freepublish_batchget{ offset = 0, count = 1 }
    assert.equal(48001, err.code)
    local list = at.sandbox:requests()
    assert.equal("component_token", list[#list].cause_id)
    bot = assert(wxbot.new{ access_token = info.authorizer_access_token,
      transport = at.sandbox })
    assert(bot:freepublish_batchget{ offset = 0, count = 1 })
  end)

  it("takes the code of a link once, and in its time", function()
    local token = at.token()
    local code = at.call("create_preauthcode", token, {}).pre_auth_code
    local message = at.push{ infotype = "authorized", authorizer_appid = "wxA",
      pre_auth_code = code }
    assert.equal(code, message.pre_auth_code)
    assert.equal(at.now + 3600, message.authorization_code_expires)
    local function again(with)
      return pcall(at.push, { infotype = "authorized", pre_auth_code = with })
    end
    assert.is_false(again(code))
    code = at.call("create_preauthcode", token, {}).pre_auth_code
    at.now = at.now + 1800
    assert.is_false(again(code))
  end)

  it("gives out what an account has granted, for an hour after it did",
    function()
      local token = at.token()
      local function query(with)
        return at.call("query_auth", token, { authorization_code = with })
      end
      local code = at.push{ infotype = "authorized",
        authorizer_appid = "wxA" }.authorization_code
      local info = query(code).authorization_info
      assert.equal("wxA", info.authorizer_appid)
      assert.is_truthy(info.authorizer_refresh_token
        :find("^refreshtoken@@@[A-Za-z0-9_-]+$"))
      refused(61009, "unknown_auth_code", query("queryauthcode@@@x"))
      at.now = at.now + 3600
      refused(61010, "ended_auth_code", query(code))
    end)

  it("keeps the refresh token until the account authorises anew", function()
    local token = at.token()
    local function authorize(infotype)
      return at.call("query_auth", token, { authorization_code = at.push{
        infotype = infotype, authorizer_appid = "wxA" }.authorization_code })
        .authorization_info.authorizer_refresh_token
    end
    local function renew(with)
      return at.call("authorizer_token", token, { authorizer_appid = "wxA",
        authorizer_refresh_token = with })
    end
    local refresh = authorize("authorized")
    assert.equal(refresh, authorize("updateauthorized"))
    assert.equal(refresh, renew(refresh).authorizer_refresh_token)
    at.push{ infotype = "unauthorized", authorizer_appid = "wxA" }
    refused(61003, "not_an_authorizer", renew(refresh))
    refused(61003, "not_an_authorizer", at.call("get_authorizer_info", token,
      { authorizer_appid = "wxA" }))
    local another = authorize("authorized")
    assert.not_equal(refresh, another)
    refused(61023, "wrong_refresh_token", renew(refresh))
    assert.equal(another, at.call("get_authorizer_info", token,
      { authorizer_appid = "wxA" }).authorization_info.authorizer_refresh_token)
  end)

  it("ends the token and the code of an account that withdraws", function()
    local token = at.token()
    local code = at.push{ infotype = "authorized",
      authorizer_appid = "wxA" }.authorization_code
    local info = at.call("query_auth", token,
      { authorization_code = code }).authorization_info
    at.push{ infotype = "unauthorized", authorizer_appid = "wxA" }
    refused(61009, "unknown_auth_code", at.call("query_auth", token,
      { authorization_code = code }))
    local bot = assert(wxbot.new{ transport = at.sandbox,
      access_token = info.authorizer_access_token })
    local _, err = bot:freepublish_batchget{ offset = 0, count = 1 }
    assert.equal(40001, err.code)
  end)

  it("pushes whatever other type is asked for", function()
    assert.equal("notify_third_fasteregister",
      at.push{ infotype = "notify_third_fasteregister" }.infotype)
  end)

  it("says that something happened when it is told to", function()
    assert.equal(at.now - 100, at.push{ createtime = at.now - 100 }.createtime)
  end)

  it("shows no ticket and no code in its record of requests", function()
    at.token()
    local shown = at.sandbox:request_of(1)
    assert.equal("component_token", shown.endpoint)
    assert.is_nil(shown.body:find("ticket@@@", 1, true))
    assert.is_nil(shown.body:find("SECRET", 1, true))
  end)

  it("says which push cannot be", function()
    local ok, message = pcall(at.sandbox.push, at.sandbox, {
      kind = "third_party", url = "http://127.0.0.1/", infotype = "authorized",
      pre_auth_code = "x" })
    assert.is_false(ok)
    assert.is_truthy(message:find("pre_auth_code is unknown, used or over", 1,
      true))
  end)

  it("can be written down and made again", function()
    local function made()
      return parts.new(function() return at.now end, {}, "SECRET",
        function() end)
    end
    local one, other = made(), made()
    one.note = function(record) other:apply(record) end
    one:ticket()
    one:pre_auth_code()
    local used = one:pre_auth_code()
    one:authorize("wxA", used)
    one:authorize("wxB")
    one.access.end_tokens = function() end
    one:withdraw("wxB")
    local third = made()
    one:snapshot(function(record)
      third:apply(assert(json.decode(assert(json.encode(record)))))
    end)
    for _, name in ipairs{ "tickets", "pre_auth_codes", "codes", "accounts" } do
      assert.same(one[name], other[name])
      assert.same(one[name], third[name])
    end
    assert.is_nil(next(other.accounts, (next(other.accounts))))
  end)
end)

describe("a sandbox with a callback for a third-party platform", function()
  local at
  before_each(function()
    at = world{ callbacks = { third_party = "http://127.0.0.1/events" } }
  end)

  it("pushes a ticket at once, and every ten minutes of its clock", function()
    at.sandbox:deliver()
    assert.equal(1, #at.heard)
    assert.is_false(at.sandbox:due())
    at.sandbox:sleep(599)
    assert.equal(0, at.sandbox:deliver())
    at.sandbox:sleep(1)
    assert.equal(1, at.sandbox:deliver())
    assert.equal(2, #at.heard)
    assert.equal(at.now + 600, at.heard[2].createtime)
  end)

  it("pushes one where many have been due, made now", function()
    at.sandbox:deliver()
    at.sandbox:sleep(86400)
    at.sandbox:deliver()
    assert.equal(2, #at.heard)
    assert.equal(at.now + 86400, at.heard[2].createtime)
    at.sandbox:sleep(600)
    at.sandbox:deliver()
    assert.equal(3, #at.heard)
  end)

  it("goes on where nobody has taken one", function()
    at.status = 500
    for _ = 1, 5 do
      at.sandbox:deliver()
      at.sandbox:sleep(5)
    end
    at.status = 200
    at.sandbox:sleep(600)
    at.sandbox:deliver()
    assert.equal(at.sandbox:time(), at.heard[#at.heard].createtime)
  end)

  it("goes on when it is reset", function()
    at.sandbox:deliver()
    at.sandbox:sleep(100)
    at.sandbox:reset()
    assert.is_true(at.sandbox:due())
  end)

  it("knows the tickets that it pushes", function()
    at.sandbox:deliver()
    local component = assert(wxbot.access_token{ kind = "component",
      appid = at.given.appid, secret = at.given.secret,
      transport = at.sandbox })
    assert(component:take(at.heard[1]))
    assert.is_truthy(component:get())
  end)
end)
