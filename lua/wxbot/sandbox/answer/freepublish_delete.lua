-- The platform's side of `freepublish_delete`.
return function(platform, params)
  if not platform.publications:article(params.article_id) then
    return nil, 53600, { "unknown_article", params.article_id }
  elseif not platform.publications:delete(params.article_id, params.index) then
    return nil, 40002, { "unknown_index", params.index }
  end
  return { errcode = 0, errmsg = "ok" }
end
