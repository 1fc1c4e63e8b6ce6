-- The platform's side of `label_batchset`.

local coerce = require "wxbot.sandbox.coerce"

local FILLED = { "appid", "category", "label", "desc" }

local function warn_of(platform, list)
  if #list == 0 then
    platform.warn("no_list")
  end
  for i = 1, #list do
    if list[i]:find("[][,;\"' ]") then
      platform.warn("openid_list", list[i])
      break
    end
  end
end

return function(platform, params)
  local empty = coerce.empty(params, FILLED)
  if empty then
    return nil, 1007, { "empty_fields", empty }
  elseif not platform.is_bound(params.appid) then
    return nil, 1011, { "unbound_appid", params.appid }
  end
  local list = params.list or {}
  warn_of(platform, list)
  local forgotten = platform.tags:set(params, list)
  if forgotten > 0 then
    platform.warn("tags_forgotten", forgotten)
  end
  return { errcode = 0, msg = "Success" }
end
