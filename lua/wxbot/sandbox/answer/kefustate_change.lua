-- The platform's side of `kefustate_change`.

local coerce = require "wxbot.sandbox.coerce"

local NEWER = { on = "personserving", off = "complete" }

local NEEDS = { "appid", "openid" }

-- What the real platform says of a word that it does not know is not
-- documented; this is what v2 says of a bad parameter.
local BAD_PARAMETER = 110002

-- 1008 for empty fields is documented of sendmsg, the sister of this one.
return function(platform, params)
  local empty = coerce.empty(params, NEEDS)
  if empty then
    return nil, 1008, { "empty_fields", empty }
  elseif not platform.is_bound(params.appid) then
    return nil, 1011, { "unbound_appid", params.appid }
  elseif not platform.kefu:set(params) then
    return nil, BAD_PARAMETER, { "kefustate", params.kefustate or "missing" },
      "kefustate is not known"
  end
  if NEWER[params.kefustate] then
    platform.warn("old_word", params.kefustate, NEWER[params.kefustate])
  end
  return { errcode = 0, errmsg = "" }
end
