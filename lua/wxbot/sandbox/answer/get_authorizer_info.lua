-- The platform's side of `get_authorizer_info`.
return function(platform, params)
  local component, appid = platform.component, params.authorizer_appid
  local code = component:failure(params)
    or not component.authorized[appid or ""] and 61003
  if code then
    return nil, code
  end
  return {
    authorizer_info = { nick_name = appid, user_name = "gh_" .. appid:sub(-12),
      service_type_info = { id = 2 }, verify_type_info = { id = 0 },
      account_status = 1 },
    authorization_info = component:info(appid, false),
  }
end
