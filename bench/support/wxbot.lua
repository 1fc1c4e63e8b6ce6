-- wxbot itself, as a party of `make bench` (see bench/support/party.lua).

local party = require "bench.support.party"

local operations = {}
for _, name in ipairs{ "tokens", "calls" } do
  for operation, make in pairs(require("bench.support." .. name)) do
    operations[operation] = make
  end
end
party.serve(operations)
