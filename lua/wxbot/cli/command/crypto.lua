--- encrypt, decrypt, jwt: what the platform's bytes hold, for debugging.

local errors = require "wxbot.util.errors"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local read = require "wxbot.cli.read"
local terminal = require "wxbot.cli.terminal"
local wxbot = require "wxbot"

local assert, type = assert, type

local function crypt_of(session)
  local given = session:need{ "appid", "aes_key" }
  return assert(wxbot.msgcrypt(given.aes_key, given.appid))
end

local function encrypt(session)
  local crypt = crypt_of(session)
  local sealed, err = crypt:encrypt(read.argument(session.options.text))
  crypt:close()
  session:show(sealed and { encrypt = sealed }, err, function()
    output.print(sealed)
  end)
end

local function decrypt(session)
  local crypt = crypt_of(session)
  local sealed = read.argument(session.options.base64)
  local text, err = crypt:decrypt((sealed:gsub("[ \t-\r]", "")))
  crypt:close()
  session:show(text and { text = text }, err, function()
    -- In a pipe the bytes are the message's own.
    output.write((terminal.is_terminal(1) and output.plain(text) or text)
      .. "\n")
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
    arguments = argument("text", "Text"), run = encrypt },
  { name = "decrypt", summary = "Decrypt a message of the platform",
    prints = "what was in it", json = { { name = "text", doc = "What was in it" } },
    arguments = argument("base64", "Message in base64"), run = decrypt },
  { name = "jwt encode", summary = "Make a token of claims",
    prints = "the token", json = { { name = "token", doc = "The token" } },
    arguments = argument("claims", "JSON object"), run = encode },
  { name = "jwt decode", summary = "Verify a token and print its claims",
    json = { { name = "…", doc = "The claims" } },
    arguments = argument("token", "Token"), run = decode },
}
