-- The platform's side of `message`.

local reply = require "wxbot.sandbox.reply"

-- 1006 is documented of aibot's signature, when it names no user.
---@return table|nil answer
---@return integer|nil code
return function(platform, params)
  if not platform.approved then
    return nil, 1002
  elseif type(params.username) ~= "string" or params.username == "" then
    return nil, 1006
  end
  local query = type(params.msg) == "string" and params.msg or ""
  return reply.to(platform, { userid = params.username, query = query })
end
