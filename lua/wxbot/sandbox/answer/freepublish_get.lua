-- The platform's side of `freepublish_get`.

---@return table|nil answer
---@return integer|nil code
return function(platform, params)
  if not platform.authorised then
    return nil, 48001
  end
  local publication = platform.tasks:publication(params.publish_id)
  if not publication then
    return nil, 40002
  end
  return publication
end
