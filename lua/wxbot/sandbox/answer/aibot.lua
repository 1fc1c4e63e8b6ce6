-- The platform's side of `aibot`.

local jwt = require "wxbot.codec.jwt"
local answers = require "wxbot.sandbox.answers"
local coerce = require "wxbot.sandbox.coerce"

local text, texts = coerce.text, coerce.texts

-- The user that a signature was made for, or the error.
local function user_of(platform, signature)
  if text(signature) == "" then
    return nil, 1004, "no_signature"
  end
  local claims, err = jwt.decode(signature, platform.aes_key,
    { now = platform.time() })
  if not claims then
    return nil, 1005, { "signature", signature, err.code, err.message }
  elseif text(claims.userid) == "" then
    return nil, 1006, { "signature_no_userid", claims }
  end
  return claims.userid
end

return function(platform, params)
  if not platform.approved then
    return nil, 1002, "not_approved"
  end
  local userid, code, reason = user_of(platform, params.signature)
  if not userid then
    return nil, code, reason
  end
  if text(params.query) == "" then
    platform.warn("no_query")
  end
  return answers.to(platform, {
    userid = userid, query = text(params.query),
    env = params.env == "debug" and "debug" or "online",
    first_priority_skills = texts(params.first_priority_skills),
    second_priority_skills = texts(params.second_priority_skills),
  })
end
