-- Without this a user who chats can use up what failures strangers are allowed.
--
-- Who has signed, or sealed for our appid, is no stranger, whatever is wrong
-- with what comes then: nobody who chats may use up what failures are allowed.
local core = require "wxbot.core"
local pushes = require "spec.support.pushes"
local wxbot = require "wxbot"

local LATE = ("%d"):format(pushes.NOW - 1000)

local function resealed(text, body)
  local sealed = assert(pushes.crypt:encrypt(text))
  body = (body or "<xml><Encrypt>@</Encrypt></xml>"):gsub("@", sealed)
  return pushes.signed(sealed, body)
end

-- What is wrong though it was signed, or sealed for us: kind, request, reason.
local KNOWN = {
  { "official_account", "is no XML", resealed("no document"), "xml" },
  { "official_account", "is nested too deep", resealed("<xml>"
    .. ("<a>"):rep(40) .. ("</a>"):rep(40) .. "</xml>"), "xml" },
  { "official_account", "has too many elements", resealed("<xml>"
    .. ("<a/>"):rep(300) .. "</xml>"), "xml" },
  { "official_account", "is of nobody", resealed("<xml><InfoType>authorized"
    .. "</InfoType><CreateTime>1700000000</CreateTime></xml>"), "xml" },
  { "official_account", "is for another account", resealed("<xml>"
    .. pushes.HEAD .. "</xml>", "<xml><ToUserName>gh_2</ToUserName>"
    .. "<Encrypt>@</Encrypt></xml>"), "xml" },
  { "official_account", "has a user who cannot be repaired",
    pushes.account("<xml><FromUserName>o\16</FromUserName></xml>"), "xml" },
  { "official_account", "is no JSON",
    resealed('{"a":', '{"Encrypt":"@"}'), "json" },
  { "official_account", "has no time", resealed("<xml><ToUserName>gh_1"
    .. "</ToUserName><FromUserName>o1</FromUserName></xml>"), "stale" },
  { "official_account", "is a day old", resealed((("<xml>" .. pushes.HEAD
    .. "</xml>"):gsub("1700000000", "1699900000"))), "stale" },
  { "official_account", "was signed too early",
    pushes.signed("abcd", "<xml><Encrypt>abcd</Encrypt></xml>", LATE), "stale" },
  { "official_account", "is signed, but sealed for another",
    (function()
      local sealed = wxbot.msgcrypt(pushes.KEY, "another"):encrypt("<xml/>")
      return pushes.signed(sealed, "<xml><Encrypt>" .. sealed
        .. "</Encrypt></xml>")
    end)(), "decrypt" },
  { "official_account", "is signed, but not sealed",
    pushes.signed("abcd", "<xml><Encrypt>abcd</Encrypt></xml>"), "decrypt" },
  { "kefu", "is no XML", { method = "POST", source = "192.0.2.7",
    body = '{"encrypted":"' .. pushes.crypt:encrypt("nothing") .. '"}' }, "xml" },
  { "kefu", "is of nobody", pushes.kefu("<event>userEnter</event>"), "xml" },
  { "kefu", "has a user who cannot be repaired",
    pushes.kefu("<userid>u\16</userid>"), "xml" },
  { "kefu", "is late", pushes.kefu("<userid>u</userid><createtime>1"
    .. "</createtime>"), "stale", { window = 300 } },
  { "service", "is late", (function()
    local request = pushes.service("q", "q")
    request.body = request.body:gsub("%d+", LATE, 1):gsub(
      '"Signature":"%x+"', '"Signature":"' .. core.hex_encode(core.md5(
        pushes.TOKEN .. LATE .. "siq")) .. '"')
    return request
  end)(), "stale" },
  { "service", "has a user who cannot be repaired",
    pushes.service("q", "q", ',"UserId":"\16"'), "json" },
  { "service", "has, sealed, a user who cannot be repaired",
    { method = "POST", source = "192.0.2.7", body = pushes.raw:encrypt(
      '{"Query":"q","UserId":"\16"}') }, "json",
    { token = false, aes_key = pushes.KEY } },
}

-- What anybody can send.
local UNKNOWN = {
  { "official_account", "is not signed", (function()
    local request = pushes.xml("<MsgType>text</MsgType><MsgId>9</MsgId>")
    request.query.msg_signature = ("0"):rep(40)
    return request
  end)(), "signature" },
  { "official_account", "is no envelope", { method = "POST", body = "<xml/>",
    source = "192.0.2.7" }, "xml" },
  { "kefu", "does not decrypt", { method = "POST", source = "192.0.2.7",
    body = '{"encrypted":"abcd"}' }, "decrypt" },
  { "kefu", "is sealed for another", { method = "POST", source = "192.0.2.7",
    body = '{"encrypted":"' .. wxbot.msgcrypt(pushes.KEY, "another")
      :encrypt("<xml><userid>u</userid></xml>") .. '"}' }, "decrypt" },
  { "service", "is not signed", pushes.service("q", "x"), "signature" },
  { "service", "is no JSON", { method = "POST", source = "192.0.2.7",
    body = '{"Query":' }, "json" },
}

local GOOD = {
  official_account = function()
    return pushes.xml "<MsgType>text</MsgType><Content>x</Content><MsgId>1</MsgId>"
  end,
  kefu = function() return pushes.kefu "<userid>good</userid>" end,
  service = function(more)
    if more.aes_key then
      return { method = "POST", source = "192.0.2.7",
        body = pushes.raw:encrypt '{"Query":"good"}' }
    end
    return pushes.service("good", "good")
  end,
}

-- The reasons of 25 times the request; whether a good one is heard then.
local function after_many(case)
  local kind, request, more = case[1], case[3], case[5] or {}
  local receiver, heard = pushes.receiver(kind, { window = more.window,
    token = more.token, aes_key = more.aes_key })
  for _ = 1, 25 do
    assert.equal(403, (receiver:handle(request)).status)
  end
  local reasons = {}
  for i, one in ipairs(heard) do
    reasons[i] = one[1]
  end
  local good = GOOD[kind](more)
  if more.window then
    good = pushes.kefu("<userid>good</userid><createtime>1700000000</createtime>")
  end
  return reasons, (select(2, receiver:handle(good)))
end

describe("a push that is known to be of the platform", function()
  for _, case in ipairs(KNOWN) do
    it(("and %s (%s) is no failure of a stranger"):format(case[2], case[1]),
      function()
        local reasons, message = after_many(case)
        for i = 1, 25 do
          assert.equal(case[4], reasons[i])
        end
        assert.is_table(message)
      end)
  end

  it("and is repeated is none either", function()
    local receiver = pushes.receiver "kefu"
    local request = pushes.kefu "<userid>u</userid>"
    for _ = 1, 25 do
      assert.equal(200, (receiver:handle(request)).status)
    end
    assert.is_table((select(2, receiver:handle(pushes.kefu
      "<userid>u2</userid>"))))
  end)

  it("and is the echo check, late, is none either", function()
    local receiver, heard = pushes.receiver "official_account"
    local parts = { pushes.TOKEN, LATE, "1" }
    table.sort(parts)
    for _ = 1, 25 do
      receiver:handle{ method = "GET", source = "192.0.2.7", query = {
        timestamp = LATE, nonce = "1", echostr = "1",
        signature = core.hex_encode(core.sha1(table.concat(parts))) } }
    end
    assert.equal("stale", heard[25][1])
    assert.is_table((select(2, receiver:handle(GOOD.official_account()))))
  end)

  -- Nobody looks at it, so that nobody can tell who sent it.
  it("may be, if it is too large", function()
    for kind, good in pairs(GOOD) do
      local receiver, heard = pushes.receiver(kind)
      for _ = 1, 25 do
        receiver:handle{ method = "POST", source = "192.0.2.7",
          body = ("x"):rep(65537) }
      end
      assert.equal("too_large", heard[25][1])
      assert.is_table((select(2, receiver:handle(good{}))))
    end
  end)
end)

describe("what anybody can send", function()
  for _, case in ipairs(UNKNOWN) do
    it(("and %s (%s) uses up what is allowed"):format(case[2], case[1]),
      function()
        local reasons, message = after_many(case)
        assert.equal(case[4], reasons[20])
        assert.equal("too_many_failures", reasons[21])
        assert.is_nil(message)
      end)
  end
end)
