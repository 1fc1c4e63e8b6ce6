-- The platform's side of `freepublish_getarticle`.

---@return table|nil answer
---@return integer|nil code
return function(platform, params)
  if not platform.authorised then
    return nil, 48001
  end
  local article = platform.tasks:article(params.article_id)
  if not article then
    return nil, 53600
  end
  return { news_item = article.content.news_item }
end
