--- The transport of a bot that was given none.
--
-- Cosockets inside nginx, libcurl elsewhere; one of each for all bots of a
-- Lua state, made when it is first used. What is right is looked at for each
-- call: a bot may be made before nginx has workers. libcurl, which blocks, is
-- never loaded inside nginx.

local late = require "wxbot.util.late"

local cpu_time, ipairs, package, type = os.clock, ipairs, package, type

local M = {}

local shared = {}

-- nginx names its API among the loaded modules.
local function is_nginx()
  local ngx = package.loaded.ngx
  return type(ngx) == "table" and type(ngx.socket) == "table"
    and ngx.socket.tcp ~= nil
end

local function transport()
  local name = is_nginx() and "resty" or "curl"
  if not shared[name] then
    local module, err = late("wxbot.transport." .. name)
    if not module then
      return nil, err
    end
    shared[name] = module.new()
  end
  return shared[name]
end

-- Only who is inside waits for others.
for _, name in ipairs{ "request", "sleep", "wait" } do
  M[name] = function(_, ...)
    local found, err = transport()
    if not found then
      return nil, err
    end
    return found[name](found, ...)
  end
end

-- A deadline by the processor's time is over when it is looked at later by
-- the transport's own.
function M.now()
  local found = transport()
  return found and found:now() or cpu_time()
end

--- Lets those go on that wait.
function M.wake(_, what)
  if is_nginx() then
    transport():wake(what)
  end
end

--- Runs a function in a thread of its own; false where there is none.
function M.spawn(_, fn, ...)
  if not is_nginx() then
    return false
  end
  return transport():spawn(fn, ...)
end

--- Do others go on while a call waits?
function M.inside()
  return is_nginx()
end

return M
