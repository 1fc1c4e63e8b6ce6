-- Without this a full store in memory forgets the wrong value, or a lock stays.
local memory = require "wxbot.store.memory"

describe("the store in memory", function()
  it("frees the lock of who died when the clock is put back", function()
    local at = 7200
    local store = memory.new{ clock = function() return at end }
    local dead = assert(store:lock("k", 30))
    at = 0
    local generation = store:lock("k", 30)
    assert.is_true(generation and generation > dead)
    assert.is_false(store:unlock("k", dead))
    assert.is_false(store:lock("k", 30))
  end)

  it("lets the oldest go when it is full", function()
    local store = memory.new{ limit = 2 }
    assert.is_true(store:add("a", "1", 60))
    assert.is_true(store:add("b", "1", 60))
    assert.is_false(store:add("a", "1", 60))
    local first, message = store:add("c", "1", 60)
    assert.is_true(first)
    assert.equal("full", message)
    assert.is_false(store:add("b", "1", 60))
    assert.is_true(store:add("a", "1", 60))
  end)

  it("keeps what is good for longest, whatever came when", function()
    local now = 0
    local store = memory.new{ limit = 4, clock = function() return now end }
    store:add("long", "1", 100)
    for i = 1, 20 do
      now = now + 2
      assert.same({ true }, { store:add("k" .. i, "1", 3) })
    end
    assert.same({ true }, { store:add("a", "1", 3) })
    assert.same({ true, "full" }, { store:add("b", "1", 3) })
    assert.is_false(store:add("long", "1", 100))
    assert.is_false(store:add("b", "1", 3))
    now = 100
    assert.is_true(store:add("long", "1", 1))
  end)

  it("keeps a key that was deleted and added again", function()
    local store = memory.new{ limit = 2 }
    store:add("a", "1", 60)
    store:delete("a")
    store:add("a", "1", 60)
    store:add("b", "1", 60)
    assert.is_false(store:add("a", "1", 60))
  end)

  it("has one value for what is put again and again", function()
    local store = memory.new{ limit = 2 }
    store:put("a", "1", store:lock("a", 5), 60)
    for i = 2, 9 do
      local generation = store:lock("b", 5)
      assert.is_true(store:put("b", tostring(i), generation, 60))
      store:unlock("b", generation)
      assert.equal(tostring(i), store:get("b"))
    end
    assert.equal("1", store:get("a"))
  end)

  it("gives up nothing that was put, and nothing for it", function()
    local store = memory.new{ limit = 2 }
    store:add("a", "1", 60)
    store:add("b", "1", 60)
    store:put("token", "T", store:lock("token", 9), 60)
    assert.equal("1", store:get("a"))
    for i = 1, 9 do
      store:add("flood" .. i, "1", 90)
    end
    assert.equal("T", store:get("token"))
  end)

  it("raises for a limit that is none", function()
    for _, limit in ipairs{ 0, "2" } do
      assert.has_error(function() memory.new{ limit = limit } end,
        "wxbot.store.memory: limit must be a number of at least 1")
    end
  end)
end)
