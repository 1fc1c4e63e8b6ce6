--- What a command calls: a method of a bot, and that of v2 for the same.
--
-- Methods are { endpoint, name, fields, needs }; a command has them by API
-- version, { v1 = …, v2 = … }. v2 may be missing, and so may v1.

local api = require "wxbot.api"
local bot_fields = require "wxbot.client.bot".fields
local v2_fields = require "wxbot.client.v2".fields


local ipairs = ipairs

local M = {}

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

-- The method above an endpoint that asks, or takes or gives any number.
local function name_above(endpoint)
  local above = endpoint.dialogue or endpoint.batch or endpoint.pages
  return above and above.name
end

local function method_above(list, fields, name)
  for _, endpoint in ipairs(list) do
    if name_above(endpoint) == name then
      return { endpoint = endpoint, name = name, fields = fields[name],
        needs = needs_of(endpoint) }
    end
  end
end

--- The methods above endpoints that have this name.
---@param name string
---@return table methods { v1, v2 }
function M.above(name)
  return { v1 = method_above(api.list, bot_fields, name),
    v2 = method_above(api.v2, v2_fields, name) }
end

M.name_above = name_above

return M
