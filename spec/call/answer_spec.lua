-- Without this one odd character in an answer costs the whole answer.
--
-- What is wrong with a text in an answer costs the text no more than that; and
-- a documented list is one, whatever the platform makes of a single element.
local canary = require "spec.support.canary"
local call = require "wxbot.call"
local contexts = require "wxbot.call.context"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local json = require "wxbot.codec.json"
local odd_texts = require "spec.support.odd_texts"
local scripted = require "spec.support.scripted"
local wxbot = require "wxbot"

local R = "\239\191\189"
local AES_KEY = canary.documented.aes_key

local function bot_on(body)
  return assert(wxbot.new{ appid = "A", token = canary.credentials.token,
    aes_key = AES_KEY, access_token = "ACCESS", retry = false,
    transport = scripted.new{ { body = body } } })
end

local function ask(members)
  return bot_on('{"status":"FAQ","ret":0,' .. members .. "}"):aibot{
    signature = "s", query = "q" }
end

-- Calls an endpoint whose answer is `body`, as golden bytes do.
local function call_with(endpoint, body)
  local context = assert(contexts.new({}, { appid = "A", token = "T",
    aes_key = AES_KEY, access_token = "ACCESS", retry = false,
    transport = scripted.new{ { body = body } } }))
  context.raw = core.rawcrypt(AES_KEY)
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  return call.run(context, endpoint, golden.requests[1].params)
end

-- A good answer of an endpoint, decoded, and where its response is in it.
local function good_answer(endpoint)
  local golden = dofile("spec/golden/" .. endpoint.name .. ".lua")
  for _, case in ipairs(golden.answers) do
    local answer = case.result and json.decode(case.body:find("^%s*{")
      and case.body or core.rawcrypt(AES_KEY):decrypt(case.body))
    if answer then
      local inner = answer
      if endpoint.payload then
        answer[endpoint.payload] = answer[endpoint.payload] or {}
        inner = answer[endpoint.payload]
      end
      return answer, inner
    end
  end
end

describe("people's text in an answer", function()
  for _, case in ipairs(odd_texts) do
    if case.json then
      it("is repaired: " .. case.what, function()
        local result = assert(ask('"answer":"' .. case.json .. '"'))
        assert.equal(case.becomes, result.answer)
        assert.is_true(result.repaired)
      end)
    end
  end

  it("keeps raw tabs, line feeds and returns, which repairs nothing", function()
    local result = assert(ask '"answer":"a\tb\nc\rd"')
    assert.equal("a\tb\nc\rd", result.answer)
    assert.is_nil(result.repaired)
  end)

  it("says of itself alone that it was repaired", function()
    assert.is_nil(assert(ask '"answer":"a","repaired":true').repaired)
  end)

  it("is in lists, in what is not described, and in what may be anything",
    function()
      local result = assert(ask('"options":[{"title":"a\16","new":"\16"}],'
        .. '"slot_info":[{"n\194\160":"\228"},["\\u0000"]],"msg":{"content":'
        .. '"\29"},"unknown":{"deep":["\16"]}'))
      assert.same({ { title = "a" .. R, new = R } }, result.options)
      assert.same({ { ["n\194\160"] = R }, { R } }, result.slot_info)
      assert.equal(R, result.msg[1].content)
      assert.same({ deep = { R } }, result.unknown)
      local task = assert(bot_on('{"code":0,"msg":"\16","data":{"state":3,'
        .. '"msg":"a\16","fail_skill_info":[["\16",{"why":"\228"}]]}}')
        :task_fetch{ openid = "o", task_id = "t" })
      assert.equal("a" .. R, task.msg)
      assert.same({ { R, { why = R } } }, task.fail_skill_info)
      assert.is_true(task.repaired)
    end)

  it("is repaired in what v2 sealed", function()
    local raw = core.rawcrypt(AES_KEY)
    local v2 = assert(wxbot.v2{ appid = "A", token = "T", aes_key = AES_KEY,
      account = "a", retry = false, transport = scripted.new{
        { body = '{"code":0,"data":{"access_token":"ACCESS"}}' },
        { body = raw:encrypt('{"code":0,"data":{"answer":"a\27[0m",'
          .. '"status":"FAQ","slots":{"name":"n","value":"\16"}}}') } } })
    local reply = assert(v2:ask{ query = "q" })
    assert.equal("a" .. R .. "[0m", reply.answer)
    assert.same({ { name = "n", value = R } }, reply.slots)
    assert.is_true(reply.repaired)
  end)

  it("is repaired in what an answer refuses", function()
    for _, body in ipairs{ '{"errcode":1015,"errmsg":"a\16b","rid":"r\16"}',
        '{"code":1015,"msg":"a\\u0010b","data":null}',
        '{"error":{"code":1015,"message":"a\16b"}}' } do
      local result, err = bot_on(body):task_fetch{ openid = "o", task_id = "t" }
      assert.is_nil(result)
      assert.equal("platform", err.kind)
      assert.equal(1015, err.code)
      assert.equal("a" .. R .. "b", err.message)
      assert.is_true(err.sent)
    end
  end)

  for _, endpoint in ipairs(endpoints.all) do
    for _, field in ipairs(endpoint.response) do
      if field.type == "string" then
        it(("is told from what is strict: %s of %s"):format(field.name,
          endpoint.name), function()
          local answer, inner = good_answer(endpoint)
          inner[field.name] = "ODD"
          local body = assert(json.encode(answer)):gsub("ODD", "a\16b")
          local result, err = call_with(endpoint, body)
          if field.text then
            assert.is_nil(err)
            assert.equal("a" .. R .. "b", result[field.name])
            assert.is_true(result.repaired)
          else
            assert.is_nil(result)
            assert.equal("protocol", err.kind)
            assert.is_true(err.sent)
            assert.matches(field.name .. " holds what no text may hold",
              err.message, 1, true)
            assert.is_nil(err.message:find("b", -1, true))
          end
        end)
      end
    end
  end
end)

describe("what is strict in an answer", function()
  for what, members in pairs{
    from_user_name = '"answer":"a","from_user_name":"u\16"',
    msg_id = '"answer":"a","msg_id":"\\u0000"',
    status = '"answer":"a","status":"FAQ\228"',
    create_time = '"answer":"a","create_time":"1\n"',
    answer_open = '"answer":"a","answer_open":"1\16"',
    session_id = '"answer":"a","msg":[{"session_id":"\16"}]',
    openid = '"answer":"a","users":[{"openid":"u\16"}]',
  } do
    it("is refused: " .. what, function()
      local body = ('{"status":"FAQ",%s}'):format(members)
      if what == "status" then
        body = "{" .. members .. "}"
      end
      local result, err = bot_on(body):aibot{ signature = "s", query = "q" }
      assert.is_nil(result)
      assert.equal("protocol", err.kind)
      assert.equal("the answer could not be read: " .. what
        .. " holds what no text may hold", err.message)
    end)
  end

  it("may stand beside the data", function()
    local result, err = bot_on('{"code":0,"data":{"state":1},"request_id":"\16"}')
      :task_fetch{ openid = "o", task_id = "t" }
    assert.is_nil(result)
    assert.matches("request_id holds", err.message)
    result, err = bot_on('{"code":0,"data":{"progress":1},"state":"1\16"}')
      :task_fetch{ openid = "o", task_id = "t" }
    assert.is_nil(result)
    assert.matches("state holds", err.message)
  end)
end)

describe("a documented list of an answer", function()
  local function each_list(fields, path, visit)
    for _, field in ipairs(fields or {}) do
      if field.type == "list" then
        visit(field, path)
      end
      if field.type == "object" then
        each_list(field.fields, { path, field.name }, visit)
      end
    end
  end

  for _, endpoint in ipairs(endpoints.all) do
    each_list(endpoint.response, nil, function(field, path)
      it(("is one, one element or many: %s of %s"):format(field.name,
        endpoint.name), function()
        local element = field.of == "object" and { new = "x" }
          or field.of == "integer" and 7 or { new = "x" }
        for n = 0, 2 do
          local answer, inner = good_answer(endpoint)
          if path then
            inner[path[2]] = inner[path[2]] or {}
            inner = inner[path[2]]
          end
          inner[field.name] = n == 0 and json.list{} or n == 1 and element
            or { element, element }
          local result = assert(call_with(endpoint, json.encode(answer)))
          local found = (path and result[path[2]] or result)[field.name]
          assert.equal(n, #found)
          if n > 0 then
            assert.equal(type(element) == "table" and "x" or 7,
              type(element) == "table" and found[n].new or found[n])
          end
        end
      end)
    end)
  end
end)

it("a list where one object is documented is dropped from an answer", function()
  local result = assert(bot_on('{"publish_id":"1","publish_status":0,'
    .. '"article_detail":[{"count":1}]}'):freepublish_get{ publish_id = "1" })
  assert.is_nil(result.article_detail)
  result = assert(ask '"answer":"a","more_info":["x"],"options":[["x"],{}]')
  assert.is_nil(result.more_info)
  assert.same({ {} }, result.options)
end)
