--- Reads URLs.

local lower = require "wxbot.util.text".lower

local tonumber = tonumber

local MAX_URL = 8 * 1024
local MAX_HOST = 255

---@class wxbot.http1.Url
---@field scheme string "https" | "http"
---@field host string in lower case, an IPv6 address in its brackets
---@field port integer
---@field target string path and query: secret, never for an error
---@field origin string scheme, host and port as they were given
---@field is_name boolean the host is a name, not an address

local PORTS = { https = 443, http = 80 }

local function port_of(text, scheme)
  if text == "" then
    return PORTS[scheme]
  end
  local port = tonumber(text:match("^:(%d+)$"))
  return port and port >= 1 and port <= 65535 and port or nil
end

--- Reads a URL. Only ASCII, no user, no fragment.
---@param text string
---@return wxbot.http1.Url|nil url
---@return string|nil why the URL cannot be used; does not repeat it
return function(text)
  if #text > MAX_URL then
    return nil, "the URL is too long"
  elseif text:find("[^\33-\126]") or text:find("[\\#]") then
    return nil, "the URL has characters that it must not have"
  end
  local scheme, rest = text:match("^(https?)://(.*)$")
  if not scheme then
    return nil, "the URL must begin with https:// or http://"
  end
  local authority, target = rest:match("^([^/?]*)(.*)$")
  local host, tail = authority:match("^([A-Za-z0-9._-]+)(.*)$")
  if not host then
    host, tail = authority:match("^(%[[%x:.]+%])(.*)$")
  end
  local port = host and port_of(tail, scheme)
  if not port or #host > MAX_HOST then
    return nil, "the URL has no usable host"
  end
  return {
    scheme = scheme, host = lower(host), port = port,
    target = target:sub(1, 1) == "/" and target or "/" .. target,
    origin = scheme .. "://" .. authority,
    is_name = not host:find("^%[") and not host:find("^%d+%.%d+%.%d+%.%d+$"),
  }
end
