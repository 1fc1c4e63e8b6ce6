--- The URL of a proxy: scheme://[user[:password]@]host:port.
--
-- It may hold a password: no error and no other text shows it.

local core = require "wxbot.core"
local lower = require "wxbot.util.text".lower
local urls = require "wxbot.codec.url"

local find, match = string.find, string.match

local M = {}

-- Schemes that libcurl knows; wxbot.resty knows the first.
local SCHEMES = { http = true, https = true, socks4 = true, socks4a = true,
  socks5 = true, socks5h = true }

---@class wxbot.Proxy
---@field scheme string
---@field host string in lower case, an IPv6 address in its brackets
---@field port integer
---@field url string the whole: secret
---@field password string|nil secret
---@field authorization string|nil value of Proxy-Authorization: secret
---@field shown string the URL for a person, without the password

-- A name or a password as it is, and as a URL holds it.
local function part_of(text)
  local value = urls.unescape(text)
  return value, urls.escape(value)
end

-- What stands before the @: as `Basic` has it, and as every reader of URLs
-- understands it, whatever is in it. nil: it cannot be one.
local function user_of(user)
  if not user then
    return nil, ""
  end
  local name, name_part = part_of(match(user, "^[^:]*"))
  local password, password_part = part_of(match(user, ":(.*)$") or "")
  if find(user, "[^\33-\126]") or find(name, ":", 1, true)
      or find(name .. password, "[%z\1-\31\127]") then
    return nil
  end
  return "Basic " .. core.base64_encode(name .. ":" .. password),
    name_part .. (find(user, ":", 1, true) and ":" .. password_part or "") .. "@"
end

--- Reads one. A host alone, with its port, is that of an http:// proxy; the port
--- must be there, for programs do not agree on which it is otherwise.
---@param text string
---@return wxbot.Proxy|nil proxy nil: it is none
function M.read(text)
  local scheme, rest = match(text, "^([A-Za-z0-9]+)://(.*)$")
  scheme, rest = lower(scheme or "http"), rest or text
  -- Up to the last @: a password may hold one.
  local user, address = match(rest, "^(.*)@([^@]*)$")
  local authorization, credentials = user_of(user)
  local url = urls.read("http://" .. (address or rest))
  if not SCHEMES[scheme] or not credentials or not url or url.target ~= "/"
      or not find(url.origin, ":%d+$")
  then
    return nil
  end
  local place = match(url.origin, "//(.*)$")
  local name = user and match(user, "^[^:]*")
  local password = user and match(user, "^[^:]*:(.*)$")
  return {
    scheme = scheme, host = url.host, port = url.port,
    password = password and urls.unescape(password),
    url = scheme .. "://" .. credentials .. place,
    authorization = authorization,
    shown = scheme .. "://" .. (name or "")
      .. (password and ":***" or "") .. (name and "@" or "") .. place,
  }
end

--- The URL for libcurl, which would end a host at a / or another @ of a
--- password: what it shall judge by itself stays as it is.
---@param text string|nil
---@return string|nil
function M.for_curl(text)
  local proxy = text and M.read(text)
  return proxy and proxy.url or text
end

return M
