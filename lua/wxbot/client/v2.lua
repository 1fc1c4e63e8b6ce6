--- A client of the second API version. Its access token is kept as those of
--- accounts are.

local api = require "wxbot.api"
local classes = require "wxbot.util.class"
local contexts = require "wxbot.call.context"
local core = require "wxbot.core"
local fields_of = require "wxbot.call.schema.fields"
local methods = require "wxbot.client.methods"
local options_of = require "wxbot.call.schema.options"
local tokens = require "wxbot.auth"

local M = {}

---@class wxbot.V2
local _, v2 = classes.class("v2", "client")

--- What wxbot.v2 takes.
M.options = contexts.options{
  { name = "account", type = "string", id = true,
    doc = "Id of an administrator" },
  tokens.STORE,
}

--- Makes a client.
---@param options table|nil appid, token, aes_key, account, store, base_url, timeout, transport, retry, on_call, clock
---@return wxbot.V2|nil client
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  options_of.check("wxbot.v2", M.options, options, 3)
  options = fields_of.with_ids(M.options, options)
  local context, err = contexts.new(M.options, options, v2.noun)
  if not context then
    return nil, err
  end
  context.raw = options.aes_key and core.rawcrypt(options.aes_key) or nil
  context.made_by = "wxbot.v2"
  tokens.attach_v2(context, options)
  return v2:new(context)
end

-- ------------------------------------------------------------------ methods

--- All methods.
M.methods = methods.of(api.v2)

methods.define(v2, M.methods, "v2:")
contexts.closes(v2)

return M
