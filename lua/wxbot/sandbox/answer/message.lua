-- The platform's side of `message`.

local answers = require "wxbot.sandbox.answers"
local text = require "wxbot.sandbox.coerce".text

-- 1006 is documented of aibot's signature, when it names no user.
return function(platform, params)
  if not platform.approved then
    return nil, 1002, "not_approved"
  elseif text(params.username) == "" then
    return nil, 1006, "no_username"
  end
  return answers.to(platform, { userid = params.username,
    query = text(params.msg) })
end
