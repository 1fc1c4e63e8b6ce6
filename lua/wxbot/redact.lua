--- Keeps credentials, and what a terminal would obey, out of errors.

local max, min = math.max, math.min
local ipairs, tostring, type = ipairs, tostring, type

local M = {}

local MAX_MESSAGE = 500
-- So much of a text is looked at; the rest is not shown.
local MAX_TEXT = 16 * 1024

local function percent(char)
  return ("%%%02X"):format(char:byte())
end

--- Percent-encodes everything but unreserved characters.
---@param text string
---@return string
function M.escape(text)
  return (text:gsub("[^%w_.~-]", percent))
end

local function is_inside(byte)
  return byte ~= nil and byte >= 0x80 and byte < 0xC0
end

--- The beginning of a text, without a part of a character of UTF-8 at its end.
---@param text string
---@param bytes integer at most so many
---@return string
function M.beginning(text, bytes)
  local last = bytes
  while last > bytes - 3 and is_inside(text:byte(last + 1)) do
    last = last - 1
  end
  return text:sub(1, last)
end

local function replace(text, part, by)
  if #part > #text then
    return text
  end
  local pattern = part:gsub("%p", "%%%0")
  return (text:gsub(pattern, (by:gsub("%%", "%%%%"))))
end

-- Somebody may have cut a text in the middle of a secret: so many characters
-- of it in a row are as secret as the whole.
local PART = 12

-- Text without any part of a secret; `first`: where in the secret it begins.
local function without_part(text, secret, first)
  local from = text:find(secret:sub(first, first + PART - 1), 1, true)
  while from do
    local length = PART
    while first + length <= #secret
        and text:byte(from + length) == secret:byte(first + length) do
      length = length + 1
    end
    text = text:sub(1, from - 1) .. "***" .. text:sub(from + length)
    from = text:find(secret:sub(first, first + PART - 1), from + 3, true)
  end
  return text
end

-- Whatever has PART characters in a row of a secret has one of the pieces that
-- these divide it into: few of them are in a text, and a secret (all that a
-- call sends) may be long.
local PIECE = PART / 2

local function pieces_of(text)
  local pieces = {}
  for i = 1, #text - PIECE + 1 do
    pieces[text:sub(i, i + PIECE - 1)] = true
  end
  return pieces
end

local function without_parts(text, secret, pieces)
  local last, done = #secret - PART + 1, 0
  for at = 1, #secret - PIECE + 1, PIECE do
    if pieces[secret:sub(at, at + PIECE - 1)] then
      for first = max(done + 1, at - PIECE), min(at, last) do
        text, done = without_part(text, secret, first), first
      end
    end
  end
  return text
end

-- The secrets of a call, as they stand and as a URL holds them.
local function without(text, secrets)
  text = text:sub(1, MAX_TEXT)
  for _, url in ipairs(secrets.urls) do
    text = replace(text, url[1], url[2])
  end
  local pieces = pieces_of(text)
  for _, secret in ipairs(secrets) do
    -- Shorter ones are words of every text; URLs have lost them above.
    if #secret > 3 then
      text = replace(text, secret, "***")
      if #secret <= #text then
        text = replace(text, M.escape(secret), "***")
      end
      text = without_parts(text, secret, pieces)
    end
  end
  return text
end

local function one_line(text)
  text = text:gsub("%c+", " ")
  if #text > MAX_MESSAGE then
    text = M.beginning(text, MAX_MESSAGE) .. "…"
  end
  return text
end

-- A code is a number or a word; anything else may be anything.
local function clean_code(code, secrets)
  if type(code) ~= "string" then
    return code
  elseif #code > 64 or not code:find("^[%w_.-]+$")
      or without(code, secrets) ~= code then
    return "error"
  end
  return code
end

--- Cleans an error that others had a hand in.
---@param err wxbot.Error changed in place
---@param secrets table strings, and urls = { { url, what to show instead } }
function M.error(err, secrets)
  err.message = one_line(without(tostring(err.message), secrets))
  err.code = clean_code(err.code, secrets)
  if err.rid ~= nil then
    err.rid = one_line(without(tostring(err.rid), secrets))
  end
end

return M
