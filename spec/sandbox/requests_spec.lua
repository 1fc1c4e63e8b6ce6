-- Without this nobody sees what was sent, or everybody sees the secrets in it,
-- or the record grows without end.
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local NOW = 1800000000
local OWN = { appid = "ownappid", token = "own_token_0123456789",
  aes_key = ("k"):rep(42) .. "A", access_token = "own_access_token",
  secret = "own_secret_0123" }

local function box_of(options)
  options = options or {}
  options.clock = options.clock or function() return NOW end
  return assert(wxbot.sandbox(options))
end

local function post(box, path, body, headers)
  return box:handle{ method = "POST", url = "https://x" .. path,
    headers = headers or { ["Content-Type"] = "application/json" },
    body = body or "{}", source = "127.0.0.1" }
end

local function sign(box, body)
  return post(box, "/openapi/sign/" .. box:credentials().token,
    body or '{"userid":"u"}')
end

local function ids_of(list)
  local ids = {}
  for i, request in ipairs(list) do
    ids[i] = request.id
  end
  return ids
end

describe("the record of a sandbox", function()
  it("has what was sent and what was answered, oldest first", function()
    local box = box_of()
    local response = sign(box)
    sign(box, "{}")
    local list = box:requests()
    assert.same({ 1, 2 }, ids_of(list))
    assert.equal(2, list.newest)
    assert.equal(1, response.id)
    assert.same({ id = 2, time = NOW, client = "127.0.0.1", method = "POST",
      endpoint = "sign", url = "/openapi/sign/***", status = 200, code = 1003,
      cause_id = "no_field", cause = "userid is missing.", cure = "Send it.",
      values = { "userid" }, warnings = {}, ms = list[2].ms }, list[2])
    assert.is_number(list[2].ms)
    local one = box:request_of(2)
    assert.equal("{}", one.body)
    assert.equal(2, one.body_bytes)
    assert.same({ ["content-type"] = "application/json" }, one.request_headers)
    assert.truthy(one.answer:find("userid is required", 1, true))
  end)

  it("gives those after one, those that failed, and no more than asked for",
    function()
      local box = box_of()
      for i = 1, 6 do
        sign(box, i % 2 == 0 and "{}" or nil)
      end
      post(box, "/nowhere")
      assert.same({ 5, 6, 7 }, ids_of(box:requests{ after = 4 }))
      assert.same({ 2, 4, 6, 7 }, ids_of(box:requests{ failed = true }))
      assert.same({ 6, 7 }, ids_of(box:requests{ failed = true, limit = 2 }))
      assert.same({}, ids_of(box:requests{ after = 7 }))
    end)

  it("keeps the newest 1,000, and of each text 16 KiB", function()
    local box = box_of()
    for i = 1, 1003 do
      sign(box, i == 1003 and '{"userid":"' .. ("u"):rep(20000) .. '"}' or nil)
    end
    assert.is_nil(box:request_of(3))
    assert.equal(4, box:request_of(4).id)
    assert.equal(1000, #box:requests{ limit = 2000 })
    local one = box:request_of(1003)
    assert.equal(16384, #one.body)
    assert.equal(20013, one.body_bytes)
  end)

  it("keeps 32 MiB in all", function()
    local box, body = box_of(), ("x"):rep(16384)
    local document = "<xml>" .. ("x"):rep(40000) .. "</xml>"
    local credentials = box:credentials()
    body = json.encode{ encrypt = wxbot.msgcrypt(credentials.aes_key,
      credentials.appid):encrypt(document) } .. body:gsub("x", " ")
    for _ = 1, 1000 do
      post(box, "/openapi/label/batchset/" .. credentials.token, body)
    end
    local count = #box:requests{ limit = 1000 }
    assert.is_true(count > 900 and count < 1000, count)
    assert.equal(1000, box:requests().newest)
  end)

  it("forgets when it is told to, and goes on counting", function()
    local box = box_of()
    sign(box)
    box:forget_requests()
    assert.same({}, ids_of(box:requests()))
    sign(box)
    assert.same({ 2 }, ids_of(box:requests()))
    box:reset()
    assert.same({}, ids_of(box:requests()))
  end)

  it("shows what was sealed, and an answer that is", function()
    local box = box_of()
    local options = box:credentials()
    options.transport, options.account = box, "admin"
    options.access_token = nil
    local bot = assert(wxbot.v2(options))
    assert(bot:query{ query = "你好", user_name = "u" })
    local one = box:request_of(box:requests().newest)
    assert.truthy(one.decrypted:find("你好", 1, true))
    assert.truthy(one.answer_decrypted:find('"code":0', 1, true))
    assert.equal("***", one.request_headers.sign)
    assert.equal("***", one.request_headers["x-openai-token"])
  end)

  it("is text that JSON can hold, whatever was sent", function()
    local box = box_of()
    post(box, "/openapi/sign/\255\0" .. ("x"):rep(9), "\255\254{\"a\":\"\227\"",
      { ["Content-Type"] = "\255" })
    box:handle{ method = "\200", url = "/\228\189", body = "\160\128" }
    for id = 1, 2 do
      assert(json.decode(assert(json.encode(box:request_of(id)))))
      assert(json.decode(assert(json.encode(box:request_of(id,
        { secrets = true })))))
    end
  end)

  it("refuses what it does not know", function()
    local box = box_of()
    assert.has_error(function() box:requests{ newer = 1 } end)
    assert.has_error(function() box:request_of "1" end)
  end)
end)

describe("secrets in the record", function()
  -- Requests in which each secret stands somewhere.
  local function use(box)
    local given, account = box:credentials(), box:account()
    local crypt = wxbot.msgcrypt(given.aes_key, given.appid)
    local signature = json.decode(sign(box).body).signature
    post(box, "/openapi/aibot/" .. given.token, json.encode{ query = "q",
      signature = signature })
    post(box, "/openapi/message/" .. given.token, "query=" .. signature,
      { ["Content-Type"] = "application/x-www-form-urlencoded" })
    post(box, "/openapi/sendmsg/" .. given.token, json.encode{
      encrypt = crypt:encrypt("<xml><appid><![CDATA[" .. given.token
        .. "]]></appid><openid>o</openid><msg>m</msg><channel>7</channel>"
        .. "</xml>") })
    post(box, "/cgi-bin/freepublish/get?access_token=" .. given.access_token,
      '{"publish_id":"1"}')
    local answer = post(box, "/cgi-bin/stable_token", json.encode{
      grant_type = "client_credential", appid = account.appid,
      secret = account.secret })
    post(box, "/openapi/sign/wrong", json.encode{ secret = account.secret,
      other = given.aes_key })
    post(box, "/sign/" .. given.token .. "/x?a=" .. given.aes_key)
    return { given.token, given.aes_key, given.access_token, account.secret,
      signature, json.decode(answer.body).access_token }
  end

  local function all_of(box, options)
    local texts = { json.encode(box:requests(options)) }
    for id = 1, box:requests().newest do
      texts[#texts + 1] = json.encode(box:request_of(id, options))
    end
    return table.concat(texts, "\n")
  end

  it("are masked", function()
    for _, options in ipairs{ {}, OWN } do
      local box = box_of{ appid = options.appid, token = options.token,
        aes_key = options.aes_key, access_token = options.access_token,
        secret = options.secret }
      local text
      local secrets = use(box)
      text = all_of(box)
      for i, secret in ipairs(secrets) do
        assert.is_nil(text:find(secret, 1, true), i .. " is shown")
      end
      assert.truthy(text:find("***", 1, true))
      assert.truthy(text:find("<openid>o</openid>", 1, true))
    end
  end)

  it("are shown when asked for", function()
    local box = box_of()
    local secrets = use(box)
    local text = all_of(box, { secrets = true })
    for i, secret in ipairs(secrets) do
      assert.truthy(text:find(secret, 1, true), i .. " is masked")
    end
  end)

  it("of who runs it are never shown", function()
    local box = box_of{ appid = OWN.appid, token = OWN.token,
      aes_key = OWN.aes_key, access_token = OWN.access_token,
      secret = OWN.secret }
    local secrets = use(box)
    local text = all_of(box, { secrets = true })
    for i = 1, 4 do
      assert.is_nil(text:find(secrets[i], 1, true), i .. " is shown")
    end
    assert.truthy(text:find(secrets[5], 1, true))
  end)

  it("are masked where a text is cut in the midst of one", function()
    local box = box_of{ token = OWN.token }
    local body = ("x"):rep(16384 - 10) .. OWN.token
    sign(box, body)
    local shown = box:request_of(1, { secrets = true }).body
    assert.is_nil(shown:find(OWN.token:sub(1, 10), 1, true))
  end)

  it("are in no response but where the platform puts them", function()
    local box = box_of()
    local given = box:credentials()
    local crypt = wxbot.msgcrypt(given.aes_key, given.appid)
    local response = post(box, "/openapi/sendmsg/" .. given.token, json.encode{
      encrypt = crypt:encrypt("<xml><appid>" .. given.token .. "</appid>"
        .. "<openid>o</openid><msg>m</msg><channel>7</channel></xml>") })
    assert.equal("<xml><appid>***</appid><openid>o</openid><msg>m</msg>"
      .. "<channel>7</channel></xml>", response.decrypted)
  end)

  it("are in no cause", function()
    local box = box_of()
    local given = box:credentials()
    local crypt = wxbot.msgcrypt(given.aes_key, given.appid)
    local response = post(box, "/openapi/label/batchset/" .. given.token,
      json.encode{ encrypt = crypt:encrypt("<xml><appid>" .. given.token
        .. "</appid><category>c</category><label>l</label><desc>d</desc>"
        .. "</xml>") })
    assert.equal("unbound_appid", response.cause_id)
    assert.is_nil((response.cause .. table.concat(response.values)):find(
      given.token, 1, true))
  end)
end)
