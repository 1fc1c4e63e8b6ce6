-- The platform's side of `v2_progress`.
return function(platform, params)
  if params.env ~= "online" and params.env ~= "debug" then
    return nil, 110002, { "field_value", "env", params.env, "online or debug" }
  end
  local data = platform.content:progress()
  data.end_time = ""
  return { code = 0, data = data, msg = "success" }
end
