--- Inside nginx, without an inbox: runs a function of the user's for each message,
-- in a timer of its own, so that nobody waits for it longer than the platform does.
--
-- Where the response replies to the user, the request waits for what the function
-- returns, while the platform still does. Elsewhere, and after that, the push is
-- answered and the function goes on.

local calls = require "wxbot.serve.call"
local responses = require "wxbot.util.response"
local text_of = require "wxbot.serve.handler_file".text_of

local pcall, require, setmetatable = pcall, require, setmetatable

local M = {}

--- Each message that is handled takes a connection of nginx, one more for a call,
--- and one while its request waits; beyond this many, what nginx has would not do
--- for who pushes.
M.MOST = 400

local Handling = {}
Handling.__index = Handling

--- Makes what runs messages.
---@param options table handler, bot, receiver, limit = seconds for which a request waits for an answer, nil: not at all; say
---@return table handling
function M.new(options)
  return setmetatable({ handler = options.handler, bot = options.bot,
    receiver = options.receiver, say = options.say, limit = options.limit,
    open = 0, timer = require "ngx".timer }, Handling)
end

local function try_again()
  return responses.text(503, "503 try again\n")
end

-- The platform may try again.
local function fail(handling, message, why)
  handling.receiver:forget(message)
  handling.say(why)
  return try_again()
end

local function reply_with(handling, message, answer)
  local receiver = handling.receiver
  local ran, reply, err = pcall(receiver.reply, receiver, message, answer)
  return ran and reply or fail(handling, message, "the handler failed: "
    .. text_of(ran and err or reply))
end

local function run(premature, handling, message, call)
  local ran, result = false, "nginx ends"
  if not premature then
    ran, result = pcall(handling.handler, message, handling.bot)
  end
  handling.open = handling.open - 1
  local failed = not ran and fail(handling, message, "the handler failed: "
    .. text_of(result))
  if call and not call.is_late then
    call:answer(failed or reply_with(handling, message, result))
  elseif call and ran and result ~= nil then
    handling.say(calls.too_late(handling.limit))
  end
end

--- Has a message handled.
---@param message table
---@param silent table the response that says nothing
---@return table response
function Handling:take(message, silent)
  local call = self.limit and calls.new(self.limit)
  local ok, why = nil, ("%d messages are being handled"):format(self.open)
  if self.open < M.MOST then
    ok, why = self.timer.at(0, run, self, message, call)
  end
  if not ok then
    return fail(self, message, "not taken: " .. why)
  end
  self.open = self.open + 1
  return call and call:wait(silent) or silent
end

--- What there is to say when nginx ends.
---@return string|nil
function Handling:last_word()
  return self.open > 0 and ("the end: of %d answered pushes the handler is not "
    .. "done"):format(self.open) or nil
end

return M
