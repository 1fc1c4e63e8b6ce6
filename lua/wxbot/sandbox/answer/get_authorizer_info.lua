-- The platform's side of `get_authorizer_info`.
return function(platform, params)
  local component, appid = platform.component, params.authorizer_appid
  local code, reason = component:failure(params)
  if not code then
    code, reason = component:not_authorized(appid)
  end
  if code then
    return nil, code, reason
  end
  return {
    authorizer_info = { nick_name = appid, user_name = "gh_" .. appid:sub(-12),
      service_type_info = { id = 2 }, verify_type_info = { id = 0 },
      account_status = 1 },
    authorization_info = component:info(appid),
  }
end
