-- The platform's side of `label_batchset`.

local coerce = require "wxbot.sandbox.coerce"

local FILLED = { "appid", "category", "label", "desc" }

return function(platform, params)
  local empty = coerce.empty(params, FILLED)
  if empty then
    return nil, 1007, { "empty_fields", empty }
  elseif not platform.is_bound(params.appid) then
    return nil, 1011, { "unbound_appid", params.appid }
  end
  platform.tags:set(params, params.list or {})
  return { errcode = 0, msg = "Success" }
end
