--- The sources of access tokens: of an account or a third-party platform, as
--- programs hold it, and of a client of v2.

local contexts = require "wxbot.call.context"
local credentials = require "wxbot.call.credentials"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local memory = require "wxbot.store.memory"
local options_of = require "wxbot.call.schema.options"
local classes = require "wxbot.util.class"
local shared = require "wxbot.auth.shared"
local sources = require "wxbot.auth.source"
local third_party = require "wxbot.auth.third_party"

local error, ipairs, setmetatable, type = error, ipairs, setmetatable, type

local M = {}

---@class wxbot.AccessToken
local AccessToken, access_tokens = classes.class("access_token", "token source")

-- Shared by the sources that were given none.
local default_store = memory.new()

--- The option that is a store.
M.STORE = { name = "store", type = "object",
  methods = { "get", "lock", "unlock", "put" },
  doc = "Where access tokens are kept and shared; in memory" }

local KINDS = { "stable", "classic", "component", "authorizer" }

--- What wxbot.access_token takes.
M.options = contexts.options({
  { name = "appid", type = "string", required = true,
    doc = "Appid of the account (wx…); component: of the third-party platform" },
  { name = "secret", type = "string",
    doc = "Its AppSecret; authorizer: none, a component has one" },
  { name = "kind", type = "string", enum = KINDS,
    doc = "stable (default): all who ask get the same token; classic: each "
      .. "fetch ends the token before; component: of a third-party platform; "
      .. "authorizer: of an account that has authorised one" },
  { name = "component", type = "object",
    doc = "authorizer: the source of the third-party platform's token, from "
      .. "which all but appid and on_refresh is taken" },
  M.STORE,
  { name = "on_refresh", type = "function",
    doc = "Told of every renewal: appid, kind, expires_at, err" },
}, { base_url = true, timeout = true, transport = true, clock = true })

local ENDPOINTS = { stable = "stable_token", classic = "token",
  component = "component_token", authorizer = "authorizer_token" }

local ASK = { component = third_party.ask_component,
  authorizer = third_party.ask_authorizer }

-- Seconds of a token of v2. The documents say two hours; the answer does not.
local V2_LIFE = 7200

-- What an authorizer has of its component.
local INHERITED = { "secret", "store", "base_url", "timeout", "transport",
  "clock" }

-- ------------------------------------------------------------------- making

-- Gives the calls of a context the token of a source.
local function attach(context, source)
  function context.access_token(rejected, seconds)
    local token, err = sources.get(source, rejected, seconds)
    return token, err
  end
  function context.report_token(token, accepted)
    sources.report(source, token, accepted)
  end
end

local function told_by(options, kind)
  local on_refresh = options.on_refresh
  return on_refresh and function(record, err)
    on_refresh{ appid = options.appid, kind = kind,
      expires_at = record and record.expires, err = err }
  end
end

local function source_from(options, context)
  local kind = options.kind or "stable"
  local source = sources.new{
    context = context, endpoint = endpoints.by_name[ENDPOINTS[kind]],
    kind = kind, ask = ASK[kind],
    params = { grant_type = "client_credential", appid = options.appid,
      secret = options.secret },
    exclusive = kind ~= "stable", secret = options.secret,
    store = options.store or default_store,
    key = shared.key(options.appid, kind, options.secret),
    told = told_by(options, kind),
  }
  if kind == "component" then
    attach(context, source)
  end
  return source
end

-- Its calls are the component's, with the component's token, and end with it.
local function authorizer_from(options)
  local component = access_tokens.hidden[options.component]
  local context = setmetatable({ appid = options.appid },
    { __index = component.context })
  return sources.new{
    context = context, endpoint = endpoints.by_name.authorizer_token,
    kind = "authorizer", ask = ASK.authorizer, component = component,
    exclusive = true, secret = component.secret, store = component.store,
    key = third_party.key(component, options.appid),
    told = told_by(options, "authorizer"),
  }
end

-- Finds an option that the kind lacks, or has no use for.
local function argument_error(options)
  local kind, component = options.kind, options.component
  if kind ~= "authorizer" then
    return component and "component goes with the kind authorizer"
      or not options.secret and "secret is missing: expected a string" or nil
  end
  local source = component and access_tokens.hidden[component]
  if not source or source.kind ~= "component" then
    return "component must be a token source of the kind component"
  end
  for _, name in ipairs(INHERITED) do
    if options[name] ~= nil then
      return name .. " is the component's: give it to that"
    end
  end
end

--- Makes a source of an access token.
---@param options table see docs/reference.md, wxbot.access_token
---@param level integer|nil of the caller, for the position of an argument error
---@return wxbot.AccessToken|nil source
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options, level)
  level = (level or 1) + 1
  options_of.check("wxbot.access_token", M.options, options, level)
  local message = argument_error(options)
  if message then
    error("wxbot.access_token: " .. message, level)
  end
  local context, err
  if options.kind == "authorizer" then
    message = credentials.invalid_value(options)
    if message then
      return errors.invalid(message, "value")
    end
    return access_tokens:new(authorizer_from(options))
  end
  context, err = contexts.new(M.options, options, access_tokens.noun)
  if not context then
    return nil, err
  end
  return access_tokens:new(source_from(options, context))
end

--- Gives the calls of a client of v2 the access token.
---@param context table of the client
---@param options table its options
function M.attach_v2(context, options)
  local source = sources.new{
    context = context, endpoint = endpoints.by_name.v2_token, life = V2_LIFE,
    params = { account = options.account }, secret = options.token,
    store = options.store or memory.new{ clock = context.clock },
    key = shared.key(options.appid or "-", "v2", options.token or "-",
      options.account),
  }
  attach(context, source)
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
  local done, err = third_party.take(source, message)
  return done, err
end

--- Exchanges the authorization code of the redirection (auth_code), and keeps
--- the tokens of the account.
---@param code string
---@return table|nil info authorizer_appid, func_info, …
---@return wxbot.Error|nil err
function AccessToken:authorize(code)
  local source = component_of(self, "authorize")
  check("authorize", "code", code, "string")
  local info, err = third_party.authorize(source, code)
  return info, err
end

--- Has the platform push tickets again, where they have stopped.
---@return table|nil result errcode, errmsg
---@return wxbot.Error|nil err
function AccessToken:start_push_ticket()
  local source = component_of(self, "start_push_ticket")
  local result, err = third_party.start_push_ticket(source)
  return result, err
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
