--- The access token of an account that has authorised a third-party platform. Its
-- refresh token is kept in the store beside it, in one record: nobody can have
-- the one of an authorisation and the other of the next.
--
-- One that was lost or replaced is asked for: the platform tells it, as long as
-- the account has not withdrawn.

local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local fetch = require "wxbot.auth.fetch"
local records = require "wxbot.auth.record"
local shared = require "wxbot.auth.shared"

local floor = math.floor

local M = {}

local WITHDRAWN, INVALID_REFRESH = 61003, 61023

--- The name under which a store keeps the tokens of an account.
---@param component wxbot.TokenSource
---@param appid string of the account
---@return string
function M.key(component, appid)
  return shared.key(component.context.appid, "authorizer", component.secret,
    appid)
end

-- Asks the platform for a refresh token that is not kept, or not good, and keeps
-- it before it is used.
local function recover(source, options, generation)
  local answer, err = call.run(source.context, by_name.get_authorizer_info, {
    component_appid = source.component.context.appid,
    authorizer_appid = source.context.appid }, options)
  local refresh = answer and (answer.authorization_info or {})
    .authorizer_refresh_token
  if answer and not refresh then
    err = errors.new{ kind = "unavailable", code = "refresh_token", sent = true,
      endpoint = "get_authorizer_info", message = "the platform has no "
        .. "refresh token of this account: it must authorise anew" }
  end
  if err then
    return nil, err
  end
  local _, why = shared.publish(source, records.without_token(refresh,
    floor(source.context.clock())), generation)
  if why then
    return fetch.store_failure(source, why)
  end
  return refresh
end

local function exchange(source, refresh, options)
  local answer, err = call.run(source.context, source.endpoint, {
    component_appid = source.component.context.appid,
    authorizer_appid = source.context.appid,
    authorizer_refresh_token = refresh }, options)
  return answer, err
end

-- The answer, and the refresh token that brought it. One that is not good is
-- looked up once.
local function refreshed(source, options, generation)
  local refresh, why = shared.refresh_token(source)
  if why then
    return fetch.store_failure(source, why)
  end
  local answer, err
  if refresh then
    answer, err = exchange(source, refresh, options)
    if answer or err.code ~= INVALID_REFRESH then
      return answer, err, refresh
    end
  end
  local other
  other, why = recover(source, options, generation)
  if not other or other == refresh then
    return nil, why or err
  end
  answer, err = exchange(source, other, options)
  return answer, err, other
end

--- Fetches the access token of an account.
---@param source wxbot.TokenSource
---@param deadline number by the clock of the transport
---@param generation integer of the lock
---@return wxbot.TokenRecord|nil record
---@return wxbot.Error|nil err
function M.ask(source, deadline, generation)
  local answer, err, refresh = refreshed(source, { deadline = deadline },
    generation)
  if not answer then
    if err.code == WITHDRAWN then
      shared.forget(source, generation)
    end
    return nil, err
  end
  local newest = answer.authorizer_refresh_token or refresh
  local record
  record, err = fetch.record(source, answer.authorizer_access_token,
    answer.expires_in, newest)
  if record then
    record.is_changed = newest ~= refresh
  end
  return record, err
end

return M
