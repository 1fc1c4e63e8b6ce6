--- The credentials by themselves: who may read them, and what they look like.

local config = require "wxbot.cli.config"
local core = require "wxbot.core"

local ipairs = ipairs

local CONSOLE = "it is in " .. config.console

local function file_rights(exam)
  local path = exam.options.config
  if not path then
    return "skip", "there is no --config file"
  elseif config.is_exposed(path) then
    return "fail", path .. " can be read by others", "chmod 600 it"
  end
  return "ok", "only you can read " .. path
end

-- ---------------------------------------------------------------- their shape

-- What came along when a value was copied, whatever it is for.
local function slip_of(value)
  if value:find("[\r\n]$") then
    return "ends in a line feed"
  elseif value:find("^[ \t]") or value:find("[ \t]$") then
    return "begins or ends with a blank"
  elseif value:find("^[\"'`]") or value:find("[\"'`]$") then
    return "stands in quotes"
  elseif value:find("[%z\1-\32\127]") then
    return "has a blank, a line feed or a control character within"
  elseif value:find("[\128-\255]") then
    return "has a character that is not ASCII, such as a quote or a letter of "
      .. "full width"
  end
end

local function is_word(value)
  return value:find("^[A-Za-z0-9_-]+$") ~= nil and #value <= 128
end

local function is_key(value)
  return #value == 43 and core.msgcrypt(value) ~= nil
end

-- The platform's TOKENs have about 30 characters, its APPIDs 15.
local TOKEN_AT_LEAST, APPID_AT_MOST = 26, 20

local function swapped(name, other)
  return ("looks like the %s, and %s like the %s"):format(other, other, name),
    "exchange the two"
end

local WORD = "must be 1 to 128 letters, digits, _ or -; it has %d bytes, "
  .. "with others among them"

-- What is wrong with the shape of a value that has no slip; what to do, if it
-- is not to copy it anew.
local SHAPES = {}

function SHAPES.appid(value, given)
  local token = given.token or ""
  if value:find("^wx%x%x%x%x%x%x%x%x") and #value == 18 then
    return "is that of an official account or mini program (wx…)",
      "the bot has an APPID of its own: " .. CONSOLE
  elseif #value >= TOKEN_AT_LEAST and is_word(value) then
    if token ~= "" and #token <= APPID_AT_MOST then
      return swapped("appid", "token")
    end
    return ("is longer than an APPID: it has %d characters"):format(#value)
  elseif not is_word(value) then
    return WORD:format(#value)
  end
end

function SHAPES.token(value, given)
  local key = given.aes_key or ""
  if is_key(value) and key ~= "" and not is_key(key) then
    return swapped("token", "aes_key")
  elseif not is_word(value) then
    return WORD:format(#value)
  end
end

function SHAPES.aes_key(value, given)
  if is_key(value) then
    return nil
  elseif is_key(given.token or "") then
    return swapped("aes_key", "token")
  elseif #value == 44 and value:find("=$") then
    return "ends in =, which belongs to base64, not to the key",
      "leave the = out"
  elseif value:find("[^A-Za-z0-9+/]") then
    return ("must be 43 characters of base64; it has %d bytes, with others "
      .. "among them"):format(#value)
  end
  return ("must have 43 characters, and has %d"):format(#value)
end

function SHAPES.managerid() end

function SHAPES.access_token(value)
  if #value > 4096 then
    return "is longer than any"
  end
end

-- Values that are no secrets, unless one is in their place.
local SHOWN = { appid = true, managerid = true }

local function right(name, value)
  return SHOWN[name] and #value < TOKEN_AT_LEAST and value
    or ("%d characters"):format(#value)
end

-- Who only publishes articles needs nothing of a bot.
local NEEDED = { appid = true, token = true, aes_key = true }

local function absent(name, given)
  if not NEEDED[name] or given.access_token and not given.appid
      and not given.token and not given.aes_key then
    return "missing", "none is given"
  end
  return "fail", "none is given", ("set %s, or name it in a --config file; %s")
    :format(config.variables[name], CONSOLE)
end

local function value_of(exam, name)
  return name == "managerid" and exam.options.managerid or exam.given[name]
end

local function shape(name)
  return function(exam)
    local value = value_of(exam, name)
    if value == nil then
      return absent(name, exam.given)
    end
    local slip = slip_of(value)
    if slip then
      return "fail", slip, "write the value alone"
    end
    local fault, hint = SHAPES[name](value, exam.given)
    if fault then
      return "fail", fault, hint or NEEDED[name] and CONSOLE or nil
    end
    return "ok", right(name, value)
  end
end

local checks = { { name = "config", run = file_rights } }
for _, name in ipairs{ "appid", "token", "aes_key", "managerid",
    "access_token" } do
  checks[#checks + 1] = { name = name, run = shape(name) }
end

return checks
