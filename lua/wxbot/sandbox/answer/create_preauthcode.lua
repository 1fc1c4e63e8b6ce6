-- The platform's side of `create_preauthcode`.
return function(platform, params)
  local code, reason = platform.component:failure(params)
  if code then
    return nil, code, reason
  end
  local pre_auth_code, seconds = platform.component:pre_auth_code()
  return { pre_auth_code = pre_auth_code, expires_in = seconds }
end
