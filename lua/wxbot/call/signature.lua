--- Signatures for `aibot`: who is asking.
--
-- Made here (the default) or fetched from the sign interface and kept for the
-- user they were made for. A signature is only ever given to that user.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local fields_of = require "wxbot.call.schema.fields"

local floor = math.floor
local ipairs = ipairs

local M = {}

local LOCAL_LIFE = 600
-- A kept signature is replaced this long before it expires.
local MARGIN = 60
-- Two generations of kept signatures bound the memory of a busy server.
local GENERATION = 10000

local CLAIMS = {}
for i, field in ipairs(by_name.sign.request) do
  CLAIMS[i] = field
end
CLAIMS[#CLAIMS + 1] = { name = "iat", type = "integer" }
CLAIMS[#CLAIMS + 1] = { name = "exp", type = "integer" }

local function identity_of(params)
  return fields_of.pick(by_name.sign.request, params)
end

local function sign_locally(context, identity)
  local now = floor(context.clock())
  identity.iat, identity.exp = now, now + LOCAL_LIFE
  local payload, message = json.encode(identity, CLAIMS)
  if not payload then
    return errors.invalid(message, "value")
  end
  return context.hs256:sign(payload)
end

local function same_identity(kept, identity)
  for _, field in ipairs(by_name.sign.request) do
    if kept[field.name] ~= identity[field.name] then
      return false
    end
  end
  return true
end

local function kept_signature(context, identity)
  local cache = context.signatures
  local kept = cache.young[identity.userid] or cache.old[identity.userid]
  if kept and kept.expires > context.clock()
      and same_identity(kept, identity) then
    return kept.signature
  end
end

local function keep(context, identity, answer)
  if not answer.expiresIn or answer.expiresIn <= MARGIN then
    return
  end
  local cache = context.signatures
  if not cache.young[identity.userid] then
    cache.count = cache.count + 1
  end
  if cache.count > GENERATION then
    cache.old, cache.young, cache.count = cache.young, {}, 1
  end
  identity.signature = answer.signature
  identity.expires = context.clock() + answer.expiresIn - MARGIN
  cache.young[identity.userid] = identity
end

--- An empty store of signatures.
function M.cache()
  return { young = {}, old = {}, count = 0 }
end

--- Gets a signature from the sign interface, and keeps it.
---@param context wxbot.Context
---@param params table with userid, username, avatar
---@param options table { timeout }
---@return string|nil signature
---@return wxbot.Error|nil err
function M.fetch(context, params, options)
  local identity = identity_of(params)
  local answer, err = call.run(context, by_name.sign, identity, options)
  if not answer then
    return nil, err
  end
  keep(context, identity_of(params), answer)
  return answer.signature
end

--- A signature for a user: made here, kept, or fetched.
---@param context wxbot.Context
---@param params table with userid, username, avatar
---@param options table { timeout }
---@return string|nil signature
---@return wxbot.Error|nil err
function M.of(context, params, options)
  local identity = identity_of(params)
  if context.sign == "local" and context.hs256 then
    return sign_locally(context, identity)
  elseif context.sign == "local" and not context.closed then
    return nil, errors.new{ kind = "invalid",
      code = "credentials", sent = false, endpoint = "aibot", message =
      'needs aes_key to sign: give it to wxbot.new, or sign = "remote"' }
  end
  local kept = kept_signature(context, identity)
  if kept then
    return kept
  end
  return M.fetch(context, params, options)
end

return M
