-- The platform's side of `sendmsg`.

local coerce = require "wxbot.sandbox.coerce"

-- Those that the documents call open: the rest was seen to be refused so.
local OPEN = { ["0"] = true, ["1"] = true, ["5"] = true, ["6"] = true,
  ["7"] = true, ["9"] = true }
local WEB_H5 = "7"

-- Characters of a text, not bytes.
local function length(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

-- Characters beyond which a text was seen to be cut.
local LONG = 2000

local NEEDS, NEEDS_OF_WEB = { "appid", "openid", "msg" }, { "openid", "msg" }

return function(platform, params)
  local appid = params.appid or ""
  local is_web = params.channel == WEB_H5
    and (appid == "" or appid == platform.token)
  local empty = coerce.empty(params, is_web and NEEDS_OF_WEB or NEEDS)
  if empty then
    return nil, 1008, { "empty_fields", empty }
  elseif not OPEN[params.channel] then
    return nil, 3004, { "channel", params.channel or "(none)" }
  elseif not (is_web or platform.is_bound(appid)) then
    return nil, 1011, { "unbound_appid", appid }
  end
  if #params.msg > LONG and length(params.msg) > LONG then
    platform.warn("long_msg", length(params.msg))
  end
  platform.kefu:send(params)
  return { errcode = 0, errmsg = "", rid = platform.rid() }
end
