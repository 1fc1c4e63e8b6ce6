-- The platform's side of `sign`.

local json = require "wxbot.codec.json"

local floor = math.floor

local LIFE = 7200

local FIELDS = {
  { name = "username" }, { name = "userid" }, { name = "avatar" },
  { name = "iat" }, { name = "exp" },
}

local function text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

return function(platform, params)
  local now = floor(platform.time())
  if not platform.approved then
    return nil, 1002, "not_approved"
  elseif not text(params.userid) then
    return nil, 1003, { "no_field", "userid" }
  end
  local claims = { username = text(params.username), userid = params.userid,
    avatar = text(params.avatar), iat = now, exp = now + LIFE }
  return { signature = platform.hs256:sign(assert(json.encode(claims, FIELDS))),
    expiresIn = LIFE }
end
