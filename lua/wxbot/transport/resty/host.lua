--- What nginx offers to a transport, looked up once; and why it cannot wait.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"

local error, pcall, require = error, pcall, require
local tonumber, type = tonumber, type

local M = {}

--- What nginx's timers can hold, in seconds.
M.MAX_WAIT = 2000000

---@class wxbot.transport.resty.Host
---@field tcp function makes a socket
---@field thread table spawn, wait, kill
---@field sleep function
---@field phase function
---@field timer function runs a function in a thread of its own
---@field semaphore function
---@field now fun(): number monotonic seconds
---@field last_error (fun(): string|nil)|nil

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
    phase = ngx.get_phase, timer = ngx.timer.at,
    semaphore = has_semaphore and semaphore.new, now = clock_of(ngx),
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

--- Runs a function in a light thread while another one watches it: socket
--- timeouts bound neither name resolution nor bytes that come or go drop by
--- drop. What the function raises is raised here.
---@param thread table ngx.thread
---@param run fun()
---@param watch fun(...) returns when the time is over
---@param ... any what watch takes
---@return any unended the thread when it has not ended; it goes on
function M.watched(thread, run, watch, ...)
  local ended
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

-- ------------------------------------------------------------ cannot wait

local function unavailable(code, message)
  return nil, errors.new{ kind = "unavailable", code = code, sent = false,
    message = message }
end

--- Says that this phase has no sockets, and where there are some.
---@param host wxbot.transport.resty.Host
---@return nil
---@return wxbot.Error err
function M.wrong_phase(host)
  local phase = host.phase()
  local where = phase == "init"
    and "in init_worker_by_lua, and there " or ""
  return unavailable("phase", ("nginx has no sockets in the phase %s: make "
    .. "the call %sin a timer, ngx.timer.at(0, function() … end)")
    :format(phase, where))
end

--- Says why the caller cannot wait; nil when it can. Where waiting raises,
--- nginx has been led to believe before that something waits, and takes harm:
--- so ask first.
---@param host wxbot.transport.resty.Host
---@return boolean|nil can_wait
---@return wxbot.Error|nil err kind "unavailable"
function M.can_wait(host)
  if core.isyieldable() then
    return true
  elseif not pcall(host.tcp) then
    return M.wrong_phase(host)
  end
  return unavailable("yield", "a call cannot wait here: it was made below a "
    .. "C function (require, dofile, table.sort, string.gsub …); make it "
    .. "after that has returned, or in a timer, ngx.timer.at(0, function() "
    .. "… end)")
end

return M
