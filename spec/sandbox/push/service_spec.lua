-- Without this the sandbox asks a service what no skill asks, or takes an answer
-- that the console of the platform refuses.
local json = require "wxbot.codec.json"
local core = require "wxbot.core"
local wxbot = require "wxbot"

local function pushed(params, answer)
  local sandbox = assert(wxbot.sandbox{ clock = function()
    return 1704135845
  end })
  params.kind, params.url = "service", "http://x/ask"
  params.userid = params.userid or "u1"
  params.query = params.query or "北京限行尾号是多少"
  params.transport = { request = function(_, request)
    return { status = 200, headers = {},
      body = answer(request, sandbox:credentials()) }
  end }
  return sandbox:push(params)
end

local function circle(params, answer, with_key)
  local got
  local _, err, reply = pushed(params, function(request, given)
    local receiver = assert(wxbot.receiver{ kind = "service",
      token = given.token, aes_key = with_key and given.aes_key or nil,
      clock = function() return 1704135845 end })
    local response
    response, got = receiver:handle{ method = "POST", body = request.body }
    return (answer and assert(receiver:reply(got, answer)) or response).body
  end)
  return got, reply, err
end

describe("a question of a skill", function()
  -- The platform's own example of a signature.
  it("is signed as in the platform's document", function()
    pushed({ mode = "plain", skill = "限行", intent = "查限行尾号",
      request_id = "r1", slots = { { name = "city", value = "北京" } } },
      function(request)
        assert.equal('{"RequestId":"r1","UserId":"u1","Query":"北京限行尾号是多少",'
          .. '"SkillName":"限行","IntentName":"查限行尾号","Slots":[{"SlotName":'
          .. '"city","SlotValue":"北京"}],"Timestamp":1704135845,'
          .. '"Signature":"96f439043e1f7d2bb38162e35406f173"}', request.body)
        assert.equal("application/json", request.headers["content-type"])
        return "{}"
      end)
  end)

  for _, mode in ipairs{ "encrypted", "plain" } do
    it("comes and is answered: " .. mode, function()
      local message, reply, err = circle({ mode = mode, skill = "s",
        slots = { { name = "city", value = "北京", normalized = "{}" } } },
        "尾号 4 和 9", mode == "encrypted")
      assert.is_nil(err)
      assert.equal("北京限行尾号是多少", message.query)
      assert.equal("s", message.skill)
      assert.same({ { name = "city", value = "北京", normalized = "{}" } },
        message.slots)
      assert.equal("尾号 4 和 9", reply.text)
      assert.equal("text", reply.answer_type)
    end)
  end

  it("is answered by nothing, too, and by what is no text", function()
    local _, reply = circle({}, nil, true)
    assert.equal("", reply.text)
    _, reply = circle({}, { answer_type = "news" }, true)
    assert.equal("news", reply.answer_type)
    assert.is_nil(reply.text)
  end)

  it("is refused as the console of the platform does", function()
    for why, answer in pairs{
      ["does not decrypt"] = function() return "{}" end,
      ["no JSON object with an answer_type"] = function(_, given)
        return core.rawcrypt(given.aes_key):encrypt("[]")
      end,
      ["text_info.short_answer is missing"] = function(_, given)
        return core.rawcrypt(given.aes_key):encrypt('{"answer_type":"text"}')
      end,
    } do
      local response, err, reply = pushed({}, answer)
      assert.equal(200, response.status)
      assert.is_nil(reply)
      assert.equal(1002, err.code)
      assert.truthy(err.message:find("校验返回数据格式时发生错误", 1, true))
      assert.truthy(err.message:find(why, 1, true), err.message)
    end
  end)

  it("raises what is none", function()
    local sandbox = assert(wxbot.sandbox())
    assert.error_matches(function()
      sandbox:push{ kind = "service", url = "http://x", userid = "u" }
    end, "query is missing")
    assert.error_matches(function()
      sandbox:push{ kind = "service", url = "http://x", userid = "u",
        query = "q", mode = "compatible" }
    end, "mode")
  end)

  it("is one that JSON can carry", function()
    assert.error_matches(function()
      pushed({ query = "\255" }, function() return json.encode{} end)
    end, "sandbox:push: ")
  end)
end)
