--- Inside nginx: delivers what the sandbox pushes by itself, beside the requests.

local ngx = require "ngx"

local pcall, tostring = pcall, tostring

local M = {}

-- Pushes on their way at once; each takes a timer and a connection of nginx.
local MOST = 16

--- Makes what has due pushes delivered.
---@param sandbox wxbot.Sandbox
---@param say fun(line: string) tells whoever started nginx
---@return fun() start to be called after whatever may have made a push due
---@return fun() begin to be called once in nginx's worker: what is due by the clock
function M.new(sandbox, say)
  local running = 0
  -- One at a time: nginx waits for it when it is to end.
  local function deliver_all()
    while not ngx.worker.exiting() and sandbox:deliver(1) > 0 do end
  end
  local function run()
    local ran, raised = pcall(deliver_all)
    running = running - 1
    if not ran then
      say("internal error: " .. tostring(raised))
    end
  end
  local function start()
    if running < MOST and sandbox:due() and ngx.timer.at(0, run) then
      running = running + 1
    end
  end
  return start, function()
    ngx.timer.every(1, start)
  end
end

return M
