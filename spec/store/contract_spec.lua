-- Without this a store of one kind does what those of the others do not: an
-- access token, or a duplicate, is lost where programs share more than memory.
local files = require "wxbot.store.file"
local memory = require "wxbot.store.memory"
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"
local shdict = require "wxbot.store.shdict"
local socket = require "socket"
local start = require "spec.server.start"

local ngx = package.loaded.ngx
local sleep = ngx and ngx.sleep or socket.sleep

local now = 0

local folder = start.output_of("mktemp -d"):match("[^\n]+")
teardown(function() start.remove_folder(folder) end)

local command = server.beside_specs()

-- Kind -> a function that makes an empty store, and how its time passes.
local kinds = {
  ["in memory"] = { function()
    return memory.new{ clock = function() return now end }
  end, function(seconds) now = now + seconds end },
  ["in a file"] = { function()
    os.remove(folder .. "/store")
    return assert(files.new{ path = folder .. "/store", owner = "me",
      clock = function() return now end })
  end, function(seconds) now = now + seconds end },
  ["in Redis"] = { function()
    assert.equal("OK", command("FLUSHALL"))
    return redis.new(command)
  end, sleep },
}

if ngx then
  kinds["in a shared dictionary"] = { function()
    ngx.shared.wxbot_tokens:flush_all()
    return shdict.new(ngx.shared.wxbot_tokens)
  end, sleep }
end

for kind, with in pairs(kinds) do
  describe("a store " .. kind, function()
    local new, wait = with[1], with[2]
    local KEY = "wxbot:{wx1}:classic"
    local store
    before_each(function() store = new() end)

    it("has nothing at first", function()
      assert.is_nil((store:get(KEY)))
    end)

    it("keeps what was put", function()
      assert.is_true(store:put(KEY, "1 2 T", store:lock(KEY, 5), 5))
      assert.equal("1 2 T", store:get(KEY))
    end)

    it("keeps accounts apart", function()
      store:put(KEY, "1 2 T", store:lock(KEY, 5), 5)
      assert.is_nil((store:get("wxbot:{wx2}:classic")))
      assert.is_truthy(store:lock("wxbot:{wx2}:classic", 5))
    end)

    it("forgets a value when its time is over", function()
      store:put(KEY, "1 2 T", store:lock(KEY, 5), 0.2)
      wait(0.4)
      assert.is_nil((store:get(KEY)))
    end)

    it("gives the lock to one", function()
      assert.is_truthy(store:lock(KEY, 5))
      assert.is_false(store:lock(KEY, 5))
    end)

    it("gives it to the next with a greater generation", function()
      local first = store:lock(KEY, 5)
      assert.is_true(store:unlock(KEY, first))
      assert.is_true(store:lock(KEY, 5) > first)
    end)

    it("takes it from a holder that is too slow", function()
      local first = store:lock(KEY, 0.2)
      wait(0.4)
      local second = store:lock(KEY, 5)
      assert.is_true(second > first)
      -- The slow one cannot take it away …
      assert.is_false(store:unlock(KEY, first))
      assert.is_false(store:lock(KEY, 5))
      -- … and not overwrite what the second has put.
      assert.is_true(store:put(KEY, "NEW", second, 5))
      assert.is_false(store:put(KEY, "OLD", first, 5))
      assert.equal("NEW", store:get(KEY))
    end)

    it("lets a slow holder put what nobody else has", function()
      local first = store:lock(KEY, 0.2)
      wait(0.4)
      local second = store:lock(KEY, 5)
      assert.is_true(store:put(KEY, "OLD", first, 5))
      assert.equal("OLD", store:get(KEY))
      assert.is_true(store:put(KEY, "NEW", second, 5))
      assert.equal("NEW", store:get(KEY))
    end)

    it("refuses an old generation when the value's time is over", function()
      local first = store:lock(KEY, 0.1)
      wait(0.2)
      store:put(KEY, "NEW", store:lock(KEY, 5), 0.1)
      wait(0.2)
      assert.is_false(store:put(KEY, "OLD", first, 5))
      assert.is_nil((store:get(KEY)))
    end)

  end)
end

-- That in a file is for access tokens alone.
kinds["in a file"] = nil

for kind, with in pairs(kinds) do
  describe("a store " .. kind, function()
    local new, wait = with[1], with[2]
    local store
    before_each(function() store = new() end)

    it("adds what is not there", function()
      assert.is_true((store:add("m", "1", 5)))
      assert.equal("1", store:get("m"))
      assert.is_false((store:add("m", "2", 5)))
      assert.equal("1", store:get("m"))
      assert.is_true((store:add("n", "1", 5)))
    end)

    it("adds it again when its time is over", function()
      assert.is_true((store:add("m", "1", 0.2)))
      wait(0.4)
      assert.is_nil((store:get("m")))
      assert.is_true((store:add("m", "2", 5)))
      assert.equal("2", store:get("m"))
    end)

    it("adds it again when it was deleted", function()
      store:add("m", "1", 5)
      store:delete("m")
      assert.is_nil((store:get("m")))
      assert.is_true((store:add("m", "2", 5)))
      assert.is_false((store:add("m", "3", 5)))
      store:delete("never added")
    end)

    it("says nothing besides what was added", function()
      for _, added in ipairs{ true, false } do
        local first, message = store:add("m", "1", 5)
        assert.equal(added, first)
        assert.is_nil(first and message or nil)
      end
    end)

    it("keeps a value as it is", function()
      local value = "\0\r\n\255 1e3"
      store:add("m", value, 5)
      assert.equal(value, store:get("m"))
    end)
  end)
end
