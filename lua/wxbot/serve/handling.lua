--- Inside nginx: runs a function of the user's for each message, in a timer of its
-- own, so that nobody waits for it longer than the platform does.
--
-- Where the response replies to the user, the request waits for what the function
-- returns, while the platform still does. Elsewhere, and after that, the push is
-- answered and the function goes on.

local responses = require "wxbot.util.response"

local pcall, require, setmetatable = pcall, require, setmetatable
local tostring, type = tostring, type

local M = {}

-- Each message that is handled takes a connection of nginx, one more for a call,
-- and one while its request waits; beyond this many, what nginx has would not do
-- for who pushes.
local MOST = 400

-- Seconds for which a request waits. The platform does for 2 and for 5.
local LIMITS = { service = 1.5, official_account = 4 }

local Handling = {}
Handling.__index = Handling

--- Whatever was raised, as text; an object of the user's may have none.
function M.text_of(raised)
  local ran, text = pcall(tostring, raised)
  return ran and text or type(raised)
end

--- Makes what runs messages.
---@param options table handler, receiver, bot, kind (of the receiver), say
---@return table handling
function M.new(options)
  return setmetatable({ handler = options.handler, bot = options.bot,
    receiver = options.receiver, say = options.say,
    limit = LIMITS[options.kind], open = 0, timer = require "ngx".timer,
    new_semaphore = require "ngx.semaphore".new }, Handling)
end

-- The platform may try again.
local function fail(handling, message, why)
  handling.receiver:forget(message)
  handling.say(why)
end

local function run(premature, handling, message, call)
  local ran, result = false, "nginx ends"
  if not premature then
    ran, result = pcall(handling.handler, message, handling.bot)
  end
  handling.open = handling.open - 1
  if not ran then
    fail(handling, message, "the handler failed: " .. M.text_of(result))
  elseif call and call.is_late and result ~= nil then
    handling.say(("too late: the platform had its answer after %g s; what the "
      .. "handler returned is not sent, bot:sendmsg can still say it")
      :format(handling.limit))
  end
  if call then
    call.is_done, call.ran, call.answer = true, ran, result
    call.semaphore:post()
  end
end

local function try_again()
  return responses.text(503, "503 try again\n")
end

-- What the function returned as a response, or `silent` if it takes too long.
local function reply_of(handling, message, call, silent)
  call.semaphore:wait(handling.limit)
  if not call.is_done then
    call.is_late = true
    return silent
  elseif not call.ran then
    return try_again()
  end
  local receiver = handling.receiver
  local ran, reply, err = pcall(receiver.reply, receiver, message, call.answer)
  if ran and reply then
    return reply
  end
  fail(handling, message, "the handler failed: "
    .. M.text_of(ran and err or reply))
  return try_again()
end

--- Has a message handled.
---@param message table
---@param silent table the response that says nothing
---@return table response
function Handling:take(message, silent)
  local call = self.limit and { semaphore = self.new_semaphore() }
  local ok, why = nil, ("%d messages are being handled"):format(self.open)
  if self.open < MOST then
    ok, why = self.timer.at(0, run, self, message, call)
  end
  if not ok then
    fail(self, message, "not taken: " .. why)
    return try_again()
  end
  self.open = self.open + 1
  return call and reply_of(self, message, call, silent) or silent
end

return M
