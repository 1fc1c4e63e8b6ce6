-- Without this test accounts, which have no encryption, are not heard, or
-- unsigned pushes are.
local helper = require "spec.helper"
local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

-- The platform's own example of a push in the clear.
local U2 = json.decode(helper.read("vectors/msgcrypt.json")).url_signatures[2]
local TIME = tonumber(U2.ts)

local function made(options)
  local all = { kind = "official_account", token = U2.token, plain = true,
    clock = function() return TIME end }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(wxbot.receiver(all))
end

local function body(elements)
  return "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>"
    .. "<CreateTime>" .. U2.ts .. "</CreateTime><MsgType>text</MsgType>"
    .. "<Content>hi</Content><MsgId>1</MsgId>" .. (elements or "") .. "</xml>"
end

local function post(receiver, text, query)
  return receiver:handle{ method = "POST", body = text, query = query or {
    timestamp = U2.ts, nonce = U2.nonce, signature = U2.sig } }
end

local function reason_of(text, query, options)
  local reason
  options = options or {}
  options.on_failure = function(code) reason = code end
  local response, message = post(made(options), text, query)
  assert.equal(403, response.status)
  assert.is_nil(message)
  return reason
end

describe("a receiver of an account without encryption", function()
  it("takes what is signed as the platform's example is", function()
    local response, message = post(made(), body())
    assert.equal("success", response.body)
    assert.same({ kind = "official_account", account = "gh_1", userid = "o1",
      createtime = TIME, msgtype = "text", content = "hi", msgid = "1" },
      message)
  end)

  it("takes JSON", function()
    local _, message = post(made(), '{"ToUserName":"gh_1","FromUserName":"o1",'
      .. '"CreateTime":' .. U2.ts .. ',"MsgType":"text","Content":"hi",'
      .. '"MsgId":23637352235060880}')
    assert.equal("23637352235060880", message.msgid)
  end)

  it("reads in the compatible mode what is in the clear", function()
    local _, message = post(made(), body("<Encrypt>AAAA</Encrypt>"))
    assert.equal("hi", message.content)
    assert.is_nil(message.Encrypt)
  end)

  it("refuses what is not signed, or badly, or long ago", function()
    for reason, query in pairs{
      signature = { timestamp = U2.ts, nonce = U2.nonce },
      stale = { timestamp = "1", nonce = "1",
        signature = wxbot.signature(U2.token, "1", "1", "") },
    } do
      assert.equal(reason, reason_of(body(), query))
    end
    assert.equal("signature", reason_of(body(), { timestamp = U2.ts,
      nonce = U2.nonce, signature = ("0"):rep(40) }))
    assert.equal("stale", reason_of(body(), nil,
      { clock = function() return TIME + 301 end }))
    assert.equal("xml", reason_of("<xml/>"))
  end)

  it("takes a message once", function()
    local receiver = made()
    post(receiver, body())
    local response, message, note = post(receiver, body())
    assert.equal("success", response.body)
    assert.is_nil(message)
    assert.equal("duplicate", note)
  end)

  it("answers the check of its address, by the plain signature alone", function()
    local receiver = made{ clock = function() return 1714036504 end }
    local query = { timestamp = "1714036504", nonce = "1514711492",
      signature = "f464b24fc39322e44b38aa78f5edd27bd1441696",
      echostr = "4375120948345356249", msg_signature = "x" }
    assert.equal("4375120948345356249",
      receiver:handle{ method = "GET", query = query }.body)
  end)

  it("is one only by its configuration", function()
    local receiver = assert(wxbot.receiver{ kind = "official_account",
      token = U2.token, appid = "wx1", aes_key = ("A"):rep(43),
      clock = function() return TIME end })
    assert.equal(403, post(receiver, body()).status)
    local nothing, err = wxbot.receiver{ kind = "official_account",
      token = U2.token }
    assert.is_nil(nothing)
    assert.equal("appid", err.code)
    nothing, err = wxbot.receiver{ kind = "official_account", plain = true }
    assert.is_nil(nothing)
    assert.equal("token", err.code)
    assert.error_matches(function()
      wxbot.receiver{ kind = "kefu", appid = "a", aes_key = ("A"):rep(43),
        plain = true }
    end, "plain is for the kind official_account only")
  end)
end)
