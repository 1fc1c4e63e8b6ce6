--- By which proxy an address is reached: what --proxy says, or else HTTPS_PROXY
--- and NO_PROXY. Only the command reads the environment, never the library.

local errors = require "wxbot.util.errors"
local lower = require "wxbot.util.text".lower
local proxies = require "wxbot.transport.proxy"
local read_url = require "wxbot.codec.url".read

local floor = math.floor
local ipairs, tonumber = ipairs, tonumber

local M = {}

local EXPECTED = "must be the URL of a proxy, http://[user:password@]host:port"

-- As curl does: the first that is set and not empty.
local function variable(getenv, ...)
  for _, name in ipairs{ ... } do
    local value = getenv(name)
    if value and value ~= "" then
      return value, name
    end
  end
end

--- Does this host belong to this machine?
---@param host string in lower case
---@return boolean
function M.is_loopback(host)
  return host == "localhost" or host == "[::1]"
    or host:sub(-10) == ".localhost"
    or host:find("^127%.%d+%.%d+%.%d+$") ~= nil
end

-- What an entry of NO_PROXY names: a host and a port, if it has one.
local function place_of(entry)
  local host, port = entry:match("^(%[[%x:.]+%]):(%d+)$")
  if not host then
    host, port = entry:match("^([^:]+):(%d+)$")
  end
  host = host or entry
  if host:find(":", 1, true) and not host:find("^%[") then
    host = "[" .. host .. "]"
  end
  return host, tonumber(port)
end

-- An entry is a host, with those below it; .host and *.host are the same.
local function names(entry, url)
  local host, port = place_of(lower(entry))
  host = host:gsub("^%*?%.", "")
  return (not port or port == url.port)
    and (url.host == host
      or url.is_name and url.host:sub(-#host - 1) == "." .. host)
end

local function number_of(address)
  local a, b, c, d = address:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return a and ((a * 256 + b) * 256 + c) * 256 + d
end

-- Or it is a network, 10.0.0.0/8; curl has these from 7.86 on.
local function holds(entry, url)
  local address, bits = entry:match("^([%d.]+)/(%d%d?)$")
  local network, number = address and number_of(address), number_of(url.host)
  local size = bits and 2 ^ (32 - bits)
  return network and number and size >= 1
    and floor(network / size) == floor(number / size)
end

local function is_excluded(list, url)
  for entry in list:gmatch("[^, \t]+") do
    if entry == "*" or names(entry, url) or holds(entry, url) then
      return true
    end
  end
  return false
end

---@class wxbot.cli.ProxyChoice
---@field proxy wxbot.Proxy|nil nil: none
---@field source string|nil what decided: "--proxy", "HTTPS_PROXY", "NO_PROXY" (as they are spelt there), "loopback"; nil: nothing asks for one

local function choice_of(text, source)
  local proxy = proxies.read(text)
  if not proxy then
    return nil, errors.new{ kind = "invalid", code = "usage", sent = false,
      message = ("%s %s%s"):format(source, EXPECTED, source == "--proxy"
        and ', or "" for none' or '; --proxy "" goes without one') }
  end
  return { proxy = proxy, source = source }
end

--- Chooses. Of the environment only https addresses take a proxy, and no
--- address of this machine does; --proxy holds for all.
---@param options table `proxy`: what --proxy says, "" for none
---@param getenv fun(name: string): string|nil
---@param address string URL of what is to be reached
---@return wxbot.cli.ProxyChoice|nil choice
---@return wxbot.Error|nil err kind "invalid": it is no URL of a proxy
function M.choose(options, getenv, address)
  if options.proxy == "" then
    return { source = "--proxy" }
  elseif options.proxy then
    return choice_of(options.proxy, "--proxy")
  end
  local url = read_url(address)
  local text, source = variable(getenv, "https_proxy", "HTTPS_PROXY")
  if not text or not url or url.scheme ~= "https" then
    return {}
  elseif M.is_loopback(url.host) then
    return { source = "loopback" }
  end
  local list, excluded_by = variable(getenv, "no_proxy", "NO_PROXY")
  if list and is_excluded(list, url) then
    return { source = excluded_by }
  end
  return choice_of(text, source)
end

return M
