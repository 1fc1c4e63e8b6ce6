-- The platform's side of `component_token`.
return function(platform, params)
  local component = platform.component
  local code = component:failure(params)
    or component:wrong_secret(params.component_appsecret)
    or component:wrong_ticket(params.component_verify_ticket)
  if code then
    return nil, code
  end
  local given = platform.access:third_party("component", component.appid)
  return { component_access_token = given.access_token,
    expires_in = given.expires_in }
end
