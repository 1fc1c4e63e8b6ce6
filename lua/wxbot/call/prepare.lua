--- Prepares the next attempt of a call, as it is planned.

local errors = require "wxbot.util.errors"
local request = require "wxbot.call.request"
local supersede = require "wxbot.call.supersede"

local type = type

local function pause(context, call, seconds)
  if not context.transport.sleep or call.now + seconds >= call.deadline then
    return false
  end
  context.retry:spend()
  local _, why = context.transport:sleep(seconds)
  call.now = context.now()
  return not why, why and errors.from(why)
end

--- Plan of wxbot.call.retry -> what it takes before the next attempt; false:
--- there is none, and why unless the failure says so.
local M = { again = pause, final = function() return false end }

function M.newest(context, call, seconds)
  if not supersede.is_newest(context, call) then
    return false
  end
  local paused, why = pause(context, call, seconds)
  return paused and supersede.is_newest(context, call), why
end

function M.sign(context, call)
  if not call.renew or call.renewed then
    return false
  end
  call.renewed = true
  local params, err = call.renew(context, call)
  call.now = context.now()
  if params then
    call.params = params
    err = request.encode(context, call)
  end
  return params ~= nil and not err, err
end

function M.token(context, call)
  if call.rejected or not call.access_token
      or type(context.access_token) ~= "function" then
    return false
  end
  call.rejected = call.access_token
  return true
end

return M
