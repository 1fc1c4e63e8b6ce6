-- The platform's side of `freepublish_submit`.

-- Drafts are kept elsewhere: every media_id is taken for one.
return function(platform, params)
  if type(params.media_id) ~= "string" or params.media_id == "" then
    return nil, 40007, { "no_field", "media_id" }
  end
  return { errcode = 0, errmsg = "ok",
    publish_id = platform.tasks:add_publication{},
    msg_data_id = ("%d"):format(platform.serial()) }
end
