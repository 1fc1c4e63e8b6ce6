-- The platform's side of `query_auth`.
return function(platform, params)
  local code, info = platform.component:failure(params), nil
  if not code then
    info, code = platform.component:query_auth(params.authorization_code)
  end
  if not info then
    return nil, code
  end
  return { authorization_info = info }
end
