-- Without this `make check` could come to wait for servers, or to leave out
-- specs for nothing.
local quick = dofile(".ci/quick.lua")

local MODULES = {
  ["spec.a"] = 'local b = require "spec.b"',
  ["spec.b"] = 'require "spec.a" return io.popen("date")',
  ["spec.c"] = 'local helper = require "spec.d"',
}

local function starts(text)
  return quick.starts_process(text, function(module)
    return MODULES[module]
  end)
end

describe("the specs of make check", function()
  it("start no process, and neither does what they require", function()
    for _, text in ipairs{ 'os.execute("true")', 'local popen = io.popen',
      'require "spec.a"', 'local b = require("spec.b")',
      'require "spec.process"' } do
      assert.is_true(starts(text), text)
    end
  end)

  it("may name a process, and take one function of what starts some", function()
    for _, text in ipairs{ "-- as os.execute does\nlocal x", 'require "spec.c"',
      'require "wxbot"', 'local read = require "spec.a".read' } do
      assert.is_false(starts(text), text)
    end
  end)

  it("are most rooms' rules, and no server's", function()
    local has = {}
    for _, spec in ipairs(quick.specs()) do
      has[spec] = true
    end
    assert.is_true(has["spec/api/golden_spec.lua"])
    assert.is_true(has["spec/csrc/jwt_spec.lua"])
    assert.is_nil(has["spec/transport/curl_spec.lua"])
    assert.is_nil(has["spec/install_spec.lua"])
  end)
end)
