-- The platform's side of `freepublish_get`.
return function(platform, params)
  local publication = platform.publications:get(params.publish_id)
  if not publication then
    return nil, 40002, { "unknown_publication", params.publish_id }
  end
  return publication
end
