-- The platform's side of `stable_token`.
return function(platform, params)
  local code = platform.access:failure(params, platform.is_bound)
  if code then
    return nil, code
  end
  return platform.access:stable(params.appid, params.force_refresh == true)
end
