-- The platform's side of `token`.
return function(platform, params)
  local code = platform.access:failure(params, platform.is_bound)
  if code then
    return nil, code
  end
  return platform.access:classic(params.appid)
end
