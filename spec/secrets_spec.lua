-- Without this tokens, keys or signatures come out in errors, logs or output.
--
-- No secret comes out where it was not asked for.

local canary = require "spec.support.canary"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local memory = require "wxbot.store.memory"
local run = require "spec.support.command"
local scripted = require "spec.support.scripted"
local watch = require "spec.support.watch"
local wxbot = require "wxbot"

local SECRETS = canary.credentials

-- Fails with the name of the secret, and never shows more than a part of it.
local function assert_clean(what, ...)
  local name, part = canary.found(canary.shown(...))
  assert.is_nil(name, ("%s holds a part of %s: %s"):format(what,
    tostring(name), tostring(part)))
end

local function bot_on(transport, more)
  local options = { transport = transport }
  for name, value in pairs(SECRETS) do
    options[name] = value
  end
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(wxbot.new(options))
end

-- A server, a gateway or a transport that throws back all it was given; and
-- what else the caller knows.
local function failures(known)
  local function everything(request)
    local parts = { request.url, request.body or "" }
    for _, value in pairs(request.headers) do
      parts[#parts + 1] = tostring(value)
    end
    for _, secret in ipairs(known) do
      parts[#parts + 1] = secret
    end
    return table.concat(parts, "\n")
  end

  local function echo(status, before, after)
    return function(request)
      return { status = status, headers = {}, body = before
        .. everything(request):gsub('[\\"]', "\\%0"):gsub("\n", "\\n") .. after }
    end
  end

  local first, last = known[1], known[#known]
  return {
    ["a page of a gateway"] = echo(200, "<html>", "</html>"),
    ["a refusal that repeats the request"] =
      echo(200, '{"errcode":1005,"errmsg":"', '","rid":"r"}'),
    ["an access token that is refused"] =
      echo(200, '{"errcode":40001,"errmsg":"', '"}'),
    ["an error of another shape"] = echo(200, '{"error":{"message":"', '"}}'),
    ["a text that ends within a secret"] = function()
      return { status = 200, headers = {}, body = '{"errcode":1005,"errmsg":"'
        .. first:sub(1, 20) .. " " .. first:sub(9) .. " " .. last:sub(3, 17)
        .. '"}' }
    end,
    ["an answer cut off"] = echo(200, '{"errmsg":"', ""),
    ["a status of 404"] = echo(404, "", ""),
    ["a status of 503"] = echo(503, "", ""),
    ["a gateway that repeats the request in its headers"] = function(request)
      return { status = 503, body = "",
        headers = { ["retry-after"] = request.url } }
    end,
    ["a transport that tells the URL"] = function(request)
      return nil, everything(request)
    end,
    ["a transport with errors of its own"] = function(request)
      return nil, { kind = "transport", message = everything(request),
        url = request.url }
    end,
    ["a transport that fails as ours do"] = function(request)
      return nil, errors.new{ kind = "timeout", message = everything(request) }
    end,
    ["a transport whose kinds and codes are its own"] = function(request)
      return nil, { kind = everything(request), code = request.url,
        status = request.url, retry_after = request.url }
    end,
    ["a refusal whose code is a secret"] = function()
      return { status = 200, headers = {}, body = '{"errcode":"' .. first
        .. '","errmsg":"no","rid":"' .. last .. '"}' }
    end,
    ["a transport that answers nonsense"] = function(request)
      return { status = request.url, body = request.body }
    end,
  }
end

local FAILURES = failures{ SECRETS.token, SECRETS.access_token,
  SECRETS.aes_key }

describe("the canary search", function()
  it("finds each secret, whole and in part, in every form", function()
    for _, name in ipairs{ "token", "aes_key", "access_token" } do
      local secret = SECRETS[name]
      assert.equal(name, canary.found("a" .. secret .. "b"))
      assert.equal(name, canary.found(secret:sub(7, 18)))
      for shift = 0, 2 do
        assert.equal(name, canary.found(core.base64_encode(
          ("x"):rep(shift) .. secret .. "yz")))
      end
    end
    assert.equal("access_token", canary.found("x%2FAccess%2BJd83"))
    assert.is_nil(canary.found("nothing of that kind"))
  end)

  it("finds what stands deep in a table, in a name or in a metatable",
    function()
      local part = SECRETS.token:sub(1, 12)
      assert.equal("token", canary.found(canary.shown{ { [part] = 1 } }))
      assert.equal("token", canary.found(canary.shown(
        setmetatable({}, { __tostring = function() return part end }))))
    end)
end)

describe("the watch over all specs", function()
  local function seen_by(act)
    act()
    local ok, message = pcall(watch.judge)
    assert.is_false(ok)
    return message
  end

  -- As if the library did it.
  local function ours(code)
    return assert((loadstring or load)(code, "@lua/wxbot/novel.lua"))
  end

  it("sees a secret in an error, wherever it is made", function()
    local message = seen_by(function()
      ours([[require("wxbot.util.errors").invalid("bad: " .. ...)]])(SECRETS.token)
    end)
    assert.matches("an error holds a part of token", message, 1, true)
    message = seen_by(function()
      ours([[require("wxbot.util.errors").new{ kind = "crypto", message = "no",
        detail = { ... } }]])(SECRETS.aes_key:sub(20, 31))
    end)
    assert.matches("an error holds a part of aes_key", message, 1, true)
  end)

  it("sees a secret that only this spec uses", function()
    local secret = "qk7Zp3Wm9Xv2Rt5B"
    assert(wxbot.new{ token = secret })
    assert.matches("token", seen_by(function()
      watch.look("it", "a " .. secret:sub(3, 14))
    end))
  end)

  it("sees a secret in what a hook is told", function()
    local message = seen_by(function()
      local receiver = assert(wxbot.receiver{ kind = "kefu",
        appid = SECRETS.appid, aes_key = SECRETS.aes_key,
        on_failure = function() end })
      receiver:handle{ method = "POST", body = "{}", source = SECRETS.token }
    end)
    assert.matches("a report to on_failure", message, 1, true)
  end)

  it("sees a secret in an argument error that is raised", function()
    assert.matches("an argument error", seen_by(function()
      pcall(wxbot.new, { [SECRETS.token] = 1 })
    end), 1, true)
  end)

  -- What a run of specs says, by the name of each: what passed by itself and
  -- was faulted at its end, or not.
  local function faulted(output)
    local found, last = {}, nil
    for line in output:gmatch("[^\n]+") do
      local name = line:match("^ok %d+ %- (.*)")
      if name then
        last, found[name] = name, false
      elseif last and line:find("a secret came out:", 1, true) then
        found[last] = true
      end
    end
    return found
  end

  it("catches each spec that lets a secret out, and no other", function()
    local program = io.popen(("env -u WXBOT_UNWATCHED .ci/lua %s "
      .. ".ci/busted.lua -o TAP spec/support/leaks.lua 2>&1")
      :format(_G.jit and "5.1" or _VERSION:match "[%d.]+$"))
    local output = program:read("*a")
    program:close()
    assert.is_nil(output:match("\nnot ok %d+ %- a?n?o? ?leak:[^\n]*"))
    local leaks, wrong = 0, {}
    for name, is_faulted in pairs(faulted(output)) do
      local is_leak = name:find("^a leak:") ~= nil
      leaks = leaks + (is_leak and 1 or 0)
      wrong[#wrong + 1] = is_faulted ~= is_leak and name or nil
    end
    assert.same({}, wrong)
    assert.equal(115, leaks)
  end)

  it("says nothing when nothing was seen", function()
    wxbot.jwt.decode("a.b.c", SECRETS.aes_key)
    watch.judge()
  end)
end)

for _, endpoint in ipairs(endpoints.list) do
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  local params = golden.requests[1].params

  describe("an error of " .. endpoint.name, function()
    for why, step in pairs(FAILURES) do
      it("holds no secret after " .. why, function()
        local told = {}
        local bot = bot_on(scripted.new{ step }, {
          on_call = function(report)
            told[#told + 1] = report
          end })
        local result, err = bot[endpoint.name](bot, params)
        assert.is_nil(result)
        assert.is_table(err)
        assert.truthy(#told > 0)
        assert_clean("the error", err, "" .. err, tostring(err))
        assert_clean("a report", told)
      end)
    end
  end)
end

describe("a bot", function()
  it("shows no secret to who walks through it", function()
    local bot = bot_on(wxbot.sandbox())
    assert_clean("the bot", bot)
    bot:close()
    assert_clean("the closed bot", bot)
  end)

  it("holds no secret in errors of ask, with either way to sign", function()
    for _, sign in ipairs{ "local", "remote" } do
      for why, step in pairs(FAILURES) do
        local bot = bot_on(scripted.new{ step }, { sign = sign })
        local _, err = bot:ask{ userid = "u1", query = "hi" }
        assert.is_table(err)
        assert_clean("ask after " .. why, err, "" .. err)
      end
    end
  end)

  it("holds no secret in errors of tag and of waiting", function()
    for why, step in pairs(FAILURES) do
      local bot = bot_on(scripted.new{ step })
      local _, err = bot:tag{ appid = "wx1", category = "c", label = "l",
        desc = "d", list = { "o1", "o2" } }
      assert_clean("tag after " .. why, err)
      _, err = bot:wait_task{ task_id = "t1", openid = "o1", timeout = 5 }
      assert_clean("wait_task after " .. why, err)
      _, err = bot:wait_publication{ publish_id = "1", timeout = 5 }
      assert_clean("wait_publication after " .. why, err)
    end
  end)

  it("raises misuse without a secret", function()
    local bot = bot_on(scripted.new{ {} })
    for _, misuse in ipairs{
      function() bot:ask{ userid = "u", query = 1 } end,
      function() bot:sendmsg{ openid = SECRETS } end,
      function() bot.ask{ userid = "u", query = "q" } end,
      function() wxbot.new{ token = SECRETS.token, aes = "" } end,
      function() wxbot.new{ token = SECRETS.token, appid = 1 } end,
    } do
      local ok, message = xpcall(misuse, debug.traceback)
      assert.is_false(ok)
      assert_clean("the traceback", message)
    end
  end)

  it("refuses credentials without repeating them", function()
    for name, value in pairs{ token = SECRETS.token .. "/..",
        aes_key = SECRETS.aes_key:sub(2), access_token = "a b"
          .. SECRETS.access_token } do
      local options = { [name] = value }
      local bot, err = wxbot.new(options)
      assert.is_nil(bot)
      assert_clean("the error about " .. name, err)
    end
  end)

  it("keeps secrets out of what a function for access tokens fails with",
    function()
      local bot = bot_on(scripted.new{ { body = '{"errcode":40001}' } }, {
        access_token = function(rejected)
          if rejected then
            return nil, "cannot replace " .. rejected
          end
          return SECRETS.access_token
        end })
      local _, err = bot:freepublish_get{ publish_id = "1" }
      assert.is_table(err)
      assert_clean("the error", err)
    end)
end)

describe("a client of v2", function()
  local GIVEN = { body = '{"code":0,"data":{"access_token":"'
    .. SECRETS.access_token .. '"}}' }

  local function client_on(transport, more)
    local options = { appid = SECRETS.appid, token = SECRETS.token,
      aes_key = SECRETS.aes_key, account = "admin", transport = transport }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return assert(wxbot.v2(options))
  end

  for why, step in pairs(failures{ SECRETS.token, SECRETS.aes_key }) do
    it("holds no secret in errors after " .. why, function()
      local told = {}
      for _, script in ipairs{ { step }, { GIVEN, step } } do
        for _, name in ipairs{ "ask", "publish", "fetch", "wait_task" } do
          local client = client_on(scripted.new(script), {
            on_call = function(report) told[#told + 1] = report end })
          local _, err = client[name](client, name == "ask"
            and { query = "q", userid = "u" } or name ~= "publish"
            and { task_id = "t" } or {})
          assert.is_table(err)
          assert_clean("the error", err, "" .. err)
        end
      end
      assert.truthy(#told >= 8)
      assert_clean("a report", told)
    end)
  end

  it("shows none to who walks through it, open, used or closed", function()
    local client = client_on(scripted.new{ GIVEN, { status = 404 } })
    assert_clean("the client", client)
    client:publish()
    assert_clean("the used client", client)
    client:close()
    assert_clean("the closed client", client)
  end)
end)

describe("a source of access tokens", function()
  local SECRET = canary.secret

  local function source_on(transport, more)
    local options = { appid = "wx1", secret = SECRET, transport = transport,
      store = memory.new() }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return assert(wxbot.access_token(options))
  end

  for _, kind in ipairs{ "stable", "classic" } do
    for why, step in pairs(failures{ SECRET }) do
      it(("holds no secret when a %s one fails by %s"):format(kind, why),
        function()
          local told = {}
          local source = source_on(scripted.new{ step }, { kind = kind,
            on_refresh = function(report) told[#told + 1] = report end })
          for _ = 1, 2 do
            local token, err = source:get()
            assert.is_nil(token)
            assert_clean("the error", err, "" .. err)
          end
          assert.truthy(#told > 0)
          assert_clean("a report", told)
        end)
    end
  end

  it("holds none when the store tells what it was given", function()
    local store = memory.new()
    for _, name in ipairs{ "get", "lock", "put", "unlock" } do
      store[name] = function(...)
        return nil, table.concat({ name, SECRET, tostring((select(3, ...))) },
          " ")
      end
    end
    local given = { body = '{"access_token":"' .. SECRETS.access_token
      :gsub("[~]", "-") .. '","expires_in":7200}' }
    for _, kind in ipairs{ "stable", "classic" } do
      local _, err = source_on(scripted.new{ given }, { kind = kind,
        store = store }):get()
      assert_clean("the error", err)
    end
  end)

  it("shows none to who walks through it", function()
    local source = source_on(scripted.new{ { body = '{"access_token":"'
      .. SECRETS.access_token .. '","expires_in":7200}' } })
    assert_clean("the source", source)
    assert.equal(SECRETS.access_token, source:get())
    assert_clean("the used source", source)
  end)
end)

describe("a receiver", function()
  local crypt = assert(wxbot.msgcrypt(SECRETS.aes_key, "another"))

  -- Requests that are wrong, each in its way, and full of secrets.
  local function wrong()
    local sealed = crypt:encrypt(SECRETS.token)
    local query = { signature = SECRETS.token, timestamp = SECRETS.aes_key,
      nonce = SECRETS.token, msg_signature = SECRETS.token,
      echostr = SECRETS.token }
    return {
      { method = "POST", body = SECRETS.token },
      { method = "POST", body = '{"encrypted":"' .. sealed .. '"}' },
      { method = "POST", body = '{"Query":"' .. SECRETS.token
        .. '","Signature":"' .. SECRETS.aes_key .. '"}' },
      { method = "POST", query = query, body = "<xml><Encrypt>" .. sealed
        .. "</Encrypt></xml>" },
      { method = "GET", query = query },
      { method = "PUT", body = SECRETS.token },
      { method = "POST", body = (SECRETS.token):rep(4000) },
    }
  end

  for _, kind in ipairs{ "kefu", "official_account", "service" } do
    it("of the kind " .. kind .. " lets no secret out", function()
      local told = {}
      local receiver = assert(wxbot.receiver{ kind = kind,
        appid = SECRETS.appid, token = SECRETS.token,
        aes_key = SECRETS.aes_key, on_failure = function(...)
          told[#told + 1] = { ... }
        end })
      assert_clean("the receiver", receiver)
      for _, request in ipairs(wrong()) do
        local response, message = receiver:handle(request)
        assert.is_nil(message)
        assert_clean("a response", response)
      end
      assert.equal(#wrong(), #told)
      assert_clean("a report", told)
      receiver:close()
      assert_clean("the closed receiver", receiver)
      local nothing, err = wxbot.receiver{ kind = kind, appid = SECRETS.appid,
        token = SECRETS.token, aes_key = SECRETS.aes_key:sub(2) }
      assert.is_nil(nothing)
      assert_clean("the error", err)
    end)
  end

  it("raises misuse without a secret", function()
    for _, misuse in ipairs{
      function() wxbot.receiver{ kind = SECRETS.token } end,
      function() wxbot.receiver{ kind = "kefu", store = { SECRETS.token } } end,
      function()
        wxbot.access_token{ appid = "wx1", secret = { SECRETS.token } }
      end,
      function() wxbot.v2{ token = SECRETS.token, timeout = SECRETS.token } end,
    } do
      local ok, message = xpcall(misuse, debug.traceback)
      assert.is_false(ok)
      assert_clean("the traceback", message)
    end
  end)
end)

describe("the keys of wxbot", function()
  it("show nothing, whole, closed or refused", function()
    local crypt = assert(wxbot.msgcrypt(SECRETS.aes_key, "appid"))
    local _, err = crypt:decrypt(crypt:encrypt("hello"):sub(5))
    assert_clean("a crypt", crypt, err)
    crypt:close()
    assert_clean("a closed crypt", crypt)
    assert_clean("keys", core.hs256(SECRETS.aes_key),
      core.msgcrypt(SECRETS.aes_key))
    local token = wxbot.jwt.encode({ userid = "u" }, SECRETS.aes_key)
    _, err = wxbot.jwt.decode(token .. "x", SECRETS.aes_key)
    assert_clean("a token refused", err)
    _, err = wxbot.msgcrypt(SECRETS.aes_key:sub(2), "appid")
    assert_clean("a key refused", err)
  end)
end)

-- Nobody listens on port 1.
local NOWHERE = "http://127.0.0.1:1"
local ENVIRONMENT = { WXBOT_APPID = SECRETS.appid,
  WXBOT_TOKEN = SECRETS.token, WXBOT_AES_KEY = SECRETS.aes_key,
  WXBOT_ACCESS_TOKEN = canary.access_token }

describe("the command", function()
  after_each(run.clean)

  local COMMANDS = {
    { "ask", "hi" },
    { "sign", "--userid", "u1" },
    { "task", "--task-id", "t", "--openid", "o" },
    { "article", "follow", "--publish-id", "1" },
    { "tag", "--appid", "wx1", "--category", "c", "--label", "l", "--desc",
      "d", "o1" },
    { "kefu", "send", "--openid", "o", "--msg", "m", "--channel", "7" },
    { "decrypt", "AAAA" },
    { "jwt", "decode", "a.b.c" },
    { "ask" },
    { "ask", "hi", "--nonsense" },
  }

  for _, command in ipairs(COMMANDS) do
    for _, debugging in ipairs{ "", "1" } do
      local line = table.concat(command, " ")
      it("prints no secret when `" .. line .. "` fails"
          .. (debugging == "1" and ", debugging" or ""), function()
        local args = { env = { WXBOT_DEBUG = debugging } }
        for name, value in pairs(ENVIRONMENT) do
          args.env[name] = value
        end
        for i, argument in ipairs(command) do
          args[i] = argument
        end
        if command[1] ~= "decrypt" and command[1] ~= "jwt" then
          args[#args + 1] = "--base-url"
          args[#args + 1] = NOWHERE
          args[#args + 1] = "--timeout"
          args[#args + 1] = "0.3"
        end
        local result = run.run(args)
        assert.not_equal(0, result.status)
        assert_clean("the output", result.out, result.err)
      end)
    end
  end
end)
