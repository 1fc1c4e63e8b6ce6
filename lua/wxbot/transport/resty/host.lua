--- What nginx offers to a transport, looked up once; and why it cannot wait.

local errors = require "wxbot.util.errors"

local error, pcall, require = error, pcall, require
local isyieldable = require "wxbot.core".isyieldable
local max, min = math.max, math.min
local tonumber, type = tonumber, type

local M = {}

--- What nginx's timers can hold, in seconds.
M.MAX_WAIT = 2000000

---@class wxbot.transport.resty.Host functions of nginx, and a monotonic clock

local found

-- The last error text of the C side of lua-resty-core.
local function last_error_of(base)
  local ffi = require "ffi"
  return function()
    local text = base.get_errmsg_ptr()[0]
    return text ~= nil and ffi.string(text) or nil
  end
end

local function clock_of(ngx)
  local loaded, clock = pcall(require, "resty.core.time")
  local now = loaded and clock.monotonic_time or ngx.now
  return function()
    ngx.update_time()
    return tonumber(now())
  end
end

local function look_up(ngx)
  local has_base, base = pcall(require, "resty.core.base")
  local has_semaphore, semaphore = pcall(require, "ngx.semaphore")
  return {
    tcp = ngx.socket.tcp, thread = ngx.thread, sleep = ngx.sleep,
    phase = ngx.get_phase, timer = ngx.timer.at, req = ngx.req,
    semaphore = has_semaphore and semaphore.new or nil, now = clock_of(ngx),
    last_error = has_base and base.get_errmsg_ptr and last_error_of(base),
  }
end

--- The host; nil outside nginx.
---@return wxbot.transport.resty.Host|nil
function M.find()
  if not found then
    local loaded, ngx = pcall(require, "ngx")
    found = loaded and type(ngx) == "table" and ngx.socket and look_up(ngx)
      or nil
  end
  return found
end

--- What nginx can wait for of so many seconds.
function M.bounded(seconds)
  return max(0, min(seconds, M.MAX_WAIT))
end

--- Lets others run for so many seconds.
function M.sleep(host, seconds)
  host.now() -- nginx counts from the time that it last looked at
  host.sleep(M.bounded(seconds))
  return true
end

--- Runs a function in a light thread while another one watches it. What the
--- function raises is raised here.
---@param run fun()
---@param watch fun(...) returns when the time is over
---@return any unended the thread when it has not ended; it goes on
function M.watched(host, run, watch, ...)
  local thread, ended = host.thread, nil
  local worker = thread.spawn(function()
    run()
    ended = true
  end)
  local ok, message
  if ended then
    ok, message = thread.wait(worker)
  else
    local guard = thread.spawn(watch, ...)
    ok, message = thread.wait(worker, guard)
    thread.kill(guard)
  end
  if not ok then
    error(message, 0)
  end
  return not ended and worker or nil
end

-- ---------------------------------------------------------------- waiting

local function wrong_phase(host)
  local phase = host.phase()
  local where = phase == "init"
    and "in init_worker_by_lua, and there " or ""
  return errors.unavailable("phase", ("nginx has no sockets in the phase %s: make "
    .. "the call %sin a timer, ngx.timer.at(0, function() … end)")
    :format(phase, where))
end

--- Makes a socket, where the caller can wait for what comes on it.
---@return table|nil sock
---@return wxbot.Error|nil err kind "unavailable": it cannot, and why
function M.socket(host)
  local allowed, sock = pcall(host.tcp)
  if not allowed then
    return wrong_phase(host)
  elseif not isyieldable() then
    return errors.unavailable("yield", "a call cannot wait here: it was made below a "
      .. "C function (require, dofile, table.sort, string.gsub …); make it "
      .. "after that has returned, or in a timer, ngx.timer.at(0, function() "
      .. "… end)")
  end
  return sock
end

--- Calls a function that waits, where the caller can. It is asked first: where
--- waiting raises, nginx has been led to believe before that something waits,
--- and takes harm.
---@param wait fun(...): any
---@return any result
---@return wxbot.Error|nil err kind "unavailable", with nil
function M.wait(host, wait, ...)
  if not isyieldable() then
    local _, err = M.socket(host)
    return nil, err
  end
  local ran, result = pcall(wait, ...)
  if not ran then
    return wrong_phase(host)
  end
  return result
end

return M
