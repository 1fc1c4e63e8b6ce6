-- Without this the earliest deadline is not the first.
local heap = require "wxbot.util.heap"

describe("wxbot.util.heap", function()
  it("gives the earliest first, whatever the order of coming and going",
    function()
      math.randomseed(7)
      local times, entries = heap.new(), {}
      for i = 1, 2000 do
        entries[i] = times:add(math.random(500), i)
      end
      for i = 1, 2000, 3 do
        times:remove(entries[i])
        times:remove(entries[i])
      end
      local last, seen = 0, 0
      while times:first() do
        local entry = times:first()
        assert.is_true(entry.at >= last)
        assert.not_equal(1, entry.value % 3)
        last, seen = entry.at, seen + 1
        times:remove(entry)
      end
      assert.equal(2000 - 667, seen)
      assert.equal(0, times.size)
    end)

  it("has nothing first when it is empty", function()
    assert.is_nil(heap.new():first())
  end)
end)
