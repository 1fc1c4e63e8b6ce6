-- Without this the sandbox pushes what no receiver of the platform meets.
--
-- The whole circle: a user speaks, the platform pushes, the receiver hands
-- over, a reply goes out through sendmsg and reaches the user.

local json = require "wxbot.codec.json"
local wxbot = require "wxbot"

local function circle(more)
  local sandbox = assert(wxbot.sandbox{ clock = function()
    return 1716535576
  end })
  local account = sandbox:credentials()
  local receiver = assert(wxbot.receiver{ kind = "kefu",
    appid = account.appid, token = account.token, aes_key = account.aes_key,
    clock = function() return 1716535576 end })
  local bot = assert(wxbot.new{ appid = account.appid, token = account.token,
    aes_key = account.aes_key, transport = sandbox })
  local got = { messages = {} }
  got.sandbox, got.bodies = sandbox, {}
  local here = {
    request = function(_, request)
      local response, message = receiver:handle{ method = request.method,
        headers = request.headers, body = request.body }
      got.bodies[#got.bodies + 1] = request.body
      got.messages[#got.messages + 1] = message
      if message and message.content then
        assert(bot:sendmsg{ openid = message.userid, appid = message.appid,
          channel = message.channel, msg = "re: " .. message.content.msg })
      end
      return response
    end,
  }
  function got.push(params)
    params.url, params.transport = "http://127.0.0.1/push", here
    for name, value in pairs(more or {}) do
      params[name] = value
    end
    return sandbox:push(params)
  end
  return got
end

describe("a push of the sandbox", function()
  it("goes the whole circle, back to the user", function()
    local got = circle()
    local response = assert(got.push{ userid = "u1", msg = "人工 ]]> <b>" })
    assert.equal(200, response.status)
    local sent = got.sandbox:messages("u1")
    assert.equal(1, #sent)
    assert.equal("re: 人工 ]]> <b>", sent[1].msg)
    assert.equal(7, sent[1].channel)
  end)

  it("says what a documented push says", function()
    local got = circle()
    assert(got.push{ userid = "u1", msg = "hi", from = 2, kfstate = 1,
      channel = 0, appid = "wx1", assessment = 5 })
    local message = got.messages[1]
    assert.equal("agent", message.from_name)
    assert.equal("personserving", message.kfstate_name)
    assert.equal("wx1", message.appid)
    assert.equal("very_satisfied", message.assessment_name)
    assert.equal(1716535576, message.createtime)
  end)

  -- What the platform's document shows, in its order.
  local function document_of(params)
    local got = circle()
    local account = got.sandbox:credentials()
    assert.equal(200, assert(got.push(params)).status)
    local crypt = assert(wxbot.msgcrypt(account.aes_key, account.appid))
    return assert(crypt:decrypt(json.decode(got.bodies[1]).encrypted)), got
  end

  it("has the TOKEN for an appid on the web, and there alone", function()
    local web, got = document_of{ userid = "u1", event = "userQuit" }
    assert.equal("<xml><userid><![CDATA[u1]]></userid><appid><![CDATA["
      .. got.sandbox:credentials().token .. "]]></appid>"
      .. "<event><![CDATA[userQuit]]></event><from>0</from>"
      .. "<kfstate>0</kfstate><channel>7</channel>"
      .. "<createtime><![CDATA[1716535576000]]></createtime></xml>", web)
    assert.equal("<xml><userid><![CDATA[u1]]></userid>"
      .. "<appid><![CDATA[wx1234567890abcdef]]></appid>"
      .. "<event><![CDATA[userQuit]]></event><from>0</from>"
      .. "<kfstate>0</kfstate><channel>0</channel>"
      .. "<createtime><![CDATA[1716535576000]]></createtime></xml>",
      (document_of{ userid = "u1", event = "userQuit", channel = 0 }))
  end)

  it("goes the whole circle on the channel of an account", function()
    local got = circle()
    assert(got.push{ userid = "u1", msg = "hi", channel = 0 })
    local sent = got.sandbox:messages("u1")
    assert.equal(0, sent[1].channel)
    assert.equal("wx1234567890abcdef", sent[1].appid)
  end)

  it("says which agent of the console has entered", function()
    local text, got = document_of{ userid = "u1", channel = 0, from = 2,
      event = "customerStuffEnter", kfstate = 1,
      customer_info = { name = "小王", avatar = "https://example.com/a.png",
        openid = "o1" } }
    assert.equal("<xml><userid><![CDATA[u1]]></userid>"
      .. "<appid><![CDATA[wx1234567890abcdef]]></appid>"
      .. "<event><![CDATA[customerStuffEnter]]></event><from>2</from>"
      .. "<kfstate>1</kfstate><channel>0</channel><customerInfo>"
      .. "<name><![CDATA[小王]]></name>"
      .. "<avatar><![CDATA[https://example.com/a.png]]></avatar>"
      .. "<openid><![CDATA[o1]]></openid></customerInfo>"
      .. "<createtime><![CDATA[1716535576000]]></createtime></xml>", text)
    assert.same({ name = "小王", avatar = "https://example.com/a.png",
      openid = "o1" }, got.messages[1].customer_info)
  end)

  it("has no content when a user only enters", function()
    local got = circle()
    assert(got.push{ userid = "u1", event = "userEnter" })
    assert.equal("userEnter", got.messages[1].event)
    assert.is_nil(got.messages[1].content)
  end)

  it("is sealed anew each time, and yet one message if it says the same",
    function()
      local got = circle()
      assert(got.push{ userid = "u1", msg = "hi" })
      assert.equal(200, got.push{ userid = "u1", msg = "hi" }.status)
      assert.not_equal(got.bodies[1], got.bodies[2])
      assert.equal(1, #got.messages)
    end)

  it("is refused by a receiver of another bot", function()
    local got = circle()
    local receiver = assert(wxbot.receiver{ kind = "kefu", appid = "other",
      aes_key = got.sandbox:credentials().aes_key })
    local response = got.sandbox:push{ url = "http://127.0.0.1/", userid = "u",
      msg = "hi", transport = { request = function(_, request)
        return (receiver:handle{ method = request.method,
          body = request.body })
      end } }
    assert.equal(403, response.status)
  end)

  it("reports what a transport reports", function()
    local sandbox = assert(wxbot.sandbox())
    local response, err = sandbox:push{ url = "http://127.0.0.1:1/",
      userid = "u", msg = "hi", transport = { request = function()
        return nil, "down"
      end } }
    assert.is_nil(response)
    assert.equal("down", err)
  end)

  it("raises what cannot be pushed", function()
    local got = circle()
    assert.error_matches(function() got.push{ msg = "hi" } end, "userid")
    assert.error_matches(function()
      got.push{ userid = "u", msg = "a\0b" }
    end, "msg")
    assert.error_matches(function()
      got.push{ userid = "u", customer_info = { name = "a", age = 1 } }
    end, "customer_info: unknown name age")
    assert.error_matches(function()
      got.push{ userid = "u", customer_info = { name = true } }
    end, "customer_info: name must be a string")
  end)
end)
