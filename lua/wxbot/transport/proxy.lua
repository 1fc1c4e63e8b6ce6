--- The URL of a proxy: scheme://[user[:password]@]host:port.
--
-- It may hold a password: no error and no other text shows it.

local core = require "wxbot.core"
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
---@field password string|nil as it stands in the URL: secret
---@field authorization string|nil value of Proxy-Authorization: secret
---@field shown string the URL for a person, without the password

-- `Basic` of what stands before the @.
local function authorization_of(user)
  if not user then
    return nil
  end
  user = urls.unescape(user)
  return "Basic " .. core.base64_encode(find(user, ":", 1, true) and user
    or user .. ":")
end

--- Reads one. A host alone, with its port, is that of an http:// proxy; the port
--- must be there, for programs do not agree on which it is otherwise.
---@param text string
---@return wxbot.Proxy|nil proxy nil: it is none
function M.read(text)
  local scheme, rest = match(text, "^([a-z0-9]+)://(.*)$")
  if not scheme then
    scheme, rest = "http", text
  end
  -- Up to the last @: a password may hold one.
  local user, address = match(rest, "^(.*)@([^@]*)$")
  local url = urls.read("http://" .. (address or rest))
  if not SCHEMES[scheme] or not url or url.target ~= "/"
      or not find(url.origin, ":%d+$") or user and find(user, "[^\33-\126]")
  then
    return nil
  end
  local place = match(url.origin, "//(.*)$")
  local name = user and match(user, "^[^:]*")
  local password = user and match(user, "^[^:]*:(.*)$")
  return {
    scheme = scheme, host = url.host, port = url.port, password = password,
    url = scheme .. "://" .. (user and user .. "@" or "") .. place,
    authorization = authorization_of(user),
    shown = scheme .. "://" .. (name or "")
      .. (password and ":***" or "") .. (name and "@" or "") .. place,
  }
end

return M
