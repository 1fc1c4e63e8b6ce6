--- URLs, and what stands in them and in forms: percent-encoding, and names with
--- values.

local lower = require "wxbot.util.text".lower

local char, find, format = string.char, string.find, string.format
local byte, gsub, match, sub = string.byte, string.gsub, string.match, string.sub
local concat, ipairs, tonumber = table.concat, ipairs, tonumber

local M = {}

-- No query or form of the platform has a tenth of them.
local MOST_PAIRS = 100

local function percent(letter)
  return format("%%%02X", byte(letter))
end

--- Percent-encodes everything but unreserved characters.
---@param text string
---@return string
function M.escape(text)
  return (gsub(text, "[^A-Za-z0-9_.~-]", percent))
end

local function character(hex)
  return char(tonumber(hex, 16))
end

--- Undoes percent-encoding; what is none stays as it is.
---@param text string
---@return string
function M.unescape(text)
  return (gsub(text, "%%([0-9A-Fa-f][0-9A-Fa-f])", character))
end

--- The path and the query of a URL, encoded as they are.
---@param url string
---@return string path
---@return string query "" without
function M.split(url)
  return match(gsub(url, "^[A-Za-z]+://[^/?#]*", ""), "^([^?#]*)%??([^#]*)")
end

--- Writes a query.
---@param list table[] names and values, strings
---@return string
function M.encode(list)
  local parts = {}
  for i, pair in ipairs(list) do
    parts[i] = M.escape(pair[1]) .. "=" .. M.escape(pair[2])
  end
  return concat(parts, "&")
end

-- The pairs of a query or a form, encoded as they are: a name and a value, or
-- nil without an equals sign. nil: more than a hundred.
local function pairs_of(query)
  local list, at = {}, 1
  for _ = 1, MOST_PAIRS do
    if at > #query then
      return list
    end
    local stop = find(query, "&", at, true) or #query + 1
    local pair = sub(query, at, stop - 1)
    local equals = find(pair, "=", 1, true)
    if pair ~= "" then
      list[#list + 1] = { sub(pair, 1, (equals or 0) - 1),
        equals and sub(pair, equals + 1) }
    end
    at = stop + 1
  end
  return at > #query and list or nil
end

local function unescape_form(text)
  return M.unescape((gsub(text, "+", " ")))
end

--- Reads a form, or a query written like one: a plus is a space; of what comes
--- twice the last counts, and a name without a value is none.
---@param form string
---@return table<string, string>|nil values nil: more than a hundred
function M.decode_form(form)
  local list, values = pairs_of(form), {}
  for _, pair in ipairs(list or {}) do
    if pair[1] ~= "" and pair[2] then
      values[unescape_form(pair[1])] = unescape_form(pair[2])
    end
  end
  return list and values
end

local function unescape_strictly(text)
  if not find(gsub(text, "%%[0-9A-Fa-f][0-9A-Fa-f]", ""), "%", 1, true) then
    return M.unescape(text)
  end
end

--- Reads a query that is to be believed: a plus stays one, for base64 has them.
---@param query string
---@return table<string, string>|nil values nil: one came twice or is badly written, or there are more than a hundred
function M.decode_query(query)
  local list, values = pairs_of(query), {}
  for _, pair in ipairs(list or {}) do
    local name = unescape_strictly(pair[1])
    local value = unescape_strictly(pair[2] or "")
    if not name or not value or values[name] then
      return nil
    end
    values[name] = value
  end
  return list and values
end

-- ------------------------------------------------------------ a whole URL

local MAX_URL = 8 * 1024
local MAX_HOST = 255

---@class wxbot.Url
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
  local port = tonumber(match(text, "^:(%d+)$"))
  return port and port >= 1 and port <= 65535 and port or nil
end

--- Reads a URL. Only ASCII, no user, no fragment.
---@param text string
---@return wxbot.Url|nil url
---@return string|nil why the URL cannot be used; does not repeat it
function M.read(text)
  if #text > MAX_URL then
    return nil, "the URL is too long"
  elseif find(text, "[^\33-\126]") or find(text, "[\\#]") then
    return nil, "the URL has characters that it must not have"
  end
  local scheme, rest = match(text, "^(https?)://(.*)$")
  if not scheme then
    return nil, "the URL must begin with https:// or http://"
  end
  local authority, target = match(rest, "^([^/?]*)(.*)$")
  local host, tail = match(authority, "^([A-Za-z0-9._-]+)(.*)$")
  if not host then
    host, tail = match(authority, "^(%[[%x:.]+%])(.*)$")
  end
  local port = host and port_of(tail, scheme)
  if not port or #host > MAX_HOST then
    return nil, "the URL has no usable host"
  end
  return {
    scheme = scheme, host = lower(host), port = port,
    target = sub(target, 1, 1) == "/" and target or "/" .. target,
    origin = scheme .. "://" .. authority,
    is_name = not find(host, "^%[") and not find(host, "^%d+%.%d+%.%d+%.%d+$"),
  }
end

return M
