-- The platform's side of `query_auth`.
return function(platform, params)
  local component, info = platform.component, nil
  local code, reason = component:failure(params)
  if not code then
    info, code, reason = component:query_auth(params.authorization_code)
  end
  if not info then
    return nil, code, reason
  end
  return { authorization_info = info }
end
