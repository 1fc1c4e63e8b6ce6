-- The platform's side of `freepublish_submit`: the draft leaves its box.
return function(platform, params)
  local id = params.media_id
  local articles = platform.drafts:take(id)
  if not articles then
    return nil, 40007, type(id) == "string" and id ~= ""
      and { "unknown_draft", id } or { "no_field", "media_id" }
  end
  return { errcode = 0, errmsg = "ok",
    publish_id = platform.publications:add{ news = articles },
    msg_data_id = ("%d"):format(platform.serial()) }
end
