-- Without this an inbox loses a push, or mixes up a user's, when its process is
-- killed.
-- #once
local kills = require "spec.hardening.inbox.kills"
local run = require "spec.support.command"
local start = require "spec.server.start"

describe("2,000 pushes while nginx is killed with -9", function()
  after_each(function()
    start.stop_all()
    run.clean()
  end)

  it("are all handled, each user's in order", function()
    local world = kills.run{ users = 4, each = 500, flight = 4, seed = 1,
      pause = 0.2, kills = 6 }
    assert.same({}, world.wrong)
    assert.equal(2000, world.answered)
    assert.is_true(world.kills >= 1, world.kills)
  end)
end)
