-- The platform's side of `authorizer_token`.
return function(platform, params)
  local component, given = platform.component, nil
  local code, reason = component:failure(params)
  if not code then
    given, code, reason = component:refresh(params.authorizer_appid,
      params.authorizer_refresh_token)
  end
  if not given then
    return nil, code, reason
  end
  return { authorizer_access_token = given.access_token,
    expires_in = given.expires_in,
    authorizer_refresh_token = params.authorizer_refresh_token }
end
