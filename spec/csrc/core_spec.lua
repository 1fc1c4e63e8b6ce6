-- Without this a call cannot tell whether it may wait where it is made.
local core = require "wxbot.core"

describe("isyieldable", function()
  it("says whether the caller could wait", function()
    assert.is_true(coroutine.wrap(function()
      return core.isyieldable()
    end)())
    assert.is_true(coroutine.wrap(function()
      return select(2, pcall(core.isyieldable))
    end)())
  end)

  it("says no below a C function", function()
    local seen
    coroutine.wrap(function()
      ("x"):gsub("x", function() seen = core.isyieldable() end)
    end)()
    assert.is_false(seen)
  end)
end)

describe("openssl", function()
  it("is the version of the library that was loaded", function()
    assert.matches("^%d+%.%d+%.%d+", core.openssl)
  end)
end)
