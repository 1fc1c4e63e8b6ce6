local contract = require "spec.support.stores"
local memory = require "wxbot.token.memory"

describe("the store in memory", function()
  local now = 0
  contract(function()
    return memory.new{ clock = function() return now end }
  end, function(seconds) now = now + seconds end)
end)
