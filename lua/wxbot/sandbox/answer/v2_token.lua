-- The platform's side of `v2_token`.

-- Seen of an account that is no administrator.
local REFUSAL = "该用户没有该bid操作权限"

return function(platform, params)
  if params.account ~= nil and not platform.is_admin(params.account) then
    return nil, 210202, { "not_admin", "account", params.account }, REFUSAL
  end
  return { code = 0, msg = "success",
    data = { access_token = platform.access:v2() } }
end
