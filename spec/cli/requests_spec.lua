-- Without this nobody hears on the command line what a served sandbox was sent.
-- #once
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local served = require "spec.support.served"
local start = require "spec.server.start"

local TOKEN = require "wxbot.sandbox".new():credentials().token

describe("wxbot requests", function()
  local server

  setup(function()
    server = served.start()
    local function send(path, body)
      start.output_of(("curl -s -H 'Content-Type: application/json' -d %s %s")
        :format(run.quote(body), server.url .. path))
    end
    send("/openapi/sign/" .. TOKEN, '{"userid":"u\27[31m"}')
    send("/openapi/sign/" .. TOKEN, '{"userid":"u"}')
    send("/nowhere", "{}")
  end)

  teardown(function()
    start.stop_all()
    run.clean()
  end)

  local function requests(...)
    return run.run{ "requests", "--base-url", server.url, ... }
  end

  it("lists them, oldest first, with their cause", function()
    local result = requests()
    assert.equal("", result.err)
    local lines = {}
    for line in result.out:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.equal(3, #lines)
    assert.matches("^1  %d%d:%d%d:%d%d  sign  200  1003  .* ms  The body is not "
      .. "JSON: ", lines[1])
    assert.matches("^2  .*  sign  200  %d+%.%d ms$", lines[2])
    assert.matches("^3  .*  POST /nowhere  404  .*  There is no interface at "
      .. "/nowhere%.$", lines[3])
  end)

  it("lists those that failed, and as JSON", function()
    local answer = assert(json.decode(requests("--failed", "--json").out))
    assert.equal(3, answer.newest)
    assert.equal(2, #answer.requests)
    assert.equal("unknown_path", answer.requests[2].cause_id)
    assert.is_string(answer.requests[2].cure)
  end)

  it("shows all of one, safe for a terminal, and masked", function()
    local out = requests("--show", "1").out
    assert.truthy(out:find("\ncause: The body is not JSON", 1, true))
    assert.truthy(out:find("\ncure: ", 1, true))
    assert.truthy(out:find('\nbody:\n{"userid":"u?[31m"}\n', 1, true))
    assert.truthy(out:find("POST /openapi/sign/***\n", 1, true))
    assert.truthy(out:find("\nanswer:\n{", 1, true))
    -- What is asked for is shown; `run` would refuse to hear it.
    assert.truthy(start.output_of(run.line{ "requests", "--base-url", server.url,
      "--show", "1", "--secrets" }):find(TOKEN, 1, true))
    assert.equal("u", json.decode(json.decode(requests("--show", "2",
      "--json").out).body).userid)
  end)

  it("tells of those that come, until it is ended", function()
    local child = run.start{ "requests", "--follow", "--base-url", server.url }
    local shown
    run.wait_for(function()
      start.output_of("curl -s -d '{}' " .. server.url .. "/followed")
      shown = run.read(child.out)
      return shown:find("/followed", 1, true)
    end, "the request")
    assert.is_nil(shown:find("/nowhere", 1, true))
    child:interrupt()
    assert.equal(130, child:wait().status)
  end)

  it("says what is not there", function()
    local result = requests("--show", "99999")
    assert.equal(1, result.status)
    assert.equal("wxbot: there is no such request, or it is no longer kept\n",
      result.err)
    result = requests("--show", "1", "--follow")
    assert.equal(2, result.status)
    result = run.run{ "requests", "--base-url", "http://127.0.0.1:1" }
    assert.equal(1, result.status)
    assert.truthy(#result.err > 0)
  end)
end)
