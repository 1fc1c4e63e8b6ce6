-- Uses everything that the library has, once: for specs that look at what that
-- takes of the host. To be run in a Lua of its own.

-- What the host may lack is for reading the golden bytes alone.
local dofile = dofile

local M = {}

local function nowhere(wxbot, transport)
  local bot = assert(wxbot.new{ token = "t", base_url = "http://127.0.0.1:1",
    transport = transport, retry = false })
  local result, err = bot:sign{ userid = "u" }
  assert(not result and err.kind == "transport", err)
end

local function call_endpoints(bot, v2)
  local endpoints = require "wxbot.api"
  for _, endpoint in ipairs(endpoints.all) do
    local name = endpoints.method_of(endpoint)
    local client = endpoint.service == "v2" and v2 or bot
    local params = dofile("spec/golden/" .. endpoint.name .. ".lua")
      .requests[1].params
    if client[name] then
      client[name](client, params)
    end
  end
end

local function call_methods(sandbox, bot, v2)
  assert(bot:ask{ userid = "u", query = "你好" }.answer)
  assert(bot:tag{ appid = "wx1234567890abcdef", category = "c", label = "l",
    desc = "d", list = { "o" } })
  local data = { { skillname = "s", title = "t", answer = { "a" } } }
  assert(bot:import{ managerid = "admin", skill = data })
  assert(bot:wait_task{ openid = "admin", task_id = sandbox:add_task{} })
  assert(bot:wait_publication{ publish_id = sandbox:add_publication{} })
  assert(bot:publish{ managerid = "admin" })
  assert(bot:wait_bot_publish{ managerid = "admin" })
  for item in bot:publications{} do
    assert(item)
  end
  assert(v2:ask{ userid = "u", query = "你好" })
  assert(v2:import{ mode = 0, data = { { skill = "s", intent = "i",
    answers = { "a" } } } })
end

local function use_sandbox(wxbot)
  local sandbox = assert(wxbot.sandbox{})
  local options = sandbox:credentials()
  options.transport = sandbox
  local bot = assert(wxbot.new(options))
  options.access_token, options.account = nil, "admin"
  local v2 = assert(wxbot.v2(options))
  call_endpoints(bot, v2)
  call_methods(sandbox, bot, v2)
  for _, kind in ipairs{ "stable", "classic" } do
    local account = sandbox:account()
    account.kind, account.transport = kind, sandbox
    bot = assert(wxbot.new{ access_token = assert(wxbot.access_token(account)),
      transport = sandbox })
    bot:freepublish_get{ publish_id = "1" }
  end
  -- A transport of somebody else's.
  options = sandbox:credentials()
  options.transport = { request = function(_, request)
    return sandbox:handle(request)
  end }
  bot = assert(wxbot.new(options))
  assert(bot:ask{ userid = "u", query = "你好" }.answer)
end

local function receive(wxbot)
  local sandbox = assert(wxbot.sandbox{})
  local all, message = sandbox:credentials(), nil
  local function made(kind)
    return assert(wxbot.receiver{ kind = kind, appid = all.appid,
      token = all.token, aes_key = all.aes_key })
  end
  local receiver = made "kefu"
  assert(sandbox:push{ url = "http://localhost/", userid = "u", msg = "m",
    transport = { request = function(_, request)
      local response
      response, message = receiver:handle{ method = request.method,
        headers = request.headers, body = request.body }
      return response
    end } })
  assert(message.userid == "u")
  local crypt = assert(wxbot.msgcrypt(all.aes_key, all.appid))
  for text, form in pairs{
    ["<xml><ToUserName>g</ToUserName><FromUserName>u</FromUserName><CreateTime>"
      .. os.time() .. "</CreateTime><MsgType>text</MsgType><Content>c</Content>"
      .. "<MsgId>1</MsgId></xml>"] = "<xml><Encrypt>%s</Encrypt></xml>",
    ['{"ToUserName":"g","FromUserName":"u","CreateTime":' .. os.time()
      .. ',"MsgType":"text","Content":"c","MsgId":2}'] = '{"ToUserName":"g","Encrypt":"%s"}',
  } do
    local sealed, now = crypt:encrypt(text), tostring(os.time())
    message = select(2, made "official_account":handle{ method = "POST",
      body = form:format(sealed), query = { timestamp = now, nonce = "n",
        encrypt_type = "aes",
        msg_signature = wxbot.signature(all.token, now, "n", sealed) } })
    assert(message.content == "c")
  end
  local service = made "service"
  service:handle{ method = "POST", body = "{}" }
  assert(service:reply "r")
end

local function use_network(wxbot)
  nowhere(wxbot)
  nowhere(wxbot, wxbot.curl())
  local loop, failed = wxbot.loop{ on_error = function() end }, nil
  nowhere(wxbot, loop)
  loop:gather{ loop:spawn(nowhere, wxbot, loop) }
  loop:spawn(error, "of a fiber")
  loop:spawn(function()
    loop:sleep(0.001)
    failed = select(2, pcall(error, "caught"))
  end)
  loop:run()
  assert(failed)
  loop:close()
end

--- Does so.
function M.use()
  local wxbot = require "wxbot"
  assert(wxbot.jwt.decode(wxbot.jwt.encode({ exp = os.time() + 60 }, "s"), "s"))
  use_sandbox(wxbot)
  receive(wxbot)
  use_network(wxbot)
end

--- Takes away what a host of programs that it does not trust takes away.
---@param debug_library table|nil what is left of it
function M.strip(debug_library)
  for _, name in ipairs{ "io", "load", "loadstring", "loadfile", "dofile",
      "collectgarbage", "getfenv", "setfenv", "newproxy", "module" } do
    _G[name] = nil
  end
  package.loadlib, string.dump = nil, nil -- luacheck: ignore
  _G.os = { time = os.time, clock = os.clock }
  _G.debug = debug_library
  for _, name in ipairs{ "io", "os", "debug" } do
    package.loaded[name] = _G[name]
  end
end

--- What is among the loaded modules that is not in a list.
---@param known table<string, boolean>
---@return string[] names sorted
function M.loaded_beside(known)
  local names = {}
  for name in pairs(package.loaded) do
    if not known[name] then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

return M
