-- Without this pushes of customer service are misread, or forged ones are
-- taken.
-- #long
local canary = require "spec.support.canary"
local core = require "wxbot.core"
local bit_flips = require "spec.support.bit_flips"
local helper = require "spec.helper"
local json = require "wxbot.codec.json"
local negatives = require "spec.support.xml_negatives"
local memory = require "wxbot.store.memory"
local wxbot = require "wxbot"

-- The documentation's own.
local KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
local APPID = "Gg8HejYTkUsEIlG"
local TOKEN = canary.documented.token

local vectors = json.decode(helper.read("vectors/msgcrypt.json"))
local crypt = wxbot.msgcrypt(KEY, APPID)

local PUSH = [[<xml>
  <userid>fb2ab07ce06</userid>
  <appid>YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv</appid>
  <content><msg><![CDATA[你好 <b>]].."]]>"..[[ &amp; hi</msg><msgtype>text</msgtype></content>
  <event>userEnter</event>
  <from>0</from><status>0</status><kfstate>1</kfstate><channel>7</channel>
  <msgtype>text</msgtype><assessment/><waiterid/>
  <customerInfo><name>Ann</name><avatar/><openid>o1</openid></customerInfo>
  <novel><a>1</a><a>2</a></novel>
  <createtime>1716535576142</createtime>
</xml>]]

local REFUSED = {
  status = 403, body = "refused",
  headers = { ["content-type"] = "text/plain; charset=utf-8",
    ["x-content-type-options"] = "nosniff" },
}

local function made(options)
  local all = { kind = "kefu", appid = APPID, aes_key = KEY, token = TOKEN }
  for name, value in pairs(options or {}) do
    all[name] = value or nil
  end
  return assert(wxbot.receiver(all))
end

local function sealed(xml, random)
  return '{"encrypted":"' .. assert(crypt:encrypt(xml, random)) .. '"}'
end

local function post(receiver, body, source)
  return receiver:handle{ method = "POST", body = body, source = source }
end

-- Handles a body that must be refused; gives the reason.
local function reason_of(body, options, method)
  local reason, info
  options = options or {}
  options.on_failure = function(...) reason, info = ... end
  local response, message, note = made(options):handle{
    method = method or "POST", body = body }
  assert.same(REFUSED, response)
  assert.is_nil(message)
  assert.equal("refused", note)
  assert.same({ kind = "kefu", method = method or "POST", bytes = #body }, info)
  return reason
end

describe("a receiver of customer-service pushes", function()
  it("gives the message of a push", function()
    local response, message, note = post(made(), sealed(PUSH))
    assert.equal(200, response.status)
    assert.equal("", response.body)
    assert.is_nil(note)
    assert.same({
      kind = "kefu", userid = "fb2ab07ce06",
      content = { msg = "你好 <b> & hi", msgtype = "text" },
      event = "userEnter", from = 0, from_name = "user", status = 0,
      kfstate = 1, kfstate_name = "personserving",
      channel = 7, channel_name = "web_h5", msgtype = "text",
      customer_info = { name = "Ann", openid = "o1" },
      novel = { a = { "1", "2" } }, createtime = 1716535576,
      text = "你好 <b> & hi", rich = { { kind = "text", text = "你好 <b> & hi",
        links = {}, articles = {}, play_list = {} } },
    }, message)
  end)

  it("keeps an appid that is not the TOKEN, and a time in seconds", function()
    local _, message = post(made(), sealed("<xml><userid>u</userid>"
      .. "<appid>wx1</appid><createtime>1716535576</createtime></xml>"))
    assert.same({ kind = "kefu", userid = "u", appid = "wx1",
      createtime = 1716535576, rich = {} }, message)
  end)

  it("does not give the TOKEN away, nor to who did not say what it is", function()
    for _, options in ipairs{ {}, { token = false } } do
      local _, message = post(made(options), sealed(PUSH))
      assert.is_nil(message.appid)
    end
  end)

  it("takes a push of any time, unless it was given a window", function()
    local time = 1716535576
    for off, good in pairs{ [300] = true, [301] = false, [-300] = true,
        [-301] = false } do
      local function clock() return time + off end
      assert.truthy((select(2, post(made{ clock = clock }, sealed(PUSH)))))
      if good then
        assert.truthy((select(2, post(made{ clock = clock, window = 300 },
          sealed(PUSH)))))
      else
        assert.equal("stale", reason_of(sealed(PUSH),
          { clock = clock, window = 300 }))
      end
    end
    assert.equal("stale", reason_of(sealed("<xml><userid>u</userid></xml>"),
      { window = 300 }))
  end)

  it("names a rating", function()
    local _, message = post(made(), sealed("<xml><userid>u</userid>"
      .. "<assessment>5</assessment><from>9</from></xml>"))
    assert.equal("very_satisfied", message.assessment_name)
    assert.equal("unknown", message.from_name)
  end)

  -- The documents' four, a rating, and what is said.
  it("tells all documented events apart", function()
    local function message_of(inner)
      return (select(2, post(made(), sealed("<xml><userid>u</userid>" .. inner
        .. "</xml>"))))
    end
    for _, event in ipairs{ "userEnter", "userQuit", "customerStuffEnter",
        "customerStuffQuit", "waiterEnter" } do
      local message = message_of("<content><msg/><msgtype/></content><event>"
        .. event .. "</event><assessment>0</assessment>")
      assert.equal(event, message.event)
      assert.same({}, message.content)
      assert.equal("none", message.assessment_name)
    end
    local rating = message_of("<event/><assessment>3</assessment>")
    assert.is_nil(rating.event)
    assert.equal("average", rating.assessment_name)
    for from, name in pairs{ [0] = "user", "bot", "agent" } do
      local said = message_of("<content><msg>hi</msg></content><event/>"
        .. "<from>" .. from .. "</from><assessment/>")
      assert.same({ msg = "hi" }, said.content)
      assert.equal(name, said.from_name)
      assert.is_nil(said.event)
      assert.is_nil(said.assessment)
    end
  end)

  it("names nothing that was not sent by its number", function()
    for _, from in ipairs{ "", "<from>x</from>", "<from>9</from>" } do
      local _, message = post(made(), sealed("<xml><userid>u</userid>" .. from
        .. "<from_name>user</from_name><kfstate_name><a/></kfstate_name></xml>"))
      assert.equal(from:find("9") and "unknown" or nil, message.from_name)
      assert.is_nil(message.kfstate_name)
    end
  end)

  it("answers what comes while the address is configured", function()
    for _, body in ipairs{ "", "{}", '{"encrypted":null}', ' {"a":[1]}' } do
      local heard
      local response, message, note = post(made{
        on_failure = function(reason) heard = reason end }, body)
      assert.equal(200, response.status)
      assert.is_nil(message)
      assert.equal("empty", note)
      assert.equal("empty", heard)
    end
  end)

  for _, case in ipairs(vectors.edge.cases) do
    if case.expect == "reject" then
      it("refuses " .. case.id .. ", " .. case.why, function()
        local edge = vectors.edge
        assert.equal("decrypt", reason_of(
          json.encode{ encrypted = case.encrypt },
          { appid = edge.appid, aes_key = edge.encoding_aes_key }))
      end)
    end
  end

  for what, body in pairs{
    ["text that is not JSON"] = "encrypted=abc", ["a list"] = "[]",
    ["a number"] = '{"encrypted":1}', null = "null",
    ["encrypted twice"] = '{"encrypted":"a","encrypted":"b"}',
    ["two objects"] = "{}{}", ["NaN"] = '{"encrypted":NaN}',
  } do
    it("refuses " .. what, function()
      assert.equal("json", reason_of(body))
    end)
  end

  it("refuses another method", function()
    assert.equal("method", reason_of(sealed(PUSH), nil, "GET"))
  end)

  it("refuses a message for another bot", function()
    local other = wxbot.msgcrypt(KEY, "Gg8HejYTkUsEIlH")
    assert.equal("decrypt",
      reason_of('{"encrypted":"' .. other:encrypt(PUSH) .. '"}'))
  end)

  it("takes a body at the limit and refuses one byte more", function()
    local body = sealed(PUSH)
    local _, message = post(made{ max_body = #body }, body)
    assert.equal("fb2ab07ce06", message.userid)
    assert.equal("too_large", reason_of(body, { max_body = #body - 1 }))
  end)

  local USER = "<userid>u</userid>"

  for what, make in pairs(negatives) do
    it("refuses XML with " .. what, function()
      assert.equal("xml", reason_of(sealed(make(USER)), { max_body = 1e7 }))
    end)
  end

  for what, xml in pairs{
    ["no userid"] = "<xml><event>userEnter</event></xml>",
    ["an empty userid"] = "<xml><userid/><event>userEnter</event></xml>",
    ["two userids"] = "<xml>" .. USER .. USER .. "</xml>",
    ["an element in the userid"] = "<xml><userid>u<a/></userid></xml>",
  } do
    it("refuses a message with " .. what, function()
      assert.equal("xml", reason_of(sealed(xml)))
    end)
  end

  it("takes a byte order mark, and joins text and CDATA", function()
    local _, message = post(made(), sealed("\239\187\191<xml><userid>u</userid>"
      .. "<event>a<![CDATA[b]]>c<![CDATA[]]]]><![CDATA[>]]>&#100;</event></xml>"))
    assert.equal("abc]]>d", message.event)
  end)

  it("reads line ends as XML has them, and keeps space that is said", function()
    local _, message = post(made(), sealed("<xml>\r\n<userid>u</userid>"
      .. "<content><msg>a\r\nb\rc&#13;</msg></content><event> \n</event></xml>"))
    assert.equal("a\nb\nc\r", message.content.msg)
    assert.equal(" \n", message.event)
  end)
end)

describe("duplicates", function()
  local A = sealed(PUSH, "0123456789abcdef")
  local AGAIN = sealed(PUSH, "fedcba9876543210")
  local B = sealed((PUSH:gsub("1716535576142", "1716535576143")))

  it("are answered like the first, without a message, in any order", function()
    local receiver = made()
    local first, message = post(receiver, A)
    assert.truthy(message)
    assert.truthy(select(2, post(receiver, B)))
    for _, body in ipairs{ A, B, AGAIN, A, AGAIN, B, A } do
      local response, nothing, note = post(receiver, body)
      assert.same(first, response)
      assert.is_nil(nothing)
      assert.equal("duplicate", note)
    end
  end)

  it("pass again after ten minutes", function()
    local now = 1000
    local receiver = made{ clock = function() return now end }
    post(receiver, A)
    now = 1600
    assert.is_nil((select(2, post(receiver, A))))
    now = 1601
    assert.truthy((select(2, post(receiver, A))))
  end)

  it("pass once more when the handler failed", function()
    local receiver = made()
    local _, message = post(receiver, A)
    post(receiver, AGAIN)
    receiver:forget(message)
    assert.truthy((select(2, post(receiver, AGAIN))))
    assert.is_nil((select(2, post(receiver, A))))
  end)

  it("pass once, however often their handler is said to have failed", function()
    local receiver = made()
    local _, message = post(receiver, A)
    receiver:forget(message)
    assert.truthy((select(2, post(receiver, A))))
    receiver:forget(message)
    assert.is_nil((select(2, post(receiver, A))))
  end)

  it("are those of one bot only, in a store that is shared", function()
    local store = memory.new()
    local other = wxbot.msgcrypt(KEY, "other")
    assert.truthy((select(2, post(made{ store = store }, A))))
    assert.truthy((select(2, post(made{ store = store, appid = "other" },
      '{"encrypted":"' .. other:encrypt(PUSH) .. '"}'))))
    assert.is_nil((select(2, post(made{ store = store }, A))))
  end)

  it("pass, and the hook hears of it, when a store is full", function()
    local reasons = {}
    local receiver = made{
      store = { add = function() return nil, "no memory" end,
        delete = function() end },
      on_failure = function(reason) reasons[#reasons + 1] = reason end,
    }
    assert.truthy((select(2, post(receiver, A))))
    assert.truthy((select(2, post(receiver, A))))
    assert.same({ "store", "store" }, reasons)
  end)

  it("pass, and the hook hears of it, when a store raises", function()
    local reasons = {}
    local receiver = made{
      store = { add = function() error("the client raised") end,
        delete = function() error("the client raised") end },
      on_failure = function(reason) reasons[#reasons + 1] = reason end,
    }
    for _ = 1, 2 do
      local response, message = post(receiver, A)
      assert.equal(200, response.status)
      assert.equal("fb2ab07ce06", message.userid)
    end
    assert.same({ "store", "store" }, reasons)
  end)

  it("may pass, and the hook hears of it, once memory is full", function()
    local reasons = {}
    local receiver = made{ store = memory.new{ limit = 2 },
      on_failure = function(reason) reasons[#reasons + 1] = reason end }
    post(receiver, A)
    assert.same({}, reasons)
    assert.truthy((select(2, post(receiver, B))))
    assert.same({ "store" }, reasons)
    assert.truthy((select(2, post(receiver, A))))
  end)
end)

describe("failures", function()
  it("of one source end at a limit, which others do not share", function()
    local now, reasons = 1000, {}
    local receiver = made{ clock = function() return now end,
      failures = { limit = 3, seconds = 60 },
      on_failure = function(reason) reasons[#reasons + 1] = reason end }
    for _ = 1, 3 do
      post(receiver, "bad", "192.0.2.1")
    end
    local response, message = post(receiver, sealed(PUSH), "192.0.2.1")
    assert.same(REFUSED, response)
    assert.is_nil(message)
    assert.same({ "json", "json", "json", "too_many_failures" }, reasons)
    assert.truthy((select(2, post(receiver, sealed(PUSH), "192.0.2.2"))))
    now = 1060
    assert.equal(200, post(receiver, sealed(PUSH), "192.0.2.1").status)
  end)

  it("look the same without a hook, and when the hook raises", function()
    assert.same(REFUSED, (post(made(), "bad")))
    local receiver = made{ on_failure = function() error("oh") end }
    assert.same(REFUSED, (post(receiver, "bad")))
  end)

  it("after flipped bits are all the same", function()
    local raw = core.base64_decode((crypt:encrypt(PUSH)))
    local taken, responses = bit_flips.count(made{ store = bit_flips.store }, raw,
      function(flipped)
        return { method = "POST", body = '{"encrypted":"'
          .. core.base64_encode(flipped) .. '"}' }
      end)
    local refused = responses[bit_flips.seen(REFUSED)]
    assert.equal(refused, select(2, next(responses)))
    assert.is_nil(next(responses, (next(responses))))
    -- CBC without a MAC: some flips pass. That is the platform's design.
    assert.is_true(taken > 0 and taken < refused)
    assert.equal(bit_flips.TIMES, taken + refused)
  end)
end)

describe("a receiver", function()
  it("shows no secret", function()
    local receiver = made()
    assert.equal("wxbot.receiver (kefu)", tostring(receiver))
    assert.is_nil(next(receiver))
  end)

  it("says which credential is missing or wrong", function()
    local _, err = wxbot.receiver{ kind = "kefu", appid = APPID }
    assert.equal("aes_key", err.code)
    _, err = wxbot.receiver{ kind = "kefu", appid = APPID, aes_key = "short" }
    assert.equal("aes_key", err.code)
    assert.is_nil(tostring(err):find("short", 1, true))
  end)

  it("takes no credential that is empty", function()
    for _, name in ipairs{ "appid", "token", "aes_key" } do
      local options = { kind = "kefu", appid = APPID, aes_key = KEY,
        token = TOKEN }
      options[name] = ""
      local receiver, err = wxbot.receiver(options)
      assert.is_nil(receiver)
      assert.equal("invalid", err.kind)
      assert.equal(name, err.code)
    end
  end)

  it("raises at the caller's line for what no data decided", function()
    local receiver = made()
    for message, misuse in pairs{
      ["kind must be"] = function() wxbot.receiver{ kind = "other" } end,
      ["unknown name kin"] = function() wxbot.receiver{ kin = "kefu" } end,
      ["store must have a method add"] = function()
        wxbot.receiver{ kind = "kefu", store = {} }
      end,
      ["window must be greater"] = function()
        wxbot.receiver{ kind = "kefu", window = 0 }
      end,
      ["failures: limit must be greater"] = function()
        wxbot.receiver{ kind = "kefu", failures = { limit = 0 } }
      end,
      ["failures: seconds must be greater"] = function()
        wxbot.receiver{ kind = "kefu", failures = { seconds = -1 } }
      end,
      ["with a colon"] = function() receiver.handle{ method = "GET" } end,
      ["method is"] = function() receiver:handle{} end,
      ["body is missing: a POST has one, be it empty; nginx puts a body longer "
        .. "than client_body_buffer_size into a file"] = function()
        receiver:handle{ method = "POST" }
      end,
      ["message of this receiver"] = function() receiver:forget{} end,
      ["use sendmsg"] = function() receiver:reply("hi") end,
    } do
      local ok, raised = pcall(misuse)
      assert.is_false(ok)
      assert.truthy(raised:find("kefu_spec.lua", 1, true), raised)
      assert.truthy(raised:find(message, 1, true), raised)
    end
  end)

  -- What strangers send makes nothing raise.
  it("needs no body with any method but POST", function()
    for _, method in ipairs{ "GET", "HEAD", "PUT", "DELETE", "post" } do
      local response, message = made():handle{ method = method }
      assert.same(REFUSED, response)
      assert.is_nil(message)
    end
  end)

  it("is closed once and for all", function()
    local receiver = made()
    receiver:close()
    receiver:close()
    assert.has_error(function() post(receiver, "{}") end)
  end)
end)
