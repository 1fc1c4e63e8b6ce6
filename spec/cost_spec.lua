-- Without this calls come to pass through more layers, one by one.
local start = require "spec.server.start"

local LUA = jit and "5.1" or _VERSION:match "[%d.]+$"

describe("an ask", function()
  it("passes few functions and files, and rarely looks at the clock", function()
    local said = start.output_of((".ci/lua %s bench/calls_of_ask.lua 2>&1 "
      .. "&& echo within"):format(LUA))
    assert.matches("within\n$", said)
  end)
end)
