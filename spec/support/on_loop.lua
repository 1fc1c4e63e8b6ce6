-- How specs run on a loop: in a fiber of the one that was made last.
local loop = require "wxbot.transport.loop"

local M = {}

local latest

function M.new(options)
  latest = loop.new(options)
  return latest
end

-- Runs a spec's body in a fiber; what it raises is raised unchanged.
function M.run(body)
  local ok, err
  latest:spawn(function()
    ok, err = pcall(body)
  end)
  latest:run()
  if not ok then
    error(err, 0)
  end
end

return M
