--- HTTP/1.1 without a socket: reads URLs, writes requests, reads answers.
--
-- For transports whose host gives bytes only. An answer is read strictly:
-- what two readers could understand in two ways is refused, and everything
-- is bounded while it comes in.

local is_token = require "wxbot.transport.http1.input".is_token
local lower = require "wxbot.util.text".lower
local parser = require "wxbot.transport.http1.parser"

local concat, pairs, tonumber = table.concat, pairs, tonumber

local M = { parser = parser }

-- ---------------------------------------------------------------------- URL

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
function M.url(text)
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

-- ------------------------------------------------------------------ request

-- Headers that are written here; a second one would contradict.
local OURS = { ["host"] = true, ["content-length"] = true,
  ["connection"] = true, ["transfer-encoding"] = true, ["expect"] = true,
  ["upgrade"] = true }

-- Methods whose requests have a length even without a body.
local WITH_BODY = { POST = true, PUT = true, PATCH = true }

--- Writes the head of a request.
---@param method string
---@param url wxbot.http1.Url
---@param headers table<string, string>
---@param length integer bytes of the body
---@return string|nil head up to and with the empty line
---@return string|nil why it cannot be written
function M.head(method, url, headers, length)
  if not is_token(method) then
    return nil, "the method has characters that it must not have"
  elseif method == "HEAD" and length > 0 then
    return nil, "a HEAD request has no body"
  end
  local host = url.origin:match("://(.*)$")
  local lines = { method .. " " .. url.target .. " HTTP/1.1",
    "Host: " .. host, "Accept: */*" }
  for name, value in pairs(headers) do
    if not is_token(name) or value:find("[%z\1-\31\127]") then
      return nil, "a header has characters that it must not have"
    elseif OURS[lower(name)] then
      return nil, "a header is one that the transport writes itself"
    end
    lines[#lines + 1] = name .. ": " .. value
  end
  if length > 0 or WITH_BODY[method] then
    lines[#lines + 1] = ("Content-Length: %d"):format(length)
  end
  return concat(lines, "\r\n") .. "\r\n\r\n"
end

return M
