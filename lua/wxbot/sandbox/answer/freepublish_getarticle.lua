-- The platform's side of `freepublish_getarticle`.
return function(platform, params)
  local article = platform.publications:article(params.article_id)
  if not article then
    return nil, 53600, { "unknown_article", params.article_id }
  end
  return { news_item = article.content.news_item }
end
