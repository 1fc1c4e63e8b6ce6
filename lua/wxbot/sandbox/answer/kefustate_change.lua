-- The platform's side of `kefustate_change`.

-- What the real platform says of a word that it does not know is not
-- documented; this is what v2 says of a bad parameter.
local BAD_PARAMETER = 110002

-- 1008 for empty fields is documented of sendmsg, the sister of this one.
return function(platform, params)
  local appid, openid = params.appid or "", params.openid or ""
  if appid == "" or openid == "" then
    return nil, 1008
  elseif not platform.is_bound(appid) then
    return nil, 1011
  elseif not platform.kefu:set(params) then
    return nil, BAD_PARAMETER, "kefustate is not known"
  end
  return { errcode = 0, errmsg = "" }
end
