-- Without this calls at once are mixed up, lost, or act twice when servers
-- break.
local start = require "spec.server.start"
local storm = require "spec.hardening.storm.calls"

describe("2,000 calls in bad weather, 64 at once", function()
  after_each(start.stop_all)

  it("lose no answer, mix none up, and act once", function()
    local report = storm.run{ calls = 2000, flight = 64, seed = 1, slack = 0.5 }
    assert.same({}, report.violations)
    local met = 0
    for _, fault in ipairs(report.faults) do
      met = met + (fault.times > 0 and 1 or 0)
    end
    assert.is_true(met >= 14, met .. " faults")
  end)
end)
