-- Without this each worker of nginx fetches its own classic token, and ends
-- those of the others.
--
-- Four workers of nginx, and four processes besides, at the moment when the
-- token of their account has expired; and a platform that counts.
-- #long
local canary = require "spec.support.canary"
local shared = require "wxbot.auth.shared"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local start = require "spec.server.start"
local workers = require "spec.support.workers"

local KEY = shared.key("wx1", "classic", canary.secret)
local CALLERS = 10000
local LUA = jit and "5.1" or _VERSION:match "[%d.]+$"
-- The timeout of a fetch where a holder is killed; its lock lives three times
-- as long.
local TIMEOUT = 3
-- Seconds by which a busy machine may be late. The holder itself would have
-- kept the others for a minute.
local SLACK = 10

local answer = start.token_answer

-- Reads what a process prints until so many of its parts have ended; adds to
-- how many callers got what. Returns the longest of the waits, in seconds.
local function read(process, parts, got)
  local longest = 0
  while parts > 0 do
    local line = process:expect("^%l+%s.*")
    local what, n = line:match("^(%l+ ?.-)%s+(%d+)$")
    local seconds = line:match("^seconds%s+(%S+)")
    if seconds then
      longest, parts = math.max(longest, tonumber(seconds)), parts - 1
    elseif n and not what:find("^fetching") then
      got[what] = (got[what] or 0) + tonumber(n)
    end
  end
  return longest
end

describe("a classic token of four workers of nginx", function()
  local folders
  before_each(function() folders = {} end)
  after_each(function()
    start.stop_all()
    for _, folder in ipairs(folders) do
      start.remove_folder(folder)
    end
  end)

  local function nginx(settings)
    local process = workers.start(settings)
    folders[#folders + 1] = process.folder
    return process
  end

  -- Kills the worker that is fetching.
  local function kill_holder(platform, process)
    platform:expect("^request 1 ")
    os.execute("kill -KILL " .. process:expect("^fetching (%d+)"))
  end

  -- On the other Lua it would be the same: nginx has its own.
  if not jit then
    describe("that share a dictionary", function()
      it("is fetched once when it has expired for 10,000 callers", function()
        local platform = start.scripted{ answer("FIRST", 1),
          answer("FURTHER", 1) }
        local got = {}
        read(nginx{ url = platform.url, timeout = 10, callers = CALLERS / 4,
          together = 4 }, 4, got)
        assert.same({ ["token FIRST"] = CALLERS }, got)
        assert.equal(1, platform:count("request "))
      end)

      it("comes late by the life of the lock when its holder is killed",
        function()
          local platform = start.scripted{ answer("NEVER", 60),
            answer("SECOND", 0) }
          local process = nginx{ url = platform.url, timeout = TIMEOUT,
            callers = CALLERS / 4, together = 4 }
          kill_holder(platform, process)
          local got = {}
          local seconds = read(process, 3, got)
          assert.same({ ["token SECOND"] = CALLERS * 3 / 4 }, got)
          assert.is_true(seconds < 3 * TIMEOUT + SLACK,
            "waited for " .. seconds)
          assert.equal(2, platform:count("request "))
        end)
    end)
  end

  describe("and four processes, that share a Redis", function()
    local running
    before_each(function()
      running = server.server()
      folders[1] = running.folder
    end)

    -- So many of everybody begin at once.
    local function four_workers(platform, timeout, together)
      return nginx{ url = platform.url, timeout = timeout,
        redis = running.port, callers = CALLERS / 8, together = together }
    end

    local function four_processes(platform, timeout)
      local processes = {}
      for i = 1, 4 do
        processes[i] = start.run(
          (".ci/lua %s spec/support/token_users.lua %s %s %d %s 8"):format(LUA,
            platform.url, running.port, CALLERS / 8, timeout))
      end
      return processes
    end

    it("is fetched once when it has expired for 10,000 callers", function()
      local platform = start.scripted{ answer("FIRST", 1),
        answer("FURTHER", 1) }
      local store = redis.new(server.command(running.port))
      store:put(KEY, ("%d %d EXPIRED"):format(os.time() - 7200, os.time()),
        store:lock(KEY, 0.001), 60)
      local process = four_workers(platform, 10, 8)
      local got = {}
      for _, other in ipairs(four_processes(platform, 10)) do
        read(other, 1, got)
      end
      read(process, 4, got)
      assert.same({ ["token FIRST"] = CALLERS }, got)
      assert.equal(1, platform:count("request "))
    end)

    it("comes late by the life of the lock when its holder is killed",
      function()
        local platform = start.scripted{ answer("NEVER", 60),
          answer("SECOND", 0) }
        local process = four_workers(platform, TIMEOUT, 4)
        kill_holder(platform, process)
        local got = {}
        local seconds = 0
        for _, other in ipairs(four_processes(platform, TIMEOUT)) do
          seconds = math.max(seconds, read(other, 1, got))
        end
        seconds = math.max(seconds, read(process, 3, got))
        assert.same({ ["token SECOND"] = CALLERS * 7 / 8 }, got)
        assert.is_true(seconds < 3 * TIMEOUT + SLACK, "waited for " .. seconds)
        assert.equal(2, platform:count("request "))
      end)
  end)
end)
