-- Without this the example for a game server blocks a tick, or does not run.
--
-- examples/game_tick.lua, as its users run it.
local canary = require "spec.support.canary"
local json = require "wxbot.codec.json"
local run = require "spec.support.command"
local socket = require "socket"
local start = require "spec.server.start"

local LUA = type(jit) == "table" and "luajit" or start.LUA

describe("examples/game_tick.lua", function()
  after_each(function()
    start.stop_all()
    run.clean()
  end)

  -- Runs it to its end; returns its status and all that it said.
  local function play(arguments, environment)
    local game = start.run(("sh -c '%s %s examples/game_tick.lua %s; "
      .. "echo status $?'"):format(environment or "", LUA, arguments))
    local status = game:expect("^status (%d+)")
    return tonumber(status), table.concat(game.lines, "\n")
  end

  local function assert_went_well(status, said)
    assert.equal(0, status, said)
    local ticks, answers, failed = said:match(
      "^(%d+) ticks, (%d+) answers, (%d+) failed; a step took ")
    assert.is_truthy(ticks, said)
    assert.is_true(tonumber(ticks) > 1, said)
    assert.is_true(tonumber(answers) > 0, said)
    assert.equal("0", failed, said)
    assert.is_nil(said:find("fell silent", 1, true), said)
  end

  it("plays against the embedded platform", function()
    assert_went_well(play("2"))
  end)

  it("plays against a platform elsewhere", function()
    local server = start.run(run.line{ "serve", "--json", "--port", "0" })
    local said = assert(json.decode(server:line()))
    assert_went_well(play("2 " .. said.url, ("WXBOT_APPID=%s WXBOT_TOKEN=%s "
      .. "WXBOT_AES_KEY=%s"):format(said.appid, said.token, said.aes_key)))
  end)

  it("says on Ctrl-C what there was until then", function()
    local game = start.run(("sh -c '%s examples/game_tick.lua 60 & "
      .. "echo pid $!; wait $!; echo status $?'"):format(LUA))
    local pid = game:expect("^pid (%d+)")
    socket.sleep(1)
    assert(os.execute("kill -INT " .. pid))
    local status = game:expect("^status (%d+)")
    local said = table.concat(game.lines, "\n")
    assert.equal("130", status, said)
    assert.matches("%d+ ticks, %d+ answers, 0 failed; a step took ", said)
    assert.is_nil(said:find("traceback", 1, true), said)
  end)

  it("tells of a platform that it cannot reach", function()
    local status, said = play("2 http://127.0.0.1:1", "WXBOT_APPID=a "
      .. "WXBOT_TOKEN=" .. canary.credentials.token .. " WXBOT_AES_KEY="
      .. canary.credentials.aes_key)
    assert.equal(0, status, said)
    assert.matches("ticks, 0 answers, [1-9]%d* failed; ", said)
  end)
end)
