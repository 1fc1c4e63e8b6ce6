--- The sources of access tokens: of an account, as programs hold it, and of a
--- client of v2.

local contexts = require "wxbot.call.context"
local endpoints = require "wxbot.api"
local memory = require "wxbot.store.memory"
local options_of = require "wxbot.call.schema.options"
local classes = require "wxbot.util.class"
local shared = require "wxbot.auth.shared"
local sources = require "wxbot.auth.source"

local error, type = error, type

local M = {}

---@class wxbot.AccessToken
local AccessToken, access_tokens = classes.class("access_token", "token source")

-- Shared by the sources that were given none.
local default_store = memory.new()

--- The option that is a store.
M.STORE = { name = "store", type = "object",
  methods = { "get", "lock", "unlock", "put" },
  doc = "Where access tokens are kept and shared; in memory" }

--- What wxbot.access_token takes.
M.options = contexts.options({
  { name = "appid", type = "string", required = true,
    doc = "Appid of the account (wx…)" },
  { name = "secret", type = "string", required = true,
    doc = "AppSecret of the account" },
  { name = "kind", type = "string", enum = { "stable", "classic" },
    doc = "stable (default): all who ask get the same token; classic: each "
      .. "fetch ends the token before" },
  M.STORE,
  { name = "on_refresh", type = "function",
    doc = "Told of every renewal: appid, kind, expires_at, err" },
}, { base_url = true, timeout = true, transport = true, clock = true })

local ENDPOINTS = { stable = "stable_token", classic = "token" }

-- Seconds of a token of v2. The documents say two hours; the answer does not.
local V2_LIFE = 7200

-- ------------------------------------------------------------------- making

local function source_from(options, context)
  local kind, on_refresh = options.kind or "stable", options.on_refresh
  return sources.new{
    context = context, endpoint = endpoints.by_name[ENDPOINTS[kind]],
    params = { grant_type = "client_credential", appid = options.appid,
      secret = options.secret },
    exclusive = kind == "classic", secret = options.secret,
    store = options.store or default_store,
    key = shared.key(options.appid, kind, options.secret),
    told = on_refresh and function(record, err)
      on_refresh{ appid = options.appid, kind = kind,
        expires_at = record and record.expires, err = err }
    end,
  }
end

--- Makes a source of an access token.
---@param options table see docs/reference.md, wxbot.access_token
---@param level integer|nil of the caller, for the position of an argument error
---@return wxbot.AccessToken|nil source
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options, level)
  options_of.check("wxbot.access_token", M.options, options, (level or 1) + 1)
  local context, err = contexts.new(M.options, options, access_tokens.noun)
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
  function context.access_token(rejected, seconds)
    local token, err = sources.get(source, rejected, seconds)
    return token, err
  end
  function context.report_token(token, accepted)
    sources.report(source, token, accepted)
  end
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
