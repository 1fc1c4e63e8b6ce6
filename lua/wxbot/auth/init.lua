--- The keeper of an account's access token, as programs hold it.

local client = require "wxbot.call.context"
local endpoints = require "wxbot.api"
local memory = require "wxbot.store.memory"
local options_of = require "wxbot.call.schema.options"
local private = require "wxbot.util.class"
local records = require "wxbot.auth.record"
local source = require "wxbot.auth.source"

local error, type = error, type

local M = {}

---@class wxbot.Token
local Token, keepers = private.class("token", "keeper of the access token")

-- Shared by the keepers that were given none.
local default_store = memory.new()

local OPTIONS = client.options({
  { name = "appid", type = "string", required = true,
    doc = "appid of the account, wx…" },
  { name = "secret", type = "string", required = true,
    doc = "AppSecret of the account" },
  { name = "kind", type = "string", enum = { "stable", "classic" },
    doc = "which interface is asked" },
  source.STORE,
  { name = "on_refresh", type = "function", doc = "told of every renewal" },
}, { base_url = true, timeout = true, transport = true, clock = true })

local ENDPOINTS = { stable = "stable_token", classic = "token" }

-- ------------------------------------------------------------------- making

local function teller(options, kind)
  local on_refresh = options.on_refresh
  return on_refresh and function(record, err)
    on_refresh{ appid = options.appid, kind = kind,
      expires_at = record and record.expires, err = err }
  end
end

local function keeper_from(options, state)
  local kind = options.kind or "stable"
  return source.new{
    state = state, endpoint = endpoints.by_name[ENDPOINTS[kind]],
    params = { grant_type = "client_credential", appid = options.appid,
      secret = options.secret },
    exclusive = kind == "classic", secret = options.secret,
    store = options.store or default_store,
    key = records.key(options.appid, kind, options.secret),
    told = teller(options, kind),
  }
end

--- Makes a keeper of an access token.
---@param options table see README, Access tokens
---@param level integer|nil of the caller, for the position of a mistake
---@return wxbot.Token|nil keeper
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options, level)
  options_of.check("wxbot.token", OPTIONS, options, (level or 1) + 1)
  local state, err = client.state(OPTIONS, options, keepers.noun)
  if not state then
    return nil, err
  end
  return keepers:new(keeper_from(options, state))
end

-- ------------------------------------------------------------------- methods

local function check(method, name, value, expected)
  if type(value) ~= expected then
    error(("keeper:%s: %s must be a %s (got %s)"):format(method, name,
      expected, type(value)), 3)
  end
end

--- The access token.
---@param rejected string|nil the one that the platform has just refused
---@param seconds number|nil to wait at most for one that must be fetched
---@return string|nil token
---@return wxbot.Error|nil err
function Token:get(rejected, seconds)
  local keeper = keepers:of(self, "get")
  if rejected ~= nil then
    check("get", "rejected", rejected, "string")
  end
  if seconds ~= nil then
    check("get", "seconds", seconds, "number")
  end
  local token, err = source.get(keeper, rejected, seconds)
  return token, err
end

--- Tells what the platform thinks of a token: a bot that was given the keeper
--- does. One that is refused before it was ever accepted is trouble of the
--- account, and is not followed by fetch after fetch.
---@param token string
---@param accepted boolean false: it was refused
function Token:report(token, accepted)
  local keeper = keepers:of(self, "report")
  check("report", "token", token, "string")
  check("report", "accepted", accepted, "boolean")
  source.report(keeper, token, accepted)
end

--- Forgets secret and token; every later call is an error of kind "closed".
-- Transport and store are left as they are: they may serve others. A fetch
-- that is under way still puts its token in the store.
function Token:close()
  source.close(keepers:of(self, "close"))
end

Token.__close = Token.close

function Token:__tostring()
  local state = keepers:of(self, "tostring").state
  return "wxbot.token (" .. state.appid
    .. (state.closed and ", closed" or "") .. ")"
end

return M
