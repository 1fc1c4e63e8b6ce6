-- The platform's side of `token`.
return function(platform, params)
  local code, reason = platform.access:failure(params, platform.is_bound)
  if code then
    return nil, code, reason
  end
  return platform.access:classic(params.appid)
end
