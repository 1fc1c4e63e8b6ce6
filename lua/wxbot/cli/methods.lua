--- What a command calls: a method of a bot, and that of v2 for the same.
--
-- Methods are { name, endpoint, fields, needs }; a command has them by API
-- version, { v1 = …, v2 = … }. v2 may be missing, and so may v1.

local api = require "wxbot.api"
local bot = require "wxbot.client.bot"
local v2 = require "wxbot.client.v2"

local ipairs, pairs = ipairs, pairs

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

local function both(is_wanted)
  local found = {}
  for version, client in pairs{ v1 = bot, v2 = v2 } do
    for _, method in ipairs(client.methods) do
      if not found[version] and is_wanted(method) then
        found[version] = { name = method.name, endpoint = method.endpoint,
          fields = method.fields, needs = needs_of(method.endpoint) }
      end
    end
  end
  return found
end

--- The methods that have this name.
---@param name string
---@return table methods { v1, v2 }
function M.named(name)
  return both(function(method) return method.name == name end)
end

--- The methods of an endpoint itself, and of the one that is the same in the
--- other API version: their names are, or the names of what follows them.
---@param endpoint table
---@return table methods { v1, v2 }
function M.of(endpoint)
  local name = api.method_of(endpoint)
  local waiter = endpoint.waiter and endpoint.waiter.name
  return both(function(method)
    local other = method.endpoint.waiter
    return not method.kind
      and (method.name == name or other and other.name == waiter)
  end)
end

return M
