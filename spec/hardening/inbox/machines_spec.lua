-- Without this receivers that share an inbox in Redis lose a push, or mix up a
-- user's, when they or Redis are killed.
-- #once
local machines = require "spec.hardening.inbox.machines"
local run = require "spec.support.command"
local start = require "spec.server.start"

describe("2,000 pushes while receivers and Redis are killed", function()
  after_each(function()
    start.stop_all()
    run.clean()
  end)

  it("are all handled, each user's in order", function()
    local world = machines.run{ users = 100, each = 20, flight = 20,
      receivers = 3, pause = 2 }
    if not world then
      pending("nginx has no client of Redis here")
    end
    assert.same({}, world.wrong)
    assert.equal(2000, world.answered)
    assert.is_true(world.kills > 0)
  end)
end)
