-- The platform's side of `start_push_ticket`.
return function(platform, params)
  local code = platform.component:failure(params)
    or platform.component:wrong_secret(params.component_secret)
  if code then
    return nil, code
  end
  return { errcode = 0, errmsg = "in a normal state" }
end
