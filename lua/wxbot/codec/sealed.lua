--- What of a text is sealed, whatever it was copied from: the body of a push or
-- of a request, a line of a log, a query, or base64 alone.
--
-- Reasons are those of wxbot.sandbox.causes: an id, and what its sentences have
-- places for.

local core = require "wxbot.core"
local texts = require "wxbot.util.text"
local url = require "wxbot.codec.url"

local char, floor = string.char, math.floor
local ipairs, tonumber = ipairs, tonumber
local trim = texts.trim

local M = {}

-- The names of what is sealed, and what a body with that name is. Version 2 and
-- the service interface have no name: their body is base64 alone.
local NAMES = {
  { name = "encrypted", kind = "kefu" },
  { name = "encrypt", kind = "request" },
  { name = "Encrypt", kind = "official_account" },
  { name = "echostr", kind = "echostr" },
}

-- No more of one name are looked at.
local MOST_PLACES = 100

-- ---------------------------------------------------------------- its place

-- What a name between `from` and `to` stands before: an element's content, a
-- member's string, which may be escaped as in a log, or a value of a form.
local function value_at(text, name, from, to)
  local before = from == 1 and "\n" or text:sub(from - 1, from - 1)
  if before == "<" and text:sub(to + 1, to + 1) == ">" then
    local stop = text:find("</" .. name .. ">", to + 2, true)
    return text:sub(to + 2, (stop or 0) - 1)
  elseif before:find("[\"']") then
    local start = text:match('^\\*["\'][ \t-\r]*:[ \t-\r]*\\*["\']()', to + 1)
    return start and text:match("^[^\"']*", start)
  elseif before:find("[?& \t-\r\"']") and text:sub(to + 1, to + 1) == "=" then
    return text:match("^[^& \t-\r\"']*", to + 2)
  end
end

-- The first value of a name. An envelope as the value is no sealed text, but may
-- hold one.
local function find_value(text, name)
  local from, to = text:find(name, 1, true)
  local holds_envelope = false
  for _ = 1, from and MOST_PLACES or 0 do
    local value = value_at(text, name, from, to)
    if value and not value:find("^[ \t-\r\\]*[<{]")
        or value and value:find("^[ \t-\r]*<!%[CDATA%[") then
      return value, from, holds_envelope
    end
    holds_envelope = holds_envelope or value ~= nil
    from, to = text:find(name, to + 1, true)
    if not from then
      break
    end
  end
  return nil, nil, holds_envelope
end

local function is_third_party(text)
  return text:find("<AppId>", 1, true) and not text:find("<ToUserName>", 1, true)
end

-- The value that comes first, of which kind it is, and whether it stands in an
-- envelope inside another.
local function locate(text)
  local found, kind, first, is_nested
  for _, entry in ipairs(NAMES) do
    local value, at, holds_envelope = find_value(text, entry.name)
    if value and (not first or at < first) then
      found, kind, first = value, entry.kind, at
    end
    is_nested = is_nested or holds_envelope
  end
  if is_nested then
    kind = "request"
  elseif kind == "official_account" and is_third_party(text) then
    kind = "third_party"
  end
  return found, kind, is_nested
end

-- ----------------------------------------------------------------- its base64

local function character(hex)
  return char(tonumber(hex, 16))
end

-- What copying has put around and between the characters of base64.
local function without_escapes(text)
  text = text:gsub("<!%[CDATA%[", ""):gsub("]]>", "")
  text = text:gsub("\\u00([0-9A-Fa-f][0-9A-Fa-f])", character)
  text = text:gsub("\\[nrt]", "\n"):gsub("\\", "")
  text = trim(text):gsub("^[\"'`]", ""):gsub("[\"'`],?;?$", "")
  return trim(url.unescape(text))
end

-- Of the usual alphabet, and padded.
local function base64_of(text)
  text = text:gsub("[ \t-\r]", "")
  if not text:find("[+/]") then
    text = text:gsub("-", "+"):gsub("_", "/")
  end
  local missing = -#text % 4
  return missing < 3 and text .. ("="):rep(missing) or text
end

---@class wxbot.codec.Sealed
---@field base64 string
---@field other string|nil with "+" for blanks, which a form makes of it
---@field kind string|nil "kefu", "request", "official_account", "third_party", "echostr"; nil: base64 alone
---@field is_nested boolean|nil the value of a request is a whole envelope

--- Finds what is sealed.
---@param text string
---@return wxbot.codec.Sealed|nil sealed
---@return string[]|nil reason there is nothing
function M.extract(text)
  text = trim(texts.without_mark(text))
  local value, kind, is_nested = locate(text)
  value = without_escapes(value or text)
  if value == "" then
    return nil, { "no_sealed" }
  elseif value:find("^eyJ[A-Za-z0-9_-]+%.[A-Za-z0-9_-]+%.[A-Za-z0-9_-]*$") then
    return nil, { "jwt_for_sealed" }
  elseif value:find("^[<{%[]") then
    return nil, { "nothing_sealed" }
  end
  return { base64 = base64_of(value), kind = kind, is_nested = is_nested,
    other = value:find(" ", 1, true)
      and base64_of((value:gsub(" ", "+"))) or nil }
end

-- A character for a person: itself, or its number.
local function named(text, at)
  local one = text:match("^[%z\1-\127\194-\244][\128-\191]*", at)
  if one and core.utf8_valid(one) and not one:find("^[%z\1-\31\127]") then
    return '"' .. one .. '"'
  end
  return ("the byte 0x%02X"):format(text:byte(at))
end

--- The bytes of a base64 text that may be sealed.
---@param base64 string without blanks
---@return string|nil bytes
---@return string[]|nil reason why it is none
function M.bytes(base64)
  local length = #base64:match("^[^=]*")
  local at = base64:find("[^A-Za-z0-9+/=]") or base64:find("=[^=]")
  if at then
    return nil, { "base64", named(base64, at), ("%d"):format(at),
      ("%d"):format(#base64) }
  end
  local size = floor(length * 3 / 4)
  if size == 0 or size % 16 ~= 0 or length % 4 == 1 then
    return nil, { "size", ("%d"):format(length), ("%d"):format(size) }
  end
  local bytes = core.base64_decode(base64)
  if not bytes then
    return nil, { "spare_bits" }
  end
  return bytes
end

return M
