-- Credentials that stand nowhere else, and a search for them.
--
-- A secret counts as found when any 12 characters of it in a row are there:
-- as it is, percent-encoded, in base64, or (the AES key) its bytes in hex.

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

local needles = {}

local function add(name, form)
  for first = 1, #form - PART + 1 do
    needles[#needles + 1] = { name = name, text = form:sub(first,
      first + PART - 1) }
  end
end

for _, name in ipairs{ "token", "aes_key", "access_token" } do
  local secret = M.credentials[name]
  local forms = { secret, percent_encoded(secret) }
  in_base64(forms, secret)
  for _, form in ipairs(forms) do
    add(name, form)
  end
end
local key = core.base64_decode(M.credentials.aes_key:sub(1, 40))
add("aes_key", core.hex_encode(key))
add("aes_key", key)

--- Which secret a text holds.
---@param text string
---@return string|nil name
---@return string|nil part the characters that were found
function M.found(text)
  for _, needle in ipairs(needles) do
    if text:find(needle.text, 1, true) then
      return needle.name, needle.text
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
