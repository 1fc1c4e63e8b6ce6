--- What of a request nobody should read over a shoulder: credentials and
-- signatures, masked.

local endpoints = require "wxbot.api"
local texts = require "wxbot.util.text"

local ipairs, pairs = ipairs, pairs

local M = {}

local MASK = "***"

-- Names of what is secret, without - and _, in small letters. Descriptions
-- tell of more.
local NAMES = {}
for name in ([[token signature sign secret appsecret accesstoken
    componentaccesstoken componentappsecret componentverifyticket
    authorizeraccesstoken refreshtoken authorizerrefreshtoken
    authorizationcode authcode preauthcode ticket aeskey encodingaeskey
    authorization xopenaitoken password]]):gmatch("[a-z]+") do
  NAMES[name] = true
end

local function flat(name)
  return (texts.lower(name):gsub("[_-]", ""))
end

for _, endpoint in ipairs(endpoints.all) do
  for _, field in ipairs(endpoint.request) do
    NAMES[flat(field.name)] = NAMES[flat(field.name)] or field.sensitive
  end
end

--- Whether a value of that name is secret.
---@param name string
---@return boolean
function M.is_name(name)
  return NAMES[flat(name)] == true
end

-- --------------------------------------------------------- known by value

-- Shorter ones are words of every text.
local SHORTEST = 4

-- A text without a secret, and without the beginning of one at its end, where
-- it may have been cut.
local function without(text, secret)
  if #secret < SHORTEST then
    return text
  elseif text:find(secret, 1, true) then
    text = texts.replace(text, secret, MASK)
  end
  for length = #secret - 1, SHORTEST, -1 do
    if text:sub(-length) == secret:sub(1, length) then
      return text:sub(1, -length - 1) .. MASK
    end
  end
  return text
end

--- A text without the sandbox's credentials.
---@param platform table
---@param text string
---@return string
function M.hide(platform, text)
  for _, name in ipairs{ "token", "aes_key", "access_token" } do
    text = without(text, platform[name])
  end
  return without(text, platform.access.secret)
end

--- A text without those of its credentials that are no public examples: nobody
-- is shown these, whoever asks.
---@param platform table
---@param text string
---@return string
function M.hide_own(platform, text)
  for _, secret in pairs(platform.own) do
    text = without(text, secret)
  end
  return text
end

-- ---------------------------------------------------------- known by name

local function pair(text)
  local name = text:match("^([A-Za-z_-]+)=")
  return name and M.is_name(name) and name .. "=" .. MASK or nil
end

local function member(name, between, value)
  return M.is_name(name) and value ~= ""
    and '"' .. name .. between .. MASK or nil
end

local function element(name, value)
  return M.is_name(name) and value ~= "" and "<" .. name .. ">" .. MASK or nil
end

local function cdata(name)
  return M.is_name(name) and "<" .. name .. "><![CDATA[" .. MASK .. "]]>" or nil
end

-- A signed token (JWT) among characters of words.
local function signed(word)
  return #word > 40 and word:find("^eyJ[^.]*%.[^.]*%.[^.]*$") and MASK or nil
end

--- The query of a URL or a form, masked.
---@param text string
---@return string
function M.mask_form(text)
  return (text:gsub("[^&]+", pair))
end

--- A body, masked: JSON, XML or a form.
---@param text string
---@return string
function M.mask_body(text)
  if text:find("^[A-Za-z_-]+=") then
    text = M.mask_form(text)
  end
  text = text:gsub('"([A-Za-z_-]+)(\\*"[ \t\r\n]*:[ \t\r\n]*\\*")([^"\\]*)',
    member)
  text = text:gsub("<([A-Za-z_-]+)><!%[CDATA%[[^<]*", cdata)
  text = text:gsub("<([A-Za-z_-]+)>([^<]*)", element)
  return (text:gsub("[A-Za-z0-9_.-]+", signed))
end

return M
