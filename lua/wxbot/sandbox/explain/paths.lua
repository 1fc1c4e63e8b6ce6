--- What is wrong with a path at which there is no interface.

local endpoints = require "wxbot.api"
local texts = require "wxbot.util.text"

local ipairs = ipairs

local M = {}

-- A path without what is often wrong with one: capital letters, a / too many.
local function plain(path)
  return (texts.lower(path):gsub("//+", "/"):gsub("/$", ""))
end

-- Templates of the path without and with what is filled in.
local function forms_of(endpoint)
  local fixed = plain(endpoint.path:gsub("/{[a-z_]+}", ""))
  return fixed, fixed:match("/([^/]+)$")
end

--- The cause.
---@param path string
---@return string[] reason of wxbot.sandbox.causes
function M.reason(path)
  local given = plain(path)
  for _, endpoint in ipairs(endpoints.all) do
    local fixed, last = forms_of(endpoint)
    if given == fixed and endpoint.path:find("{token}", 1, true) then
      return { "no_token", endpoint.path }
    elseif given == fixed or given:sub(1, #fixed + 1) == fixed .. "/"
        or given:sub(-#last - 1) == "/" .. last then
      return { "similar_path", M.shown(path), endpoint.path }
    end
  end
  return { "unknown_path", M.shown(path) }
end

--- A path without what may be a token.
---@param path string
---@return string
function M.shown(path)
  return (path:gsub("[^/]+", function(part)
    return #part >= 20 and "***" or nil
  end))
end

return M
