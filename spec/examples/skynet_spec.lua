-- Without this the service for skynet answers nobody, or keeps its threads.
--
-- examples/skynet over a stand-in of skynet; on skynet itself where SKYNET names
-- a folder in which it is built (SKYNET_LUA and SKYNET_CPATH: see bench/skynet/run).
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local skynet = require "spec.support.skynet"
local start = require "spec.server.start"

describe("examples/skynet", function()
  local env

  setup(function()
    local server = start.run(run.line{ "serve", "--json", "--port", "0" })
    local said = assert(json.decode(server:line()))
    env = { wxbot_appid = said.appid, wxbot_token = said.token,
      wxbot_aes_key = said.aes_key, wxbot_base_url = said.url }
  end)

  teardown(function()
    start.stop_all()
    run.clean()
  end)

  -- Runs a service that has `skynet`, `bot` and `tell`; what it told, in order,
  -- and what the services did.
  local function serving(code, base_url)
    local told = {}
    local path = start.file([[
      local tell = ...
      local skynet, bot = require "skynet", require "wxbot_client"
      skynet.start(function() ]] .. code .. " end)")
    local of = setmetatable({ wxbot_base_url = base_url }, { __index = env })
    local log = skynet.run(path, of, function(...)
      told[#told + 1] = { ... }
    end)
    return told, log
  end

  it("answers 100 who ask at once, and then does nothing any more", function()
    local told, log = serving [[
      for i = 1, 100 do
        skynet.fork(function()
          tell(bot:ask({ userid = i, query = "怎么修改密码" }, { timeout = 9 }))
        end)
      end]]
    assert.equal(100, #told)
    for _, results in ipairs(told) do
      assert.equal("在设置-账号安全里可以修改密码。", results[1].text)
      assert.is_nil(results[2])
    end
    -- At once while there is more to do, else every hundredth; it has ended.
    local times = { [0] = 0, [1] = 0 }
    for _, hundredths in ipairs(log.timeouts) do
      times[hundredths] = times[hundredths] + 1
    end
    assert.is_true(times[0] > 1)
    assert.same({}, log.errors)
  end)

  it("waits a hundredth while there is nothing but to wait", function()
    local server = start.scripted{ { { "read" }, { "sleep", 0.1 } } }
    local told, log = serving([[
      tell(bot:aibot({ signature = "s", query = "q" }, { timeout = 9 }))]],
      server.url)
    assert.equal("transport", told[1][2].kind)
    local ones = 0
    for _, hundredths in ipairs(log.timeouts) do
      ones = ones + hundredths
    end
    assert.is_true(ones > 0)
  end)

  it("turns no loop while nobody asks", function()
    local _, log = serving [[ skynet.uniqueservice "wxbotd" ]]
    assert.same({}, log.timeouts)
  end)

  it("gives errors that are errors again", function()
    local told = serving [[
      tell(bot:task_fetch{ openid = "nobody", task_id = "t" })]]
    local result, err = told[1][1], told[1][2]
    assert.is_nil(result)
    assert.is_true(errors.is(err))
    assert.equal(1015, err.code)
    assert.matches("^task_fetch: 1015 the openid ", tostring(err))
    assert.matches("^it failed: task_fetch: 1015 ", "it failed: " .. err)
  end)

  it("raises a mistake at the line that made it", function()
    local told = serving [[
      tell(pcall(function() local _ = bot:ask{ userid = 1 } end))]]
    assert.is_false(told[1][1])
    assert.matches("^%S+:3: ask: query is missing", told[1][2])
  end)

  it("has no method that ends it for all, or that it does not know", function()
    local told = serving [[
      tell(pcall(function() bot:close() end))
      tell(pcall(function() bot:nonsense() end))
      tell(bot:ask{ userid = 1, query = "怎么修改密码" })]]
    assert.matches("no such method", told[1][2])
    assert.matches("no such method", told[2][2])
    assert.equal("answer", told[3][1].tier)
  end)

  it("fails a call whose result cannot be sent, and goes on", function()
    local told, log = serving [[
      tell(pcall(function() return bot:publications{}, 1 end))
      tell(bot:ask{ userid = 1, query = "怎么修改密码" })]]
    assert.matches("call failed", told[1][2])
    assert.equal("answer", told[2][1].tier)
    assert.matches("wxbotd: .*serialize", log.errors[1])
  end)

  it("says what is wrong with its credentials, and not what they are", function()
    local path = start.file [[
      local skynet = require "skynet"
      skynet.start(function() skynet.uniqueservice "wxbotd" end)]]
    local ok, message = pcall(skynet.run, path, { wxbot_token = "a/secret" })
    assert.is_false(ok)
    assert.matches("token", message)
    assert.is_nil(message:find("a/secret", 1, true))
  end)

  it("has lines for the configuration that name what there is", function()
    local config = { luaservice = "", lua_path = "", lua_cpath = "" }
    local text = start.read("examples/skynet/config.wxbot"):gsub("%$([%w_]+)",
      { WXBOT = ".", WXBOT_APPID = "a", WXBOT_TOKEN = "t", WXBOT_AES_KEY = "k" })
    assert.is_nil(text:find("$", 1, true))
    local chunk = assert((loadstring or load)(text)) -- luacheck: ignore
    if setfenv then -- luacheck: ignore
      setfenv(chunk, config) -- luacheck: ignore
    else
      debug.setupvalue(chunk, 1, config)
    end
    chunk()
    assert.equal("t", config.wxbot_token)
    assert.truthy(package.searchpath("wxbotd", config.luaservice))
    assert.truthy(package.searchpath("wxbot_client", config.lua_path))
    assert.truthy(package.searchpath("wxbot.util.errors", config.lua_path))
  end)

  local place = os.getenv("SKYNET")
  if place then
    it("answers on skynet itself", function()
      local said = start.output_of(("bench/skynet/run %s %s 2>&1"):format(place,
        os.getenv("SKYNET_LUA") or ""))
      assert.matches(", 0 failed: ", said)
    end)
  end
end)
