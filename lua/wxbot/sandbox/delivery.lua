--- How pushes reach their receivers, and what the record says of them.

local errors = require "wxbot.util.errors"
local outboxes = require "wxbot.sandbox.outbox"
local pushes = require "wxbot.sandbox.push"

local error, pcall = error, pcall
local type = type

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
local function tell(outbox, entry, result, again)
  local is_taken = result.is_answered and result.err == nil
  entry.state = is_taken and "delivered" or again and "waiting" or "failed"
  entry.status = result.response and result.response.status
  entry.error = result.err ~= nil and errors.from(result.err).message or nil
  entry.reply = result.reply
  outbox.changed(entry)
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
  local outbox = platform.outbox
  local entry = outbox:note{ kind = sent.kind, url = sent.url,
    push = sent, state = "waiting", tries = 1 }
  local result = send(platform, request, sent)
  tell(outbox, entry, result)
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
  local push = type(item.push) == "function" and item.push() or item.push
  push.kind, push.url = item.kind, item.url
  item.request, item.sent = pushes.request(platform, push, item.at)
  if not item.request then
    return nil, item.sent
  end
  item.entry.push = outboxes.shown(item.sent)
  return true
end

local function attempt(platform, item)
  local outbox, entry = platform.outbox, item.entry
  local made, message = prepare(platform, item)
  if not made then
    outbox:done(item)
    tell(outbox, entry, { err = message })
    return
  end
  entry.tries = entry.tries + 1
  local result = send(platform, item.request, item.sent)
  local again = false
  if result.is_answered or not result.ran then
    outbox:done(item)
  else
    again = outbox:again(item)
  end
  tell(outbox, entry, result, again)
  if not result.ran then
    error(result.err, 0)
  end
end

--- Delivers what is due, one push after another.
---@param platform table
---@param most integer no more requests than this
---@return integer requests that were made
function M.deliver(platform, most)
  for count = 0, most - 1 do
    local item = platform.outbox:take()
    if not item then
      return count
    end
    attempt(platform, item)
  end
  return most
end

return M
