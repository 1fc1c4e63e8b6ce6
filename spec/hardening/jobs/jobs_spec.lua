-- Without this a job that is killed again and again, and whose platform is, leaves
-- openids out or sends more twice than were on their way.
-- #once
local run = require "spec.support.command"
local start = require "spec.server.start"

describe("20,000 openids, with kills of the job and of the platform,", function()
  after_each(start.stop_all)

  it("are tagged, all of them, and few of them twice", function()
    local said = start.output_of("OPENIDS=20000 RATE=60 EVERY=2 RESTARTS=1 "
      .. ".ci/lua 5.4 spec/hardening/jobs/main.lua 2>&1")
    assert.matches("\njobs: good\n$", said)
    run.clean()
  end)
end)
