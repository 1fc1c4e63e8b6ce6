-- Credentials that stand nowhere else, and a search for them and for others.
--
-- A secret counts as found when any 12 characters of it in a row are there:
-- as it is, percent-encoded, in base64, or (an AES key) its bytes in hex.

local core = require "wxbot.core"

local M = {}

local PART = 12

M.credentials = {
  appid = "CanaryAppid0001",
  token = "cnryTokenK7wQz4Pv9XbLm2Rt8YdHs",
  aes_key = "cnryKeyU5fGj1WnEo6Za3ScVp0IxTu8Mq4Bh7DyNkLr",
  access_token = "cnry/Access+Jd83Kx=Vw92Qp~Zt67Rm_Lb45Nf",
}

local function percent_encoded(text)
  return (text:gsub("[^%w_.~-]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end

-- Base64 of a text inside another text: what is certain of its three ways to
-- fall into groups of three bytes.
local function in_base64(forms, text)
  for shift = 0, 2 do
    local sealed = core.base64_encode(("\0"):rep(shift) .. text)
    forms[#forms + 1] = sealed:sub(5, -5)
  end
end

-- Every part of what is searched for, and whose it is.
local parts, passing_parts = {}, {}
local known, passing = {}, {}

local function add(all, name, form)
  for first = 1, #form - PART + 1 do
    all[form:sub(first, first + PART - 1)] = name
  end
end

local function add_forms(all, name, secret)
  local forms = { secret, percent_encoded(secret) }
  in_base64(forms, secret)
  if name == "aes_key" and #secret == 43 then
    local key = core.base64_decode(secret:sub(1, 40))
    forms[#forms + 1] = core.hex_encode(key)
    forms[#forms + 1] = key
  end
  for _, form in ipairs(forms) do
    add(all, name, form)
  end
end

--- Searches for another secret from now on.
---@param name string
---@param secret string
function M.watch(name, secret)
  if not known[secret] then
    known[secret] = true
    add_forms(parts, name, secret)
  end
end

--- Searches for another secret until `forget` is called.
function M.watch_for_now(name, secret)
  if not known[secret] and not passing[secret] then
    passing[secret] = true
    add_forms(passing_parts, name, secret)
  end
end

function M.forget()
  passing, passing_parts = {}, {}
end

for _, name in ipairs{ "token", "aes_key", "access_token" } do
  M.watch(name, M.credentials[name])
end

--- Which secret a text holds.
---@param text string
---@return string|nil name
---@return string|nil part the characters that were found
function M.found(text)
  for first = 1, #text - PART + 1 do
    local part = text:sub(first, first + PART - 1)
    local name = parts[part] or passing_parts[part]
    if name then
      return name, part
    end
  end
end

-- Everything that a walk through a value's fields and metatables meets.
local function walk(value, texts, seen)
  if type(value) == "string" then
    texts[#texts + 1] = value
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    texts[#texts + 1] = tostring(value)
    for name, member in pairs(value) do
      walk(name, texts, seen)
      walk(member, texts, seen)
    end
    walk(getmetatable(value), texts, seen)
  elseif type(value) == "userdata" then
    texts[#texts + 1] = tostring(value)
    walk(getmetatable(value), texts, seen)
  end
end

--- Everything that can be read off values.
---@return string
function M.shown(...)
  local texts = {}
  for i = 1, select("#", ...) do
    walk((select(i, ...)), texts, {})
  end
  return table.concat(texts, "\n")
end

return M
