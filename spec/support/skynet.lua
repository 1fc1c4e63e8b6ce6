-- A stand-in for the few functions of skynet that the guide's service uses.
--
--   lua5.4 spec/support/skynet.lua SERVICE.lua USERID QUERY
--
-- runs the service, asks it once as another service would, and prints what it
-- answers. Time does not pass: what waits 10 ms is next.

local timers, handlers, answer = {}, {}, nil

local skynet = { error = print }

-- A service's configuration is in the environment here.
function skynet.getenv(name)
  return os.getenv(name:upper())
end

function skynet.timeout(_, fn)
  table.insert(timers, fn)
end

function skynet.start(fn)
  skynet.timeout(0, fn)
end

function skynet.dispatch(kind, fn)
  handlers[kind] = fn
end

function skynet.response()
  return function(...)
    answer = { n = select("#", ...), ... }
  end
end

-- Each of them runs in a coroutine, as there.
local function turn()
  local fn = assert(table.remove(timers, 1), "nobody will answer")
  assert(coroutine.resume(coroutine.create(fn)))
end

package.preload.skynet = function() return skynet end
dofile(arg[1])
turn()
handlers.lua(0, 0, arg[2], arg[3])
repeat
  turn()
until answer
assert(answer[1] == true)
print(answer[2] or answer[3])
