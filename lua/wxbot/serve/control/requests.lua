--- Control: the requests that the platform has answered.

local json = require "wxbot.codec.json"
local texts = require "wxbot.util.text"

local M = {}

-- A flag of a query: there, and not 0 or empty.
local function flag(value)
  return value ~= nil and value ~= false and value ~= "" and value ~= "0"
end

-- A whole number of a query; nil without it.
local function whole(args, name)
  local number = texts.number(args[name])
  if args[name] ~= nil and not (number and number >= 0 and number % 1 == 0
      and number < 2 ^ 53) then
    return nil, name .. " must be a whole number"
  end
  return number
end

local function list(sandbox, args)
  local after, message = whole(args, "after")
  local limit, why = whole(args, "limit")
  if message or why then
    return nil, message or why
  end
  local found = sandbox:requests{ after = after, limit = limit,
    failed = flag(args.failed), secrets = flag(args.secrets) }
  local newest = found.newest
  found.newest = nil
  return { requests = json.list(found), newest = newest }
end

M.requests = {
  GET = function(context, request)
    if not request.id then
      return list(context.sandbox, request.args)
    end
    local found = context.sandbox:request_of(texts.number(request.id) or 0,
      { secrets = flag(request.args.secrets) })
    if not found then
      return nil, "there is no such request, or it is no longer kept", 404
    end
    return found
  end,
  DELETE = function(context)
    context.sandbox:forget_requests()
    return { done = true }
  end,
}

return M
