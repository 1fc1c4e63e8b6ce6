-- The platform's side of `task_fetch`.

-- What the real platform says of a task that it does not know is not
-- documented; this is what v2 says of a bad parameter.
local UNKNOWN_TASK = 110002

return function(platform, params)
  if not platform.is_admin(params.openid) then
    return nil, 1015, { "not_admin", "openid", params.openid or "it is missing" }
  end
  local data = platform.tasks:task(params.task_id)
  if not data then
    return nil, UNKNOWN_TASK, { "unknown_task", params.task_id or "" },
      "task_id is not known"
  end
  return { code = 0, data = data, msg = "success", progress_bar = "",
    request_id = platform.rid(), type = 2 }
end
