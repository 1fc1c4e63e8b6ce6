--- Inside nginx, with an inbox: runs a function of the user's for each message that
-- the inbox gives, in timers, each of which goes on until there is none.

local calls = require "wxbot.serve.call"
local most = require "wxbot.serve.handling".MOST
local responses = require "wxbot.util.response"
local text_of = require "wxbot.serve.handler_file".text_of

local max, pcall, require = math.max, pcall, require
local setmetatable = setmetatable
local select, tostring = select, tostring

local M = {}

local Served = {}
Served.__index = Served

--- Makes what runs messages.
---@param options table handler, bot, limit (of wxbot.serve.handling), say
---@return table served without its inbox; before it has one, the platform is to try again
function M.new(options)
  local ngx = require "ngx"
  return setmetatable({ handler = options.handler,
    bot = options.bot, say = options.say, limit = options.limit, calls = {},
    open = 0, timer = ngx.timer, sleep = ngx.sleep }, Served)
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

-- The response to who waits for one; nil and why the answer is none; nil and
-- nothing if it is too late.
local function reply_with(served, message, answer, call)
  local inbox = served.inbox
  if not served.limit or call and call.is_late
      or not call and not served.is_shared then
    return nil
  end
  local ran, reply, err = pcall(inbox.reply, inbox, message, answer)
  if ran and reply then
    return reply
  elseif ran and err.code == "late" then
    return nil
  end
  return nil, text_of(ran and err or reply)
end

local function handle(served, message)
  local call = served.calls[message.inbox_id]
  local ran, result = pcall(served.handler, message, served.bot)
  local why = not ran and text_of(result) or nil
  local reply
  if ran then
    reply, why = reply_with(served, message, result, call)
  end
  -- Before it is noted: who waits would wait for Redis as well.
  if call then
    call:answer(reply or call.silent)
  end
  if why then
    fail(served, message, why)
  else
    if served.limit and result ~= nil and not reply then
      served.say(calls.too_late(served.limit))
    end
    tell(served, (select(2, served.inbox:done(message, not call and reply
      or nil))))
  end
end

-- Says what is wrong with the inbox, or with a push of it, in a line each.
local function next_of(served)
  local message, seconds, err
  repeat
    message, seconds, err = served.inbox:take()
    if err and err.kind == "unavailable" then
      tell(served, err)
    elseif err then
      served.say(tostring(err))
    end
  until message or seconds ~= 0 or not err
  return message, seconds
end

local run

-- Has somebody look when there may be something. nginx's clock stands still while
-- one timer without a delay makes another: it must go on.
local function wake_in(served, seconds)
  if seconds and not served.is_waking then
    served.is_waking = served.timer.at(max(seconds, 0.01), function(premature)
      served.is_waking = false
      if not premature then
        served:start(true)
      end
    end)
  end
end

-- Where nobody was told of what came, who finds something has another look.
function run(premature, served, is_looking)
  local message, seconds
  if not premature then
    message, seconds = next_of(served)
  end
  while message do
    if is_looking or served.is_shared then
      served:start(true)
    end
    handle(served, message)
    -- A handler that never waits would keep nginx from all else, and from knowing
    -- how late it is.
    served.sleep(0.001)
    message, seconds = next_of(served)
  end
  served.open = served.open - 1
  wake_in(served, seconds)
end

--- Has handled what can be; to be called when there may be something, too.
---@param is_looking boolean|nil there may be more than what was just put in
function Served:start(is_looking)
  if self.inbox and self.open < most
      and self.timer.at(0, run, self, is_looking) then
    self.open = self.open + 1
  end
end

-- --------------------------------------------------------------------- coming

--- Handles a request.
---@param request table as of Inbox:handle
---@return table response
function Served:take(request)
  if not self.inbox then
    return responses.text(503, "503 try again\n")
  end
  local call = self.limit and calls.new(self.limit)
  local response, id, note, err = self.inbox:handle(request)
  if id or note == "inbox" then
    tell(self, err)
  end
  if not id then
    return response
  elseif not call then
    self:start()
    return response
  end
  call.silent, self.calls[id] = response, call
  self.inbox:await(id, function(reply)
    call:answer(reply)
  end)
  self:start()
  response = call:wait(response)
  self.calls[id] = nil
  self.inbox:await(id, nil)
  return response
end

--- What there is to say when nginx ends.
---@return string|nil
function Served:last_word()
  if not self.inbox then
    return
  end
  local waiting = self.inbox:list()
  local count = waiting and #waiting or 0
  self.inbox:close()
  return count > 0 and ("the end: %d pushes wait for the next start")
    :format(count) or nil
end

return M
