-- What a bot makes of servers that break, on each transport.

local curl = require "wxbot.transport.curl"
local faults = require "spec.support.faults"

faults("wxbot.curl", { transport = function()
  return curl.new{}
end })
