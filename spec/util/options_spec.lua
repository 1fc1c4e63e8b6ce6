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
    local expected = "wxbot.thing: size must be a whole number from 1 to 65535"
    for _, value in ipairs{ 0, 1.5, 65536, 0 / 0 } do
      assert.equal(expected, message_of{ size = value })
    end
    for _, value in ipairs{ "SECRET", false } do
      assert.equal(("%s (got a %s)"):format(expected, type(value)),
        message_of{ size = value })
    end
  end)

  it("that are unknown are named", function()
    assert.equal("wxbot.thing: unknown name sise: expected size",
      message_of{ sise = 1 })
    assert.equal("wxbot.thing: unknown name 1: expected size",
      message_of{ "SECRET" })
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
    assert.matches("^spec/util/options_spec.lua:47: ", message)
  end)
end)
