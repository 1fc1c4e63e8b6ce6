-- The platform's side of `publish_progress`.
return function(platform, params)
  if not platform.is_admin(params.managerid) then
    return nil, 1015
  end
  return { code = 0, data = platform.content:progress(), msg = "success" }
end
