-- What is pushed, by every way into a receiver: as it came from the network,
-- and with the encryption and the signature done here, so that what lies
-- behind them is reached. Nothing raises; all refusals look the same; the
-- described fields of a message are what they are described as, and its texts
-- hold nothing that no text may hold.
--
-- The first byte of the input chooses one of `ways` below.
local check_fields = require "spec.hardening.fuzz.fields"
local clean = require "spec.hardening.fuzz.clean"
local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local parse = require "wxbot.receive.parse"
local repair = require "wxbot.codec.repair"
local wxbot = require "wxbot"

local KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
local APPID, TOKEN, TIME = "wxb11529c136998cb6", "pamtest", 1409735669
local NONCE = "1320562132"

local KINDS = {
  kefu = require "wxbot.receive.kefu",
  official_account = require "wxbot.receive.official",
  service = require "wxbot.receive.service",
}
local REASONS = { query = true, method = true, xml = true, json = true,
  signature = true, stale = true, decrypt = true, empty = true, plain = true,
  too_large = true }

local crypt = assert(wxbot.msgcrypt(KEY, APPID))
local raw = assert(core.rawcrypt(KEY))

-- Remembers nothing: every message is a new one.
local store = { add = function() return true end, delete = function() end }

local reason
local function receiver(kind, token, aes_key)
  return assert(wxbot.receiver{ kind = kind, appid = APPID, token = token,
    aes_key = aes_key, store = store, clock = function() return TIME end,
    on_failure = function(code) reason = code end })
end

local kefu = receiver("kefu", TOKEN, KEY)
local official = receiver("official_account", TOKEN, KEY)
local service = receiver("service", TOKEN)
local sealed_service = receiver("service", nil, KEY)

local function check_message(message, note)
  assert(note == nil)
  assert(clean(message) and (message.repaired or message.repaired == nil))
  check_fields({ { name = "createtime", type = "integer" } }, message)
  check_fields(KINDS[message.kind].fields, message)
end

-- Hands a request over; gives the message.
local function push(to, body, query)
  reason = nil
  local response, message, note = to:handle{ method = "POST", body = body,
    query = query }
  assert(response.headers["x-content-type-options"] == "nosniff")
  if note == "refused" then
    assert(response.status == 403 and response.body == "refused")
    assert(REASONS[reason], reason)
  else
    assert(response.status == 200)
    assert(reason == nil or note == "empty")
  end
  if message then
    check_message(message, note)
  end
  return message
end

local function signed(sealed)
  local time = ("%d"):format(TIME)
  return { timestamp = time, nonce = NONCE,
    msg_signature = wxbot.signature(TOKEN, time, NONCE, sealed) }
end

local INNER = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1"
  .. "</FromUserName><CreateTime>1409735669</CreateTime><Content>hi</Content>"
  .. "</xml>"
local INNER_JSON = '{"ToUserName":"gh_1","FromUserName":"o1",'
  .. '"CreateTime":1409735669,"Content":"hi"}'
local RANDOM = ("r"):rep(16)
local SEALED = assert(crypt:encrypt(INNER, RANDOM))
local SEALED_JSON = assert(crypt:encrypt(INNER_JSON, RANDOM))

local function is_json(text)
  return text:find("^%s*{") ~= nil
end

local ways = {}

-- A body from the network, to each kind.
function ways.network(text)
  for _, to in ipairs{ kefu, official, service, sealed_service } do
    assert(push(to, text) == nil)
  end
end

-- An official account's push of this text, in an envelope of its format.
function ways.official(text)
  local sealed = assert(crypt:encrypt(text))
  local form = is_json(text) and '{"ToUserName":"gh_1","Encrypt":"%s"}'
    or "<xml><Encrypt>%s</Encrypt></xml>"
  push(official, form:format(sealed), signed(sealed))
end

-- An envelope of another shape around a good push, in the place of each @.
function ways.envelope(text)
  local sealed = is_json(text) and SEALED_JSON or SEALED
  local message = push(official, (text:gsub("@", sealed)), signed(sealed))
  if message then
    assert(message.userid == "o1" and message.content == "hi")
  end
end

-- Customer service's push of this text.
function ways.kefu(text)
  push(kefu, '{"encrypted":"' .. assert(crypt:encrypt(text)) .. '"}')
end

-- A question of the service interface, signed as it came.
function ways.service(text)
  local body = json.decode(text, true)
  if type(body) ~= "table" or not is_json(text) then
    return
  end
  local parts = { TOKEN, ("%d"):format(TIME) }
  for _, name in ipairs{ "SkillName", "IntentName", "Query" } do
    local value = parse.text(body[name]) or ""
    parts[#parts + 1] = repair.raw(value)
  end
  push(service, (text:gsub("{", ('{"Timestamp":%d,"Signature":"%s"%s'):format(
    TIME, core.hex_encode(core.md5(table.concat(parts))),
    next(body) and "," or ""), 1)))
  assert(reason ~= "signature" and reason ~= "decrypt")
end

-- The same, encrypted; and what has no such key cannot ask.
function ways.encrypted_service(text)
  push(sealed_service, assert(raw:encrypt(text)))
  assert(raw:decrypt(assert(raw:encrypt(text))) == text)
  local opened, message, code = raw:decrypt(text)
  assert(type(opened) == "string"
    or type(message) == "string" and code == "decrypt")
end

local BY_BYTE = { n = ways.network, o = ways.official, e = ways.envelope,
  k = ways.kefu, s = ways.service, r = ways.encrypted_service }

return function(input)
  local way = BY_BYTE[input:sub(1, 1)]
  if way then
    way(input:sub(2))
  end
end
