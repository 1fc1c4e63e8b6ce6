-- The platform's side of `kefustate_get`.

local coerce = require "wxbot.sandbox.coerce"

local NEEDS = { "appid", "openid" }

-- 1008 for empty fields is documented of sendmsg, the sister of this one.
return function(platform, params)
  local empty = coerce.empty(params, NEEDS)
  if empty then
    return nil, 1008, { "empty_fields", empty }
  elseif not platform.is_bound(params.appid) then
    return nil, 1011, { "unbound_appid", params.appid }
  end
  local status = platform.kefu:status(params.appid, params.openid)
  -- Whether the bot is silent while somebody waits for a human is not
  -- documented; here it is not.
  return { errcode = 0, kefustate = status == "personserving" and "on" or "off",
    status = params.type == "all" and status or nil }
end
