-- The platform's side of `sendmsg`.

-- Those that the documents call open: the rest was seen to be refused so.
local OPEN = { ["0"] = true, ["1"] = true, ["5"] = true, ["6"] = true,
  ["7"] = true, ["9"] = true }
local WEB_H5 = "7"

return function(platform, params)
  local appid = params.appid or ""
  local is_web = params.channel == WEB_H5
    and (appid == "" or appid == platform.token)
  if (params.openid or "") == "" or (params.msg or "") == ""
      or appid == "" and not is_web then
    return nil, 1008
  elseif not OPEN[params.channel] then
    return nil, 3004
  elseif not (is_web or platform.is_bound(appid)) then
    return nil, 1011
  end
  platform.kefu:send(params)
  return { errcode = 0, errmsg = "", rid = platform.rid() }
end
