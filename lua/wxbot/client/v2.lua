--- A client of the second API version. Its access token is kept as those of
--- accounts are.

local api = require "wxbot.api"
local clients = require "wxbot.call.context"
local core = require "wxbot.core"
local fields_of = require "wxbot.call.schema.fields"
local memory = require "wxbot.store.memory"
local methods = require "wxbot.client.methods"
local options_of = require "wxbot.call.schema.options"
local private = require "wxbot.util.class"
local records = require "wxbot.auth.record"
local source = require "wxbot.auth.source"

local M = {}

---@class wxbot.V2
local _, v2 = private.class("v2", "client")

local OPTIONS = clients.options{
  { name = "account", type = "string", id = true,
    doc = "id of an administrator" },
  source.STORE,
}

-- ------------------------------------------------------------- access token

-- The documents say two hours; the answer does not.
local LIFE = 7200

local function keep_token(state, options)
  local keeper = source.new{
    state = state, endpoint = api.by_name.v2_token, life = LIFE,
    params = { account = options.account }, secret = options.token,
    store = options.store or memory.new{ clock = state.clock },
    key = records.key(options.appid or "-", "v2", options.token or "-",
      options.account),
  }
  function state.access_token(rejected, seconds)
    local token, err = source.get(keeper, rejected, seconds)
    return token, err
  end
  function state.report_token(token, accepted)
    source.report(keeper, token, accepted)
  end
end

--- Makes a client.
---@param options table|nil appid, token, aes_key, account, store, base_url, timeout, transport, retry, on_call, clock
---@return wxbot.V2|nil client
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  options_of.check("wxbot.v2", OPTIONS, options, 3)
  options = fields_of.with_ids(OPTIONS, options)
  local state, err = clients.state(OPTIONS, options, v2.noun)
  if not state then
    return nil, err
  end
  state.raw = options.aes_key and core.rawcrypt(options.aes_key) or nil
  state.made_by = "wxbot.v2"
  keep_token(state, options)
  return v2:new(state)
end

-- ------------------------------------------------------------------ methods

--- All methods, and the fields of those above the endpoints.
M.methods = methods.of(api.v2)
M.fields = methods.fields(M.methods)

methods.define(v2, M.methods, "v2:")
clients.closes(v2)

return M
