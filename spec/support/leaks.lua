-- Specs that let secrets out, in every form and on every way: spec/secrets_spec
-- runs them in a process of its own, and each must be caught.

local canary = require "spec.support.canary"
local contexts = require "wxbot.call.context"
local core = require "wxbot.core"
local wxbot = require "wxbot"

-- What goes to stderr shall not land within a line of busted's.
io.stdout:setvbuf("line")

local function escaped(form)
  return function(text)
    return (text:gsub("[^%w_.~-]", function(char)
      return form:format(char:byte())
    end))
  end
end

-- Base64 of the text behind others, which shift it against the groups of three.
local function behind(others, by)
  return function(text)
    return (core.base64_encode(others .. text .. "end"):gsub("[+/]", by or {}))
  end
end

local function hex(text)
  return core.hex_encode(text)
end

local function all_hex(text)
  return hex(text):upper()
end

local function part(form, first)
  return function(text)
    local from = first < 0 and #text + 1 + first or first
    return "a " .. form(text:sub(from, from + 11)) .. " z"
  end
end

local function plain(text)
  return text
end

local URL_SAFE = { ["+"] = "-", ["/"] = "_" }
local FORMS = {
  ["whole"] = plain,
  ["its first 12 characters"] = part(plain, 1),
  ["12 from its midst"] = part(plain, 9),
  ["its last 12"] = part(plain, -12),
  ["percent-encoded"] = escaped("%%%02X"),
  ["percent-encoded in lower case"] = escaped("%%%02x"),
  ["12 percent-encoded in lower case"] = part(escaped("%%%02x"), 1),
  ["in base64"] = behind(""),
  ["in base64 behind 1 byte"] = behind("1"),
  ["in base64 behind 2 bytes"] = behind("12"),
  ["in base64 of URLs"] = behind("", URL_SAFE),
  ["its first 12 in base64"] = part(behind(""), 1),
  ["its last 12 in base64 behind 1 byte"] = part(behind("1"), -12),
  ["12 from its midst in base64 behind 2"] = part(behind("12"), 9),
  ["in hex"] = hex,
  ["in hex of capitals"] = all_hex,
  ["12 of it in hex"] = part(hex, 5),
}

-- As if the library did it.
local function ours(code)
  return assert((loadstring or load)(code, "@lua/wxbot/novel.lua"))
end

local function receiver_told(text)
  assert(wxbot.receiver{ kind = "kefu", appid = "wx1",
    aes_key = canary.credentials.aes_key, on_failure = function() end })
    :handle{ method = "POST", body = "{}", source = text }
end

local function bot_told(text)
  local context = contexts.new({ { name = "on_call", type = "function",
    doc = "" } }, { on_call = function() end })
  context.on_call{ endpoint = "ask", err = { message = text } }
end

local WAYS = {
  ["printed"] = print,
  ["written"] = function(text) io.write("a", text, "\n") end,
  ["written to stdout"] = function(text) io.stdout:write(text, "\n") end,
  ["written to stderr"] = function(text) io.stderr:write(text, "\n") end,
  ["in a message"] = ours[[require "wxbot.util.errors".invalid("bad: " .. ...)]],
  ["deep in an error"] = ours[[require "wxbot.util.errors".new{ kind = "crypto",
    message = "no", detail = { { [...] = 1 } } }]],
  ["that tostring shows"] = ours[[local text = ...
    require "wxbot.util.errors".new{ kind = "crypto", message = "no",
      detail = setmetatable({}, { __tostring = function() return text end }) }]],
  ["raised"] = function(text)
    pcall(ours[[error("bad: " .. ..., 2)]], text)
  end,
  ["a misuse"] = function(text) pcall(wxbot.new, { [text] = 1 }) end,
  ["reported to on_failure"] = receiver_told,
  ["reported to on_call"] = bot_told,
}

local credentials = canary.credentials
local SECRETS = {
  token = credentials.token, aes_key = credentials.aes_key,
  access_token = credentials.access_token, secret = canary.secret,
  ["another token"] = canary.documented.token,
  ["another aes_key"] = canary.documented.aes_key,
}

local function leak(name, let_out, text)
  it(name, function()
    let_out(text)
  end)
end

describe("a leak:", function()
  for secret, text in pairs(SECRETS) do
    for form, as in pairs(FORMS) do
      leak(("%s %s, in a message"):format(secret, form), WAYS["in a message"],
        as(text))
    end
  end
  for way, let_out in pairs(WAYS) do
    leak("token, " .. way, let_out, credentials.token)
  end
  local key = core.base64_decode(credentials.aes_key:sub(1, 40))
  leak("bytes of an AES key", WAYS["in a message"], key:sub(-12))
  leak("bytes of an AES key in hex", WAYS["in a message"], hex(key:sub(3, 9)))
end)

describe("no leak:", function()
  for way, let_out in pairs(WAYS) do
    leak("11 characters of token, " .. way, let_out,
      "a " .. credentials.token:sub(3, 13) .. " z")
  end
end)
