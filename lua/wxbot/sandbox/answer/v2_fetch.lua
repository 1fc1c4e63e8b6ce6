-- The platform's side of `v2_fetch`.
return function(platform, params)
  local task, succeeded, failed = platform.tasks:task(params.task_id)
  if not task then
    return nil, 110002, { "unknown_task", params.task_id }
  end
  -- v2 has no state of preparing.
  task.state = task.state == 0 and 1 or task.state
  task.success_count, task.fail_count = succeeded, failed
  task.total_count = succeeded + failed
  task.replace_count, task.success_upload_count = 0, succeeded
  return { code = 0, data = task, msg = "success" }
end
