--- Where the services are.

local endpoints = require "wxbot.api"
local errors = require "wxbot.util.errors"

local pairs, type = pairs, type
local read_url = require "wxbot.codec.url".read

local M = {}

local function is_host(host)
  if host:find("^%[%x*:[%x:.]+%]$") then
    return true
  elseif not host:find("^[A-Za-z0-9.-]+$") or #host > 253 then
    return false
  end
  for label in (host .. "."):gmatch("([^.]*)%.") do
    if not label:find("^[A-Za-z0-9]") or label:find("-$") then
      return false
    end
  end
  return true
end

-- Scheme, host and optional port; nothing that could change a path.
local function is_base_url(text)
  local url = read_url(text)
  return url ~= nil and url.target == "/" and is_host(url.host)
end

--- The addresses of the services, by the option `base_url`.
---@param given string|table<string, string>|nil
---@return table<string, string>|nil urls
---@return wxbot.Error|nil err kind "invalid"
function M.read(given)
  local urls = {}
  for name, default in pairs(endpoints.hosts) do
    local url = type(given) == "table" and given[name]
      or type(given) == "string" and given or default
    if not is_base_url(url) then
      return errors.invalid("base_url must be http(s)://host[:port] "
        .. "and nothing more", "value")
    end
    urls[name] = url:gsub("/$", "")
  end
  return urls
end

return M
