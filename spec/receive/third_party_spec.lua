-- Without this a third-party platform loses its tickets, for they name no user and
-- no ToUserName, or takes what others have forged.
local json = require "wxbot.codec.json"
local pushes = require "spec.support.pushes"
local wxbot = require "wxbot"

local APPID, NOW = pushes.APPID, pushes.NOW

local function envelope(sealed, appid)
  return "<xml><AppId><![CDATA[" .. (appid or APPID) .. "]]></AppId>\n<Encrypt>"
    .. "<![CDATA[" .. sealed .. "]]></Encrypt></xml>"
end

-- A push with these elements behind those that all have.
local function pushed(inner, more)
  more = more or {}
  local sealed = assert((more.crypt or pushes.crypt):encrypt("<xml><AppId>"
    .. "<![CDATA[" .. (more.appid or APPID) .. "]]></AppId>\n<CreateTime>"
    .. (more.createtime or NOW) .. "</CreateTime>\n" .. inner .. "</xml>"))
  return pushes.signed(sealed, envelope(sealed, more.outside or more.appid),
    more.time)
end

local function ticket(text, more)
  return pushed("<InfoType><![CDATA[component_verify_ticket]]></InfoType>\n"
    .. "<ComponentVerifyTicket><![CDATA[" .. text
    .. "]]></ComponentVerifyTicket>", more)
end

local function event(name, inner, more)
  return pushed("<InfoType>" .. name .. "</InfoType><AuthorizerAppid>wxA"
    .. "</AuthorizerAppid>" .. (inner or ""), more)
end

local CODE = "<AuthorizationCode>queryauthcode@@@x</AuthorizationCode>"
  .. "<AuthorizationCodeExpiredTime>%d</AuthorizationCodeExpiredTime>"
  .. "<PreAuthCode>preauthcode@@@y</PreAuthCode>"

describe("a receiver of a third-party platform's pushes", function()
  local receiver, heard
  before_each(function()
    receiver, heard = pushes.receiver("third_party")
  end)

  local function refused_for(request)
    local response, message, note = receiver:handle(request)
    assert.equal(403, response.status)
    assert.equal("refused", response.body)
    assert.is_nil(message)
    assert.equal("refused", note)
    return heard[#heard][1]
  end

  it("takes a ticket, and answers success in the clear", function()
    local response, message = receiver:handle(ticket("ticket@@@UiOp-_"))
    assert.equal(200, response.status)
    assert.equal("success", response.body)
    assert.same({ kind = "third_party", infotype = "component_verify_ticket",
      createtime = NOW, component_appid = APPID,
      ticket = "ticket@@@UiOp-_" }, message)
  end)

  it("takes what accounts do", function()
    for _, name in ipairs{ "authorized", "updateauthorized" } do
      local _, message = receiver:handle(event(name, CODE:format(NOW + 3600)))
      assert.same({ kind = "third_party", infotype = name, createtime = NOW,
        component_appid = APPID, authorizer_appid = "wxA",
        authorization_code = "queryauthcode@@@x",
        authorization_code_expires = NOW + 3600,
        pre_auth_code = "preauthcode@@@y" }, message)
    end
    local _, message = receiver:handle(event("unauthorized"))
    assert.equal("unauthorized", message.infotype)
    assert.equal("wxA", message.authorizer_appid)
  end)

  -- The documents call the time seconds.
  it("reads a life of a code as the time when that ends", function()
    local _, message = receiver:handle(event("authorized", CODE:format(3600)))
    assert.equal(NOW + 3600, message.authorization_code_expires)
  end)

  it("lets types pass that it does not know, with what they say", function()
    local _, message = receiver:handle(pushed(
      "<InfoType>notify_third_fasteregister</InfoType><appid>wxB</appid>"
      .. "<status>0</status><info><name>n</name></info>"))
    assert.equal("notify_third_fasteregister", message.infotype)
    assert.equal("wxB", message.appid)
    assert.equal("n", message.info.name)
  end)

  it("hands over once what comes twice, sealed anew each time", function()
    for _, push in ipairs{
      function() return ticket("ticket@@@1") end,
      function() return event("authorized", CODE:format(NOW + 3600)) end,
      function() return event("unauthorized") end,
      function() return pushed("<InfoType>other</InfoType><a>1</a>") end } do
      assert.is_truthy((select(2, receiver:handle(push()))))
      local response, message, note = receiver:handle(push())
      assert.equal("success", response.body)
      assert.is_nil(message)
      assert.equal("duplicate", note)
    end
  end)

  it("tells apart what only looks alike", function()
    for _, push in ipairs{ ticket("ticket@@@1"), ticket("ticket@@@2"),
      ticket("ticket@@@1", { createtime = NOW - 1 }),
      event("authorized", CODE:format(1)), event("unauthorized"),
      event("unauthorized", nil, { createtime = NOW - 1 }),
      pushed("<InfoType>other</InfoType><a>1</a>"),
      pushed("<InfoType>other</InfoType><a>2</a>") } do
      assert.is_truthy((select(2, receiver:handle(push))))
    end
  end)

  it("refuses what is for another platform", function()
    local crypt = wxbot.msgcrypt(pushes.KEY, "wxother")
    assert.equal("decrypt", refused_for(ticket("t", { crypt = crypt,
      appid = "wxother" })))
    assert.equal("xml", refused_for(ticket("t", { outside = "wxother" })))
  end)

  it("refuses what is stale, be it signed anew or not", function()
    assert.equal("stale", refused_for(ticket("t", { time = "1699999000" })))
    assert.equal("stale", refused_for(ticket("t", {
      createtime = NOW - 90000 })))
    assert.equal("stale", refused_for(ticket("t", { createtime = "" })))
  end)

  it("refuses a forged signature, and one in the clear", function()
    local forged = ticket("t")
    forged.query.msg_signature = ("0"):rep(40)
    assert.equal("signature", refused_for(forged))
    local plain = ticket("t")
    plain.body = "<xml><AppId>" .. APPID .. "</AppId><CreateTime>" .. NOW
      .. "</CreateTime><InfoType>component_verify_ticket</InfoType>"
      .. "<ComponentVerifyTicket>t</ComponentVerifyTicket></xml>"
    assert.equal("xml", refused_for(plain))
    -- Who signed it has not signed what it says.
    plain.body = plain.body:gsub("<InfoType>", "<FromUserName>o</FromUserName>"
      .. "<MsgType>text</MsgType>%0")
    plain.query.signature = wxbot.signature(pushes.TOKEN,
      plain.query.timestamp, plain.query.nonce, "")
    assert.equal("plain", refused_for(plain))
    plain.method = "GET"
    assert.equal("method", refused_for(plain))
  end)

  it("refuses what is no such push", function()
    for _, inner in ipairs{ "", "<InfoType/>", "<InfoType><a/></InfoType>",
      "<InfoType>a</InfoType><InfoType>b</InfoType>" } do
      assert.equal("xml", refused_for(pushed(inner)))
    end
    assert.equal("xml", refused_for(pushes.xml("<MsgType>text</MsgType>")))
  end)

  it("takes JSON as well", function()
    local sealed = pushes.crypt:encrypt(json.encode{ AppId = APPID,
      CreateTime = NOW, InfoType = "component_verify_ticket",
      ComponentVerifyTicket = "ticket@@@1" })
    local _, message = receiver:handle(pushes.signed(sealed,
      '{"AppId":"' .. APPID .. '","Encrypt":"' .. sealed .. '"}'))
    assert.equal("ticket@@@1", message.ticket)
  end)

  it("lets one that its handler could not take come again", function()
    local push = ticket("ticket@@@1")
    local _, message = receiver:handle(push)
    receiver:forget(message)
    assert.is_truthy((select(2, receiver:handle(push))))
  end)

  it("has no reply", function()
    local _, message = receiver:handle(ticket("ticket@@@1"))
    assert.is_false((pcall(receiver.reply, receiver, message, "hi")))
  end)

  it("cannot be made without all of its credentials", function()
    for _, name in ipairs{ "appid", "token", "aes_key" } do
      local options = { kind = "third_party", appid = APPID,
        token = pushes.TOKEN, aes_key = pushes.KEY }
      options[name] = nil
      local made, err = wxbot.receiver(options)
      assert.is_nil(made)
      assert.equal(name, err.code)
    end
  end)
end)
