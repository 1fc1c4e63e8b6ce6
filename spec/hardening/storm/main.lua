-- The storm as a program: `make storm`. N: number of calls, 100000; SEED.

local start = require "spec.server.start"
local storm = require "spec.hardening.storm.calls"

local calls = tonumber(os.getenv("N") or 100000)
local seed = tonumber(os.getenv("SEED") or os.time() % 1000000)
assert(calls and calls >= 1 and seed, "N and SEED must be numbers")
print(("%d calls, seed %d"):format(calls, seed))

local on_terminal = os.execute("test -t 2")
local progress = (on_terminal == true or on_terminal == 0)
  and function(done, all)
    io.stderr:write(("\r%d of %d"):format(done, all))
  end or nil

local ok, report = pcall(storm.run, { calls = calls,
  flight = 64, seed = seed, progress = progress })
start.stop_all()
if progress then
  io.stderr:write("\r\27[K")
end
if not ok then
  io.stderr:write(tostring(report), "\n")
  os.exit(1)
end
print(table.concat(report.lines, "\n"))
for i, violation in ipairs(report.violations) do
  if i <= 20 then
    print("VIOLATION: " .. violation)
  end
end
print(#report.violations .. " violations")
os.exit(#report.violations == 0 and 0 or 1)
