--- Inside nginx, with an inbox: runs a function of the user's for each message that
-- the inbox gives, in timers, each of which goes on until there is none.

local calls = require "wxbot.serve.call"
local most = require "wxbot.serve.handling".MOST
local text_of = require "wxbot.serve.handler_file".text_of

local pcall, require, setmetatable = pcall, require, setmetatable
local select, tostring = select, tostring

local M = {}

local Served = {}
Served.__index = Served

--- Makes what runs messages.
---@param options table inbox, handler, bot, limit (of wxbot.serve.handling), say
---@return table served
function M.new(options)
  local ngx = require "ngx"
  return setmetatable({ inbox = options.inbox, handler = options.handler,
    bot = options.bot, say = options.say, limit = options.limit, calls = {},
    open = 0, timer = ngx.timer, is_exiting = ngx.worker.exiting }, Served)
end

-- Says once that the inbox cannot be written, and once that it can again.
local function tell(served, err)
  if err and not served.is_broken then
    served.say("the inbox cannot be written: " .. err
      .. "; pushes are answered with 503 until it can")
  elseif not err and served.is_broken then
    served.say("the inbox can be written again")
  end
  served.is_broken = err ~= nil
end

-- ------------------------------------------------------------------- handling

local function fail(served, message, why)
  local seconds, err = served.inbox:fail(message, why)
  tell(served, err)
  served.say(("the handler failed: %s; push %s %s"):format(why,
    tostring(message.inbox_id), seconds
      and ("is handled again in %g s"):format(seconds)
      or "stands among the dead, `wxbot inbox list` shows it"))
end

-- The response to who waits for one; nil and why the answer is none.
local function reply_with(served, message, answer)
  local inbox = served.inbox
  local ran, reply, err = pcall(inbox.reply, inbox, message, answer)
  if ran and reply then
    return reply
  end
  return nil, text_of(ran and err or reply)
end

local function handle(served, message)
  local call = served.calls[message.inbox_id]
  local ran, result = pcall(served.handler, message, served.bot)
  local why = not ran and text_of(result) or nil
  local reply
  if ran and call and not call.is_late then
    reply, why = reply_with(served, message, result)
  elseif ran and served.limit and result ~= nil then
    served.say(calls.too_late(served.limit))
  end
  if why then
    fail(served, message, why)
  else
    tell(served, (select(2, served.inbox:done(message))))
  end
  if call then
    call:answer(reply or call.silent)
  end
end

-- Says what is wrong with the inbox, or with a push of it, in a line each.
local function next_of(served)
  local message, seconds, err
  repeat
    message, seconds, err = served.inbox:take()
    if err then
      served.say(tostring(err))
    end
  until message or seconds ~= 0 or not err
  return message
end

local function run(premature, served)
  local message = not premature and next_of(served)
  while message do
    handle(served, message)
    message = not served.is_exiting() and next_of(served)
  end
  served.open = served.open - 1
end

--- Has handled what can be; to be called when there may be something, too.
function Served:start()
  if self.open < most and self.timer.at(0, run, self) then
    self.open = self.open + 1
  end
end

-- --------------------------------------------------------------------- coming

--- Handles a request.
---@param request table as of Inbox:handle
---@return table response
function Served:take(request)
  local response, id, note, err = self.inbox:handle(request)
  if id or note == "inbox" then
    tell(self, err)
  end
  if not id then
    return response
  end
  local call = self.limit and calls.new(self.limit)
  if call then
    call.silent, self.calls[id] = response, call
  end
  self:start()
  if call then
    response = call:wait(response)
    self.calls[id] = nil
  end
  return response
end

--- What there is to say when nginx ends.
---@return string|nil
function Served:last_word()
  local waiting = self.inbox:list()
  local count = waiting and #waiting or 0
  self.inbox:close()
  return count > 0 and ("the end: %d pushes wait for the next start")
    :format(count) or nil
end

return M
