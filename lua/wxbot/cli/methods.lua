--- What a command calls: a method of a bot, and that of v2 for the same.
--
-- Methods are { endpoint, name, fields, needs }; a command has them by API
-- version, { v1 = …, v2 = … }. v2 may be missing, and so may v1.

local api = require "wxbot.api"
local bot_fields = require "wxbot.client.bot".fields
local v2_fields = require "wxbot.client.v2".fields

local wait = require "wxbot.client.wait"

local ipairs, pairs = ipairs, pairs

local M = {}

-- The methods that follow.
local WAITERS = { task_fetch = "wait_task", v2_fetch = "wait_task",
  publish_progress = "wait_bot_publish", v2_progress = "wait_bot_publish",
  freepublish_get = "wait_publication" }
for name, method in pairs(WAITERS) do
  api.by_name[name].waiter = wait.kinds[name]
  wait.kinds[name].name = method
end

-- Credentials; a client of v2 fetches its access token by itself.
local function needs_of(endpoint)
  local needs = {}
  for _, name in ipairs(endpoint.needs) do
    if endpoint.service ~= "v2" or name ~= "access_token" then
      needs[#needs + 1] = name
    end
  end
  return needs
end

local function method_of(endpoint)
  return endpoint and { endpoint = endpoint, name = api.method_of(endpoint),
    fields = endpoint.request, needs = needs_of(endpoint) }
end

-- Of two endpoints for one act the methods have one name, or what follows them.
local function is_same(one, other)
  return api.method_of(one) == api.method_of(other)
    or one.waiter and other.waiter
      and one.waiter.name == other.waiter.name
end

local function twin_of(endpoint, list)
  for _, other in ipairs(list) do
    if is_same(endpoint, other) then
      return other
    end
  end
end

--- The methods of an endpoint.
---@param endpoint table of either API version
---@return table methods { v1, v2 }
function M.of(endpoint)
  return { v1 = method_of(twin_of(endpoint, api.list)),
    v2 = method_of(twin_of(endpoint, api.v2)) }
end

--- The methods above endpoints that have a name of their own, which is one.
---@param name string
---@param v1 string endpoint
---@param v2 string|nil endpoint
---@param needs string[]|nil credentials in v1, if not those of the endpoint
---@return table methods { v1, v2 }
function M.named(name, v1, v2, needs)
  local methods = { v1 = method_of(api.by_name[v1]),
    v2 = v2 and method_of(api.by_name[v2]) }
  methods.v1.name, methods.v1.fields = name, bot_fields[name]
  methods.v1.needs = needs or methods.v1.needs
  if v2 then
    methods.v2.name, methods.v2.fields = name, v2_fields[name]
  end
  return methods
end

return M
