-- Without this a misspelt option is ignored, or a proxy's password is shown.
local options = require "wxbot.util.options"

local KNOWN = {
  { name = "size", type = "number", exclusive_min = 0, max = 65535,
    whole = true, expected = "a whole number from 1 to 65535" },
}

local function message_of(given)
  local _, message = pcall(options.check, "wxbot.thing", KNOWN, given, 0)
  return message and message:match(": (.*)$")
end

describe("options", function()
  it("are taken as they should be", function()
    assert.is_nil(message_of{})
    assert.is_nil(message_of{ size = 65535 })
  end)

  it("that are wrong are named, without their value", function()
    for _, value in ipairs{ 0, 1.5, 65536, 0 / 0, "SECRET", false } do
      assert.equal("wxbot.thing: size must be a whole number from 1 to 65535",
        message_of{ size = value })
    end
  end)

  it("that are unknown are named", function()
    assert.equal('wxbot.thing: unknown option "sise"', message_of{ sise = 1 })
    assert.equal('wxbot.thing: unknown option "1"', message_of{ "SECRET" })
  end)

  it("must be a table", function()
    assert.equal("wxbot.thing: options must be a table", message_of(1))
  end)

  it("that are wrong raise at the caller's line", function()
    local function make(given)
      options.check("wxbot.thing", KNOWN, given, 2)
    end
    local _, message = pcall(function()
      make{ sise = 1 }
      return nil
    end)
    assert.matches("^spec/util/options_spec.lua:41: ", message)
  end)
end)
