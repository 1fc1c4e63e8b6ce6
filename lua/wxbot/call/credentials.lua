--- The credentials of a context, and the keys that are made of them.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"

local ipairs, type = ipairs, type

local M = {}

--- What a credential may look like; the messages never show it.
---@param options table
---@return string|nil message
function M.invalid_value(options)
  local token, appid, access = options.token, options.appid,
    options.access_token
  if token and not (token:find("^[A-Za-z0-9_-]+$") and #token <= 128) then
    return "token must be 1 to 128 letters, digits, _ or -"
  elseif appid and not (appid:find("^[A-Za-z0-9_-]+$") and #appid <= 128) then
    return "appid must be 1 to 128 letters, digits, _ or -"
  elseif type(access) == "string"
      and (access:find("[%z\1-\32\127]") or access == "" or #access > 4096) then
    return "access_token must not be empty or hold white space"
  end
end

--- Makes the keys of a context, once; it owns them.
---@param context wxbot.Context
---@return wxbot.Error|nil err kind "invalid"
function M.make_keys(context)
  local aes_key, appid = context.aes_key, context.appid
  if not aes_key then
    return nil
  end
  local crypt, message = core.msgcrypt(aes_key, appid or "-")
  if not crypt then
    return errors.new{ kind = "invalid", code = "aes_key",
      message = "aes_key: " .. message }
  end
  context.hs256 = core.hs256(aes_key)
  if appid then
    context.crypt = crypt
  else
    crypt:close()
  end
end

local KEYS = { "crypt", "hs256", "raw" }

--- Wipes the keys of a context, and forgets its credentials.
---@param context wxbot.Context
function M.wipe(context)
  for _, name in ipairs(KEYS) do
    if context[name] then
      context[name]:close()
      context[name] = nil
    end
  end
  context.token, context.aes_key, context.access_token = nil, nil, nil
  context.report_token = nil
end

return M
