--- The sources of access tokens, as programs hold them.

local classes = require "wxbot.util.class"
local component = require "wxbot.auth.component"
local kinds = require "wxbot.auth.kinds"
local sources = require "wxbot.auth.source"

local error, type = error, type

local M = { STORE = kinds.STORE, options = kinds.options,
  attach_v2 = kinds.attach_v2 }

---@class wxbot.AccessToken
local AccessToken, access_tokens = classes.class("access_token", "token source")

--- Makes a source of an access token.
---@param options table see docs/reference.md, wxbot.access_token
---@param level integer|nil of the caller, for the position of an argument error
---@return wxbot.AccessToken|nil source
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options, level)
  local message = kinds.argument_error("wxbot.access_token", options,
    access_tokens.hidden)
  if message then
    error(message, (level or 1) + 1)
  end
  local source, err = kinds.new(options, access_tokens.hidden,
    access_tokens.noun)
  return source and access_tokens:new(source), err
end

-- ------------------------------------------------------------------- methods

local function check(method, name, value, expected, optional)
  if type(value) ~= expected and not (optional and value == nil) then
    error(("access_token:%s: %s must be a %s (got %s)"):format(method, name,
      expected, type(value)), 3)
  end
end

--- The access token.
---@param rejected string|nil the one that the platform has just refused
---@param seconds number|nil to wait at most for one that must be fetched
---@return string|nil token
---@return wxbot.Error|nil err
function AccessToken:get(rejected, seconds)
  local source = access_tokens:of(self, "get")
  check("get", "rejected", rejected, "string", true)
  check("get", "seconds", seconds, "number", true)
  local token, err = sources.get(source, rejected, seconds)
  return token, err
end

--- Tells what the platform thinks of a token: a bot that was given the source
--- does. One that is refused before it was ever accepted is not followed by
--- fetch after fetch, but by a backoff.
---@param token string
---@param accepted boolean false: it was refused
function AccessToken:report(token, accepted)
  local source = access_tokens:of(self, "report")
  check("report", "token", token, "string")
  check("report", "accepted", accepted, "boolean")
  sources.report(source, token, accepted)
end

-- The source of a component, for a method that no other has.
local function component_of(access_token, method)
  local source = access_tokens:of(access_token, method, 1)
  if source.kind ~= "component" then
    error(("access_token:%s: only a source of the kind component has it")
      :format(method), 3)
  end
  return source
end

--- Takes what a receiver of the kind third_party heard, and keeps it in the
--- store: the ticket; the tokens of an account that has authorised, for which
--- the platform is asked; none of one that has withdrawn.
---@param message table of receiver:handle
---@return boolean|nil done false: it says nothing about tokens
---@return wxbot.Error|nil err code "stale": an older ticket than the one that is kept; "component": of another platform
function AccessToken:take(message)
  local source = component_of(self, "take")
  if type(message) ~= "table" or message.kind ~= "third_party" then
    error("access_token:take: expected a message of a receiver of the kind "
      .. "third_party", 2)
  end
  local done, err = component.take(source, message)
  return done, err
end

--- Exchanges the authorization code of the redirection (auth_code), and keeps
--- the tokens of the account.
---@param code string
---@return table|nil info authorizer_appid, func_info, and the tokens themselves
---@return wxbot.Error|nil err
function AccessToken:authorize(code)
  local source = component_of(self, "authorize")
  check("authorize", "code", code, "string")
  local info, err = component.authorize(source, code)
  return info, err
end

--- Has the platform push tickets again, where they have stopped.
---@return table|nil result errcode, errmsg
---@return wxbot.Error|nil err
function AccessToken:start_push_ticket()
  local source = component_of(self, "start_push_ticket")
  local result, err = component.start_push_ticket(source)
  return result, err
end

--- What is known of the quotas of its account: for a bot that was given the
--- source.
---@return wxbot.Quota
function AccessToken:quota()
  return access_tokens:of(self, "quota").quota
end

--- Forgets secret and token; every later call is an error of kind "closed".
-- Transport and store are left as they are: they may serve others. A fetch
-- that is under way still puts its token in the store.
function AccessToken:close()
  sources.close(access_tokens:of(self, "close"))
end

AccessToken.__close = AccessToken.close

function AccessToken:__tostring()
  local context = access_tokens:of(self, "tostring").context
  return "wxbot.access_token (" .. context.appid
    .. (context.closed and ", closed" or "") .. ")"
end

return M
