-- Without this who waits first is not served first, or what was taken is never
-- freed.
local queue = require "wxbot.util.queue"

describe("wxbot.util.queue", function()
  it("gives things back in the order in which they came", function()
    local list = queue.new()
    queue.push(list, "a")
    queue.push(list, false)
    assert.equal("a", queue.pop(list))
    queue.push(list, "b")
    assert.is_false(queue.pop(list))
    assert.equal("b", queue.pop(list))
  end)

  it("has nothing when it is empty, and can be used again", function()
    local list = queue.new()
    assert.is_nil(queue.pop(list))
    queue.push(list, 1)
    queue.pop(list)
    assert.is_nil(queue.pop(list))
    queue.push(list, 2)
    assert.equal(2, queue.pop(list))
  end)

  it("keeps nothing of what was taken out", function()
    local list = queue.new()
    for i = 1, 100 do
      queue.push(list, i)
      queue.pop(list)
    end
    assert.equal(0, #list)
    assert.is_nil(list[100])
  end)
end)
