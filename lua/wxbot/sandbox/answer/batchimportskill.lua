-- The platform's side of `batchimportskill`.
return function(platform, params)
  if not platform.is_admin(params.managerid) then
    return nil, 1015, { "not_admin", "managerid", params.managerid or "it is missing" }
  end
  local id = platform.content:import(params.skill or {}, params.mode == "1")
  return { code = 0, data = { task_id = id }, msg = "success" }
end
