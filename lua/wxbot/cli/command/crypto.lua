--- encrypt, decrypt, jwt: what the platform's bytes hold, for debugging.

local because = require "wxbot.cli.causes"
local core = require "wxbot.core"
local diagnose = require "wxbot.codec.diagnosis"
local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local read = require "wxbot.cli.read"
local sealeds = require "wxbot.codec.sealed"
local terminal = require "wxbot.cli.terminal"
local wxbot = require "wxbot"

local assert, error, type = assert, error, type

-- The key of messages, or that of version 2, which seals the text alone.
local function key_of(session, bare)
  local given = session:need{ "appid", "aes_key" }
  local crypt = assert(wxbot.msgcrypt(given.aes_key, given.appid))
  return bare and core.rawcrypt(given.aes_key) or crypt
end

local function encrypt(session)
  local key = key_of(session, session.options.v2)
  local sealed, err = key:encrypt(read.argument(session.options.text))
  key:close()
  if type(err) == "string" then
    err = errors.new{ kind = "limit", code = "limit", message = err }
  end
  session:show(sealed and { encrypt = sealed }, err, function()
    output.print(sealed)
  end)
end

-- What a body of version 2's layout is.
local function bare_kind(text)
  return text:find('"Query"', 1, true) and text:find('"SkillName"', 1, true)
    and "service" or "v2"
end

local function decrypt_with(session, bare, base64)
  local key = key_of(session, bare)
  local text = key:decrypt(base64)
  key:close()
  return text
end

-- Four bits of a key's last character count; the platform sets the other two
-- as it likes.
local function spare_bits_of(aes_key)
  return aes_key:find("[AEIMQUYcgkosw048]$") and ""
    or "; that its last character has spare bits set is usual, and only a "
    .. "program that decodes it strictly minds"
end

-- Opens base64; of which kind a body without a name is, only its layout tells.
local function open(session, base64, kind)
  local bytes, reason = sealeds.bytes(base64)
  if not bytes then
    return nil, because.error(reason)
  end
  local given = session:need{ "appid", "aes_key" }
  local text = decrypt_with(session, false, base64)
  if text then
    return { text = text, kind = kind or "message", appid = given.appid }
  end
  reason = diagnose(given.aes_key, given.appid, bytes)
  if reason[1] == "bare" and not kind then
    text = decrypt_with(session, true, base64)
    return { text = text, kind = bare_kind(text) }
  end
  local err = because.error(reason)
  if reason[1] == "wrong_key" then
    err.hint = err.hint .. spare_bits_of(given.aes_key)
  end
  return nil, err
end

-- What the platform, or a reader of its documents, would stumble over.
local function remarks_of(sealed, opened, is_other)
  local remarks = {}
  if is_other then
    remarks[#remarks + 1] = 'blanks stand for "+" in it: it was decoded as a '
      .. "form or a query, which changes base64"
  end
  if sealed.is_nested then
    remarks[#remarks + 1] = "a whole envelope is in its place: the platform "
      .. "refuses that with 1013 or 1019, and wants the base64 alone"
  end
  if (opened.kind == "kefu" or opened.kind == "request")
      and json.is_object(opened.text) then
    remarks[#remarks + 1] = "it holds JSON, where the platform has XML"
  end
  return remarks
end

local function decrypt(session)
  local sealed, reason = sealeds.extract(read.argument(session.options.text))
  if not sealed then
    error(because.error(reason), 0)
  end
  local opened, err = open(session, sealed.base64, sealed.kind)
  local other = not opened and sealed.other
    and open(session, sealed.other, sealed.kind)
  opened = assert(opened or other, err)
  local remarks = remarks_of(sealed, opened, other)
  opened.remarks = remarks[1] and remarks
  for i = 1, session.json and 0 or #remarks do
    output.note(remarks[i])
  end
  session:show(opened, nil, function()
    -- In a pipe the bytes are the message's own.
    output.write((terminal.is_terminal(1) and output.plain(opened.text)
      or opened.text) .. "\n")
  end)
end

local function encode(session)
  local key = session:need{ "aes_key" }.aes_key
  local claims = read.argument(session.options.claims)
  local checked, message = json.decode(claims)
  if type(checked) ~= "table" or not json.is_object(claims) then
    assert(errors.invalid("claims must be a JSON object"
      .. (message and ": " .. message or ""), "value"))
  end
  local token, err = wxbot.jwt.encode(claims, key)
  session:show(token and { token = token }, err, function()
    output.print(token)
  end)
end

local function decode(session)
  local key = session:need{ "aes_key" }.aes_key
  output.json(assert(wxbot.jwt.decode(read.argument(session.options.token),
    key)))
end

local function argument(name, doc)
  return { { name = name, args = "?",
    doc = doc .. "; without it, or for -, standard input" } }
end

return {
  { name = "encrypt", summary = "Encrypt a message as the platform does",
    prints = "the message, in base64",
    json = { { name = "encrypt", doc = "The message, in base64" } },
    arguments = argument("text", "Text"), methods = { v2 = true },
    run = encrypt },
  { name = "decrypt", summary = "Decrypt a message of the platform, or say "
    .. "why that fails",
    doc = "Takes what is at hand: the body of a push or of a request, a line of "
      .. "a log, a query with echostr, base64.",
    prints = "what was in it", json = {
      { name = "text", doc = "What was in it" },
      { name = "kind", doc = "What it was in, or looks like" },
      { name = "appid", doc = "The appid at its end" },
      { name = "remarks", doc = "What is odd about it" } },
    arguments = argument("text", "Message"), run = decrypt },
  { name = "jwt encode", summary = "Make a token of claims",
    prints = "the token", json = { { name = "token", doc = "The token" } },
    arguments = argument("claims", "JSON object"), run = encode },
  { name = "jwt decode", summary = "Verify a token and print its claims",
    json = { { name = "…", doc = "The claims" } },
    arguments = argument("token", "Token"), run = decode },
}
