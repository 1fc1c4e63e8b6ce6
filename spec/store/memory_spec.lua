local contract = require "spec.support.stores"
local memory = require "wxbot.store.memory"

describe("the store in memory", function()
  local now = 0
  contract(function()
    return memory.new{ clock = function() return now end }
  end, function(seconds) now = now + seconds end)

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
end)
