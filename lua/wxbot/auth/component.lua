--- The access token of a third-party platform (a component), and what is pushed
-- to it: the ticket with which that is fetched, and which accounts authorise it.
-- All of it is kept in the store, so that all who share that have it, whoever
-- heard it.

local authorizer = require "wxbot.auth.authorizer"
local backoffs = require "wxbot.auth.backoff"
local by_name = require "wxbot.api".by_name
local call = require "wxbot.call"
local errors = require "wxbot.util.errors"
local fetch = require "wxbot.auth.fetch"
local pcall_method = require "wxbot.util.pcall_method"
local records = require "wxbot.auth.record"
local shared = require "wxbot.auth.shared"
local waiters = require "wxbot.util.waiter"

local floor = math.floor
local select, tonumber, type = select, tonumber, type

local M = {}

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
function M.ask(component, deadline)
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

-- ------------------------------------------------------------ what is heard

-- Puts a value, however long another has the lock, within the time of a call.
local function keep(component, key, value, life, may)
  local context = component.context
  local waiter = { ends = context.now() + context.timeout,
    timeout = context.timeout, reason = "the lock of a token", step = 0.01,
    longest = 0.25 }
  while true do
    local done, why = shared.put(component, key, value, life, may)
    if done or done == false and may then
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

-- The record of what was authorised; nil: an account without interfaces has no
-- tokens.
local function record_of(component, info)
  local refresh = info.authorizer_refresh_token
  if not info.authorizer_appid or not refresh then
    return nil
  elseif not info.authorizer_access_token or not info.expires_in then
    return records.without_token(refresh, floor(component.context.clock()))
  end
  local record, err = fetch.record(component, info.authorizer_access_token,
    info.expires_in, refresh)
  return record, err
end

--- Exchanges an authorization code, and keeps the tokens of the account.
---@param component wxbot.TokenSource
---@param code string
---@return table|nil authorization_info of query_auth
---@return wxbot.Error|nil err
function M.authorize(component, code)
  local answer, err = call.run(component.context, by_name.query_auth, {
    component_appid = component.context.appid, authorization_code = code })
  if not answer then
    return nil, err
  end
  local info = answer.authorization_info
  local record
  record, err = record_of(component, info)
  if record then
    local value, life = records.write(record)
    err = select(2, keep(component, authorizer.key(component,
      info.authorizer_appid), value, life))
  end
  return not err and info or nil, err
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
  local key = authorizer.key(component, message.authorizer_appid)
  local done, err = keep(component, key, NONE, 1)
  -- What was wrong with its tokens is not what is wrong now.
  shared.put(component, shared.backoff_key(key), NONE, 1)
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
  if component.context.closed then
    return nil, errors.closed(component.context.name)
  elseif message.component_appid ~= component.context.appid then
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
