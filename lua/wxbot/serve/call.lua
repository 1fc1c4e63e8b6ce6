--- Inside nginx: a request that waits for what a handler answers, as long as the
-- platform waits for it.

local ngx = require "ngx"
local semaphores = require "ngx.semaphore"

local max, setmetatable = math.max, setmetatable

local M = {}

---@class wxbot.serve.Call
---@field is_late boolean|nil the request waits no more
local Call = {}
Call.__index = Call

--- A request that waits this long from now on.
---@param seconds number
function M.new(seconds)
  return setmetatable({ ends = ngx.now() + seconds,
    semaphore = semaphores.new() }, Call)
end

--- Gives the request its response.
---@param response table
function Call:answer(response)
  self.response = response
  self.semaphore:post()
end

--- Waits for the response; the function goes on if it takes too long.
---@param otherwise table the response then
---@return table response
function Call:wait(otherwise)
  self.semaphore:wait(max(self.ends - ngx.now(), 0))
  self.is_late = not self.response
  return self.response or otherwise
end

--- What is said of an answer that came too late.
function M.too_late(seconds)
  return ("too late: the platform had its answer after %g s; what the handler "
    .. "returned is not sent, bot:sendmsg can still say it"):format(seconds)
end

return M
