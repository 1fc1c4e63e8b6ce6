-- What every spec shares: both Luas name a few things differently.

local busted = require "busted"
local watch = require "spec.support.watch"

local M = {}

-- Reads a file of the spec folder, in binary.
function M.read(path)
  local file = assert(io.open("spec/" .. path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Once, ahead of all specs.
if not watch.started then
  watch.started = true
  watch.start()
  busted.after_each(watch.judge)
  busted.subscribe({ "suite", "end" }, watch.judge)
end

return M
