-- The platform's side of `start_push_ticket`.
return function(platform, params)
  local component = platform.component
  local code, reason = component:failure(params)
  if not code then
    code, reason = component:wrong_secret(params, "component_secret")
  end
  if code then
    return nil, code, reason
  end
  return { errcode = 0, errmsg = "in a normal state" }
end
