-- Without this machines that share a Redis lose or mix up their values.
--
-- The store in a real Redis.
local redis = require "wxbot.store.redis"
local server = require "spec.support.redis"

describe("the store in Redis", function()
  local command = server.beside_specs()

  it("goes on when the server lost its memory", function()
    command("FLUSHALL")
    local store = redis.new(command)
    for _ = 1, 3 do
      store:unlock("k", store:lock("k", 5))
    end
    local held = store:lock("k", 5)
    command("FLUSHALL")
    assert.is_true(store:put("k", "V", held, 5))
    assert.is_true(store:lock("k", 5) > held)
  end)

  it("keeps the keys of an account in one slot of a cluster", function()
    local seen = {}
    local store = redis.new(function(...)
      local words = { ... }
      for i, word in ipairs(words) do
        seen[#seen + 1] = i > 1 and word:match("^wxbot:{.*") or nil
      end
      return command(...)
    end)
    local key = "wxbot:{wx1}:classic"
    store:put(key, "V", store:lock(key, 5), 5)
    assert.is_true(#seen >= 4)
    for _, name in ipairs(seen) do
      assert.equal("wx1", name:match("{(.-)}"))
    end
  end)

  it("says what the client says when it fails", function()
    local store = redis.new(function() return nil, "connection refused" end)
    for _, method in ipairs{ "get", "lock", "delete", "unlock" } do
      local value, message = store[method](store, "k", 5)
      assert.is_nil(value)
      assert.equal("connection refused", message)
    end
    local stored, message = store:put("k", "v", 1, 5)
    assert.is_nil(stored)
    assert.equal("connection refused", message)
    stored, message = store:add("k", "v", 5)
    assert.is_nil(stored)
    assert.equal("connection refused", message)
  end)

  it("raises when it is given no function", function()
    assert.has_error(function() redis.new("127.0.0.1") end,
      "wxbot.store.redis: expected a function that sends a command")
  end)
end)
