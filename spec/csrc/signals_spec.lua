-- Without this Ctrl-C or SIGTERM ends a job in the midst of a request, or cannot
-- end it at all.
local start = require "spec.server.start"

-- What a program of its own says that notes signals, is sent these, and looks.
local function said(signals)
  local program = ([[
    local core = require "wxbot.core"
    assert(core.signals_noted() == nil)
    assert(core.signals_note())
    io.stdout:setvbuf("no")
    local pid = io.open("/proc/self/stat"):read("*n")
    for name in ("%s"):gmatch("%%a+") do
      if name == "leave" then
        core.signals_leave()
      else
        io.popen(("kill -%%s %%d"):format(name, pid)):close()
      end
    end
    print(core.signals_noted())
  ]]):format(signals)
  return start.output_of(("{ .ci/lua %s -e '%s'; echo $?; } 2>/dev/null"):format(
    jit and "5.1" or _VERSION:match "[%d.]+$", program))
end

describe("signals_note", function()
  it("has Ctrl-C and SIGTERM noted, and the program goes on", function()
    assert.equal("2\n0\n", said "INT")
    assert.equal("15\n0\n", said "TERM")
  end)

  it("leaves a second one what it is", function()
    assert.equal("143\n", said "TERM TERM")
    assert.equal("130\n", said "INT INT")
  end)

  it("can be taken back, and what was noted stays so", function()
    assert.equal("143\n", said "leave TERM")
    assert.equal("2\n0\n", said "INT leave")
    assert.equal("143\n", said "INT leave leave TERM")
    assert.equal("1\n", said "leave INT") -- lua's own: it raises an error
  end)

  it("is not asked for by the library", function()
    assert.is_nil(require "wxbot.core".signals_noted())
  end)
end)
