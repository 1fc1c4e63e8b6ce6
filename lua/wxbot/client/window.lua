--- Requests that are on their way at once, at most so many, and told of in the
--- order in which they began.

local waiters = require "wxbot.util.waiter"

local error, ipairs, pcall = error, ipairs, pcall
local remove = table.remove

local M = {}

---@class wxbot.Window
---@field transport table
---@field parallel integer requests at once
---@field take fun(): table|nil what is sent next; nil: no more
---@field send fun(item: table): any, wxbot.Error|nil
---@field settle fun(item: table, answer: any, err: wxbot.Error|nil): boolean|nil, wxbot.Error|nil true: it goes on

local function idle() end

local function spawns_fibers(transport)
  return transport:spawn(idle).join ~= nil
end

--- Does a thread of the transport's go on while its starter waits for it? What
--- spawn returns can be waited for in a loop; in nginx, for one, it only says
--- that something runs.
---@param transport table
---@return boolean
function M.has_fibers(transport)
  local ok, has_fibers = pcall(spawns_fibers, transport)
  return ok and has_fibers
end

--- The same, where others may wait for the caller, too.
---@param transport table
---@return boolean
function M.can_overlap(transport)
  return waiters.has_background(transport) and M.has_fibers(transport)
end

-- What waits for a request: a call that is made then or, where there are
-- fibers, one that has begun already.
local function begin(window, item)
  local send = window.send
  if window.parallel == 1 then
    return function() return send(item) end
  end
  local fiber = window.transport:spawn(function()
    local ok, answer, err = pcall(send, item)
    item.is_back = true
    return ok, answer, err
  end)
  if not fiber then -- there are no more
    local answer, err = send(item)
    return function() return answer, err end
  end
  return function()
    local ok, answer, err = fiber:join()
    if ok == nil then -- the loop was closed
      return nil, answer
    elseif not ok then
      error(answer, 0)
    end
    return answer, err
  end, fiber
end

-- Begins requests until enough are on their way.
local function fill(window)
  while #window < window.parallel do
    local item = window.take()
    if not item then
      return
    end
    item.wait, item.fiber = begin(window, item)
    window[#window + 1] = item
  end
end

local function go(window)
  fill(window)
  while #window > 0 do
    -- In the window until it has ended: a run that is cancelled ends it, too.
    local item = window[1]
    local answer, err = item.wait()
    remove(window, 1)
    local goes_on
    goes_on, err = window.settle(item, answer, err)
    if not goes_on then
      return nil, err
    end
    fill(window)
  end
  return true
end

--- Ends those that are on their way.
---@param window wxbot.Window
function M.cancel(window)
  for _, item in ipairs(window) do
    if item.fiber and item.fiber.cancel then
      item.fiber:cancel()
    end
  end
end

--- Sends until nothing is left, or one is not settled: those begun after it are
--- still in the window.
---@param window wxbot.Window
---@return true|nil done
---@return wxbot.Error|nil err
function M.run(window)
  if window.parallel == 1 then
    return go(window)
  end
  local ok, done, err = pcall(go, window)
  if not ok then
    M.cancel(window)
    error(done, 0)
  end
  return done, err
end

return M
