-- The platform's side of `freepublish_submit`: the draft leaves its box.

local drafts = require "wxbot.sandbox.drafts"

return function(platform, params)
  local id = params.media_id
  local articles = platform.drafts:take(id)
  if not articles then
    return nil, 40007, drafts.missing(id)
  end
  return { errcode = 0, errmsg = "ok",
    publish_id = platform.publications:add{ news = articles },
    msg_data_id = ("%d"):format(platform.serial()) }
end
