-- What every spec shares: both Luas name a few things differently.

local M = {}

-- Reads a file of the spec folder, in binary.
function M.read(path)
  local file = assert(io.open("spec/" .. path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Once, ahead of all specs; not where specs of the C core run slowly as it is.
local function watch_secrets()
  local watch = require "spec.support.watch"
  if not watch.started then
    local busted = require "busted"
    watch.started = true
    watch.start()
    busted.after_each(watch.judge)
    busted.subscribe({ "suite", "end" }, watch.judge)
  end
end

if not os.getenv("WXBOT_UNWATCHED") then
  watch_secrets()
end

return M
