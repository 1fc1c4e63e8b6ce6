-- Without this receivers of an account meet pushes that no platform sends, or
-- replies pass that the platform shows to nobody.
local url = require "wxbot.codec.url"
local wxbot = require "wxbot"

local NOW = 1716535576

local function clock()
  return NOW
end

local function new()
  local sandbox = assert(wxbot.sandbox{ clock = clock })
  local given = sandbox:credentials()
  given.appid, given.access_token = sandbox:account().appid, nil
  return sandbox, given
end

-- A push to whatever answers: a function from a request to a body.
local function pushed(params, answer)
  local sandbox, account = new()
  params.kind, params.url = "official_account", params.url or "http://x/push"
  params.userid = params.userid or "oU"
  params.transport = { request = function(_, request)
    local body = answer(request, account)
    return type(body) == "table" and body
      or { status = 200, headers = {}, body = body }
  end }
  return sandbox:push(params)
end

local function receiver_of(account, options)
  local all = { kind = "official_account", clock = clock }
  for name, value in pairs(account) do
    all[name] = value
  end
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(wxbot.receiver(all))
end

-- Has a real receiver answer; gives the message, too.
local function circle(params, answer, options)
  local message
  local response, err, reply = pushed(params, function(request, account)
    local receiver = receiver_of(account, options)
    local handled
    handled, message = receiver:handle{ method = request.method,
      query = request.url:match("%?(.*)"), body = request.body }
    return answer and assert(receiver:reply(message, answer)) or handled
  end)
  return message, reply, err, response
end

describe("a push of an account", function()
  it("is what the platform's document shows, sealed and signed", function()
    pushed({ content = "hi", msgid = "1", createtime = NOW },
      function(request, account)
        local query = assert(url.decode_query(request.url:match("%?(.*)")))
        assert.equal("oU", query.openid)
        assert.equal("aes", query.encrypt_type)
        assert.equal(("%d"):format(NOW), query.timestamp)
        assert.equal("text/xml", request.headers["content-type"])
        local sealed = request.body:match("^<xml><ToUserName>"
          .. "<!%[CDATA%[gh_1234567890ab%]%]></ToUserName><Encrypt>"
          .. "<!%[CDATA%[(.*)%]%]></Encrypt></xml>$")
        assert.equal(wxbot.signature(account.token, query.timestamp,
          query.nonce, sealed), query.msg_signature)
        assert.equal("<xml><ToUserName><![CDATA[gh_1234567890ab]]></ToUserName>"
          .. "<FromUserName><![CDATA[oU]]></FromUserName>"
          .. "<CreateTime>1716535576</CreateTime><MsgType><![CDATA[text]]>"
          .. "</MsgType><Content><![CDATA[hi]]></Content><MsgId><![CDATA[1]]>"
          .. "</MsgId></xml>",
          wxbot.msgcrypt(account.aes_key, account.appid):decrypt(sealed))
        return ""
      end)
  end)

  it("goes to the address that it was given, whose query stays", function()
    pushed({ url = "http://x/push?a=b" }, function(request)
      assert.matches("^http://x/push%?a=b&signature=%x+&timestamp=", request.url)
      return ""
    end)
  end)

  for _, format in ipairs{ "xml", "json" } do
    for _, mode in ipairs{ "encrypted", "compatible", "plain" } do
      it(("comes and is replied to: %s, %s"):format(format, mode), function()
        local message, reply, err = circle({ content = "你好", format = format,
          mode = mode }, "再见", { plain = mode == "plain" or nil })
        assert.is_nil(err)
        assert.equal("你好", message.content)
        assert.equal("oU", message.userid)
        assert.truthy(message.msgid)
        assert.same({ kind = "text", text = "再见", warnings = {},
          encrypted = mode ~= "plain" }, reply)
      end)
    end
  end

  it("has the elements of its type", function()
    local message = circle{ msgtype = "image", elements = { PicUrl = "http://p",
      MediaId = "m" } }
    assert.equal("image", message.msgtype)
    assert.equal("http://p", message.PicUrl)
    assert.equal("m", message.MediaId)
    message = circle{ event = "CLICK", elements = { EventKey = "k",
      SendPicsInfo = { Count = 1, PicList = { { PicMd5Sum = "x" } } } } }
    assert.equal("event", message.msgtype)
    assert.equal("CLICK", message.event)
    assert.equal("k", message.EventKey)
    assert.equal("x", message.SendPicsInfo.PicList.item[1].PicMd5Sum)
    assert.is_nil(message.msgid)
  end)

  it("is the same message if it comes again, and another without its id",
    function()
      local sandbox, account = new()
      local receiver, notes = receiver_of(account), {}
      for i, msgid in ipairs{ "7", "7", false } do
        sandbox:push{ kind = "official_account", url = "http://x", userid = "u",
          content = "hi", msgid = msgid or nil, transport = {
            request = function(_, request)
              local response, _, note = receiver:handle{ method = "POST",
                query = request.url:match("%?(.*)"), body = request.body }
              notes[i] = note or "taken"
              return response
            end } }
      end
      assert.same({ "taken", "duplicate", "taken" }, notes)
    end)

  it("raises what is none", function()
    local sandbox = new()
    assert.error_matches(function()
      sandbox:push{ kind = "telegram", url = "http://x", userid = "u" }
    end, "sandbox:push: kind must be one of kefu")
    assert.error_matches(function()
      sandbox:push{ kind = "official_account", url = "http://x", userid = "u",
        kfstate = 3 }
    end, "unknown name kfstate")
    assert.error_matches(function()
      sandbox:push{ kind = "official_account", url = "http://x", userid = "u",
        mode = "secret" }
    end, "mode")
    assert.error_matches(function()
      sandbox:push{ kind = "official_account", url = "http://x", userid = "u",
        content = "a\1" }
    end, "Content holds a character")
  end)
end)

describe("a reply that the sandbox reads", function()
  it("is the first, if the same is sent several times", function()
    local sandbox, account = new()
    local receiver, count = receiver_of(account), 0
    local _, err, reply = sandbox:push{ kind = "official_account", times = 3,
      url = "http://x", userid = "oU", content = "hi", transport = {
        request = function(_, request)
          local response, message = receiver:handle{ method = "POST",
            query = request.url:match("%?(.*)"), body = request.body }
          count = count + 1
          return message and receiver:reply(message, "once") or response
        end } }
    assert.is_nil(err)
    assert.equal(3, count)
    assert.equal("once", reply.text)
  end)

  it("is none if the receiver has nothing to say", function()
    for _, body in ipairs{ "success", "" } do
      local response, err, reply = pushed({ content = "hi" }, function()
        return body
      end)
      assert.equal(200, response.status)
      assert.is_nil(err)
      assert.is_nil(reply)
    end
  end)

  for kind, answer in pairs{
    image = { image = { MediaId = "m" } },
    music = { music = { ThumbMediaId = "m", Title = "t" } },
    news = { news = { { Title = "t", Url = "http://u" } } },
    transfer_customer_service = { transfer_customer_service = {
      KfAccount = "a@gh" } },
  } do
    it("is as it was given: " .. kind, function()
      for _, format in ipairs{ "xml", "json" } do
        local _, reply = circle({ content = "hi", format = format }, answer)
        assert.equal(kind, reply.kind)
        assert.same(answer[kind], reply[kind])
      end
    end)
  end

  it("warns of a text that may be too long", function()
    local _, reply, err = circle({ content = "hi" }, ("x"):rep(3000))
    assert.is_nil(err)
    assert.equal(3000, #reply.text)
    assert.equal("long_text", reply.warnings[1].id)
    assert.matches("3000 bytes", reply.warnings[1].text)
    _, reply = circle({ content = "hi" }, ("x"):rep(2048))
    assert.same({}, reply.warnings)
  end)

  local function xml(elements, to, from)
    return "<xml><ToUserName>" .. (to or "oU") .. "</ToUserName><FromUserName>"
      .. (from or "gh_1234567890ab") .. "</FromUserName><CreateTime>1"
      .. "</CreateTime>" .. elements .. "</xml>"
  end

  local TEXT = "<MsgType>text</MsgType><Content>hi</Content>"

  -- The envelope of whoever has these credentials.
  local function sealed(text, account, change)
    local with = { token = account.token, aes_key = account.aes_key,
      appid = account.appid }
    for name, value in pairs(change or {}) do
      with[name] = value
    end
    local encrypt = wxbot.msgcrypt(with.aes_key, with.appid):encrypt(text)
    return ("<xml><Encrypt>%s</Encrypt><MsgSignature>%s</MsgSignature>"
      .. "<TimeStamp>1</TimeStamp><Nonce>n</Nonce></xml>"):format(encrypt,
      wxbot.signature(with.token, "1", "n", encrypt))
  end

  local function refusal(params, answer)
    local response, err, reply = pushed(params, answer)
    assert.equal(200, response.status)
    assert.is_nil(reply)
    assert.equal("protocol", err.kind)
    return err
  end

  -- In the clear, so that each is wrong in one thing only.
  for why, body in pairs{
    ["it is no XML, but the push was"] = "{}",
    ["it is no <xml> that can be read"] = "ok",
    ["ToUserName and FromUserName are not those of the push"] =
      xml(TEXT, "gh_1234567890ab", "oU"),
    ["MsgType is none that a reply can have"] = xml("<MsgType>link</MsgType>"),
    ["Content is missing"] = xml("<MsgType>text</MsgType>"),
    ["Image.MediaId is missing"] = xml("<MsgType>image</MsgType>"),
    ["ArticleCount is not the number of the articles"] =
      xml("<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles><item>"
        .. "<Title>t</Title></item></Articles>"),
    ["2 articles, at most 1 in answer to a message"] =
      xml("<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles><item>"
        .. "<Title>t</Title></item><item><Title>t</Title></item></Articles>"),
    ["it is encrypted, but the account is not set so"] = "<xml><Encrypt>AAAA"
      .. "</Encrypt></xml>",
  } do
    it("is refused: " .. why, function()
      local err = refusal({ mode = "plain" }, function() return body end)
      assert.truthy(err.message:find("该公众号暂时无法提供服务", 1, true))
      assert.truthy(err.message:find(why, 1, true), err.message)
    end)
  end

  it("is refused if its time is none", function()
    assert.matches("CreateTime", refusal({ mode = "plain" }, function()
      return (xml(TEXT):gsub("<CreateTime>1", "<CreateTime>now"))
    end).message)
  end)

  it("calls no customer service by an event", function()
    assert.matches("by an event", refusal({ mode = "plain", event = "subscribe" },
      function()
        return xml("<MsgType>transfer_customer_service</MsgType>")
      end).message)
  end)

  it("is in the clear in the compatible mode, and not in the encrypted",
    function()
      local function answer() return xml(TEXT) end
      local _, err, reply = pushed({ mode = "compatible" }, answer)
      assert.is_nil(err)
      assert.equal("hi", reply.text)
      assert.is_false(reply.encrypted)
      assert.matches("it is not encrypted", refusal({}, answer).message)
    end)

  for code, change in pairs{
    [-40001] = { token = "another" },
    [-40005] = { appid = "wx_another" },
    [-40007] = { aes_key = ("A"):rep(43) },
  } do
    it("is refused by the platform's own number: " .. code, function()
      local err = refusal({}, function(_, account)
        return sealed(xml(TEXT), account, change)
      end)
      assert.equal(code, err.code)
    end)
  end

  it("is refused without all parts of its envelope", function()
    assert.equal(-40002, refusal({}, function(_, account)
      return (sealed(xml(TEXT), account):gsub("<Nonce>.*</Nonce>", ""))
    end).code)
    assert.is_nil(select(2, pushed({}, function(_, account)
      return sealed(xml(TEXT), account)
    end)))
  end)

  it("is not read of a response that says it failed", function()
    local response, err, reply = pushed({}, function()
      return { status = 503, headers = {}, body = "no" }
    end)
    assert.equal(503, response.status)
    assert.is_nil(err)
    assert.is_nil(reply)
  end)

  -- Its own side of the platform's example, whose text is none of a reply.
  it("has the envelope of the platform's example", function()
    local reply = require "wxbot.sandbox.push.reply"
    local nothing, message = reply.read({ token = "AAAAA",
      aes_key = ("A"):rep(43), appid = "wxba5fad812f8e6fb9" },
      '{"Encrypt":"ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9n'
      .. 'VHm48Y4hyRbtzve1L32tmxSQ==","MsgSignature":"1b9339964ed2e271e7c7b6ff2b0'
      .. 'ef902fc94dea1","TimeStamp":1713424427,"Nonce":"415670741"}',
      { format = "json", mode = "encrypted", userid = "u", account = "a" })
    assert.is_nil(nothing)
    assert.matches("exchanged$", message)
  end)
end)
