-- The platform's side of `label_batchset`.

local FILLED = { "appid", "category", "label", "desc" }

return function(platform, params)
  for _, name in ipairs(FILLED) do
    if (params[name] or "") == "" then
      return nil, 1007
    end
  end
  if not platform.is_bound(params.appid) then
    return nil, 1011
  end
  platform.tags:set(params, params.list or {})
  return { errcode = 0, msg = "Success" }
end
