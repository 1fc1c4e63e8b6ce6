-- Without this users of an account are told nothing, or what the platform shows
-- instead of a reply that it cannot read.
local helper = require "spec.helper"
local json = require "wxbot.codec.json"
local reply = require "wxbot.receive.reply"
local wxbot = require "wxbot"

local vectors = json.decode(helper.read("vectors/msgcrypt.json"))
local KEY, APPID, TOKEN = vectors.edge.encoding_aes_key, vectors.edge.appid,
  vectors.edge.token
local NOW, NONCE = "1409735669", "1320562132"

local crypt = wxbot.msgcrypt(KEY, APPID)

local function made(options)
  local all = { kind = "official_account", appid = APPID, aes_key = KEY,
    token = TOKEN, clock = function() return tonumber(NOW) end }
  for name, value in pairs(options or {}) do
    all[name] = value or nil
  end
  return assert(wxbot.receiver(all))
end

local count = 0

-- A message that a receiver has taken: text, or whatever else.
local function taken(receiver, elements, is_json)
  count = count + 1
  local text = is_json and '{"ToUserName":"gh_x","FromUserName":"oU",'
    .. '"CreateTime":' .. NOW .. "," .. (elements or '"MsgType":"text"')
    .. ',"MsgId":' .. count .. "}"
    or "<xml><ToUserName>gh_x</ToUserName><FromUserName>oU</FromUserName>"
    .. "<CreateTime>" .. NOW .. "</CreateTime>"
    .. (elements or "<MsgType>text</MsgType>") .. "<MsgId>" .. count
    .. "</MsgId></xml>"
  local sealed = crypt:encrypt(text)
  local _, message = receiver:handle{ method = "POST",
    query = { timestamp = NOW, nonce = NONCE,
      msg_signature = wxbot.signature(TOKEN, NOW, NONCE, sealed) },
    body = is_json and '{"Encrypt":"' .. sealed .. '"}'
      or "<xml><Encrypt>" .. sealed .. "</Encrypt></xml>" }
  return assert(message)
end

local EVENT = "<MsgType>event</MsgType><Event>subscribe</Event>"

-- What the platform reads of a response.
local function opened(response)
  local sealed, signature, time, nonce = response.body:match(
    "^<xml><Encrypt><!%[CDATA%[(.-)%]%]></Encrypt>"
    .. "<MsgSignature><!%[CDATA%[(.-)%]%]></MsgSignature>"
    .. "<TimeStamp>(.-)</TimeStamp><Nonce><!%[CDATA%[(.-)%]%]></Nonce></xml>$")
  assert.equal(NOW, time)
  assert.equal(NONCE, nonce)
  assert.equal(wxbot.signature(TOKEN, time, nonce, sealed), signature)
  return assert(crypt:decrypt(sealed))
end

local function replied(answer, elements)
  local receiver = made()
  return opened(assert(receiver:reply(taken(receiver, elements), answer)))
end

-- The beginning of all that the platform's document shows.
local HEAD = "<xml><ToUserName><![CDATA[oU]]></ToUserName>"
  .. "<FromUserName><![CDATA[gh_x]]></FromUserName>"
  .. "<CreateTime>" .. NOW .. "</CreateTime>"

describe("a reply of an official account", function()
  -- The document's own examples, but for its placeholders.
  for kind, case in pairs{
    text = { "你好", "<Content><![CDATA[你好]]></Content>" },
    image = { { image = { MediaId = "m" } },
      "<Image><MediaId><![CDATA[m]]></MediaId></Image>" },
    voice = { { voice = { MediaId = "m" } },
      "<Voice><MediaId><![CDATA[m]]></MediaId></Voice>" },
    video = { { video = { MediaId = "m", Title = "t", Description = "d" } },
      "<Video><MediaId><![CDATA[m]]></MediaId><Title><![CDATA[t]]></Title>"
      .. "<Description><![CDATA[d]]></Description></Video>" },
    music = { { music = { Title = "t", Description = "d", MusicUrl = "u",
      HQMusicUrl = "h", ThumbMediaId = "m" } },
      "<Music><Title><![CDATA[t]]></Title><Description><![CDATA[d]]>"
      .. "</Description><MusicUrl><![CDATA[u]]></MusicUrl><HQMusicUrl>"
      .. "<![CDATA[h]]></HQMusicUrl><ThumbMediaId><![CDATA[m]]></ThumbMediaId>"
      .. "</Music>" },
    news = { { news = { { Title = "t1", Description = "d1", PicUrl = "p",
      Url = "u" } } },
      "<ArticleCount>1</ArticleCount><Articles><item><Title><![CDATA[t1]]>"
      .. "</Title><Description><![CDATA[d1]]></Description><PicUrl>"
      .. "<![CDATA[p]]></PicUrl><Url><![CDATA[u]]></Url></item></Articles>" },
    transfer_customer_service = {
      { transfer_customer_service = { KfAccount = "a@gh" } },
      "<TransInfo><KfAccount><![CDATA[a@gh]]></KfAccount></TransInfo>" },
  } do
    it("is what the document shows: " .. kind, function()
      assert.equal(HEAD .. "<MsgType><![CDATA[" .. kind .. "]]></MsgType>"
        .. case[2] .. "</xml>", replied(case[1]))
    end)
  end

  it("calls any agent of the customer service", function()
    assert.equal(HEAD
      .. "<MsgType><![CDATA[transfer_customer_service]]></MsgType></xml>",
      replied{ transfer_customer_service = {} })
  end)

  it("answers an event with up to eight articles", function()
    local articles = {}
    for i = 1, 8 do
      articles[i] = { Title = "t" .. i }
    end
    local text = replied({ news = articles }, EVENT)
    assert.truthy(text:find("<ArticleCount>8</ArticleCount>", 1, true))
    assert.truthy(text:find("<![CDATA[t8]]>", 1, true))
  end)

  it("is XML, which its headers say, and no page", function()
    local receiver = made()
    assert.same({ ["content-type"] = "text/xml; charset=utf-8",
      ["x-content-type-options"] = "nosniff" },
      receiver:reply(taken(receiver), "hi").headers)
  end)

  it("says nothing where nothing is answered", function()
    local receiver = made()
    local message = taken(receiver)
    for _, response in ipairs{ receiver:reply(message),
        (receiver:reply(message, nil)) } do
      assert.equal("success", response.body)
      assert.equal("text/plain; charset=utf-8", response.headers["content-type"])
    end
  end)

  it("may be made more than once, and after its message was forgotten", function()
    local receiver = made()
    local message = taken(receiver)
    receiver:forget(message)
    assert.truthy(receiver:reply(message, "hi"))
    assert.truthy(receiver:reply(message, "hi"))
  end)

  it("carries whatever a text may hold, and long ones", function()
    local nasty = "]]></Content>\n<b>&amp; \"'😀\t]]>]]>"
    assert.equal(HEAD .. "<MsgType><![CDATA[text]]></MsgType><Content>"
      .. "<![CDATA[" .. nasty:gsub("]]>", "]]]]><![CDATA[>")
      .. "]]></Content></xml>", replied(nasty))
    assert.truthy(replied(("长"):rep(1024)):find(("长"):rep(1024), 1, true))
  end)

  describe("in JSON", function()
    -- https://developers.weixin.qq.com/miniprogram/dev/wxcloudservice/wxcloudrun/src/development/weixin/callback.html
    local function in_json(answer, elements)
      local receiver = made()
      local response = assert(receiver:reply(taken(receiver,
        elements or '"MsgType":"text"', true), answer))
      assert.equal("application/json; charset=utf-8",
        response.headers["content-type"])
      local sealed, signature = response.body:match(
        '^{"Encrypt":"([^"]*)","MsgSignature":"([^"]*)","TimeStamp":' .. NOW
        .. ',"Nonce":"' .. NONCE .. '"}$')
      assert.equal(wxbot.signature(TOKEN, NOW, NONCE, sealed), signature)
      return crypt:decrypt(sealed)
    end

    local JSON_HEAD = '{"ToUserName":"oU","FromUserName":"gh_x","CreateTime":'
      .. NOW .. ',"MsgType":"'

    for kind, case in pairs{
      text = { "你好\1", '"Content":"你好\\u0001"' },
      image = { { image = { MediaId = "m" } }, '"Image":{"MediaId":"m"}' },
      news = { { news = { { Title = "t", Url = "u" } } },
        '"ArticleCount":1,"Articles":[{"Title":"t","Url":"u"}]' },
    } do
      it("has the same names: " .. kind, function()
        assert.equal(JSON_HEAD .. kind .. '",' .. case[2] .. "}",
          in_json(case[1]))
      end)
    end

    it("calls the customer service", function()
      assert.equal(JSON_HEAD .. 'transfer_customer_service"}',
        in_json{ transfer_customer_service = {} })
    end)

    -- The platform's own example, whose text is none of a reply.
    it("has the envelope of the platform's example", function()
      local vector = vectors.published[#vectors.published]
      assert.equal("M-reply", vector.id)
      local key = wxbot.msgcrypt(vector.encoding_aes_key, vector.receive_id)
      local body = assert(reply.write({ token = vector.token,
        clock = function() return tonumber(vector.timestamp) end,
        key = { encrypt = function()
          return key:encrypt(vector.msg, vector.random)
        end } }, { format = "json", nonce = vector.nonce, account = "gh_x",
          userid = "oU" }, "good luck"))
      assert.equal('{"Encrypt":"ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd07'
        .. '0Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==","MsgSignature":'
        .. '"1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1","TimeStamp":1713424427,'
        .. '"Nonce":"415670741"}', body)
    end)
  end)

  it("is in the clear where all is", function()
    local receiver = made{ plain = true, aes_key = false }
    local _, message = receiver:handle{ method = "POST", body = "<xml>"
      .. "<ToUserName>gh_x</ToUserName><FromUserName>oU</FromUserName>"
      .. "<CreateTime>" .. NOW .. "</CreateTime><MsgType>text</MsgType>"
      .. "<Content>hi</Content><MsgId>1</MsgId></xml>", query = {
        timestamp = NOW, nonce = NONCE,
        signature = wxbot.signature(TOKEN, NOW, NONCE, "") } }
    assert.equal(HEAD .. "<MsgType><![CDATA[text]]></MsgType><Content>"
      .. "<![CDATA[hi]]></Content></xml>", receiver:reply(message, "hi").body)
  end)

  for why, case in pairs{
    ["Content holds a character that XML forbids"] = { "a\1b" },
    ["text holds a NUL byte"] = { "a\0b" },
    ["text is not valid UTF-8"] = { "\255" },
    ["text must not be empty"] = { "" },
    ["image.MediaId must not be empty"] = { { image = { MediaId = "" } } },
    ["news must not be empty"] = { { news = {} } },
    ["news[1].Title must not be empty"] = { { news = { { Title = "" } } } },
    ["news has 2 articles: the platform takes 1 in answer to a message"] = {
      { news = { { Title = "1" }, { Title = "2" } } } },
    ["news has 9 articles: the platform takes 8 in answer to an event"] = {
      { news = { { Title = "1" }, { Title = "2" }, { Title = "3" },
        { Title = "4" }, { Title = "5" }, { Title = "6" }, { Title = "7" },
        { Title = "8" }, { Title = "9" } } }, EVENT },
    ["transfer_customer_service answers messages only, no event"] = {
      { transfer_customer_service = {} }, EVENT },
  } do
    it("is none: " .. why, function()
      local receiver = made()
      local response, err = receiver:reply(taken(receiver, case[2]), case[1])
      assert.is_nil(response)
      assert.equal("invalid", err.kind)
      assert.equal("the answer: " .. why, tostring(err))
    end)
  end

  it("raises what the program got wrong, at its line", function()
    local receiver, other = made(), made()
    local message = taken(receiver)
    for complaint, misuse in pairs{
      ["expected a message of this receiver, and the answer to it"] = function()
        receiver:reply("hi")
      end,
      ["message of this receiver"] = function()
        other:reply(message, "hi")
      end,
      ["must be a string or a table, got number"] = function()
        receiver:reply(message, 1)
      end,
      ["unknown name Content"] = function()
        receiver:reply(message, { Content = "hi" })
      end,
      ["got image, text"] = function()
        receiver:reply(message, { text = "hi", image = { MediaId = "m" } })
      end,
      ["got none"] = function() receiver:reply(message, {}) end,
      ["text must be a string (got number)"] = function()
        receiver:reply(message, { text = 1 })
      end,
      ["image: MediaId is missing"] = function()
        receiver:reply(message, { image = {} })
      end,
      ["image: unknown name media_id"] = function()
        receiver:reply(message, { image = { MediaId = "m", media_id = "m" } })
      end,
      ["news[1]: Title is missing"] = function()
        receiver:reply(message, { news = { {} } })
      end,
      ["news[1] must be a table"] = function()
        receiver:reply(message, { news = { "t" } })
      end,
    } do
      local ok, raised = pcall(misuse)
      assert.is_false(ok)
      assert.matches("reply_spec.lua:%d+: receiver:reply: ", raised)
      assert.truthy(raised:find(complaint, 1, true), raised)
    end
  end)

  it("is none of a kefu push: bot:sendmsg speaks to that user", function()
    local receiver = assert(wxbot.receiver{ kind = "kefu", appid = APPID,
      aes_key = KEY })
    local _, message = receiver:handle{ method = "POST", body = '{"encrypted":"'
      .. crypt:encrypt("<xml><userid>u</userid></xml>") .. '"}' }
    local ok, raised = pcall(function() receiver:reply(message, "hi") end)
    assert.is_false(ok)
    assert.matches("reply_spec.lua:%d+: receiver:reply: .*use sendmsg$", raised)
  end)
end)
