--- Control: what is said, to whom and by whom.

local json = require "wxbot.codec.json"
local method = require "wxbot.serve.control.method"
local rich = require "wxbot.call.rich"

local call, done = method.call, method.done
local ipairs, type = ipairs, type

local M = {}

M.chat = { POST = function(context, request)
  return call(context.sandbox, "chat", request.body)
end }

-- What users say is text; what they are told may be more.
local function with_parts(messages)
  for _, message in ipairs(messages) do
    if message.from ~= "user" then
      rich.add(message, message.msg)
    end
  end
  return json.list(messages)
end

M.messages = { GET = function(context, request)
  local openid = request.args.openid
  if type(openid) ~= "string" or openid == "" then
    return nil, "openid is missing: expected ?openid=…"
  end
  return { messages = with_parts(context.sandbox:messages(openid)) }
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
