-- Without this a third-party platform loses its ticket, or the tokens of the
-- accounts that have authorised it, and goes on asking for accounts that have
-- withdrawn.
--
-- The sandbox pushes; what is heard is taken by a source of the kind component.
local canary = require "spec.support.canary"
local memory = require "wxbot.store.memory"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local shdict = require "wxbot.store.shdict"
local wxbot = require "wxbot"

local ngx = package.loaded.ngx
local command = server.beside_specs()

local ACCOUNT = "wxA"

-- The sandbox and its hours, and a store; `seen` counts what was asked for.
local function world()
  local at = { now = 1700000000, seen = {} }
  local function clock() return at.now end
  at.sandbox = assert(wxbot.sandbox{ clock = clock, secret = canary.secret })
  at.transport = {
    request = function(_, request)
      local name = request.url:match("/api_([a-z_]+)") or "other"
      at.seen[name] = (at.seen[name] or 0) + 1
      if at.before then
        at.before(name, request)
      end
      return at.answer and at.answer(name, request)
        or at.sandbox:handle(request)
    end,
    sleep = function(_, seconds) at.now = at.now + seconds end,
    now = clock, time = clock,
  }
  at.store = memory.new{ clock = clock }
  local given = at.sandbox:component()
  at.appid = given.appid
  at.receiver = assert(wxbot.receiver{ kind = "third_party", clock = clock,
    appid = given.appid, token = given.token, aes_key = given.aes_key })
  -- Another process on the same store.
  function at.component(more)
    local options = { kind = "component", appid = given.appid,
      secret = given.secret, store = at.store, transport = at.transport }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return assert(wxbot.access_token(options))
  end
  -- What is heard when something is pushed.
  function at.heard(push)
    local message
    push.kind, push.url = "third_party", "http://127.0.0.1/"
    push.transport = { request = function(_, request)
      local response
      response, message = at.receiver:handle{ method = "POST",
        query = request.url:match("%?(.*)"), body = request.body }
      assert.equal("success", response.body)
      return response
    end }
    assert(at.sandbox:push(push))
    return message
  end
  function at.authorizer(component, appid)
    return assert(wxbot.access_token{ kind = "authorizer", component = component,
      appid = appid or ACCOUNT })
  end
  return at
end

local function push_ticket(at, component)
  assert.is_true(component:take(at.heard{}))
end

local function authorize(at, component, appid)
  assert.is_true(component:take(at.heard{ infotype = "authorized",
    authorizer_appid = appid or ACCOUNT }))
end

local function withdraw(at)
  return at.heard{ infotype = "unauthorized", authorizer_appid = ACCOUNT }
end

local function count(at, name)
  return at.seen[name] or 0
end

describe("the token of a third-party platform", function()
  local at, component
  before_each(function()
    at = world()
    component = at.component()
  end)

  it("cannot be had before there is a ticket, and nothing is sent", function()
    local token, err = component:get()
    assert.is_nil(token)
    assert.equal("unavailable", err.kind)
    assert.equal("ticket", err.code)
    assert.is_truthy(err.message:find("within ten minutes", 1, true))
    assert.equal(0, count(at, "component_token"))
  end)

  it("is there as soon as the ticket is", function()
    assert.is_nil((component:get()))
    push_ticket(at, component)
    assert.is_truthy(component:get())
  end)

  it("is fetched once for all who share the store, whoever heard the ticket",
    function()
      local other = at.component()
      assert.is_nil((other:get()))
      push_ticket(at, component)
      assert.equal(assert(other:get()), component:get())
      assert.equal(1, count(at, "component_token"))
    end)

  it("is not known to who does not know the secret", function()
    push_ticket(at, component)
    assert(component:get())
    local _, err = at.component{ secret = "WRONG" }:get()
    assert.equal("ticket", err.code)
  end)

  it("is renewed with the newest ticket", function()
    push_ticket(at, component)
    local token = assert(component:get())
    local newest
    at.now = at.now + 600
    local message = at.heard{}
    assert(component:take(message))
    at.before = function(name, request)
      newest = name == "component_token" and request.body or newest
    end
    at.now = at.now + 7000
    assert.not_equal(token, component:get())
    assert.is_truthy(newest:find(message.ticket, 1, true))
  end)

  it("goes on with the last good ticket when pushes stop", function()
    push_ticket(at, component)
    assert(component:get())
    for _ = 1, 5 do
      at.now = at.now + 7300
      assert(component:get())
    end
  end)

  it("waits for the next ticket when the platform says that it has ended",
    function()
      push_ticket(at, component)
      for _, code in ipairs{ 61005, 61006 } do
        local before = count(at, "component_token")
        at.sandbox:fail{ endpoint = "component_token", code = code }
        local _, err = component:get()
        assert.equal(code, err.code)
        assert.is_truthy(tostring(err):find("within ten minutes", 1, true))
        -- The ticket is no longer asked with, by nobody …
        at.now = at.now + 100
        assert.equal("ticket", select(2, at.component():get()).code)
        assert.equal(before + 1, count(at, "component_token"))
        -- … until there is another.
        push_ticket(at, component)
        at.now = at.now + 8000
        assert.is_truthy(component:get())
        at.now = at.now + 8000
      end
    end)

  it("says that the ticket has ended with its time", function()
    push_ticket(at, component)
    at.now = at.now + 43201
    assert.equal("ticket", select(2, component:get()).code)
  end)

  it("does not replace a ticket by an older one", function()
    local older = at.heard{}
    at.now = at.now + 60
    push_ticket(at, component)
    local done, err = component:take(older)
    assert.is_nil(done)
    assert.equal("invalid", err.kind)
    assert.equal("stale", err.code)
    assert.is_truthy(component:get())
  end)

  it("takes one that is repeated", function()
    local message = at.heard{}
    assert.is_true(component:take(message))
    assert.is_true(component:take(message))
  end)

  it("does not take what is for another platform", function()
    local message = at.heard{}
    message.component_appid = "wxother"
    local done, err = component:take(message)
    assert.is_nil(done)
    assert.equal("component", err.code)
    assert.equal("ticket", select(2, component:get()).code)
  end)

  it("does not take a push that lacks what its type has", function()
    for infotype, code in pairs{ component_verify_ticket = "ticket",
      authorized = "code", unauthorized = "authorizer_appid" } do
      local done, err = component:take{ kind = "third_party",
        infotype = infotype, component_appid = at.appid, createtime = 1 }
      assert.is_nil(done)
      assert.equal(code, err.code)
    end
  end)

  it("has nothing to do with a type that is not about tokens", function()
    assert.is_false(component:take(at.heard{
      infotype = "notify_third_fasteregister" }))
  end)

  it("says why a store cannot keep the ticket", function()
    at.store.lock = function() return nil, "Redis is away" end
    local done, err = component:take(at.heard{})
    assert.is_nil(done)
    assert.equal("store", err.code)
    assert.is_truthy(err.message:find("Redis is away", 1, true))
  end)

  it("keeps the ticket when another has its lock for a moment", function()
    local lock, times = at.store.lock, 0
    at.store.lock = function(...)
      times = times + 1
      if times <= 3 then
        return false
      end
      return lock(...)
    end
    push_ticket(at, component)
  end)

  it("says so when it cannot look for the ticket", function()
    at.store.get = function() return nil, "Redis is away" end
    local _, err = component:get()
    assert.equal("store", err.code)
  end)

  it("has the platform push tickets again", function()
    assert.equal(0, component:start_push_ticket().errcode)
    local _, err = at.component{ secret = "WRONG" }:start_push_ticket()
    assert.equal(40125, err.code)
  end)

  it("lets a bot make the code of a link", function()
    push_ticket(at, component)
    local bot = assert(wxbot.new{ access_token = component,
      transport = at.transport })
    local made = assert(bot:create_preauthcode{ component_appid = at.appid })
    assert.is_truthy(made.pre_auth_code:find("^preauthcode@@@"))
    assert.equal(1800, made.expires_in)
    assert.equal(61011, select(2, bot:create_preauthcode{
      component_appid = "wxother" }).code)
  end)
end)

describe("the token of an account that has authorised", function()
  local at, component, source
  before_each(function()
    at = world()
    component = at.component()
    push_ticket(at, component)
    source = at.authorizer(component)
  end)

  -- A call in the account's name, by somebody.
  local function call(by)
    local bot = assert(wxbot.new{ access_token = by or source,
      transport = at.transport })
    return bot:freepublish_get{ publish_id = at.sandbox:add_publication{} }
  end

  it("comes with its authorisation", function()
    authorize(at, component)
    assert(call())
    assert.equal(1, count(at, "query_auth"))
    assert.equal(0, count(at, "authorizer_token"))
  end)

  it("comes with the code of the redirection, too", function()
    local message = at.heard{ infotype = "authorized",
      authorizer_appid = ACCOUNT }
    local info = assert(component:authorize(message.authorization_code))
    assert.equal(ACCOUNT, info.authorizer_appid)
    assert.equal(7, info.func_info[2].funcscope_category.id)
    assert(call())
  end)

  it("does not come with a code that is none", function()
    local info, err = component:authorize("queryauthcode@@@x")
    assert.is_nil(info)
    assert.equal(61009, err.code)
    local message = at.heard{ infotype = "authorized" }
    at.now = at.now + 3601
    local done
    done, err = component:take(message)
    assert.is_nil(done)
    assert.equal(61010, err.code)
  end)

  it("is shared by all, whoever heard of the authorisation", function()
    authorize(at, at.component())
    assert.equal(assert(source:get()),
      at.authorizer(at.component()):get())
    assert.equal(0, count(at, "authorizer_token"))
  end)

  it("is another for another account", function()
    authorize(at, component)
    authorize(at, component, "wxB")
    local other = at.authorizer(component, "wxB")
    assert.not_equal(assert(source:get()), assert(other:get()))
  end)

  it("is renewed ahead of its end, once for all", function()
    authorize(at, component)
    local token = assert(source:get())
    at.now = at.now + 7000
    local renewed = assert(source:get())
    assert.not_equal(token, renewed)
    assert.equal(renewed, at.authorizer(at.component()):get())
    assert.equal(1, count(at, "authorizer_token"))
    assert(call())
  end)

  it("is renewed when the platform refuses it", function()
    authorize(at, component)
    assert(source:get())
    at.sandbox:fail{ endpoint = "freepublish_get", code = 42001 }
    assert(call())
    assert.equal(1, count(at, "authorizer_token"))
  end)

  it("gets a new token of the platform where that was refused", function()
    authorize(at, component)
    assert(component:get())
    at.sandbox:fail{ endpoint = "authorizer_token", code = 40001 }
    at.now = at.now + 7000
    assert(call())
    -- The second was renewed ahead of its end.
    assert.equal(3, count(at, "component_token"))
  end)

  -- The refresh token stays the same, as a rule.
  it("keeps a refresh token that was changed before it uses the token",
    function()
      authorize(at, component)
      assert(source:get())
      local kept
      at.answer = function(name, request)
        if name == "authorizer_token" then
          return { status = 200, headers = {}, body = '{'
            .. '"authorizer_access_token":"NEWTOKEN","expires_in":7200,'
            .. '"authorizer_refresh_token":"refreshtoken@@@new"}' }
        elseif request.url:find("NEWTOKEN", 1, true) then
          for _, lock in pairs(at.store.locks) do
            kept = kept or (lock.text or "")
              :find("refreshtoken@@@new", 1, true) ~= nil
          end
          return { status = 200, headers = {}, body = '{"publish_status":1}' }
        end
      end
      at.now = at.now + 7300
      assert(call())
      assert.is_true(kept)
      -- The next one is fetched with it.
      local body
      at.before = function(name, request)
        body = name == "authorizer_token" and request.body or body
      end
      at.now = at.now + 7300
      assert(at.authorizer(at.component()):get())
      assert.is_truthy(body:find("refreshtoken@@@new", 1, true))
    end)

  it("does not use what came with a changed one that cannot be kept", function()
    authorize(at, component)
    assert(component:get())
    at.now = at.now + 7300
    assert(component:get())
    at.answer = function(name)
      return name == "authorizer_token" and { status = 200, headers = {},
        body = '{"authorizer_access_token":"NEWTOKEN","expires_in":7200,'
          .. '"authorizer_refresh_token":"refreshtoken@@@new"}' } or nil
    end
    at.store.put = function() return nil, "the disk is full" end
    local token, err = source:get()
    assert.is_nil(token)
    assert.equal("store", err.code)
  end)

  it("is got with the refresh token that the platform tells, where it was lost",
    function()
      authorize(at, component)
      at.store = memory.new{ clock = function() return at.now end }
      component = at.component()
      push_ticket(at, component)
      source = at.authorizer(component)
      assert(call())
      assert.equal(1, count(at, "get_authorizer_info"))
      assert.equal(1, count(at, "authorizer_token"))
    end)

  it("is not got with one that was told, and cannot be kept", function()
    at.heard{ infotype = "authorized", authorizer_appid = ACCOUNT } -- and lost
    assert(component:get())
    at.store.put = function() return nil, "the disk is full" end
    local token, err = source:get()
    assert.is_nil(token)
    assert.equal("store", err.code)
    assert.equal(1, count(at, "get_authorizer_info"))
    assert.equal(0, count(at, "authorizer_token"))
  end)

  it("is got with the one that took the place of a replaced one", function()
    authorize(at, component)
    assert(source:get())
    withdraw(at) -- which nobody heard
    at.heard{ infotype = "authorized", authorizer_appid = ACCOUNT }
    at.now = at.now + 7300
    assert(call())
    assert.equal(1, count(at, "get_authorizer_info"))
    assert.equal(2, count(at, "authorizer_token"))
    at.now = at.now + 7300
    assert(call())
    assert.equal(1, count(at, "get_authorizer_info"))
  end)

  it("ends with one error where the refresh token is refused again", function()
    authorize(at, component)
    at.now = at.now + 7300
    at.sandbox:fail{ endpoint = "authorizer_token", code = 61023, times = 9 }
    local result, err = call()
    assert.is_nil(result)
    assert.equal(61023, err.code)
    assert.equal("authorizer_token", err.endpoint)
    assert.is_false(err.sent)
    -- The platform tells the same one: it is not tried again.
    assert.equal(1, count(at, "authorizer_token"))
    assert.equal(1, count(at, "get_authorizer_info"))
  end)

  it("is not asked for without end where the platform has no refresh token",
    function()
      authorize(at, component)
      at.store = memory.new{ clock = function() return at.now end }
      component = at.component()
      push_ticket(at, component)
      at.answer = function(name)
        return name == "get_authorizer_info" and { status = 200, headers = {},
          body = '{"authorization_info":{"authorizer_appid":"wxA"}}' } or nil
      end
      local _, err = at.authorizer(component):get()
      assert.equal("refresh_token", err.code)
      assert.equal(0, count(at, "authorizer_token"))
    end)

  it("is dropped when the account has withdrawn", function()
    authorize(at, component)
    assert(source:get())
    assert.is_true(component:take(withdraw(at)))
    local result, err = call()
    assert.is_nil(result)
    assert.equal("platform", err.kind)
    assert.equal(61003, err.code)
    -- No other has it either, and what was kept is not sent.
    assert.equal(61003, select(2, call(at.authorizer(at.component()))).code)
    assert.equal(0, count(at, "authorizer_token"))
  end)

  it("is dropped for all when the platform says that the account has withdrawn",
    function()
      authorize(at, component)
      at.now = at.now + 7300
      withdraw(at) -- which nobody heard
      assert.equal(61003, select(2, call()).code)
      at.now = at.now + 100
      assert.equal(61003, select(2, call(at.authorizer(at.component()))).code)
      assert.equal(1, count(at, "authorizer_token"))
    end)

  it("is there again when the account authorises anew", function()
    authorize(at, component)
    assert(component:take(withdraw(at)))
    assert.is_nil((call()))
    authorize(at, component)
    assert(call())
  end)

  it("is kept when news of an old authorisation comes late", function()
    local old = at.heard{ infotype = "authorized", authorizer_appid = ACCOUNT }
    withdraw(at)
    authorize(at, component)
    assert.equal(61009, select(2, component:take(old)).code)
    assert(call())
  end)

  it("is found again when news of a withdrawal comes late", function()
    authorize(at, component)
    local late = withdraw(at)
    authorize(at, component)
    assert.is_true(component:take(late))
    assert(call(at.authorizer(at.component())))
  end)

  it("keeps the refresh token of a token that is refused", function()
    authorize(at, component)
    assert(source:get())
    -- Twice in a row: the second is withdrawn from the store.
    at.sandbox:fail{ endpoint = "freepublish_get", code = 40001, times = 2 }
    assert.is_nil((call()))
    at.now = at.now + 100
    assert(call())
    assert.equal(0, count(at, "get_authorizer_info"))
  end)

  it("is none where the account has no interfaces", function()
    at.answer = function(name)
      return name == "query_auth" and { status = 200, headers = {},
        body = '{"authorization_info":{"authorizer_appid":"wxA"}}' } or nil
    end
    local info = assert(component:authorize("CODE"))
    assert.same({}, info.func_info)
  end)

  it("is got with a refresh token that came without an access token",
    function()
      local sent
      at.answer = function(name, request)
        sent = name == "authorizer_token" and request.body or sent
        return name == "query_auth" and { status = 200, headers = {},
          body = '{"authorization_info":{"authorizer_appid":"wxA",'
            .. '"authorizer_refresh_token":"refreshtoken@@@alone"}}' } or nil
      end
      assert(component:authorize("CODE"))
      source:get()
      assert.is_truthy(sent:find("refreshtoken@@@alone", 1, true))
    end)

  it("ends with the component", function()
    authorize(at, component)
    component:close()
    assert.equal("closed", select(2, source:get()).kind)
    assert.equal("closed", select(2, component:authorize("x")).kind)
    assert.equal("closed", select(2, component:start_push_ticket()).kind)
    assert.equal("closed", select(2, component:take(at.heard{})).kind)
    local made, err = wxbot.access_token{ kind = "authorizer", appid = "wxB",
      component = component }
    assert.is_nil(made)
    assert.equal("closed", err.kind)
  end)

  it("can be closed alone", function()
    authorize(at, component)
    source:close()
    assert.equal("closed", select(2, source:get()).kind)
    assert(component:get())
  end)

  it("tells of its renewals", function()
    authorize(at, component)
    local told
    source = assert(wxbot.access_token{ kind = "authorizer", appid = ACCOUNT,
      component = component, on_refresh = function(renewal)
        told = renewal
      end })
    at.now = at.now + 7300
    assert(source:get())
    assert.equal(ACCOUNT, told.appid)
    assert.equal("authorizer", told.kind)
    assert.is_nil(told.err)
  end)
end)

-- Those that other processes and machines share.
local stores = {
  ["in Redis"] = function()
    assert.equal("OK", command("FLUSHALL"))
    return redis.new(command)
  end,
  ["in a shared dictionary"] = ngx and function()
    ngx.shared.wxbot_tokens:flush_all()
    return shdict.new(ngx.shared.wxbot_tokens)
  end or nil,
}

for kind, new in pairs(stores) do
  describe("a third-party platform whose store is " .. kind, function()
    it("has its ticket, and the tokens of its accounts, everywhere", function()
      local at = world()
      at.store = new()
      local heard, calls = at.component(), at.component()
      push_ticket(at, heard)
      authorize(at, heard)
      local source = at.authorizer(calls)
      local first = assert(source:get())
      assert.equal(0, count(at, "authorizer_token"))
      local second = assert(source:get(first))
      assert.not_equal(first, second)
      assert.equal(second, at.authorizer(heard):get())
      assert.equal(1, count(at, "authorizer_token"))
      assert.is_true(heard:take(withdraw(at)))
      assert.equal(61003, select(2, at.authorizer(at.component()):get()).code)
      authorize(at, heard)
      assert(at.authorizer(at.component()):get())
    end)
  end)
end

describe("what is secret of a third party", function()
  it("is in no error", function()
    local at = world()
    local component = at.component()
    local message = at.heard{}
    assert(component:take(message))
    canary.watch_for_now("ticket", message.ticket)
    at.answer = function(_, request)
      return { status = 200, headers = {}, body = '{"errcode":61006,"errmsg":'
        .. '"' .. request.body:gsub('[{}"]', "") .. '"}' }
    end
    local _, err = component:get()
    local found = canary.found(tostring(err)) or canary.found(err.message)
    at.now = at.now + 100
    _, err = component:get()
    found = found or canary.found(tostring(err))
    canary.forget()
    assert.is_nil(found)
  end)
end)

describe("wxbot.access_token, of third parties,", function()
  local component = world().component()

  it("raises at the caller's line for a mistake", function()
    for part, options in pairs{
      ["secret is missing"] = { kind = "component", appid = "wx1" },
      ["component must be a token source"] = { kind = "authorizer",
        appid = "wx1" },
      ["component must be a token source "] = { kind = "authorizer",
        appid = "wx1", component = {} },
      ["unknown name component"] = { appid = "wx1", secret = "s",
        component = component },
      ["secret is the component's"] = { kind = "authorizer", appid = "wx1",
        component = component, secret = "s" },
      ["store is the component's"] = { kind = "authorizer", appid = "wx1",
        component = component, store = memory.new() } } do
      local ok, message = pcall(function() wxbot.access_token(options) end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^spec/auth/third_party_spec.lua:%d+: "
        .. "wxbot%.access_token: "), message)
      assert.is_truthy(message:find(part, 1, true), message)
    end
  end)

  it("refuses an appid that cannot be one", function()
    local source, err = wxbot.access_token{ kind = "authorizer", appid = "a b",
      component = component }
    assert.is_nil(source)
    assert.equal("invalid", err.kind)
  end)

  it("says which kind of source takes what is pushed", function()
    local stable = assert(wxbot.access_token{ appid = "wx1", secret = "s" })
    for _, method in ipairs{ "take", "authorize", "start_push_ticket" } do
      local ok, message = pcall(function() stable[method](stable, {}) end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^spec/auth/third_party_spec.lua:%d+: .*"
        .. "kind component"), message)
    end
    for _, message in ipairs{ {}, { kind = "kefu" }, "x" } do
      local ok, raised = pcall(function() component:take(message) end)
      assert.is_false(ok)
      assert.is_truthy(raised:find("^spec/auth/third_party_spec.lua:%d+: "))
    end
  end)
end)
