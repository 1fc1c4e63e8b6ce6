-- The platform's side of `draft_delete`.

local drafts = require "wxbot.sandbox.drafts"

return function(platform, params)
  if not platform.drafts:take(params.media_id) then
    return nil, 40007, drafts.missing(params.media_id)
  end
  return { errcode = 0, errmsg = "ok" }
end
