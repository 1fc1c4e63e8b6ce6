-- The platform's side of `draft_add`. Which code stands for which limit is as
-- the general table of codes says; titles are measured by the newest page.

local coerce = require "wxbot.sandbox.coerce"

local MOST_ARTICLES, MOST_IMAGES = 8, 20

-- A field, the most characters and bytes, and the code of more.
local LIMITS = {
  { "title", 32, nil, 45003 }, { "author", 16, nil, 45021 },
  { "digest", 128, nil, 45004 }, { "content", 19999, 2 ^ 20 - 1, 45002 },
  { "content_source_url", nil, 1024, 45005 },
}

local function too_long(text, characters, bytes)
  return bytes and #text > bytes
    or characters and coerce.length(text) > characters
end

local function limit_failure(article)
  for _, limit in ipairs(LIMITS) do
    local text = coerce.text(article[limit[1]])
    if too_long(text, limit[2], limit[3]) then
      return limit[4]
    end
  end
end

-- The pictures of a newspic.
local function images_failure(platform, article)
  local info = type(article.image_info) == "table" and article.image_info or {}
  local list = type(info.image_list) == "table" and info.image_list or {}
  if #list > MOST_IMAGES then
    return 40097
  end
  for _, image in ipairs(list) do
    if type(image) ~= "table"
        or not platform.materials:has_image(image.image_media_id) then
      return 40007
    end
  end
  return #list == 0 and 40007 or nil
end

local function failure_of(platform, article)
  if type(article) ~= "table" or coerce.text(article.title) == "" then
    return 40097
  elseif coerce.text(article.content) == "" then
    return 44004
  elseif limit_failure(article) then
    return limit_failure(article)
  elseif article.article_type == "newspic" then
    return images_failure(platform, article)
  elseif article.article_type ~= nil and article.article_type ~= "news" then
    return 40097
  end
  return not platform.materials:has_image(article.thumb_media_id) and 40007
    or nil
end

return function(platform, params)
  local articles = params.articles
  -- Without them, or with a name that is misspelt, it speaks of the media_id.
  if type(articles) ~= "table" or #articles == 0 then
    return nil, 40007
  elseif #articles > MOST_ARTICLES then
    return nil, 45008
  end
  for _, article in ipairs(articles) do
    local code = failure_of(platform, article)
    if code then
      return nil, code
    end
  end
  return { media_id = platform.drafts:add(articles) }
end
