--- How the kinds of token sources are made: of an account, of a third-party
--- platform, of an account that has authorised one; and that of a client of v2.

local authorizer = require "wxbot.auth.authorizer"
local component = require "wxbot.auth.component"
local contexts = require "wxbot.call.context"
local credentials = require "wxbot.call.credentials"
local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"
local list = require "wxbot.api.fields".list
local memory = require "wxbot.store.memory"
local options_of = require "wxbot.call.schema.options"
local shared = require "wxbot.auth.shared"
local sources = require "wxbot.auth.source"

local ipairs, setmetatable, type = ipairs, setmetatable, type

local M = {}

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

-- Of all kinds but one.
local WITH_SECRET = list(M.options, { { name = "secret", type = "string",
  required = true, doc = "AppSecret" } }, { secret = true, component = true })

local ENDPOINTS = { stable = "stable_token", classic = "token",
  component = "component_token", authorizer = "authorizer_token" }

local ASK = { component = component.ask,
  authorizer = authorizer.ask }

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
local function authorizer_from(options, source)
  local context = setmetatable({ appid = options.appid },
    { __index = source.context })
  return sources.new{
    context = context, endpoint = endpoints.by_name[ENDPOINTS.authorizer],
    kind = "authorizer", ask = authorizer.ask, component = source,
    exclusive = true, secret = source.secret, store = source.store,
    key = authorizer.key(source, options.appid),
    told = told_by(options, "authorizer"),
  }
end

--- Finds an argument error in options.
---@param what string what the message begins with
---@param options any
---@param hidden table<table, table> token sources by what programs hold
---@return string|nil message
function M.argument_error(what, options, hidden)
  local kind = type(options) == "table" and options.kind
  local message = options_of.argument_error(what,
    kind == "authorizer" and M.options or WITH_SECRET, options)
  if message or kind ~= "authorizer" then
    return message
  end
  local source = hidden[options.component or false]
  if not source or source.kind ~= "component" then
    return what .. ": component must be a token source of the kind component"
  end
  for _, name in ipairs(INHERITED) do
    if options[name] ~= nil then
      return ("%s: %s is the component's: give it to that"):format(what, name)
    end
  end
end

--- Makes a source.
---@param options table without an argument error
---@param hidden table<table, table> as of `argument_error`
---@param noun string what a sentence calls it
---@return wxbot.TokenSource|nil source
---@return wxbot.Error|nil err
function M.new(options, hidden, noun)
  if options.kind == "authorizer" then
    local source, message = hidden[options.component],
      credentials.invalid_value(options)
    if message then
      return errors.invalid(message, "value")
    elseif source.context.closed then
      return nil, errors.closed(source.context.name)
    end
    return authorizer_from(options, source)
  end
  local context, err = contexts.new(WITH_SECRET, options, noun)
  if not context then
    return nil, err
  end
  return source_from(options, context)
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

return M
