--- How pushes reach their receivers, and what the record says of them.

local errors = require "wxbot.util.errors"
local pushed = require "wxbot.sandbox.pushed"
local pushes = require "wxbot.sandbox.push"

local error, pairs, pcall = error, pairs, pcall

local M = {}

-- Sends what has been made: { ran, response, err, reply, is_answered }. A reply
-- that is wrong is an answer, too.
local function send(platform, request, sent)
  sent.transport = sent.transport or platform.transport
  local result = {}
  result.ran, result.response, result.err, result.reply = pcall(pushes.send,
    platform, request, sent)
  if not result.ran then
    result.err, result.response = result.response, nil
  end
  local response = result.response
  result.is_answered = response ~= nil and response.status == 200
  return result
end

-- Writes down what became of a push; will it be sent again?
local function tell(platform, entry, result, again)
  local is_taken = result.is_answered and result.err == nil
  entry.state = is_taken and "delivered" or again and "waiting" or "failed"
  entry.status = result.response and result.response.status
  entry.error = result.err ~= nil and errors.from(result.err).message or nil
  entry.reply = result.reply
  platform.pushed.changed(entry)
end

--- Pushes something now.
---@param platform table
---@param push table without an argument error
---@return table|nil response
---@return any err as of pushes.send
---@return table|nil reply
---@return string|nil reason why there can be no such push
function M.push(platform, push)
  local request, sent = pushes.request(platform, push)
  if not request then
    return nil, nil, nil, sent
  end
  local entry = platform.pushed:note{ kind = sent.kind, url = sent.url,
    push = sent, state = "waiting", tries = 1 }
  local result = send(platform, request, sent)
  tell(platform, entry, result)
  if not result.ran then
    error(result.err, 0)
  end
  return result.response, result.err, result.reply
end

-- -------------------------------------------------------------- what is due

-- Makes the request of what is due, which stays the same however often it is
-- sent, and tells when it happened, not when it could be delivered.
local function prepare(platform, item)
  if item.request then
    return true
  end
  local push = { kind = item.kind, url = item.url }
  for name, value in pairs(item.push or platform.outbox.make(item)) do
    push[name] = value
  end
  item.request, item.sent = pushes.request(platform, push, item.at)
  if not item.request then
    return nil, item.sent
  end
  item.entry.push = pushed.shown(item.sent)
  return true
end

local function attempt(platform, item)
  local outbox, entry = platform.outbox, item.entry
  local made, message = prepare(platform, item)
  if not made then
    outbox:done(item)
    tell(platform, entry, { err = message })
    return
  end
  item.tries = item.tries + 1
  entry.tries = item.tries
  local result = send(platform, item.request, item.sent)
  local again = false
  if result.is_answered or not result.ran then
    outbox:done(item)
  else
    again = outbox:again(item)
  end
  tell(platform, entry, result, again)
  if not result.ran then
    error(result.err, 0)
  end
end

--- Delivers what has been due for longest.
---@param platform table
---@return boolean delivered false: nothing is due
function M.deliver(platform)
  local item = platform.outbox:take()
  if item then
    attempt(platform, item)
  end
  return item ~= nil
end

return M
