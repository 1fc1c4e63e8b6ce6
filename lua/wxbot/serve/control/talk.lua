--- Control: what is said, to whom and by whom.

local json = require "wxbot.codec.json"
local method = require "wxbot.serve.control.method"

local call, done = method.call, method.done
local type = type

local M = {}

M.chat = { POST = function(context, request)
  return call(context.sandbox, "chat", request.body)
end }

M.messages = { GET = function(context, request)
  local openid = request.args.openid
  if type(openid) ~= "string" or openid == "" then
    return nil, "openid is missing: expected ?openid=…"
  end
  return { messages = json.list(context.sandbox:messages(openid)) }
end }

M.conversations = { GET = function(context)
  return { conversations = json.list(context.sandbox:conversations()) }
end }

M.answers = {
  GET = function(context)
    return { answers = json.list(context.sandbox:answers()) }
  end,
  POST = function(context, request)
    return done(call(context.sandbox, "answer", request.body))
  end,
  DELETE = function(context)
    return done(context.sandbox:forget_answers())
  end,
}

return M
