-- Without this a program or a page that names the printed address is refused.
local guard = require "wxbot.serve.guard"

describe("the check of a request's Host and Origin", function()
  it("takes an IPv6 address however it is written", function()
    for _, host in ipairs{ "FD00::A1", "fd00::a1" } do
      local wrong_host, wrong_origin = guard.new{ host = host, port = 8080 }
      for _, name in ipairs{ "[fd00::a1]:8080", "[FD00::A1]:8080",
          "localhost:8080" } do
        assert.is_nil(wrong_host{ host = name })
        assert.is_nil(wrong_origin{ origin = "http://" .. name })
      end
      assert.truthy(wrong_host{ host = "[fd00::a2]:8080" })
      assert.truthy(wrong_host{ host = "fd00::a1" })
      assert.truthy(wrong_host{})
    end
  end)

  it("takes the address alone where the port is the usual one", function()
    for port, settings in pairs{ [80] = {}, [443] = { tls = true } } do
      settings.host, settings.port = "::", port
      local wrong_host = guard.new(settings)
      for _, name in ipairs{ "[::1]", "[::1]:" .. port, "localhost" } do
        assert.is_nil(wrong_host{ host = name })
      end
      assert.truthy(wrong_host{ host = "[::1]:8080" })
    end
  end)
end)
