-- The platform's side of `freepublish_submit`: the draft leaves its box.
return function(platform, params)
  local articles = platform.drafts:take(params.media_id)
  if not articles then
    return nil, 40007
  end
  return { errcode = 0, errmsg = "ok",
    publish_id = platform.tasks:add_publication{ news = articles },
    msg_data_id = ("%d"):format(platform.serial()) }
end
