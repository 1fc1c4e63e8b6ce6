-- What goes on during the long run: calls to the served sandbox, and pushes
-- to receivers, here and behind nginx.
--
--   local mix = soak.new(loop, url, push_url)
--   mix.calls, mix.pushes   lists of functions of a number; they raise what
--                           went wrong

local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local memory = require "wxbot.store.memory"
local wxbot = require "wxbot"

local M = {}

local USERS = 50
-- Keys that the receivers here remember: soon reached, and held from then on.
local REMEMBERED = 4000
local QUESTIONS = { "你好", "怎么修改密码", "密码", "qwertyuiop" }
local FINISHED = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o</FromUserName>"
  .. "<CreateTime>%d</CreateTime><MsgType>event</MsgType>"
  .. "<Event>PUBLISHJOBFINISH</Event><PublishEventInfo>"
  .. "<publish_id>%d</publish_id><publish_status>0</publish_status>"
  .. "</PublishEventInfo></xml>"

local function good(result, err)
  if not result then
    error(tostring(err), 0)
  end
  return result
end

local function expect(wanted, got, what)
  if wanted ~= got then
    error(("%s: %s, not %s"):format(what, tostring(got), tostring(wanted)), 0)
  end
end

local function with(options, more)
  local all = {}
  for name, value in pairs(options) do
    all[name] = value
  end
  for name, value in pairs(more) do
    all[name] = value
  end
  return all
end

-- -------------------------------------------------------------------- calls

local function calls_of_v1(bot)
  return function(i)
    good(bot:ask{ userid = "u" .. i % USERS, query = QUESTIONS[i % 4 + 1] })
  end, function(i)
    good(bot:tag{ appid = "wx1", category = "c", label = "l" .. i % 3,
      desc = "d", list = { "o" .. i % USERS, "o" .. (i + 1) % USERS } })
  end, function(i)
    good(bot:sendmsg{ openid = "o" .. i % USERS, msg = "你好", channel = 7 })
  end, function(i)
    good(bot:kefustate_get{ appid = "wx1", openid = "o" .. i % USERS })
  end, function(i)
    good(bot:sign{ userid = "u" .. i % USERS })
  end, function()
    local result, err = bot:freepublish_get{ publish_id = "none" }
    expect(nil, result, "a publication that is none")
    expect("platform", err.kind, "its error")
  end
end

-- A client keeps its access token for hours: a new one now and then, so that
-- tokens are fetched too.
local function calls_of_v2(options)
  local client
  local function current(i)
    if not client or i % 100 == 0 then
      client = good(wxbot.v2(with(options, { account = "admin" })))
    end
    return client
  end
  return function(i)
    good(current(i):ask{ userid = "v" .. i % USERS,
      query = QUESTIONS[i % 4 + 1] })
  end, function(i)
    good(current(i):import_json{ mode = 0, data = { { skill = "售后",
      intent = "怎么退货", answers = { "请联系客服 " .. i } } } })
  end, function(i)
    local _, err = current(i):publish()
    -- 210205: the publishing before this one goes on.
    expect(true, not err or err.code == 210205, tostring(err))
    good(current(i):progress{ env = "online" })
  end
end

-- The same for sources of access tokens, of either kind.
local function publishing(options, account)
  local bots = {}
  return function(i)
    local kind = i % 2 == 0 and "stable" or "classic"
    if not bots[kind] or i % 50 < 2 then
      bots[kind] = good(wxbot.new(with(options, {
        access_token = good(wxbot.access_token(with(account, { kind = kind,
          store = memory.new(), base_url = options.base_url,
          transport = options.transport }))) })))
    end
    local draft = good(bots[kind]:draft_add{ articles = { { title = "t",
      content = "c", thumb_media_id = "demo-cover" } } })
    local publication = good(bots[kind]:freepublish_submit{
      media_id = draft.media_id })
    good(bots[kind]:freepublish_get{ publish_id = publication.publish_id })
    good(bots[kind]:freepublish_batchget{ offset = 0, count = 1,
      no_content = 1 })
  end
end

-- ------------------------------------------------------------------- pushes

-- Handles a request twice, and once more damaged: one message, a duplicate, a
-- refusal.
local function three_times(receiver, request)
  local response, message = receiver:handle(request)
  expect(200, response.status, "a push")
  expect("table", type(message), "its message")
  local _, again, note = receiver:handle(request)
  expect(nil, again, "the message of a duplicate")
  expect("duplicate", note, "a duplicate")
  local sealed = request.body:find("[%w+/]" .. ("[%w+/]"):rep(30))
  expect(403, receiver:handle(with(request, { body =
    request.body:sub(1, sealed) .. "!" .. request.body:sub(sealed + 2)
    })).status, "a damaged push")
  return message
end

local function receiver_of(kind, account, store, more)
  return good(wxbot.receiver(with({ kind = kind, appid = account.appid,
    token = account.token, aes_key = account.aes_key, store = store,
    on_failure = function() end }, more or {})))
end

-- The sandbox seals; its requests come here instead of to a network.
local function customer_service(platform, account, store)
  local receiver, request = receiver_of("kefu", account, store), nil
  local here = { request = function(_, sent)
    request = { method = sent.method, body = sent.body }
    return { status = 200, headers = {}, body = "" }
  end }
  return function(i)
    good(platform:push{ url = "http://127.0.0.1/", transport = here,
      userid = "u" .. i % USERS, msg = "第" .. i .. "句", createtime = i,
      kfstate = i % 4 })
    expect("u" .. i % USERS, three_times(receiver, request).userid, "userid")
  end
end

local function official_account(_, account, store)
  local receiver = receiver_of("official_account", account, store)
  local crypt = good(wxbot.msgcrypt(account.aes_key, account.appid))
  return function(i)
    local time, nonce = ("%d"):format(os.time()), ("%d"):format(i)
    local sealed = good(crypt:encrypt(FINISHED:format(time, i)))
    local message = three_times(receiver, { method = "POST",
      body = "<xml><Encrypt>" .. sealed .. "</Encrypt></xml>", query = {
        timestamp = time, nonce = nonce, msg_signature =
          wxbot.signature(account.token, time, nonce, sealed) } })
    expect(("%d"):format(i), message.publish_id, "publish_id")
  end
end

local function service(_, account, store)
  local receiver = receiver_of("service", account, store)
  local key = good(core.rawcrypt(account.aes_key))
  return function(i)
    local time = ("%d"):format(os.time())
    local message = three_times(receiver, { method = "POST",
      body = good(key:encrypt(good(json.encode{ Query = "尾号", UserId = "u",
        SkillName = "限行", IntentName = "尾号", Timestamp = time,
        RequestId = "r" .. i, Signature = core.hex_encode(core.md5(
          account.token .. time .. "限行尾号尾号")) }))) })
    expect("r" .. i, message.request_id, "request_id")
    good(receiver:reply(message, "4 和 9"))
  end
end

-- Through nginx, which replies through sendmsg: each push twice.
local function over_http(platform, loop, push_url)
  return function(i)
    for _ = 1, 2 do
      expect(200, good(platform:push{ url = push_url, transport = loop,
        userid = "u" .. i % USERS, msg = "第" .. i .. "句", createtime = i,
        kfstate = 3, appid = "wx1" }).status, "a push to nginx")
    end
  end
end

--- What can be done.
---@param loop wxbot.Loop
---@param url string of the served sandbox
---@param push_url string of the served receiver
---@return table mix { calls = functions, pushes = functions }
function M.new(loop, url, push_url)
  local platform = good(wxbot.sandbox())
  local account, store = platform:credentials(), memory.new{ limit = REMEMBERED }
  local options = { appid = account.appid, token = account.token,
    aes_key = account.aes_key, base_url = url, transport = loop }
  local bot = good(wxbot.new(with(options, {
    access_token = account.access_token })))
  local calls = { calls_of_v1(bot) }
  for _, call in ipairs{ calls_of_v2(options) } do
    calls[#calls + 1] = call
  end
  calls[#calls + 1] = publishing(options, platform:account())
  return { calls = calls, pushes = {
    customer_service(platform, account, store),
    official_account(platform, account, store),
    service(platform, account, store),
    over_http(platform, loop, push_url),
  } }
end

return M
