-- The platform's side of `component_token`.
return function(platform, params)
  local component = platform.component
  local code, reason = component:failure(params)
  if not code then
    code, reason = component:wrong_secret(params, "component_appsecret")
  end
  if not code then
    code, reason = component:wrong_ticket(params.component_verify_ticket)
  end
  if code then
    return nil, code, reason
  end
  local given = platform.access:third_party("component", component.appid)
  return { component_access_token = given.access_token,
    expires_in = given.expires_in }
end
