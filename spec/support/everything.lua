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
  local given = sandbox:credentials()
  local crypt = assert(wxbot.msgcrypt(given.aes_key, given.appid))
  assert(crypt:decrypt(crypt:encrypt("m")) == "m")
  assert(wxbot.signature(given.token, "1", "n", "m"))
  for format, push in pairs{
    kefu = { kind = "kefu", msg = "m" },
    xml = { kind = "official_account", content = "m", format = "xml" },
    json = { kind = "official_account", content = "m", format = "json" },
    service = { kind = "service", query = "m" },
  } do
    local kind = push.kind
    local receiver = assert(wxbot.receiver{ kind = kind, token = given.token,
      aes_key = given.aes_key, appid = kind == "kefu" and given.appid
        or sandbox:account().appid })
    push.url, push.userid = "http://localhost/", "u"
    push.transport = { request = function(_, request)
      local response, message = receiver:handle{ method = request.method,
        query = request.url:match("%?(.*)"), body = request.body }
      assert(message.userid == "u", format)
      return kind == "kefu" and response or receiver:reply(message, "r")
    end }
    local _, err, reply = sandbox:push(push)
    assert(not err and (kind == "kefu" or reply.text == "r"), err)
  end
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
