--- Signatures for `aibot`: who is asking.
--
-- Made here (the default) or fetched from the sign interface and kept for the
-- user they were made for. A signature is only ever given to that user.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local fields = require "wxbot.api.fields"
local json = require "wxbot.codec.json"

local floor = math.floor

local M = {}

local LOCAL_LIFE = 600
-- A kept signature is replaced this long before it expires.
local MARGIN = 60

-- Who asks; iat and exp come last.
local CLAIMS = fields.list(by_name.sign.request, {
  { name = "iat", type = "integer" }, { name = "exp", type = "integer" },
})

-- Whoever asks, and the life of a signature, where it is made here.
local function identity_of(params, now, ends)
  local identity = { iat = now, exp = ends }
  for i = 1, #CLAIMS - 2 do
    identity[CLAIMS[i].name] = params[CLAIMS[i].name]
  end
  return identity
end

local function sign_locally(context, params)
  local now = floor(context.clock())
  local payload, message = json.encode(identity_of(params, now,
    now + LOCAL_LIFE), CLAIMS)
  if not payload then
    return errors.invalid(message, "value")
  end
  return context.hs256:sign(payload)
end

-- Whoever asks, as one text.
local function key_of(params)
  return json.encode(identity_of(params), CLAIMS)
end

--- Gets a signature from the sign interface, and keeps it.
---@param context wxbot.Context
---@param params table with userid, username, avatar
---@param deadline number|nil by the clock of the transport
---@return string|nil signature
---@return wxbot.Error|nil err
function M.fetch(context, params, deadline)
  local answer, err = call.run(context, by_name.sign, identity_of(params),
    { deadline = deadline })
  if not answer then
    return nil, err
  end
  local key, life = key_of(params), (answer.expiresIn or 0) - MARGIN
  context.signatures:delete(key)
  if life > 0 then
    context.signatures:add(key, answer.signature, life)
  end
  return answer.signature
end

--- A signature for a user: made here, kept, or fetched.
---@param context wxbot.Context
---@param params table with userid, username, avatar
---@param deadline number|nil by the clock of the transport
---@return string|nil signature
---@return wxbot.Error|nil err
function M.of(context, params, deadline)
  if context.sign == "local" and context.hs256 then
    local signed, err = sign_locally(context, params)
    return signed, err
  elseif context.sign == "local" and not context.closed then
    return nil, errors.new{ kind = "invalid",
      code = "credentials", sent = false, endpoint = "aibot", message =
      'needs aes_key to sign: give it to wxbot.new, or sign = "remote"' }
  end
  local kept = context.signatures:get(key_of(params))
  if kept then
    return kept
  end
  return M.fetch(context, params, deadline)
end

return M
