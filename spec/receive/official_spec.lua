-- Without this an account's pushes are misread, or forged ones are taken.
-- #long
local core = require "wxbot.core"
local bit_flips = require "spec.support.bit_flips"
local helper = require "spec.helper"
local json = require "wxbot.codec.json"
local negatives = require "spec.support.xml_negatives"
local wxbot = require "wxbot"

local vectors = json.decode(helper.read("vectors/msgcrypt.json"))
local edge = vectors.edge
local KEY, APPID, TOKEN = edge.encoding_aes_key, edge.appid, edge.token
local NOW, NONCE = "1409735669", "1320562132"

local crypt = wxbot.msgcrypt(KEY, APPID)

local REFUSED = {
  status = 403, body = "refused",
  headers = { ["content-type"] = "text/plain; charset=utf-8",
    ["x-content-type-options"] = "nosniff" },
}

local function published(id)
  for _, vector in ipairs(vectors.published) do
    if vector.id == id then
      return vector
    end
  end
end

local function made(options)
  local all = { kind = "official_account", appid = APPID, aes_key = KEY,
    token = TOKEN, clock = function() return tonumber(NOW) end }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(wxbot.receiver(all))
end

local function envelope(sealed)
  return "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<Encrypt><![CDATA["
    .. sealed .. "]]></Encrypt></xml>"
end

local function query_of(sealed, time, nonce)
  time, nonce = time or NOW, nonce or NONCE
  return { timestamp = time, nonce = nonce,
    msg_signature = wxbot.signature(TOKEN, time, nonce, sealed) }
end

local function pushed(xml)
  local sealed = assert(crypt:encrypt(xml))
  return { method = "POST", query = query_of(sealed), body = envelope(sealed) }
end

local TEXT = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>"
  .. "<CreateTime>1409735668</CreateTime><MsgType>text</MsgType>"
  .. "<Content>hi</Content><MsgId>4561255354251345929</MsgId></xml>"

local function finished(event, info)
  return "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>"
    .. "<CreateTime>1409735668</CreateTime><MsgType>event</MsgType><Event>"
    .. event .. "</Event><PublishEventInfo>" .. info
    .. "</PublishEventInfo></xml>"
end

local function reason_of(request, options)
  local reason
  options = options or {}
  options.on_failure = function(code) reason = code end
  local response, message = made(options):handle(request)
  assert.same(REFUSED, response)
  assert.is_nil(message)
  return reason
end

describe("a receiver of an official account's pushes", function()
  it("takes the published example", function()
    local vector = published("C")
    local response, message = made():handle{
      method = "POST",
      query = ("signature=x&timestamp=%s&nonce=%s&encrypt_type=aes&msg_signature=%s")
        :format(vector.timestamp, vector.nonce, vector.msg_signature),
      body = "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>\n"
        .. "<Encrypt><![CDATA[" .. vector.encrypt .. "]]></Encrypt>\n</xml>",
    }
    assert.equal("success", response.body)
    assert.equal(200, response.status)
    assert.equal("oyORnuP8q7ou2gfYjqLzSIWZf0rs", message.userid)
    assert.equal("gh_10f6c3c3ac5a", message.account)
    assert.equal("official_account", message.kind)
    assert.is_number(message.createtime)
  end)

  it("gives the message under the names that all kinds have", function()
    local _, message = made():handle(pushed(TEXT))
    assert.same({ kind = "official_account", account = "gh_1", userid = "o1",
      createtime = 1409735668, msgtype = "text", content = "hi",
      msgid = "4561255354251345929" }, message)
  end)

  for _, event in ipairs{ "PUBLISHJOBFINISH", "FREEPUBLISHJOBFINISH" } do
    it("reads " .. event .. " as freepublish_get would answer", function()
      local _, message = made():handle(pushed(finished(event,
        "<publish_id>2247503051</publish_id><publish_status>0</publish_status>"
        .. "<article_id>b5O2</article_id><article_detail><count>1</count><item>"
        .. "<idx>1</idx><article_url>http://a/?b&amp;c</article_url></item>"
        .. "</article_detail>")))
      assert.same({ kind = "official_account", account = "gh_1", userid = "o1",
        createtime = 1409735668, msgtype = "event", event = event,
        publish_id = "2247503051", publish_status = 0,
        publish_status_name = "success", article_id = "b5O2",
        article_detail = { count = 1, item = {
          { idx = 1, article_url = "http://a/?b&c" } } },
        fail_idx = {} }, message)
    end)
  end

  it("gives a list of articles, one or many, in XML and in JSON", function()
    local item = "<item><idx>%d</idx><article_url>u%d</article_url></item>"
    for n = 1, 3 do
      local items = ""
      for i = 1, n do
        items = items .. item:format(i, i)
      end
      local _, message = made():handle(pushed(finished("PUBLISHJOBFINISH",
        "<publish_id>9</publish_id><publish_status>0</publish_status>"
        .. "<article_detail>" .. items .. "</article_detail>")))
      assert.equal(n, #message.article_detail.item)
      assert.same({ idx = n, article_url = "u" .. n },
        message.article_detail.item[n])
    end
  end)

  -- As the account's documents have them.
  for what, elements in pairs{
    ["of pictures"] = { "SendPicsInfo", "<PicList>@</PicList>", "item",
      "PicList" },
    ["of templates"] = { "SubscribeMsgPopupEvent", "@", "List" },
    ["of beacons"] = { "AroundBeacons", "@", "AroundBeacon" },
  } do
    it("gives a list " .. what .. ", one or many", function()
      local name, form, element, inner = elements[1], elements[2], elements[3],
        elements[4]
      for n = 1, 2 do
        local list = ("<%s><Id>x</Id></%s>"):format(element, element):rep(n)
        local _, message = made():handle(pushed((TEXT:gsub("<MsgId>.*</MsgId>",
          "<" .. name .. ">" .. form:gsub("@", list) .. "</" .. name .. ">"))))
        local found = message[name]
        found = inner and found[inner] or found
        assert.equal(n, #found[element])
        assert.same({ Id = "x" }, found[element][n])
      end
    end)
  end

  it("leaves out what is empty, at every depth, but not in lists", function()
    local _, message = made():handle(pushed((TEXT:gsub("<MsgId>.*</MsgId>",
      "<Empty/><A><B></B><C>1</C><D><E/></D></A><L/><L>2</L>"))))
    assert.is_nil(message.Empty)
    assert.same({ C = "1", D = {} }, message.A)
    assert.same({ "", "2" }, message.L)
  end)

  it("takes a list where one publication should be for none", function()
    local one = "<publish_id>1</publish_id></PublishEventInfo>"
    local _, message = made():handle(pushed(finished("PUBLISHJOBFINISH",
      one .. "<PublishEventInfo><publish_id>2</publish_id>")))
    assert.equal("PUBLISHJOBFINISH", message.event)
    assert.is_nil(message[1])
  end)

  it("gives the numbers of all articles that failed", function()
    local _, message = made():handle(pushed(finished("PUBLISHJOBFINISH",
      "<publish_id>9</publish_id><publish_status>2</publish_status>"
      .. "<fail_idx>1</fail_idx><fail_idx>2</fail_idx>")))
    assert.same({ 1, 2 }, message.fail_idx)
    assert.equal("originality_failure", message.publish_status_name)
  end)

  it("drops a message by its MsgId, whatever time and nonce it comes with", function()
    local receiver = made()
    assert.truthy((select(2, receiver:handle(pushed(TEXT)))))
    for i = 1, 3 do
      local again = pushed(TEXT)
      local sealed = again.body:match("CDATA%[([^%]]+)%]%]></Encrypt>")
      again.query = query_of(sealed, "1409735670", "n" .. i)
      local response, message, note = receiver:handle(again)
      assert.equal("success", response.body)
      assert.is_nil(message)
      assert.equal("duplicate", note)
    end
  end)

  -- MsgIds are not unique among users.
  it("tells messages apart by their users, too", function()
    local receiver = made()
    for _, user in ipairs{ "o1", "o2", "o3" } do
      local request = pushed((TEXT:gsub("o1", user)))
      assert.equal(user, (select(2, receiver:handle(request))).userid)
      local again = pushed((TEXT:gsub("o1", user)))
      assert.equal("duplicate", (select(3, receiver:handle(again))))
    end
  end)

  for _, case in ipairs(edge.cases) do
    if case.expect == "reject" then
      it("refuses " .. case.id .. ", " .. case.why, function()
        assert.equal("decrypt", reason_of{ method = "POST",
          query = query_of(case.encrypt), body = envelope(case.encrypt) })
      end)
    end
  end

  it("believes a signed time in its window only", function()
    local sealed = crypt:encrypt(TEXT)
    for time, good in pairs{ ["1409735369"] = true, ["1409735368"] = false,
        ["1409735969"] = true, ["1409735970"] = false } do
      local request = { method = "POST", body = envelope(sealed),
        query = query_of(sealed, time) }
      if good then
        assert.truthy((select(2, made():handle(request))))
      else
        assert.equal("stale", reason_of(request))
      end
    end
  end)

  -- Signed as far ahead as is believed, it is believed for two windows.
  for _, window in ipairs{ 300, 3600 } do
    it(("knows a message for as long as its time is good, window %d")
        :format(window), function()
      local now = tonumber(NOW) - window
      local receiver = made{ window = window,
        clock = function() return now end }
      local request = pushed(TEXT:gsub("<MsgId>.*</MsgId>", ""))
      assert.truthy((select(2, receiver:handle(request))))
      now = tonumber(NOW) + window
      local _, message, note = receiver:handle(request)
      assert.is_nil(message)
      assert.equal("duplicate", note)
      now = now + 1
      assert.equal("refused", (select(3, receiver:handle(request))))
    end)
  end

  -- Time and nonce may change places under the same signature, and a nonce of
  -- ten digits is a time some day.
  it("does not take an old message on the day that its nonce names", function()
    local request = pushed(TEXT)
    request.query.timestamp, request.query.nonce = NONCE, NOW
    assert.equal("stale", reason_of(request,
      { clock = function() return tonumber(NONCE) end }))
    local later = pushed((TEXT:gsub("1409735668", "1320475732")))
    later.query.timestamp, later.query.nonce = NONCE, NOW
    local function clock() return tonumber(NONCE) end
    assert.truthy((select(2, made{ clock = clock }:handle(later))))
    later = pushed((TEXT:gsub("1409735668", "1320475731")))
    later.query.timestamp, later.query.nonce = NONCE, NOW
    assert.equal("stale", reason_of(later, { clock = clock }))
  end)

  -- The signature is good under each of these, and AGE is a day.
  it("knows a message for as long as its signature can be used", function()
    local base = tonumber(NOW)
    for _, ahead in ipairs{ 1000, 43200, 86399 } do
      local now, nonce = base, ("%d"):format(base + ahead)
      local receiver = made{ clock = function() return now end }
      local sealed = crypt:encrypt(TEXT)
      local request = { method = "POST", body = envelope(sealed),
        query = query_of(sealed, NOW, nonce) }
      assert.truthy((select(2, receiver:handle(request))))
      request.query.timestamp, request.query.nonce = nonce, NOW
      for _, at in ipairs{ base + ahead - 300, base + ahead, base + ahead + 300 } do
        now = at
        local _, message, note = receiver:handle(request)
        assert.is_nil(message)
        assert.equal(at <= base - 1 + 86400 and at >= base + ahead - 300
          and "duplicate" or "refused", note)
      end
    end
  end)

  it("knows it under another split, too", function()
    local now = tonumber(NOW)
    local later = ("%d"):format(now + 5000)
    local receiver = made{ clock = function() return now end }
    -- Begins with a letter: a digit could stand between time and nonce.
    local sealed = crypt:encrypt(TEXT, ("b"):rep(16))
    local request = { method = "POST", body = envelope(sealed),
      query = query_of(sealed, NOW, "5" .. later) }
    assert.truthy((select(2, receiver:handle(request))))
    now = now + 5000
    request.query.timestamp, request.query.nonce = later, NOW .. "5"
    local _, message, note = receiver:handle(request)
    assert.is_nil(message)
    assert.equal("duplicate", note)
  end)

  it("knows what came as a duplicate for as long, too", function()
    local now, later = tonumber(NOW), ("%d"):format(tonumber(NOW) + 5000)
    local receiver = made{ clock = function() return now end }
    assert.truthy((select(2, receiver:handle(pushed(TEXT)))))
    local sealed = crypt:encrypt(TEXT)
    local again = { method = "POST", body = envelope(sealed),
      query = query_of(sealed, NOW, later) }
    assert.equal("duplicate", (select(3, receiver:handle(again))))
    now, again.query.timestamp, again.query.nonce = now + 5000, later, NOW
    assert.equal("duplicate", (select(3, receiver:handle(again))))
  end)

  it("remembers few messages for so long", function()
    local seconds = {}
    local receiver = made{ store = { delete = function() end,
      add = function(_, _, _, time)
        seconds[#seconds + 1] = time
        return true
      end } }
    receiver:handle(pushed(TEXT))
    receiver:handle{ method = "POST", body = envelope(crypt:encrypt(TEXT)) }
    assert.same({ 601, 601 }, seconds)
    local sealed = crypt:encrypt(TEXT)
    receiver:handle{ method = "POST", body = envelope(sealed),
      query = query_of(sealed, NOW, ("%d"):format(tonumber(NOW) + 50000)) }
    assert.same({ 601, 601, 50301, 601 }, seconds)
  end)

  it("takes no message without a time: nothing could end its use", function()
    for _, time in ipairs{ "", "<CreateTime/>", "<CreateTime>x</CreateTime>",
        "<CreateTime><a/></CreateTime>" } do
      assert.equal("stale", reason_of(pushed((TEXT:gsub(
        "<CreateTime>.*</CreateTime>", time)))))
    end
  end)

  it("refuses another split of the same signed text", function()
    local request = pushed(TEXT)
    request.query.timestamp = NOW .. NONCE:sub(1, 1)
    request.query.nonce = NONCE:sub(2)
    assert.not_equal("decrypt", reason_of(request))
    request.query.timestamp, request.query.nonce = NONCE, NOW
    assert.equal("stale", reason_of(request))
  end)

  for what, change in pairs{
    ["no signature"] = function(q) q.msg_signature = nil end,
    ["a short signature"] = function(q)
      q.msg_signature = q.msg_signature:sub(2)
    end,
    ["a signature that is not hex"] = function(q)
      q.msg_signature = "g" .. q.msg_signature:sub(2)
    end,
    ["a signature in capitals"] = function(q)
      q.msg_signature = q.msg_signature:upper()
    end,
    ["two signatures"] = function(q)
      q.msg_signature = { q.msg_signature, q.msg_signature }
    end,
    ["only the signature that does not cover the body"] = function(q)
      local parts = { TOKEN, q.timestamp, q.nonce }
      table.sort(parts)
      q.signature = core.hex_encode(core.sha1(table.concat(parts)))
      q.msg_signature = nil
    end,
    ["another nonce"] = function(q) q.nonce = q.nonce .. "1" end,
    ["no nonce"] = function(q) q.nonce = nil end,
    ["another time"] = function(q) q.timestamp = "1409735668" end,
  } do
    it("refuses " .. what, function()
      local request = pushed(TEXT)
      change(request.query)
      assert.equal("signature", reason_of(request))
    end)
  end

  local SEALED = crypt:encrypt(TEXT)
  local ENCRYPT = "<Encrypt>" .. SEALED .. "</Encrypt>"
  for what, body in pairs{
    nothing = "", ["no Encrypt"] = "<xml><ToUserName>gh_1</ToUserName></xml>",
    ["Encrypt twice"] = "<xml>" .. ENCRYPT .. ENCRYPT .. "</xml>",
    ["a second Encrypt deeper"] = "<xml>" .. ENCRYPT .. "<a>" .. ENCRYPT
      .. "</a></xml>",
    ["Encrypt deeper"] = "<xml><a>" .. ENCRYPT .. "</a></xml>",
    ["encrypt in small letters"] = "<xml>" .. ENCRYPT:lower() .. "</xml>",
    ["an element in Encrypt"] = "<xml><Encrypt>" .. SEALED
      .. "<a/></Encrypt></xml>",
    ["a DOCTYPE"] = "<!DOCTYPE xml><xml>" .. ENCRYPT .. "</xml>",
    ["an attribute"] = "<xml a='b'>" .. ENCRYPT .. "</xml>",
    ["an attribute and nothing in it"] = "<xml a='b'/>",
    ["a prefix and nothing in it"] = "<x:ml/>",
    ["text beside"] = "<xml>x" .. ENCRYPT .. "</xml>",
    ["two documents"] = "<xml>" .. ENCRYPT .. "</xml><xml/>",
    ["another account outside"] = "<xml><ToUserName>gh_2</ToUserName>"
      .. ENCRYPT .. "</xml>",
    ["two accounts outside"] = "<xml><ToUserName>gh_1</ToUserName>"
      .. "<ToUserName>gh_1</ToUserName>" .. ENCRYPT .. "</xml>",
    ["an element in the account"] = "<xml><ToUserName>gh_1<a/></ToUserName>"
      .. ENCRYPT .. "</xml>",
    ["another platform outside"] = "<xml><AppId>wx1</AppId>" .. ENCRYPT
      .. "</xml>",
    ["a second Encrypt in a list"] = "<xml>" .. ENCRYPT .. "<a>1</a><a>"
      .. ENCRYPT .. "</a></xml>",
  } do
    it("refuses an envelope with " .. what, function()
      assert.equal("xml", reason_of{ method = "POST",
        query = query_of(SEALED), body = body })
    end)
  end

  for what, make in pairs(negatives) do
    -- Elements beside are not counted.
    if what ~= "a million siblings" then
      it("refuses an envelope of XML with " .. what, function()
        assert.equal("xml", reason_of({ method = "POST",
          query = query_of(SEALED), body = make(ENCRYPT) }, { max_body = 1e7 }))
      end)
    end

    it("refuses a message of XML with " .. what, function()
      assert.equal("xml", reason_of(pushed(make(TEXT:match("^<xml>(.*)</xml>$"))),
        { max_body = 2e7 }))
    end)
  end

  -- Test accounts have no encryption.
  it("refuses a push in the clear, and says that it is one", function()
    for _, body in ipairs{ TEXT, TEXT:gsub("<Content>hi", "<Content>\16"),
        '{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1409735668,'
        .. '"MsgType":"text","Content":"hi","MsgId":1}' } do
      assert.equal("plain", reason_of{ method = "POST",
        query = { signature = "x", timestamp = NOW, nonce = NONCE },
        body = body })
      assert.equal("plain", reason_of{ method = "POST", body = body })
    end
  end)

  it("takes who signed a push in the clear for no stranger", function()
    local signed = { method = "POST", body = TEXT, source = "192.0.2.1",
      query = { timestamp = NOW, nonce = NONCE } }
    local parts = { TOKEN, NOW, NONCE }
    table.sort(parts)
    signed.query.signature = core.hex_encode(core.sha1(table.concat(parts)))
    local reasons = {}
    local receiver = made{ failures = { limit = 1 },
      on_failure = function(reason) reasons[#reasons + 1] = reason end }
    receiver:handle(signed)
    receiver:handle(signed)
    signed.query.signature = ("0"):rep(40)
    receiver:handle(signed)
    receiver:handle(signed)
    assert.same({ "plain", "plain", "plain", "too_many_failures" }, reasons)
  end)

  it("takes a body at the limit and refuses one byte more", function()
    local request = pushed(TEXT)
    assert.truthy((select(2, made{ max_body = #request.body }
      :handle(request))))
    assert.equal("too_large",
      reason_of(request, { max_body = #request.body - 1 }))
  end)

  it("refuses a query that says one thing twice", function()
    assert.equal("query", reason_of{ method = "POST", body = envelope(SEALED),
      query = "timestamp=1&timestamp=2" })
    assert.equal("query", reason_of{ method = "GET", query = "echostr=%zz" })
  end)

  it("refuses a query of more than a hundred pairs", function()
    assert.equal("echo", reason_of{ method = "GET", query = ("&"):rep(100) })
    assert.equal("query", reason_of{ method = "GET", query = ("&"):rep(101) })
  end)

  -- A request as it travels: what is in the address, then the body.
  local function flipped_request(query, body)
    return function(flipped)
      return { method = "POST", query = flipped:sub(1, #query),
        body = flipped:sub(#query + 1, #query + #body) }
    end
  end

  it("refuses every flipped bit", function()
    local sealed = crypt:encrypt(TEXT)
    local body, query = envelope(sealed), query_of(sealed)
    query = ("msg_signature=%s&timestamp=%s&nonce=%s"):format(
      query.msg_signature, query.timestamp, query.nonce)
    local receiver = made{ store = bit_flips.store }
    local request_of = flipped_request(query, body)
    assert.truthy((select(2, receiver:handle(request_of(query .. body)))))
    local taken, responses = bit_flips.count(receiver, query .. body,
      request_of)
    assert.equal(0, taken)
    assert.equal(bit_flips.TIMES, responses[bit_flips.seen(REFUSED)])
  end)
end)

-- The settings page offers two formats; the signature is over the same.
describe("pushes in JSON", function()
  local MESSAGE = '{"ToUserName":"gh_1","FromUserName":"o1",'
    .. '"CreateTime":1409735668,"MsgType":"text","Content":"hi",'
    .. '"MsgId":4561255354251345929,"Bare":"","Novel":{"a":[1,true]}}'

  local function json_envelope(sealed)
    return '{"ToUserName":"gh_1","Encrypt":"' .. sealed .. '"}'
  end

  local function pushed_json(text)
    local sealed = assert(crypt:encrypt(text))
    return { method = "POST", query = query_of(sealed),
      body = json_envelope(sealed) }
  end

  it("are taken: the published example", function()
    local vector = published("M")
    local response, message = made{
      token = vector.token, appid = vector.receive_id,
      aes_key = vector.encoding_aes_key,
      clock = function() return tonumber(vector.timestamp) end,
    }:handle{
      method = "POST",
      query = ("signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=%s"
        .. "&nonce=%s&openid=o9AgO5Kd5ggOC-bXrbNODIiE3bGY&encrypt_type=aes"
        .. "&msg_signature=%s"):format(vector.timestamp, vector.nonce,
        vector.msg_signature),
      body = '{\n    "ToUserName": "gh_97417a04a28d",\n    "Encrypt": "'
        .. vector.encrypt .. '"\n}',
    }
    assert.equal(200, response.status)
    assert.same({ kind = "official_account", account = "gh_97417a04a28d",
      userid = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY", createtime = 1714112445,
      msgtype = "event", event = "debug_demo", debug_str = "hello world",
    }, message)
  end)

  it("say the same as those in XML", function()
    local receiver = made()
    local _, message = receiver:handle(pushed_json(MESSAGE))
    assert.same({ kind = "official_account", account = "gh_1", userid = "o1",
      createtime = 1409735668, msgtype = "text", content = "hi",
      msgid = "4561255354251345929", Novel = { a = { 1, true } } }, message)
    assert.equal("duplicate", (select(3, receiver:handle(pushed(TEXT)))))
  end)

  it("have ids that are texts, however short they are", function()
    local _, message = made():handle(pushed_json(
      (MESSAGE:gsub("4561255354251345929", "42"))))
    assert.equal("42", message.msgid)
  end)

  it("say what freepublish_get would", function()
    local function message_of(detail)
      return (select(2, made():handle(pushed_json('{"ToUserName":"gh_1",'
        .. '"FromUserName":"o1","CreateTime":"1409735668","MsgType":"event",'
        .. '"Event":"PUBLISHJOBFINISH","PublishEventInfo":{"publish_id":'
        .. '2247503051234567,"publish_status":0,"article_detail":' .. detail
        .. "}}"))))
    end
    local message = message_of('{"count":1,"item":[{"idx":1,'
      .. '"article_url":"http://a/"}]}')
    assert.equal("2247503051234567", message.publish_id)
    assert.equal("success", message.publish_status_name)
    assert.same({ count = 1, item = { { idx = 1, article_url = "http://a/" } } },
      message.article_detail)
    assert.same({}, message_of('{"count":0,"item":[]}').article_detail.item)
  end)

  local SEALED = crypt:encrypt(MESSAGE)
  for what, body in pairs{
    ["no Encrypt"] = '{"ToUserName":"gh_1"}',
    ["a number for the account"] = '{"ToUserName":1,"Encrypt":"' .. SEALED
      .. '"}',
    ["another platform"] = '{"AppId":"wx1","Encrypt":"' .. SEALED .. '"}',
    ["a second Encrypt deeper"] = '{"Encrypt":"' .. SEALED
      .. '","a":{"b":[{"Encrypt":"' .. SEALED .. '"}]}}',
    ["another account"] = '{"ToUserName":"gh_2","Encrypt":"' .. SEALED .. '"}',
    ["Encrypt twice"] = '{"ToUserName":"gh_1","Encrypt":"' .. SEALED
      .. '","Encrypt":"' .. SEALED .. '"}',
    ["Encrypt in a list"] = '{"ToUserName":"gh_1","Encrypt":["' .. SEALED
      .. '"]}',
    ["Encrypt deeper"] = '{"ToUserName":"gh_1","a":{"Encrypt":"' .. SEALED
      .. '"}}',
    ["encrypt in small letters"] = '{"ToUserName":"gh_1","encrypt":"' .. SEALED
      .. '"}',
    ["text behind"] = json_envelope(SEALED) .. "x",
    ["another behind"] = json_envelope(SEALED):rep(2),
    ["a mark in front"] = " \239\187\191" .. json_envelope(SEALED),
  } do
    it("are refused with " .. what .. " outside", function()
      local reason = reason_of{ method = "POST", query = query_of(SEALED),
        body = body }
      assert.equal(what == "a mark in front" and "xml" or "json", reason)
    end)
  end

  for what, text in pairs{
    ["nothing"] = "", ["no object"] = "[]", ["a number"] = "1",
    ["nobody"] = '{"ToUserName":"gh_1","MsgType":"text"}',
    ["a number for somebody"] = '{"ToUserName":"gh_1","FromUserName":1}',
    ["somebody twice"] = '{"ToUserName":"gh_1","FromUserName":"o1",'
      .. '"FromUserName":"o2"}',
    ["NaN"] = '{"ToUserName":"gh_1","FromUserName":"o1","a":NaN}',
    ["bad UTF-8"] = '{"ToUserName":"gh_1","FromUserName":"\192\175"}',
    ["great depth"] = '{"ToUserName":"gh_1","FromUserName":"o1","a":'
      .. ("["):rep(100) .. ("]"):rep(100) .. "}",
    ["XML"] = TEXT,
  } do
    it("are refused with " .. what .. " inside", function()
      assert.equal("json", reason_of(pushed_json(text)))
    end)
  end

  it("are not taken out of an envelope of XML", function()
    assert.equal("xml", reason_of(pushed(MESSAGE)))
  end)

  -- Who it is said to be for may be missing, or be called otherwise: only
  -- Encrypt is signed.
  it("are refused with every flipped bit", function()
    local body, query = '{"Encrypt":"' .. SEALED .. '"}', query_of(SEALED)
    local receiver = made{ store = bit_flips.store }
    local function request_of(flipped)
      return { method = "POST", query = query, body = flipped }
    end
    assert.truthy((select(2, receiver:handle(request_of(body)))))
    local taken, responses = bit_flips.count(receiver, body, request_of, 10000)
    assert.equal(0, taken)
    assert.equal(10000, responses[bit_flips.seen(REFUSED)])
  end)
end)

describe("the echo check", function()
  local U1 = vectors.url_signatures[1]

  local function get(query, options)
    options = options or { token = U1.token,
      clock = function() return tonumber(U1.ts) end }
    return { method = "GET", query = query }, options
  end

  local function plain(echostr)
    return ("signature=%s&timestamp=%s&nonce=%s&echostr=%s"):format(U1.sig,
      U1.ts, U1.nonce, echostr)
  end

  it("answers the text unchanged, as nothing that a browser would run", function()
    local request, options = get(plain("4375120948345356249"))
    local response, message, note = made(options):handle(request)
    assert.same({ status = 200, body = "4375120948345356249",
      headers = REFUSED.headers }, response)
    assert.is_nil(message)
    assert.equal("echo", note)
  end)

  it("refuses a text that could be markup, or is too long", function()
    for _, text in ipairs{ "%3Cb%3E", "", "a%20b", ("a"):rep(513), "a%0Ab" } do
      assert.equal("echo", reason_of(get(plain(text))))
    end
  end)

  it("refuses a wrong signature and an old time", function()
    assert.equal("signature", reason_of(get((plain("1"):gsub("nonce=1", "nonce=2")))))
    assert.equal("stale", reason_of(get(plain("1"), { token = U1.token })))
  end)

  for _, case in ipairs(edge.cases) do
    if case.expect == "reject" then
      it("refuses " .. case.id .. " for a text, " .. case.why, function()
        local query = query_of(case.encrypt)
        query.echostr = case.encrypt
        local reason = reason_of{ method = "GET", query = query }
        assert.is_true(reason == "decrypt" or reason == "echo", reason)
      end)
    end
  end

  it("decrypts a text that came signed", function()
    local vector = published("B")
    local response = made{
      token = vector.token, appid = vector.receive_id,
      aes_key = vector.encoding_aes_key,
      clock = function() return tonumber(vector.timestamp) end,
    }:handle{ method = "GET", query = { msg_signature = vector.msg_signature,
      timestamp = vector.timestamp, nonce = vector.nonce,
      echostr = vector.encrypt } }
    assert.equal(vector.msg, response.body)
  end)
end)

-- Where an account is set so, the message stands beside Encrypt in the clear.
describe("the compatible mode", function()
  local INNER = TEXT:match("^<xml>(.*)</xml>$")
  local INNER_JSON = '"ToUserName":"gh_1","FromUserName":"o1",'
    .. '"CreateTime":1409735668,"MsgType":"text","Content":"hi",'
    .. '"MsgId":4561255354251345929'

  local function both(beside)
    local sealed = crypt:encrypt(TEXT)
    return { method = "POST", query = query_of(sealed), body = "<xml>" .. beside
      .. "<Encrypt>" .. sealed .. "</Encrypt></xml>" }
  end

  local function both_json(beside)
    local sealed = crypt:encrypt("{" .. INNER_JSON .. "}")
    return { method = "POST", query = query_of(sealed),
      body = "{" .. beside .. ',"Encrypt":"' .. sealed .. '"}' }
  end

  local function assert_taken(request, options)
    local _, message = made(options):handle(request)
    assert.is_table(message)
    assert.equal("hi", message.content)
    assert.equal("o1", message.userid)
    assert.is_nil(message.repaired)
  end

  for what, beside in pairs{
    ["all of the message"] = INNER,
    ["a list"] = INNER .. "<SendPicsInfo><Count>2</Count><PicList><item>"
      .. "<PicMd5Sum>1</PicMd5Sum></item><item/></PicList></SendPicsInfo>",
    ["a publication"] = INNER .. "<PublishEventInfo><article_detail><item>"
      .. "<idx>1</idx></item></article_detail><fail_idx>1</fail_idx>"
      .. "<fail_idx>2</fail_idx></PublishEventInfo>",
    ["many elements"] = INNER .. ("<a>1</a>"):rep(1000),
    ["depth"] = INNER .. ("<a>"):rep(30) .. ("</a>"):rep(30),
    ["a user's odd characters"] = INNER .. "<a>\16\228&#0;</a>",
    ["no account"] = INNER:gsub("<ToUserName>.-</ToUserName>", ""),
    ["an account that is empty"] = INNER:gsub(">gh_1<", "><"),
    ["an element AppId that is empty"] = INNER .. "<AppId/>",
    ["lies"] = "<ToUserName>gh_1</ToUserName><FromUserName>evil</FromUserName>"
      .. "<Content>evil</Content><MsgId>1</MsgId>",
  } do
    it("takes " .. what .. " beside Encrypt in XML", function()
      assert_taken(both(beside))
    end)
  end

  for what, beside in pairs{
    ["all of the message"] = INNER_JSON,
    ["numbers, lists and more"] = INNER_JSON
      .. ',"a":[1,{"b":[[]]}],"c":{"d":null},"e":true,"f":1.5',
    ["many members"] = INNER_JSON .. ',"a":[' .. ("{},"):rep(1000) .. "0]",
    ["depth"] = INNER_JSON .. ',"a":' .. ("["):rep(30) .. ("]"):rep(30),
    ["a user's odd characters"] = INNER_JSON .. ',"a":"\16\228\n\\ud800"',
    ["no account"] = '"MsgId":1',
    ["an account that is empty"] = '"ToUserName":""',
    ["an AppId that is empty"] = INNER_JSON .. ',"AppId":""',
    ["lies"] = '"ToUserName":"gh_1","FromUserName":"evil","Content":"evil"',
  } do
    it("takes " .. what .. " beside Encrypt in JSON", function()
      assert_taken(both_json(beside))
    end)
  end

  it("takes an AppId of any type that is inside, too", function()
    for _, appid in ipairs{ '"wx1"', "7", "true" } do
      local sealed = crypt:encrypt("{" .. INNER_JSON .. ',"AppId":' .. appid
        .. "}")
      local function outside(other)
        return { method = "POST", query = query_of(sealed),
          body = ('{"AppId":%s,"Encrypt":"%s"}'):format(other, sealed) }
      end
      assert_taken(outside(appid))
      assert.equal("json", reason_of(outside "8"))
      assert.equal("json", reason_of(outside("[" .. appid .. "]")))
    end
  end)

  it("takes as much as a body may have", function()
    local request = both(("<a/>"):rep(15000))
    assert_taken(request)
    assert.equal("too_large", reason_of(request,
      { max_body = #request.body - 1 }))
    assert.equal("xml", reason_of(both(("<a>"):rep(40) .. ("</a>"):rep(40))))
  end)
end)
