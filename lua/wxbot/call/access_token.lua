--- The access token of a call, from whoever gives it.

local errors = require "wxbot.util.errors"
local request = require "wxbot.call.request"
local retry = require "wxbot.call.retry"

local tostring, type = tostring, type

local M = {}

-- Whatever became of the token's own call, this one was not sent.
local function token_failure(err)
  if errors.is(err) then
    err = errors.copy(err)
    err.sent = false
    return err
  end
  return errors.new{ kind = "unavailable", code = "access_token",
    sent = false, message = "no access token: "
    .. tostring(err or "the function returned none") }
end

--- The access token of an attempt; a function is told which one was rejected
--- and how many seconds are left. It may wait, and the bot be closed meanwhile.
---@param context wxbot.Context
---@param call wxbot.Call
---@return string|nil token
---@return wxbot.Error|nil err
function M.of(context, call)
  local source = context.access_token
  if type(source) == "string" then
    return source
  end
  local token, err = source(call.rejected, call.deadline - call.now)
  call.now = context.now()
  if type(token) ~= "string" or token == "" or token:find("[%z\1-\31\127]") then
    return nil, token_failure(err)
  elseif context.closed then
    return nil, request.closed(context)
  end
  return token
end

--- Tells who gave an access token what the platform thinks of it, where it said
--- so and the giver wants to hear.
---@param context wxbot.Context
---@param token string
---@param err wxbot.Error|nil of the call
function M.report(context, token, err)
  local outcome = err and retry.outcome(err)
  if context.report_token
      and (not err or err.kind == "platform" and outcome ~= "busy") then
    context.report_token(token, outcome ~= "credential")
  end
end

return M
