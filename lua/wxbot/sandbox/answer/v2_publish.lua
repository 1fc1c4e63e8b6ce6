-- The platform's side of `v2_publish`.
return function(platform)
  if platform.content:progress().status == 3 then
    return nil, 210205, "publishing", "Bot is being published"
  end
  return { code = 0, data = { task_id = platform.content:publish() },
    msg = "success" }
end
