-- Without this a user's odd character costs the whole message.
--
-- A user's odd character is not an attack: it costs the character, no message.
local odd_texts = require "spec.support.odd_texts"
local pushes = require "spec.support.pushes"

local R = "\239\191\189"

local function taken(kind, request, more)
  local receiver, heard = pushes.receiver(kind, more)
  local response, message, note = receiver:handle(request)
  assert.same({}, heard)
  assert.equal(200, response.status)
  assert.is_nil(note)
  return message
end

-- The field that is to blame for a refusal; its value is told to nobody.
local function blamed(kind, request)
  local receiver, heard = pushes.receiver(kind)
  local response, message = receiver:handle(request)
  assert.equal(403, response.status)
  assert.is_nil(message)
  assert.equal(1, #heard)
  return heard[1][1], heard[1][2].field
end

local function xml_of(name, written)
  return "<" .. name .. ">" .. written .. "</" .. name .. ">"
end

describe("people's text in a push", function()
  for _, case in ipairs(odd_texts) do
    if case.xml then
      it("is repaired in XML of an account: " .. case.what, function()
        local message = taken("official_account", pushes.xml(
          "<MsgType>text</MsgType><MsgId>1</MsgId>"
          .. xml_of("Content", case.xml)))
        assert.equal(case.becomes, message.content)
        assert.is_true(message.repaired)
        assert.equal("o1", message.userid)
      end)

      it("is repaired in XML of customer service: " .. case.what, function()
        local message = taken("kefu", pushes.kefu("<userid>u1</userid><content>"
          .. xml_of("msg", case.xml) .. "</content>"))
        assert.equal(case.becomes, message.content.msg)
        assert.is_true(message.repaired)
      end)
    end
    if case.json then
      it("is repaired in JSON of an account: " .. case.what, function()
        local message = taken("official_account", pushes.json(
          '"MsgType":"text","MsgId":1,"Content":"' .. case.json .. '"'))
        assert.equal(case.becomes, message.content)
        assert.is_true(message.repaired)
      end)
    end
    -- The signature is that of the text as it was written in JSON.
    if case.json and case.xml then
      it("is repaired in a question, its signature is of what came: "
          .. case.what, function()
        local message = taken("service", pushes.service(case.json, case.json))
        assert.equal(case.becomes, message.query)
        assert.is_true(message.repaired)
      end)
    end
  end

  it("keeps tabs, line feeds and returns, however JSON writes them", function()
    local message = taken("official_account", pushes.json(
      '"MsgType":"text","MsgId":1,"Content":"a\tb\nc\rd\\n"'))
    assert.equal("a\tb\nc\rd\n", message.content)
    assert.is_nil(message.repaired)
    message = taken("service", pushes.service("a\nb", "a\nb"))
    assert.equal("a\nb", message.query)
    assert.is_nil(message.repaired)
  end)

  it("is signed as what its escapes say", function()
    local message = taken("service", pushes.service("\\u0010\\ud800x",
      "\16\237\160\128x"))
    assert.equal(R .. R .. "x", message.query)
    local receiver, heard = pushes.receiver("service")
    receiver:handle(pushes.service("\16", R))
    assert.equal("signature", heard[1][1])
  end)

  it("is also what nobody described, and names of people", function()
    local message = taken("official_account", pushes.xml(
      "<MsgType>voice</MsgType><MsgId>1</MsgId><Recognition>a\29</Recognition>"
      .. "<New><deep>\228</deep><deep>x</deep></New>"))
    assert.equal("a" .. R, message.Recognition)
    assert.same({ deep = { R, "x" } }, message.New)
    message = taken("official_account", pushes.json('"MsgType":"text",'
      .. '"Content":"x","MsgId":1,"New":[{"a":"\\b"},["\16"]]'))
    assert.same({ { a = R }, { R } }, message.New)
    message = taken("kefu", pushes.kefu("<userid>u1</userid>"
      .. "<waitername>A\16</waitername><customerInfo><name>B\16</name>"
      .. "<openid>o1</openid></customerInfo>"))
    assert.equal("A" .. R, message.waitername)
    assert.equal("B" .. R, message.customer_info.name)
    message = taken("service", pushes.service("q", "q",
      ',"Slots":[{"SlotName":"n","SlotValue":"\27v","NormalizeValue":"\\u0000"}],'
      .. '"More":"\228"'))
    assert.same({ name = "n", value = R .. "v", normalized = R },
      message.slots[1])
    assert.equal(R, message.More)
  end)

  it("is also a structure where a text is described", function()
    local message = taken("kefu", pushes.kefu("<userid>u1</userid><content><msg>"
      .. "<title>a\16</title></msg><msgtype>news</msgtype></content>"))
    assert.equal('{"title":"a' .. R .. '"}', message.content.msg)
  end)

  it("says of itself alone that it was repaired", function()
    local message = taken("official_account", pushes.xml("<MsgType>text</MsgType>"
      .. "<MsgId>1</MsgId><Content>x</Content><repaired>true</repaired>"))
    assert.is_nil(message.repaired)
    assert.is_nil(taken("kefu",
      pushes.kefu "<userid>u</userid><repaired>1</repaired>").repaired)
    assert.is_nil(taken("service",
      pushes.service("q", "q", ',"repaired":true')).repaired)
  end)

  it("is no duplicate of what only looks the same when repaired", function()
    local receiver = pushes.receiver "kefu"
    for i, byte in ipairs{ "\16", "\29", "\228", R, "&#x1e;" } do
      local request = pushes.kefu("<userid>u</userid><content><msg>a" .. byte
        .. "</msg></content><createtime>1700000000</createtime>")
      local _, message = receiver:handle(request)
      assert.is_table(message, i)
      assert.equal("a" .. R, message.content.msg)
      assert.equal("duplicate", (select(3, receiver:handle(request))))
    end
    receiver = pushes.receiver "official_account"
    for _, byte in ipairs{ "\16", "\29", R } do
      assert.is_table((select(2, receiver:handle(pushes.xml(
        "<MsgType>event</MsgType><Event>x</Event><EventKey>" .. byte
        .. "</EventKey>")))))
    end
  end)
end)

describe("what is strict in a push", function()
  for name, field in pairs{ ToUserName = "account", FromUserName = "userid",
      CreateTime = "createtime", MsgType = "msgtype", Event = "event",
      MsgId = "msgid" } do
    for what, byte in pairs{ ["a control character"] = "\16",
        ["half a character"] = "\228", ["a reference"] = "&#16;" } do
      it(("is %s, which %s is not repaired in"):format(name, what), function()
        local inner = "<xml>" .. pushes.HEAD .. "<MsgType>text</MsgType>"
          .. "<Event>e</Event><MsgId>1</MsgId></xml>"
        local request = pushes.account((inner:gsub("(<" .. name .. ">[^<]*)",
          "%1" .. byte)))
        request.body = request.body:gsub("<ToUserName>.-</ToUserName>", "")
        assert.same({ "xml", field }, { blamed("official_account", request) })
      end)
    end

    it("is " .. name .. " in JSON, too, however it is written", function()
      for _, byte in ipairs{ "\16", "\228", "\\u0010", "\\ud800", "\n", "\\b" } do
        local inner = '{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":'
          .. '"1700000000","MsgType":"text","Event":"e","MsgId":"1"}'
        local request = pushes.account((inner:gsub('("' .. name .. '":"[^"]*)',
          "%1" .. byte:gsub("%%", "%%%%"))))
        request.body = request.body:gsub('"ToUserName":"gh_1",', "")
        assert.same({ "json", field }, { blamed("official_account", request) })
      end
    end)
  end

  it("is an id that nobody described, in lists and at every depth", function()
    for _, inner in ipairs{ "<OpenID>o2\16</OpenID>",
        "<More><List><OpenID>o2</OpenID></List><List><OpenID>\228</OpenID>"
          .. "</List></More>" } do
      assert.same({ "xml", "OpenID" }, { blamed("official_account",
        pushes.xml("<MsgType>event</MsgType><Event>e</Event>" .. inner)) })
    end
    assert.same({ "json", "openids" }, { blamed("official_account", pushes.json(
      '"MsgType":"event","Event":"e","more":{"openids":["o2","o\\u0010"]}')) })
    assert.same({ "xml", "unionid" }, { blamed("kefu",
      pushes.kefu "<userid>u</userid><unionid>\16</unionid>") })
    assert.same({ "json", "OpenId" }, { blamed("service",
      pushes.service("q", "q", ',"OpenId":"\16"')) })
  end)

  it("is what a publication is told by", function()
    local function finished(inner)
      return pushes.xml("<MsgType>event</MsgType><Event>PUBLISHJOBFINISH</Event>"
        .. "<PublishEventInfo>" .. inner .. "</PublishEventInfo>")
    end
    assert.same({ "xml", "publish_id" }, { blamed("official_account",
      finished "<publish_id>1\16</publish_id>") })
    assert.same({ "xml", "publish_status" }, { blamed("official_account",
      finished "<publish_status>\0</publish_status>") })
    local message = taken("official_account",
      finished "<publish_id>1</publish_id><note>\16</note>")
    assert.equal(R, message.note)
  end)

  for _, case in ipairs{
    { "userid", "<userid>u\16</userid>" },
    { "event", "<userid>u</userid><event>userEnter\29</event>" },
    { "from", "<userid>u</userid><from>0\1</from>" },
    { "msgtype", "<userid>u</userid><content><msgtype>\228</msgtype></content>" },
    { "createtime", "<userid>u</userid><createtime>1\1</createtime>" },
    { "appid", "<userid>u</userid><appid>wx1&#0;</appid>" },
    { "openid", "<userid>u</userid><customerInfo><openid>\255</openid>"
      .. "</customerInfo>" },
    { "waiterid", "<userid>u</userid><waiterid>\16</waiterid>" },
  } do
    it("is " .. case[1] .. " of customer service", function()
      assert.same({ "xml", case[1] }, { blamed("kefu", pushes.kefu(case[2])) })
    end)
  end

  for _, case in ipairs{ { "userid", "UserId" }, { "request_id", "RequestId" },
      { "session_id", "SessionId" }, { "third_api_id", "ThirdApiId" } } do
    it("is " .. case[2] .. " of a question", function()
      assert.same({ "json", case[1] }, { blamed("service",
        pushes.service("q", "q", (',"%s":"1\16"'):format(case[2]))) })
    end)
  end
end)
