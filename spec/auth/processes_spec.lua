-- Without this each process fetches its own classic token, and makes those of
-- the others invalid.
--
-- Four processes that share a Redis, and a platform that counts.
local canary = require "spec.support.canary"
local shared = require "wxbot.auth.shared"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local start = require "spec.server.start"

local KEY = shared.key("wx1", "classic", canary.secret)
local FIBERS = 2500
local LUA = jit and "5.1" or _VERSION:match "[%d.]+$"

local answer = start.token_answer

describe("a classic token of four processes", function()
  local running, command
  before_each(function()
    running = server.server()
    command = server.command(running.port)
  end)
  after_each(function()
    start.stop_all()
    start.remove_folder(running.folder)
  end)

  local function caller(platform, timeout, together, fibers)
    return start.run(
      (".ci/lua %s spec/support/token_users.lua %s %s %d %s %d"):format(LUA,
        platform.url, running.port, fibers or FIBERS, timeout, together))
  end

  -- The token that all fibers of a process got, and how long they waited.
  local function outcome(process)
    local token, n = process:expect("^token (%S+)%s+(%d+)")
    assert.equal(FIBERS, tonumber(n))
    return token, tonumber((process:expect("^seconds%s+(%S+)")))
  end

  it("is fetched once when it has expired for 10,000 callers", function()
    local platform = start.scripted{ answer("FIRST", 0.5),
      answer("FURTHER", 0.5) }
    local store = redis.new(command)
    store:put(KEY, ("%d %d EXPIRED"):format(os.time() - 7200, os.time()),
      store:lock(KEY, 0.001), 60)
    local callers = {}
    for i = 1, 4 do
      callers[i] = caller(platform, 10, 4)
    end
    for i = 1, 4 do
      assert.equal("FIRST", (outcome(callers[i])))
    end
    assert.equal(1, platform:count("request "))
  end)

  it("comes late by the life of the lock when its holder is killed", function()
    local platform = start.scripted{ answer("NEVER", 60),
      answer("SECOND", 0) }
    local holder = caller(platform, 2, 1, 1)
    platform:expect("^request 1 ")
    holder:signal("KILL")
    local callers = {}
    for i = 1, 3 do
      callers[i] = caller(platform, 2, 4)
    end
    for i = 1, 3 do
      local token, seconds = outcome(callers[i])
      assert.equal("SECOND", token)
      -- Six seconds, and what a busy machine may need. The holder itself
      -- would have kept the others for a minute.
      assert.is_true(seconds < 6 + 10, "waited for " .. seconds)
    end
    assert.equal(2, platform:count("request "))
  end)
end)
