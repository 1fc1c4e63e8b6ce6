-- Queries and their signatures: what a query says is found again when it is
-- written and read once more, and a request whose signature is not the one
-- that is worked out here gets no more than a refusal.
--
-- The input is a query as it stands. It is also a value of one, and nonce and
-- echostr (the second line) of a request with the right signature.
local core = require "wxbot.core"
local parse = require "wxbot.receive.parse"
local same = require "spec.hardening.fuzz.same"
local wxbot = require "wxbot"

local KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
local APPID, TOKEN, TIME = "wxb11529c136998cb6", "pamtest", 1409735669

local crypt = assert(wxbot.msgcrypt(KEY, APPID))
local receiver = assert(wxbot.receiver{ kind = "official_account",
  appid = APPID, token = TOKEN, aes_key = KEY,
  clock = function() return TIME end })

local function escape(text)
  return (core.hex_encode(text):gsub("..", "%%%0"))
end

local function written(query)
  local pairs_of = {}
  for name, value in pairs(query) do
    assert(type(name) == "string" and type(value) == "string")
    pairs_of[#pairs_of + 1] = escape(name) .. "=" .. escape(value)
  end
  return table.concat(pairs_of, "&")
end

-- Sorted as Lua does it, which is by bytes where no locale was chosen.
local function signature(parts)
  table.sort(parts)
  return core.hex_encode(core.sha1(table.concat(parts)))
end

local function is_echo(text)
  return #text >= 1 and #text <= 512 and not text:find("[^A-Za-z0-9_=+/-]")
end

local function handle(query)
  local response, message, note = receiver:handle{ method = "GET",
    query = query }
  assert(message == nil)
  assert(response.headers["x-content-type-options"] == "nosniff")
  if note == "refused" then
    assert(response.status == 403 and response.body == "refused")
  else
    assert(note == "echo" and response.status == 200)
    assert(is_echo(response.body))
  end
  return note == "echo" and response.body or nil
end

-- What a query as it came must have said to be answered.
local function check_signed(query, echoed)
  local time, nonce, text = query.timestamp, query.nonce, query.echostr
  if query.msg_signature then
    assert(query.msg_signature == signature{ TOKEN, time, nonce, text })
    assert(echoed == crypt:decrypt(text))
  else
    assert(query.signature == signature{ TOKEN, time, nonce })
    assert(echoed == text)
  end
  assert(tonumber(time) >= TIME - 300 and tonumber(time) <= TIME + 300)
end

local function check_plain(nonce, text)
  local time = ("%d"):format(TIME)
  local query = { timestamp = time, nonce = nonce, echostr = text,
    signature = signature{ TOKEN, time, nonce } }
  local echoed = handle(written(query))
  assert(echoed == (is_echo(text) and text or nil))
  query.signature = query.signature:upper()
  assert(handle(query) == nil or not query.signature:find("%u"))
end

local function check_encrypted(nonce, text)
  local time = ("%d"):format(TIME)
  local sealed = assert(crypt:encrypt(text))
  local echoed = handle{ timestamp = time, nonce = nonce, echostr = sealed,
    msg_signature = signature{ TOKEN, time, nonce, sealed } }
  assert(echoed == (is_echo(text) and #sealed <= 512 and text or nil))
  echoed = handle{ timestamp = time, nonce = nonce, echostr = text,
    msg_signature = signature{ TOKEN, time, nonce, text } }
  assert(echoed == nil or echoed == crypt:decrypt(text))
end

return function(input)
  local query = parse.query(input)
  if query then
    assert(same(query, parse.query(written(query))))
  end
  local echoed = handle(input)
  if echoed then
    check_signed(query, echoed)
  end
  local value = escape(input)
  query = parse.query("?x=" .. value .. "&y=&" .. value .. "=z")
  if input ~= "x" and input ~= "y" then
    assert(same(query, { x = input, y = "", [input] = "z" }))
  end
  local nonce, text = input:match("^([^\n]*)\n?(.*)$")
  check_plain(nonce, text)
  check_encrypted(nonce, text)
end
