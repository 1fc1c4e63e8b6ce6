--- A bot: credentials, a transport, and the methods of the first API version
--- and of an account.

local api = require "wxbot.api"
local classes = require "wxbot.util.class"
local contexts = require "wxbot.call.context"
local methods = require "wxbot.client.methods"
local options_of = require "wxbot.call.schema.options"

local pairs, type = pairs, type

local M = {}

---@class wxbot.Bot
local _, bots = classes.class("bot")

--- What wxbot.new takes.
M.options = contexts.options{
  { name = "access_token", type = "string", or_type = "function",
    doc = "Access token of api.weixin.qq.com, a token source, or a function "
      .. "(rejected) -> token" },
  { name = "sign", type = "string", enum = { "local", "remote" },
    doc = "Where signatures are made: local (default), or by the platform" },
}

-- A source of access tokens is asked by its method get.
local function with_function(options)
  local source = options.access_token
  if type(source) ~= "table" or type(source.get) ~= "function" then
    return options
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.access_token = function(rejected, seconds)
    return source:get(rejected, seconds)
  end
  return copy
end

-- What a source wants to hear of, and knows, besides its token.
local function listen(context, source)
  if type(source.report) == "function" then
    context.report_token = function(token, accepted)
      source:report(token, accepted)
    end
  end
  if type(source.quota) == "function" then
    context.quota = source:quota()
  end
end

--- Makes a bot.
---@param options table|nil see docs/reference.md, wxbot.new
---@return wxbot.Bot|nil bot
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  local source = type(options) == "table" and options.access_token
  if type(options) == "table" then
    options = with_function(options)
  end
  options_of.check("wxbot.new", M.options, options, 3)
  local context, err = contexts.new(M.options, options, bots.noun)
  if context and type(source) == "table" then
    listen(context, source)
  end
  return context and bots:new(context), err
end

-- ------------------------------------------------------------------ methods

--- All methods.
M.methods = methods.of(api.list)

methods.define(bots, M.methods, "")
contexts.closes(bots)

return M
