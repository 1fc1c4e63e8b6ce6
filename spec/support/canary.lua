-- The credentials of all specs, and a search for them and for others.
--
-- A secret counts as found when any 12 characters of it in a row are there: as
-- it is, percent-encoded, in base64 or in hex; of an AES key its bytes, too.

local core = require "wxbot.core"

local M = {}

local PART = 12
-- A part has a whole hint at one of any STEP places in a row: every STEP-th place
-- of a text is looked at, and more only where a hint is.
local HINT = 6
local STEP = PART - HINT + 1

-- Those stand nowhere else: what holds a part of them has it from a spec.
M.credentials = {
  appid = "CanaryAppid0001",
  token = "cnryTokenK7wQz4Pv9XbLm2Rt8YdHs",
  aes_key = "cnryKeyU5fGj1WnEo6Za3ScVp0IxTu8Mq4Bh7DyNkLr",
  access_token = "cnry/Access+Jd83Kx=Vw92Qp~Zt67Rm_Lb45Nf",
}

-- An access token that needs no escaping, and an AppSecret.
M.access_token = "cnryAccessJd83KxVw92QpZt67RmLb45Nf"
M.secret = "cnrySecretN4gT8hYb2Vc6Xz0Lk5Jq7"

-- Those of the platform's documents, in which its bytes are given.
M.documented = {
  appid = "Gg8HejYTkUsEIlG",
  token = "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv",
  aes_key = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz",
}

local function add_percent(forms, text)
  for _, form in ipairs{ "%%%02X", "%%%02x" } do
    forms[#forms + 1] = text:gsub("[^%w_.~-]", function(char)
      return form:format(char:byte())
    end)
  end
end

-- Base64 of a text inside another text: what is certain of its three ways to
-- fall into groups of three bytes, in both alphabets.
local function add_base64(forms, text)
  for shift = 0, 2 do
    local sealed = core.base64_encode(("\0"):rep(shift) .. text)
    local certain = sealed:sub(math.ceil(shift * 8 / 6) + 1,
      math.floor((shift + #text) * 8 / 6))
    forms[#forms + 1] = certain
    forms[#forms + 1] = certain:gsub("[+/]", { ["+"] = "-", ["/"] = "_" })
  end
end

local function add_hex(forms, text)
  local hex = core.hex_encode(text)
  forms[#forms + 1] = hex
  forms[#forms + 1] = hex:upper()
end

-- What the last character of an AES key may be: two of its bits are no part of
-- the key, and the first of each four has none of them.
local LAST = "ABCD EFGH IJKL MNOP QRST UVWX YZab cdef ghij klmn opqr stuv wxyz "
  .. "0123 4567 89+/"

local function key_of(text)
  for four in LAST:gmatch("%S+") do
    if four:find(text:sub(43), 1, true) then
      return core.base64_decode(text:sub(1, 42) .. four:sub(1, 1) .. "=")
    end
  end
end

-- Every part and hint of what is searched for, and whose it is.
local parts, passing_parts = {}, {}
local known, passing = {}, {}

local function add(all, name, form)
  for _, length in ipairs{ PART, HINT } do
    for first = 1, #form - length + 1 do
      all[form:sub(first, first + length - 1)] = name
    end
  end
end

local function add_forms(all, name, secret)
  local forms = { secret }
  add_percent(forms, secret)
  add_base64(forms, secret)
  add_hex(forms, secret)
  if name == "aes_key" and #secret == 43 then
    local key = assert(key_of(secret))
    forms[#forms + 1] = key
    add_hex(forms, key)
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
M.watch("access_token", M.access_token)
M.watch("secret", M.secret)
M.watch("token", M.documented.token)
M.watch("aes_key", M.documented.aes_key)

--- Which secret a text holds.
---@param text string
---@return string|nil name
---@return string|nil part the characters that were found
function M.found(text)
  for place = 1, #text - HINT + 1, STEP do
    local hint = text:sub(place, place + HINT - 1)
    if parts[hint] or passing_parts[hint] then
      for first = math.max(1, place - STEP + 1), place do
        local part = text:sub(first, first + PART - 1)
        local name = #part == PART and (parts[part] or passing_parts[part])
        if name then
          return name, part
        end
      end
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
