--- Control: pushes to receivers, asked for or not.

local core = require "wxbot.core"
local json = require "wxbot.codec.json"

local error, pcall, tostring = error, pcall, tostring

local M = {}

-- What a receiver says need not be text.
local function text_of(body)
  return core.utf8_valid(body) and body or nil
end

local function answer_of(response, err, reply)
  return { status = response.status, body = text_of(response.body),
    reply = reply, error = err ~= nil and tostring(err) or nil }
end

M.push = { POST = function(context, request)
  if request.body.transport ~= nil then
    return nil, "push: unknown name transport"
  end
  local sandbox = context.sandbox
  local ran, response, err, reply = pcall(sandbox.push, sandbox, request.body)
  local message = not ran and tostring(response):match("sandbox:(push: .*)$")
  if message then
    return nil, message
  elseif not ran then
    error(response, 0)
  elseif not response then
    return nil, "push: the receiver gave no answer: " .. tostring(err), 502
  end
  return answer_of(response, err, reply)
end }

M.pushes = { GET = function(context)
  return { pushes = json.list(context.sandbox:pushes()) }
end }

return M
