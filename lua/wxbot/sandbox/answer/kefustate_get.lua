-- The platform's side of `kefustate_get`.

-- 1008 for empty fields is documented of sendmsg, the sister of this one.
return function(platform, params)
  local appid, openid = params.appid or "", params.openid or ""
  if appid == "" or openid == "" then
    return nil, 1008
  elseif not platform.is_bound(appid) then
    return nil, 1011
  end
  local status = platform.kefu:status(appid, openid)
  -- Whether the bot is silent while somebody waits for a human is not
  -- documented; here it is not.
  return { errcode = 0, kefustate = status == "personserving" and "on" or "off",
    status = params.type == "all" and status or nil }
end
