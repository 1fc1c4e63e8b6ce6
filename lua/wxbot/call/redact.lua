--- Keeps credentials, and what a terminal would obey, out of errors.

local texts = require "wxbot.util.text"
local url = require "wxbot.codec.url"

local max, min = math.max, math.min
local concat, ipairs, tostring, type = table.concat, ipairs, tostring, type

local M = {}

local MAX_MESSAGE = 500
-- So much of a text is looked at; the rest is not shown.
local MAX_TEXT = 4 * 1024

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

-- Somebody may have cut a text in the middle of a secret: so many characters
-- of it in a row are as secret as the whole.
local PART = 12

-- Whatever has PART characters in a row of a secret has one of the pieces that
-- these divide it into: few of them are in a text, and a secret (all that a
-- call sends) may be long.
local PIECE = 6

-- All that a text has of one length, as names: none is a secret's yet.
local function parts_of(text, length)
  local parts = {}
  for i = 1, #text - length + 1 do
    parts[text:sub(i, i + length - 1)] = "open"
  end
  return parts
end

-- Notes which parts of a text a secret has, too.
local function mark(parts, pieces, secret)
  local seen = {} -- what repeats itself is looked at once
  for at = 1, #secret - PIECE + 1, PIECE do
    local around = secret:sub(max(1, at - PIECE + 1), at + PART - 1)
    if not seen[around] and pieces[secret:sub(at, at + PIECE - 1)] then
      seen[around] = true
      for first = max(1, at - PIECE + 1), min(at, #secret - PART + 1) do
        local part = secret:sub(first, first + PART - 1)
        parts[part] = parts[part] and "secret"
      end
    end
  end
end

local function without_parts(text, parts)
  local shown, hidden = {}, 0 -- up to there
  for i = 1, #text - PART + 1 do
    if parts[text:sub(i, i + PART - 1)] == "secret" then
      if i > hidden then
        shown[#shown + 1] = text:sub(hidden + 1, i - 1) .. "***"
      end
      hidden = i + PART - 1
    end
  end
  return concat(shown) .. text:sub(hidden + 1)
end

-- The secrets of a call as they stand and as a URL holds them: the only one that
-- may be longer is a body, of characters that a URL leaves as they are.
local function forms_of(secrets)
  local forms = {}
  for _, secret in ipairs(secrets) do
    forms[#forms + 1] = secret
    if #secret <= MAX_TEXT then
      forms[#forms + 1] = url.escape(secret)
    end
  end
  return forms
end

local function without(text, secrets)
  text = text:sub(1, MAX_TEXT)
  for _, address in ipairs(secrets.urls) do
    text = texts.replace(text, address[1], address[2])
  end
  local forms = forms_of(secrets)
  local parts, pieces = parts_of(text, PART), parts_of(text, PIECE)
  for _, secret in ipairs(forms) do
    mark(parts, pieces, secret)
  end
  text = without_parts(text, parts)
  for _, secret in ipairs(forms) do
    -- Shorter ones are words of every text; URLs have lost them above.
    if #secret > 3 and #secret < PART then
      text = texts.replace(text, secret, "***")
    end
  end
  return text
end

local function one_line(text)
  text = text:gsub("[%z\1-\31\127]+", " ")
  if #text > MAX_MESSAGE then
    text = M.beginning(text, MAX_MESSAGE) .. "…"
  end
  return text
end

-- A code is a number or a word; anything else may be anything.
local function clean_code(code, secrets)
  if type(code) ~= "string" then
    return code
  elseif #code > 64 or not code:find("^[A-Za-z0-9_.-]+$")
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

-- What must not reach an error of this call. It is put together when there is
-- one, of what the call noted when it began: the bot may be closed meanwhile.
local function first_secrets(call)
  local endpoint, params = call.endpoint, call.params
  local secrets = { call.token or "", call.aes_key or "",
    type(call.access) == "string" and call.access or "", urls = {} }
  if call.address and endpoint.path:find("{token}", 1, true) then
    secrets.urls[1] = { call.address, call.base .. endpoint.path }
  end
  for _, field in ipairs(endpoint.request) do
    secrets[#secrets + 1] = field.sensitive and params[field.name] or nil
  end
  return secrets
end

--- Takes the secrets out of an error of a call.
---@param call wxbot.Call
---@param err wxbot.Error changed in place
function M.call_error(call, err)
  local secret = call.body and call.wire.secret
  local secrets = call.secrets or first_secrets(call)
  call.secrets = secrets
  -- Those that a repeat may have got anew.
  secrets[#secrets + 1] = call.params.signature
  secrets[#secrets + 1] = secret and secret(call.body) or nil
  secrets[#secrets + 1] = call.access_token
  M.error(err, secrets)
end

return M
