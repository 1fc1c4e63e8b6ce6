-- The platform's side of `freepublish_batchget`.

local function is_between(value, least, most)
  return type(value) == "number" and value % 1 == 0
    and value >= least and value <= most
end

return function(platform, params)
  if not is_between(params.offset, 0, math.huge)
      or not is_between(params.count, 1, 20)
      or not is_between(params.no_content or 0, 0, 1) then
    return nil, 40002, "page"
  end
  local item, total = platform.publications:articles(params.offset, params.count,
    params.no_content == 1)
  return { total_count = total, item_count = #item, item = item }
end
