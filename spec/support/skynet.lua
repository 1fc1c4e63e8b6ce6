-- A stand-in of the few functions of skynet that examples/skynet uses: services of
-- one Lua state, whose messages lose metatables as skynet.pack's do.
--
--   lua5.4 spec/support/skynet.lua SERVICE.lua [ARGUMENT...]
--
-- runs a service, and those that it asks for, until nothing is left to do. A
-- service stands where that one does, or in examples/skynet. Time does not pass: what
-- waits is next when its time comes.

local M = {}

local unpack = table.unpack or unpack

-- What skynet.pack and skynet.unpack make of values.
local function sent(value)
  local kind = type(value)
  if kind == "table" then
    local copy = {}
    for name, member in pairs(value) do
      copy[sent(name)] = sent(member)
    end
    return copy
  end
  assert(kind ~= "function" and kind ~= "thread" and kind ~= "userdata",
    "Unsupport type " .. kind .. " to serialize")
  return value
end

local function packed(...)
  local values = { n = select("#", ...), ... }
  for i = 1, values.n do
    values[i] = sent(values[i])
  end
  return values
end

--- Runs a service until nothing is left to do.
---@param file string
---@param env table|nil names and values of the configuration; nil: the environment
---@return table log what services did: timeouts (hundredths), errors (what skynet.error was told)
function M.run(file, env, ...)
  local folder = file:match("^.*/") or ""
  local timers, services, log = {}, {}, { timeouts = {}, errors = {} }
  local clock, count, current = 0, 0, nil
  local sessions = {} -- coroutine -> what is to be told its result
  local skynet = {}

  local function resume(service, thread, ...)
    local caller = current
    current = service
    assert(coroutine.resume(thread, ...))
    current = caller
  end

  local function later(hundredths, service, thread, values)
    count = count + 1
    timers[#timers + 1] = { at = clock + hundredths, number = count,
      service = service, thread = thread, values = values or { n = 0 } }
  end

  function skynet.error(...)
    log.errors[#log.errors + 1] = table.concat({ ... }, " ")
  end

  function skynet.getenv(name)
    if env then
      return env[name]
    end
    return os.getenv(name:upper())
  end

  function skynet.timeout(hundredths, fn)
    log.timeouts[#log.timeouts + 1] = hundredths
    later(hundredths, current, coroutine.create(fn))
  end

  function skynet.start(fn)
    later(0, current, coroutine.create(fn))
  end

  function skynet.fork(fn, ...)
    later(0, current, coroutine.create(fn), packed(...))
  end

  function skynet.sleep(hundredths)
    later(hundredths, current, (coroutine.running()))
    coroutine.yield()
  end

  function skynet.dispatch(_, fn)
    current.dispatch = fn
  end

  -- Each service has modules of its own.
  local function launch(path, ...)
    local service, before = {}, current
    current = service
    package.loaded.skynet, package.loaded.wxbot_client = skynet, nil
    assert(loadfile(path))(...)
    current = before
    return service
  end

  function skynet.uniqueservice(name)
    local path = folder .. name .. ".lua"
    local own = io.open(path)
    path = own and path or "examples/skynet/" .. name .. ".lua"
    if own then
      own:close()
    end
    services[name] = services[name] or launch(path)
    skynet.sleep(0) -- it is started first
    return services[name]
  end

  -- In a coroutine of the other service, as a message is handled there.
  function skynet.call(service, _, ...)
    local thread = coroutine.create(function(...)
      service.dispatch(0, current, ...)
    end)
    sessions[thread] = { caller = coroutine.running(), of = current }
    later(0, service, thread, packed(...))
    local answer = coroutine.yield()
    if not answer[1] then
      error("call failed", 2)
    end
    return unpack(answer, 2, answer.n)
  end

  function skynet.response()
    local session = sessions[coroutine.running()]
    return function(ok, ...)
      later(0, session.of, session.caller,
        packed(ok and packed(true, ...) or packed(false)))
      return true
    end
  end

  if not package.path:find(";examples/skynet/?.lua", 1, true) then
    package.path = package.path .. ";examples/skynet/?.lua"
  end
  launch(file, ...)
  while timers[1] do
    table.sort(timers, function(a, b)
      if a.at ~= b.at then
        return a.at < b.at
      end
      return a.number < b.number
    end)
    local timer = table.remove(timers, 1)
    clock = math.max(clock, timer.at)
    resume(timer.service, timer.thread, unpack(timer.values, 1, timer.values.n))
  end
  return log
end

if arg and (arg[0] or ""):find("support/skynet%.lua$") then
  local log = M.run(arg[1], nil, unpack(arg, 2))
  for _, text in ipairs(log.errors) do
    print(text)
  end
end

return M
