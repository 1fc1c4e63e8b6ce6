-- wxbot itself, as a party of `make bench` (see bench/support/subject.lua).

local subject = require "bench.support.subject"

local operations = {}
for _, name in ipairs{ "tokens", "calls" } do
  for operation, make in pairs(require("bench.support." .. name)) do
    operations[operation] = make
  end
end
subject.serve(operations)
