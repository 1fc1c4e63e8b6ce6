-- Without this strangers can try without a limit, or lock out the platform.
local limiter = require "wxbot.receive.limiter"

local function made(limit)
  local clock = { now = 1000 }
  local one = limiter.new(limit or 2, 60, function() return clock.now end)
  return one, clock
end

describe("a failure limiter", function()
  it("is spent at its limit, for one source, until its time is over", function()
    local one, clock = made()
    one:count("192.0.2.1")
    assert.is_false(one:is_over("192.0.2.1"))
    one:count("192.0.2.1")
    assert.is_true(one:is_over("192.0.2.1"))
    assert.is_false(one:is_over("192.0.2.2"))
    clock.now = 1059
    assert.is_true(one:is_over("192.0.2.1"))
    clock.now = 1060
    assert.is_false(one:is_over("192.0.2.1"))
  end)

  it("does not know who gave no source", function()
    local one = made(1)
    one:count(nil)
    assert.is_false(one:is_over(nil))
  end)

  it("begins anew when the clock is put back", function()
    local one, clock = made(1)
    one:count("192.0.2.1")
    clock.now = 0
    assert.is_false(one:is_over("192.0.2.1"))
  end)

  it("takes the 2^64 addresses of a network of IPv6 for one source", function()
    local one = made()
    one:count("2001:db8:0:7::1")
    one:count("2001:DB8:0000:7:abcd:ef01:2345:6789")
    assert.is_true(one:is_over("2001:db8:0:7::2"))
    assert.is_true(one:is_over("2001:db8::7:1:2:3:4"))
    assert.is_false(one:is_over("2001:db8:0:8::1"))
    assert.is_false(one:is_over("2001:db8::1"))
  end)

  it("tells the short forms of IPv6 apart", function()
    local one = made(1)
    one:count("::1")
    assert.is_true(one:is_over("0:0:0:0:0:0:0:1"))
    assert.is_false(one:is_over("1::"))
    one:count("1::")
    assert.is_true(one:is_over("1:0:0:0::9"))
  end)

  it("takes an address of IPv4 written as one of IPv6 for itself", function()
    local one = made(1)
    one:count("::ffff:192.0.2.1")
    assert.is_true(one:is_over("192.0.2.1"))
    assert.is_false(one:is_over("::ffff:192.0.2.2"))
  end)

  it("takes whatever else it is given for a name", function()
    local one = made(1)
    for _, source in ipairs{ "", ":", "unix:", "192.0.2.1:80", "a b" } do
      one:count(source)
      assert.is_true(one:is_over(source))
      assert.is_false(one:is_over(source .. "1"))
    end
  end)

  it("keeps no more of a source than an address has", function()
    local one = made(1)
    one:count(("x"):rep(100000))
    assert.is_true(one:is_over(("x"):rep(100001)))
    assert.equal(64, #next(one.young))
  end)

  it("remembers who failed last, and not everybody who ever did", function()
    local one = made(1)
    one:count("first")
    for i = 1, 30000 do
      one:count("source " .. i)
    end
    assert.is_false(one:is_over("first"))
    assert.is_true(one:is_over("source 30000"))
    local kept = 0
    for _, generation in ipairs{ one.young, one.old } do
      for _ in pairs(generation) do
        kept = kept + 1
      end
    end
    assert.is_true(kept <= 20000)
  end)
end)
