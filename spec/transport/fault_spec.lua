-- Without this a server that breaks makes a call hang, raise, or look sent.
--
-- What a bot makes of servers that break, on each transport.
-- #long

local curl = require "wxbot.transport.curl"
local faults = require "spec.support.fault_specs"
local on_loop = require "spec.support.on_loop"
local start = require "spec.server.start"

faults("libcurl, blocking", {
  transport = function()
    return curl.new{}
  end,
  secure = function(ca_file)
    return curl.new{ ca_file = ca_file }
  end,
})

faults("libcurl in a loop", {
  transport = on_loop.new,
  run = on_loop.run,
  secure = function(ca_file)
    return on_loop.new{ ca_file = ca_file }
  end,
})

describe("a name server that does not answer", function()
  local LUA = type(jit) == "table" and "luajit" or start.LUA
  local ASK = [[
    local canary = require "spec.support.canary"
    local bot = require "wxbot".new{ token = canary.credentials.token,
      access_token = canary.access_token, timeout = 0.4, transport = %s,
      base_url = { chatbot = "http://bot.example",
        api = "http://127.0.0.1:1" } }
    local clock = require "wxbot.curl".now
    local begun = clock()
    local _, err = bot:aibot{ signature = "s", query = "q" }
    print(err.kind, err.sent, clock() - begun < 0.65)
    _, err = bot:freepublish_get{ publish_id = "1" }
    print(err.kind, err.sent)
    os.exit(0, true)]]

  -- What a child prints that asks there; nil: this machine does not let us.
  local function ask(transport)
    local child = start.run("sh spec/support/silent_dns.sh " .. LUA .. " "
      .. start.file(ASK:format(transport)))
    local first, second = child:line(), child:line()
    if first then
      assert.is_nil(child:line())
    end
    start.stop_all()
    return first, second
  end

  for name, transport in pairs{
    ["libcurl, blocking"] = 'require "wxbot".curl{}',
    ["a loop"] = 'require "wxbot".loop{}',
  } do
    it("is waited for until the deadline, by " .. name, function()
      local first, second = ask(transport)
      if not first then
        pending("a network of its own is not allowed here")
        return
      end
      assert.equal("timeout\tfalse\ttrue", first)
      assert.equal("transport\tfalse", second)
    end)
  end
end)
