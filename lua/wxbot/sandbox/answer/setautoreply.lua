-- The platform's side of `setautoreply`: an import of one question.

return function(platform, params)
  if not platform.is_admin(params.managerid) then
    return nil, 1015, { "not_admin", "managerid", params.managerid or "it is missing" }
  end
  local id = platform.content:import({ { skillname = params.skillname,
    title = params.title, question = params.list,
    answer = { params.content } } }, false)
  return { code = 0, data = { task_id = id }, msg = "success" }
end
