-- The platform's side of `invention_get`: it grows with each query.

local times = 0

return function(_, params)
  if params.invention_id == "none" then
    return nil, 40002
  end
  times = times % 3 + 1
  return { phase = times < 3 and 1 or params.invention_id == "weed" and 3 or 2,
    progress = times * 30, height = 0.5 }
end
