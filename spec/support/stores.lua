-- What every store of access tokens does: specs, to be called in a describe.
-- `new()` makes an empty store, `wait(seconds)` lets its time pass.

local busted = require "busted"

local assert, before_each, it = busted.assert, busted.before_each, busted.it

return function(new, wait)
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
end
