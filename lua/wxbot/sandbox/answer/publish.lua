-- The platform's side of `publish`.
return function(platform, params)
  if not platform.is_admin(params.managerid) then
    return nil, 1015, { "not_admin", "managerid", params.managerid or "it is missing" }
  end
  return { code = 0, data = { task_id = platform.content:publish() },
    errcode = 0, msg = "success" }
end
