-- Whole calls in process, as `make bench` measures them: everything but the
-- network. `ask` is bot:ask over a transport that has the answer at hand;
-- "ask.…" are the parts of it that can be called alone; sizes are bytes of
-- the answer. `sandbox` is bot:ask of the embedded platform, of which so many
-- users have asked something before; `tag` is bot:tag of so many openids,
-- told with the most that Lua held and the resident size, in KiB; `in_flight`
-- is bot:ask in so many fibers of a loop, over HTTP (URL).

local bots = require "wxbot.client.bot"
local core = require "wxbot.core"
local endpoints = require "wxbot.api"
local inputs = require "bench.support.inputs"
local subject = require "bench.support.subject"
local check = require "wxbot.call.schema.check"
local shape = require "wxbot.call.schema.shape"
local signature = require "wxbot.call.signature"
local wire = require "wxbot.call.wire.json"
local wxbot = require "wxbot"

local aibot = endpoints.by_name.aibot

local ANSWER = '{"ret":0,"status":"FAQ","answer":"%s","answer_type":"text",'
  .. '"title":"怎么修改密码","ans_node_id":"1","ans_node_name":"账号",'
  .. '"confidence":0.98,"from_user_name":"%s","to_user_name":"bot",'
  .. '"msg_id":"1234567890","query":"怎么修改密码","create_time":'
  .. '"1600000000000","request_id":"%s","session_id":"s","skill_name":"账号",'
  .. '"msg":[{"ans_node_id":1,"ans_node_name":"账号","content":"…",'
  .. '"status":"FAQ"}],"options":[]}'

local function answer(size)
  local fixed = #ANSWER - #"%s%s%s" + 32
  return ANSWER:format(inputs.text(math.max(1, size - fixed)),
    inputs.text(16), inputs.text(16))
end

local function question()
  return { userid = inputs.text(16), query = "怎么修改密码" .. inputs.text(8) }
end

local function bot_over(transport, base_url)
  return assert(wxbot.new{ appid = "wx1234567890abcdef", token = "TOKEN",
    aes_key = inputs.SECRET, transport = transport, base_url = base_url })
end

-- A transport that has answers at hand, another one each time.
local function at_hand(make, size)
  local answers, n = {}, 0
  for i = 1, 64 do
    answers[i] = make(size)
  end
  return { request = function()
    n = n % 64 + 1
    return { status = 200, headers = {}, body = answers[n] }
  end }
end

local M = {}

function M.ask(size)
  local bot = bot_over(at_hand(answer, size))
  return subject.loop(size, question, function(_, params)
    return assert(bot:ask(params))
  end)
end

-- ------------------------------------------------------------- parts of it

M["ask.check"] = function(size)
  local fields = endpoints.field(bots.methods, "ask").fields
  return subject.loop(size, question, function(_, params)
    return (assert(check.params("ask", fields, params)))
  end)
end

local signer = { sign = "local", hs256 = core.hs256(inputs.SECRET),
  clock = os.time }

M["ask.sign"] = function(size)
  return subject.loop(size, question, function(_, params)
    return (assert(signature.of(signer, params)))
  end)
end

M["ask.encode"] = function(size)
  return subject.loop(size, function()
    local params = question()
    return { query = params.query,
      signature = signature.of(signer, params) }
  end, function(_, params)
    return wire.encode_request(aibot, params)
  end)
end

M["ask.decode"] = function(size)
  return subject.loop(size, answer, function(_, body)
    return wire.decode_answer(body)
  end)
end

-- Decoding comes before: the figure of ask.decode is in it.
M["ask.shape"] = function(size)
  return subject.loop(size, answer, function(_, body)
    return shape.object(aibot.response, wire.decode_answer(body))
  end)
end

-- ------------------------------------------------------------------ growth

function M.sandbox(users)
  local sandbox = assert(wxbot.sandbox{})
  local options = sandbox:credentials()
  options.transport = sandbox
  local bot, n = assert(wxbot.new(options)), 0
  for i = 1, users do
    assert(bot:ask{ userid = "user" .. i, query = "你好" })
  end
  return function(count)
    for _ = 1, count do
      n = n + 7919 -- no user after the one before it
      assert(bot:ask{ userid = "user" .. n % users + 1, query = "你好" })
    end
    return nil, ("%.0f"):format(collectgarbage("count"))
  end
end

local function resident()
  local file = io.open("/proc/self/statm")
  local pages = file and file:read("*a"):match("%d+ (%d+)") or 0
  return pages * 4
end

function M.tag()
  local bot = bot_over(at_hand(function()
    return '{"code":0,"msg":"success"}'
  end, 0))
  return function(count)
    local n, most = 0, 0
    assert(bot:tag{ appid = "wx1234567890abcdef", category = "完件",
      label = "完成", desc = "在app中完成了用户信息",
      list = function()
        n = n + 1
        return n <= count and ("openid_%09d"):format(n) or nil
      end,
      on_progress = function()
        most = math.max(most, collectgarbage("count"))
      end })
    return nil, ("%.0f %d"):format(most, resident())
  end
end

M.in_flight = (os.getenv("URL") or "") ~= "" and function(size)
  local loop = wxbot.loop{ max_connections = size }
  local bot = bot_over(loop, os.getenv("URL"))
  local function fiber(i, count)
    for _ = 1, count do
      assert(bot:ask{ userid = "user" .. i, query = "怎么修改密码" })
    end
  end
  return function(count)
    for i = 1, size do
      loop:spawn(fiber, i, math.ceil(count / size))
    end
    loop:run()
  end
end or nil

return M
