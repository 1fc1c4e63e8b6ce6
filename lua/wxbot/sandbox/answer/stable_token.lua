-- The platform's side of `stable_token`.
return function(platform, params)
  local code, reason = platform.access:failure(params, platform.is_bound)
  if code then
    return nil, code, reason
  end
  return platform.access:stable(params.appid, params.force_refresh == true)
end
