-- Without this questions of a third-party service are misread, or forged ones
-- are answered.
local canary = require "spec.support.canary"
local core = require "wxbot.core"
local bit_flips = require "spec.support.bit_flips"
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

-- The documentation's own.
local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local TOKEN = canary.documented.token
local TIME = 1704135845

local function question()
  return {
    RequestId = "r1", SessionId = "s1", UserId = "u1",
    Query = "北京限行尾号是多少", SkillName = "限行", IntentName = "查限行尾号",
    Slots = json.list{ { SlotName = "city", SlotValue = "北京",
      NormalizeValue = '{"code":1}' } },
    Timestamp = TIME, Signature = "96f439043e1f7d2bb38162e35406f173",
    ThirdApiId = 42, ThirdApiName = "limits", Novel = { a = true },
  }
end

local function made(options)
  local all = { kind = "service", token = TOKEN,
    clock = function() return TIME end }
  for name, value in pairs(options or {}) do
    all[name] = value or nil
  end
  return assert(wxbot.receiver(all))
end

local function post(receiver, body)
  return receiver:handle{ method = "POST",
    body = type(body) == "table" and assert(json.encode(body)) or body }
end

local EMPTY = {
  status = 200,
  headers = { ["content-type"] = "application/json; charset=utf-8",
    ["x-content-type-options"] = "nosniff" },
  body = '{"answer_type":"text","text_info":{"short_answer":""}}',
}

local REFUSED = {
  status = 403, body = "refused",
  headers = { ["content-type"] = "text/plain; charset=utf-8",
    ["x-content-type-options"] = "nosniff" },
}

local function reason_of(body, options)
  local reason
  options = options or {}
  options.on_failure = function(code) reason = code end
  local response, message = post(made(options), body)
  assert.same(REFUSED, response)
  assert.is_nil(message)
  return reason
end

describe("a receiver of the service interface", function()
  it("gives the question whose signature is the documentation's", function()
    local response, message = post(made(), question())
    assert.same(EMPTY, response)
    assert.same({ kind = "service", request_id = "r1", session_id = "s1",
      userid = "u1", query = "北京限行尾号是多少", skill = "限行",
      intent = "查限行尾号", slots = { { name = "city", value = "北京",
        normalized = '{"code":1}' } },
      createtime = TIME, third_api_id = "42", third_api_name = "limits",
      Novel = { a = true }, text = "北京限行尾号是多少", rich = { {
        kind = "text", text = "北京限行尾号是多少", links = {}, articles = {},
        play_list = {} } } }, message)
  end)

  it("takes a time that came as a text, and an id of 64 bits", function()
    local body = (json.encode(question()):gsub("1704135845", '"1704135845"')
      :gsub('"ThirdApiId":42', '"ThirdApiId":18446744073709551615'))
    local _, message = post(made(), body)
    assert.equal(TIME, message.createtime)
    assert.equal("18446744073709551615", message.third_api_id)
  end)

  it("answers by reply", function()
    local receiver = made()
    local _, message = post(receiver, question())
    local response = receiver:reply(message, "尾号 4 和 9")
    assert.equal('{"answer_type":"text","text_info":{"short_answer":"尾号 4 和 9"}}',
      response.body)
    assert.same(EMPTY, receiver:reply(message, nil))
    assert.equal('{"answer_type":"news"}',
      receiver:reply(message, { answer_type = "news" }).body)
    local nothing, err = receiver:reply(message, { answer = print })
    assert.is_nil(nothing)
    assert.equal("invalid", err.kind)
    nothing, err = receiver:reply(message, "\255")
    assert.is_nil(nothing)
    assert.equal("invalid", err.kind)
  end)

  for name in pairs{ Query = 1, SkillName = 1, IntentName = 1 } do
    it("refuses another " .. name, function()
      local body = question()
      body[name] = body[name] .. "x"
      assert.equal("signature", reason_of(body))
    end)
  end

  it("refuses a question that is not signed, or badly", function()
    local body = question()
    body.Signature = nil
    assert.equal("signature", reason_of(body))
    body.Signature = 1
    assert.equal("signature", reason_of(body))
    body.Signature = ("0"):rep(32)
    assert.equal("signature", reason_of(body))
  end)

  it("does not let an unsigned member stand for a signed one", function()
    local body = question()
    body.query, body.skill, body.intent = "evil", "evil", "evil"
    body.kind, body.createtime = "kefu", 1
    local _, message = post(made(), body)
    assert.equal(question().Query, message.query)
    assert.equal(question().SkillName, message.skill)
    assert.equal(question().IntentName, message.intent)
    assert.equal("service", message.kind)
    assert.equal(TIME, message.createtime)
    body = question()
    body.request_id, body.RequestId = "evil", nil
    assert.is_nil((select(2, post(made(), body))).request_id)
  end)

  it("refuses an old question, and one of the future", function()
    for _, off in ipairs{ 301, -301 } do
      assert.equal("stale",
        reason_of(question(), { clock = function() return TIME + off end }))
    end
  end)

  it("refuses what is not such a question", function()
    for _, body in ipairs{ "", "{}", "[]", "1", '{"Query":1}' } do
      assert.equal("json", reason_of(body))
    end
    local deep = ('{"Query":"q","a":%s%s}'):format(("["):rep(100), ("]"):rep(100))
    assert.equal("json", reason_of(deep))
  end)

  it("takes a body at the limit and refuses one byte more", function()
    local body = json.encode(question())
    assert.truthy((select(2, post(made{ max_body = #body }, body))))
    assert.equal("too_large", reason_of(body, { max_body = #body - 1 }))
  end)

  it("says nothing to a duplicate, also under other bytes", function()
    local receiver = made()
    post(receiver, question())
    local again = question()
    again.Novel = nil
    for _, body in ipairs{ question(), again, question() } do
      local response, message, note = post(receiver, body)
      assert.same(EMPTY, response)
      assert.is_nil(message)
      assert.equal("duplicate", note)
    end
  end)

  -- What the platform's signature does not cover, it cannot protect.
  it("takes what is not signed as it comes, under another RequestId", function()
    local receiver = made()
    post(receiver, question())
    local again = question()
    again.RequestId, again.UserId, again.Slots = "r2", "u2", nil
    local _, message = post(receiver, again)
    assert.equal("u2", message.userid)
  end)

  it("tells questions apart by their users, too", function()
    local receiver = made()
    for _, user in ipairs{ "u1", "u2" } do
      local body = question()
      body.UserId = user
      assert.equal(user, (select(2, post(receiver, body))).userid)
      assert.equal("duplicate", (select(3, post(receiver, body))))
    end
  end)

  it("gives a list of slots, one or many or none", function()
    for n, slots in pairs{ [0] = json.null, { SlotName = "a", SlotValue = "" },
        { { SlotName = "a" }, { SlotName = "a" } } } do
      local body = question()
      body.Slots = slots
      local _, message = post(made(), body)
      assert.equal(n, #message.slots)
      assert.same(n > 0 and { name = "a" } or nil, message.slots[1])
    end
  end)

  it("leaves out what is empty, but not an empty question", function()
    local body = question()
    body.SessionId, body.Novel = "", { a = "", b = { c = "" } }
    local _, message = post(made(), body)
    assert.is_nil(message.session_id)
    assert.same({ b = {} }, message.Novel)
    local key = core.rawcrypt(KEY)
    _, message = post(made{ token = false, aes_key = KEY },
      key:encrypt('{"Query":""}'))
    assert.equal("", message.query)
  end)

  -- Who could tell one from the other by the time it takes could decrypt.
  it("works on a text before it obeys what the padding says", function()
    local decode, worked = json.decode, {}
    local key = core.rawcrypt(KEY)
    local bytes = core.base64_decode(key:encrypt(json.encode(question())))
    -- The last byte of the padding, by the block before.
    local bad = core.base64_encode(bytes:sub(1, -18)
      .. string.char((bytes:byte(-17) + 128) % 256) .. bytes:sub(-16))
    json.decode = function(text, tolerant)
      worked[#worked + 1] = #text
      return decode(text, tolerant)
    end
    for token in pairs{ [TOKEN] = true, [false] = true } do
      assert.equal("decrypt", reason_of(bad, { token = token, aes_key = KEY }))
    end
    json.decode = decode
    assert.equal(2, #worked)
  end)

  it("speaks in encrypted bodies when it has a key", function()
    local key = core.rawcrypt(KEY)
    local receiver = made{ aes_key = KEY }
    local response, message = post(receiver,
      key:encrypt(json.encode(question())))
    assert.equal("u1", message.userid)
    assert.equal(EMPTY.body, key:decrypt(response.body))
    assert.equal("aJhHfz6xc9iQiTLwusQe0HYKT6itYwq/YgQHltmLPf2UfpD+8ODJ8lrrxOMxy5Ni"
      .. "ALZqz1eYGtwD7cLQDP3ADg==", receiver:reply(message, "answer").body)
    assert.equal("decrypt", reason_of(question(), { aes_key = KEY }))
  end)

  it("needs a token or a key", function()
    local receiver, err = wxbot.receiver{ kind = "service" }
    assert.is_nil(receiver)
    assert.equal("token", err.code)
  end)

  -- With it anybody could sign.
  it("takes no empty token, whatever else it has", function()
    for _, key in ipairs{ false, KEY } do
      local receiver, err = wxbot.receiver{ kind = "service", token = "",
        aes_key = key or nil }
      assert.is_nil(receiver)
      assert.equal("invalid", err.kind)
      assert.equal("token", err.code)
    end
  end)

  it("refuses every flipped bit of what is signed", function()
    local receiver = made{ store = bit_flips.store }
    local body = json.encode{ Query = question().Query,
      SkillName = question().SkillName, IntentName = question().IntentName,
      Timestamp = TIME, Signature = question().Signature }
    assert.truthy((select(2, post(receiver, body))))
    local taken, responses = bit_flips.count(receiver, body,
      function(flipped) return { method = "POST", body = flipped } end)
    assert.equal(0, taken)
    assert.equal(bit_flips.TIMES, responses[bit_flips.seen(REFUSED)])
  end)
end)
