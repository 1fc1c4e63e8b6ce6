-- Without this `wxbot receive --state` loses tickets and refresh tokens, fills the
-- disk with those that it has had, or keeps them from the command.
local files = require "wxbot.store.file"
local lfs = require "lfs"
local start = require "spec.server.start"

local OWNER, YEAR = "wxC", 365 * 86400
local LUA = jit and "5.1" or _VERSION:match "[%d.]+$"
local PROCESSES, TIMES = 3, 150

-- What each of several processes does: counts by one, under the lock.
local COUNTER = [[
local store = assert(require "wxbot.store.file".new{ path = "%s", owner = "%s" })
local left, large = %d, ("x"):rep(16384)
while left > 0 do
  local generation = assert(store:lock("count", 60) or store:get("count") and 0)
  if generation > 0 then
    local count = store:get("count"):match("%%d+") + 1
    assert(store:put("count", count .. " " .. large, generation, 3600))
    assert(store:unlock("count", generation))
    left = left - 1
  end
end
print "done"
]]

local folder, path

before_each(function()
  folder = start.output_of("mktemp -d"):match("[^\n]+")
  path = folder .. "/state"
end)
after_each(function()
  start.stop_all()
  start.remove_folder(folder)
end)

local function put(store, key, value, seconds)
  local generation = assert(store:lock(key, 1))
  assert.is_true(store:put(key, value, generation, seconds or YEAR))
  store:unlock(key, generation)
end

-- Each has its own, as processes have.
local function open(owner)
  return files.new{ path = path, owner = owner or OWNER }
end

describe("a store in a file", function()
  it("has again what was put last, and has not ended", function()
    local store = assert(open())
    put(store, "ticket", "old")
    put(store, "ticket", "new")
    put(store, "withdrawn", "token")
    put(store, "withdrawn", "-", 0)
    assert.equal("new", store:get("ticket"))
    store = assert(open())
    assert.equal("new", store:get("ticket"))
    assert.is_nil((store:get("withdrawn")))
  end)

  it("is written anew before it is large, with what has not ended", function()
    local store, token = assert(open()), ("x"):rep(16384)
    local other = assert(open())
    put(store, "refresh", "kept")
    put(store, "ended", "gone", 0)
    for _ = 1, 300 do
      put(store, "token", token)
    end
    assert.is_true(lfs.attributes(path, "size") < 2 ^ 22)
    local text = start.read(path)
    assert.is_truthy(text:find('"refresh"', 1, true))
    assert.is_nil(text:find('"gone"', 1, true))
    put(other, "refresh", "newer")
    assert.equal("newer", (store:get("refresh")))
    assert.equal(token, (other:get("token")))
  end)

  it("is nobody else's", function()
    put(assert(open()), "ticket", "t")
    local store, err = open("wxOther")
    assert.is_nil(store)
    assert.is_truthy(err.message:find("wxC", 1, true), err.message)
  end)

  it("has what others put, and their locks", function()
    local one, other = assert(open()), assert(open())
    put(one, "token", "T1")
    assert.equal("T1", other:get("token"))
    local generation = assert(other:lock("token", 60))
    assert.is_false(one:lock("token", 60))
    assert.is_false(one:unlock("token", generation - 1))
    assert.is_true(other:put("token", "T2", generation, YEAR))
    assert.is_true(other:unlock("token", generation))
    assert.equal("T2", one:get("token"))
    assert.is_true(one:lock("token", 60) > generation)
  end)

  it("loses nothing where many put, and it is written anew meanwhile", function()
    local store, processes = assert(open()), {}
    put(store, "count", "0")
    local script = start.file(COUNTER:format(path, OWNER, TIMES))
    for i = 1, PROCESSES do
      processes[i] = start.run((".ci/lua %s %s"):format(LUA, script))
    end
    for i = 1, PROCESSES do
      processes[i]:expect("^done$")
    end
    assert.equal(PROCESSES * TIMES, tonumber(store:get("count"):match("^%d+")))
    assert.is_true(lfs.attributes(path, "size") < 16384 * PROCESSES * TIMES)
  end)

  it("keeps who is late from putting, also after it was written anew", function()
    local one, other = assert(open()), assert(open())
    local late = assert(one:lock("token", 0))
    put(other, "token", "T2", 0)
    local big = ("x"):rep(16384)
    for _ = 1, 300 do
      put(other, "other", big)
    end
    assert.is_false(assert(open()):put("token", "T1", late, YEAR))
  end)

  it("goes on in memory where the file fails, and says so", function()
    local store = assert(open())
    put(store, "ticket", "t")
    os.remove(path)
    os.execute("mkdir " .. path)
    assert.equal("t", store:get("ticket"))
    local generation = assert(store:lock("token", 60))
    local done, why = store:put("token", "T", generation, YEAR)
    assert.is_nil(done)
    assert.is_truthy(why:find("Is a directory", 1, true), why)
    assert.equal("T", store:get("token"))
    assert.is_true(store:unlock("token", generation))
  end)
end)
