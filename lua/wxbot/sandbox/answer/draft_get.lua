-- The platform's side of `draft_get`.

local drafts = require "wxbot.sandbox.drafts"

return function(platform, params)
  local news_item = platform.drafts:news_item(params.media_id)
  if not news_item then
    return nil, 40007, drafts.missing(params.media_id)
  end
  return { news_item = news_item }
end
