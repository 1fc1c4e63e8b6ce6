--- The access tokens of a third-party platform (a component) and of the accounts
-- that have authorised it: what they are fetched with is pushed, and kept in the
-- store, so that all who share it have it, whoever heard it.
--
-- What is lost is found again: a ticket is pushed every ten minutes, and the
-- platform tells the refresh token of an account.

local call = require "wxbot.call"
local by_name = require "wxbot.api".by_name
local errors = require "wxbot.util.errors"
local fetch = require "wxbot.auth.fetch"
local pcall_method = require "wxbot.util.pcall_method"
local shared = require "wxbot.auth.shared"
local waiters = require "wxbot.util.waiter"
local backoffs = require "wxbot.auth.backoff"

local floor = math.floor
local tonumber, type = tonumber, type

local M = {}

local WITHDRAWN, INVALID_REFRESH = 61003, 61023

-- ---------------------------------------------------------------- the ticket

local TICKET_LIFE = 43200 -- seconds
-- Codes of a fetch that lacks a good one.
local WANTS_TICKET = { ticket = true, [61005] = true, [61006] = true }
-- Stands for a ticket that was refused.
local NONE = "-"
local NEXT = "the platform pushes the next one within ten minutes"

local function ticket_key(component)
  return component.key .. ":ticket"
end

-- When a ticket was made, unix seconds, and the ticket.
local function read_ticket(value)
  local made, ticket = (type(value) == "string" and value or "")
    :match("^(%d+) (%S+)$")
  return tonumber(made), ticket
end

local function write_ticket(made, ticket)
  return ("%d %s"):format(made, ticket)
end

-- Nobody asks with it again; what is older stays so.
local function refuse_ticket(component, refused)
  local value = pcall_method(component.store, "get", ticket_key(component))
  local made, ticket = read_ticket(value)
  if ticket == refused then
    shared.put(component, ticket_key(component), write_ticket(made, NONE),
      TICKET_LIFE, function(kept) return kept == value end)
  end
end

--- Fetches the access token of a component.
---@param component wxbot.TokenSource
---@param deadline number by the clock of the transport
---@return wxbot.TokenRecord|nil record
---@return wxbot.Error|nil err
function M.ask_component(component, deadline)
  local value, why = pcall_method(component.store, "get",
    ticket_key(component))
  local _, ticket = read_ticket(value)
  if why then
    return fetch.store_failure(component, why)
  elseif not ticket or ticket == NONE then
    return errors.unavailable("ticket", "there is no component_verify_ticket "
      .. "that is good: " .. NEXT)
  end
  local answer, err = call.run(component.context, component.endpoint, {
    component_appid = component.context.appid,
    component_appsecret = component.secret,
    component_verify_ticket = ticket }, { deadline = deadline })
  if answer then
    return fetch.record(component, answer.component_access_token,
      answer.expires_in)
  elseif WANTS_TICKET[err.code] then
    refuse_ticket(component, ticket)
    err.message = err.message .. "; " .. NEXT
  end
  return nil, err
end

-- ------------------------------------------------------- of the authorizers

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
  local _, why = shared.publish(source, shared.without_token(refresh,
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
function M.ask_authorizer(source, deadline, generation)
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

-- ------------------------------------------------------------ what is heard

-- Puts a value, however long another has the lock, within the time of a call.
local function keep(component, key, value, life, may)
  local context = component.context
  local waiter = { ends = context.now() + context.timeout,
    timeout = context.timeout, reason = "the lock of a token", step = 0.01,
    longest = 0.25 }
  while true do
    local done, why = shared.put(component, key, value, life, may)
    if done ~= nil then
      return done
    elseif why then
      return fetch.store_failure(component, why)
    elseif not context.transport.sleep then
      return errors.unavailable("lock", "another has the lock of a token, and "
        .. "the transport has no sleep")
    end
    local err = waiters.pause(context, waiter, waiter, waiter.ends)
    if err then
      return nil, err
    end
  end
end

-- What a fetch lacked is there.
local function end_backoff(component)
  shared.read(component)
  local settled = backoffs.settled(component.backoff, WANTS_TICKET)
  if settled then
    shared.back_off(component, settled)
  end
end

local function take_ticket(component, message)
  local ticket, made = message.ticket, message.createtime
  if not ticket or #ticket > 1024 or not ticket:find("^[!-~]+$") or not made then
    return errors.invalid("the push holds no ticket, or does not say when it was "
      .. "made", "ticket")
  end
  local done, err = keep(component, ticket_key(component),
    write_ticket(made, ticket), TICKET_LIFE, function(kept)
      return (read_ticket(kept) or made) <= made
    end)
  if done then
    end_backoff(component)
    return true
  elseif done == nil then
    return nil, err
  end
  return errors.invalid("the ticket is older than the one that is kept", "stale")
end

--- Exchanges an authorization code, and keeps the tokens of the account.
---@param component wxbot.TokenSource
---@param code string
---@return table|nil authorization_info of query_auth
---@return wxbot.Error|nil err
function M.authorize(component, code)
  local context = component.context
  local answer, err = call.run(context, by_name.query_auth, {
    component_appid = context.appid, authorization_code = code })
  if not answer then
    return nil, err
  end
  local info, record = answer.authorization_info, nil
  local appid, refresh = info.authorizer_appid, info.authorizer_refresh_token
  if not appid or not refresh then
    return info -- an account without interfaces has no tokens
  end
  if info.authorizer_access_token and info.expires_in then
    record, err = fetch.record(component, info.authorizer_access_token,
      info.expires_in, refresh)
  else
    record = shared.without_token(refresh, floor(context.clock()))
  end
  local done
  if record then
    local value, life = shared.value(record)
    done, err = keep(component, M.key(component, appid), value, life)
  end
  return done and info or nil, err
end

local function take_authorization(component, message)
  if not message.authorization_code then
    return errors.invalid("the push holds no authorization code", "code")
  end
  local info, err = M.authorize(component, message.authorization_code)
  return info ~= nil or nil, err
end

local function take_withdrawal(component, message)
  if not message.authorizer_appid then
    return errors.invalid("the push names no account", "authorizer_appid")
  end
  local done, err = keep(component, M.key(component, message.authorizer_appid),
    NONE, 1)
  return done, err
end

local TAKE = {
  component_verify_ticket = take_ticket, authorized = take_authorization,
  updateauthorized = take_authorization, unauthorized = take_withdrawal,
}

--- Takes what was pushed.
---@param component wxbot.TokenSource
---@param message table of a receiver
---@return boolean|nil done false: it says nothing about tokens
---@return wxbot.Error|nil err
function M.take(component, message)
  local take = TAKE[message.infotype]
  if message.component_appid ~= component.context.appid then
    return errors.invalid("the push is for another third-party platform",
      "component")
  elseif not take then
    return false
  end
  local done, err = take(component, message)
  return done, err
end

--- Has the platform push tickets again.
---@param component wxbot.TokenSource
---@return table|nil result
---@return wxbot.Error|nil err
function M.start_push_ticket(component)
  local result, err = call.run(component.context, by_name.start_push_ticket, {
    component_appid = component.context.appid,
    component_secret = component.secret })
  return result, err
end

return M
