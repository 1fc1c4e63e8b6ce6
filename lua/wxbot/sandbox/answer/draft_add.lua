-- The platform's side of `draft_add`. Limits are as described, but for titles,
-- which are measured by the newest page; which code stands for which limit is as
-- the general table of codes says.

local article_of = require "wxbot.api.article"
local coerce = require "wxbot.sandbox.coerce"

local MOST_ARTICLES, MOST_IMAGES = 8, 20

-- Fields to the codes of more than they may have.
local CODES = { title = 45003, author = 45021, digest = 45004,
  content = 45002, content_source_url = 45005 }

-- A field, the most characters or bytes, and the code of more.
local LIMITS = {}
for _, field in ipairs(article_of.request) do
  local name, code = field.name, CODES[field.name]
  local chars = name == "title" and article_of.TITLE.page or field.max_chars
  if code and chars then
    LIMITS[#LIMITS + 1] = { name, "characters", chars, code }
  end
  if code and field.max_bytes then
    LIMITS[#LIMITS + 1] = { name, "bytes", field.max_bytes, code }
  end
end

local function length_failure(article, place)
  for _, limit in ipairs(LIMITS) do
    local text = coerce.text(article[limit[1]])
    local length = limit[2] == "bytes" and #text or coerce.length(text)
    if length > limit[3] then
      return limit[4], { "field_too_long", place .. limit[1],
        ("%d %s"):format(length, limit[2]),
        ("%d %s"):format(limit[3], limit[2]) }
    end
  end
end

-- Why there is no text at a place.
local function no_text(value, place)
  if value == nil or value == "" then
    return { "no_field", place }
  end
  return type(value) ~= "string"
    and { "field_type", place, type(value), "string" } or nil
end

local function image_failure(platform, place, media_id)
  local reason = no_text(media_id, place)
  if reason then
    return 40007, reason
  elseif not platform.materials:has_image(media_id) then
    return 40007, { "unknown_image", place, media_id }
  end
end

local function as_table(value)
  return type(value) == "table" and value or {}
end

-- The pictures of a newspic.
local function images_failure(platform, article, place)
  local list = as_table(as_table(article.image_info).image_list)
  if #list > MOST_IMAGES then
    return 40097, { "many_images", #list }
  elseif #list == 0 then
    return 40007, { "no_field", place .. "image_info.image_list" }
  end
  for i, image in ipairs(list) do
    local code, reason = image_failure(platform,
      ("%simage_info.image_list[%d].image_media_id"):format(place, i),
      as_table(image).image_media_id)
    if code then
      return code, reason
    end
  end
end

local function failure_of(platform, article, place)
  local kind = article.article_type
  local no_title = no_text(article.title, place .. "title")
  local no_content = no_text(article.content, place .. "content")
  if no_title then
    return 40097, no_title
  elseif no_content then
    return 44004, no_content
  elseif kind ~= nil and kind ~= "news" and kind ~= "newspic" then
    return 40097, { "field_value", place .. "article_type", kind,
      "news or newspic" }
  end
  local code, reason = length_failure(article, place)
  if code then
    return code, reason
  elseif kind == "newspic" then
    return images_failure(platform, article, place)
  end
  return image_failure(platform, place .. "thumb_media_id",
    article.thumb_media_id)
end

return function(platform, params)
  local articles = as_table(params.articles)
  -- Without them, or with a name that is misspelt, it speaks of the media_id.
  if #articles == 0 then
    return nil, 40007, "no_articles"
  elseif #articles > MOST_ARTICLES then
    return nil, 45008, { "many_articles", #articles }
  end
  for i, article in ipairs(articles) do
    local code, reason = failure_of(platform, as_table(article),
      ("articles[%d]."):format(i))
    if code then
      return nil, code, reason
    end
  end
  return { media_id = platform.drafts:add(articles) }
end
