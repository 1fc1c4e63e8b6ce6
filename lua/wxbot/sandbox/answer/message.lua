-- The platform's side of `message`.

local reply = require "wxbot.sandbox.reply"
local text = require "wxbot.sandbox.sent".text

-- 1006 is documented of aibot's signature, when it names no user.
---@return table|nil answer
---@return integer|nil code
return function(platform, params)
  if not platform.approved then
    return nil, 1002
  elseif text(params.username) == "" then
    return nil, 1006
  end
  return reply.to(platform, { userid = params.username,
    query = text(params.msg) })
end
