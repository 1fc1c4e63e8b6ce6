--- encrypt, decrypt, jwt: what the platform's bytes hold, for debugging.

local errors = require "wxbot.util.errors"
local from_stdin = require "wxbot.cli.stdin"
local json = require "wxbot.codec.json"
local output = require "wxbot.cli.output"
local terminal = require "wxbot.cli.terminal"
local wxbot = require "wxbot"

local type = type

local function input(given)
  if given ~= nil and given ~= "-" then
    return given
  end
  return from_stdin.text()
end

local function crypt_of(session)
  local given, err = session:need{ "appid", "aes_key" }
  if not given then
    return nil, err
  end
  local crypt
  crypt, err = wxbot.msgcrypt(given.aes_key, given.appid)
  return crypt, err
end

local function encrypt(session)
  local crypt, err = crypt_of(session)
  if not crypt then
    return nil, err
  end
  local sealed = crypt:encrypt(input(session.options.text))
  crypt:close()
  if session.json then
    return output.json{ encrypt = sealed }
  end
  output.print(sealed)
  return true
end

-- In a pipe the bytes are the message's own.
local function show_text(text)
  if terminal.is_terminal(1) then
    text = output.plain(text)
  end
  output.write(text .. "\n")
  return true
end

local function decrypt(session)
  local crypt, err = crypt_of(session)
  if not crypt then
    return nil, err
  end
  local text
  text, err = crypt:decrypt((input(session.options.base64):gsub("[ \t-\r]", "")))
  crypt:close()
  if not text then
    return nil, err
  elseif session.json then
    return output.json{ text = text }
  end
  return show_text(text)
end

local function jwt_encode(session, secret)
  local claims = input(session.options.claims)
  local checked, message = json.decode(claims)
  if type(checked) ~= "table" or not json.is_object(claims) then
    return errors.invalid("claims must be a JSON object"
      .. (message and ": " .. message or ""), "value")
  end
  local token, err = wxbot.jwt.encode(claims, secret)
  if not token then
    return nil, err
  elseif session.json then
    return output.json{ token = token }
  end
  output.print(token)
  return true
end

local function jwt_decode(session, secret)
  local claims, err = wxbot.jwt.decode(input(session.options.token), secret)
  if not claims then
    return nil, err
  end
  return output.json(claims)
end

local function jwt(session)
  local given, err = session:need{ "aes_key" }
  if not given then
    return nil, err
  end
  local run = session.options.command_jwt == "encode" and jwt_encode
    or jwt_decode
  local done
  done, err = run(session, given.aes_key)
  return done, err
end

local FROM_INPUT = "; without it, or for -, standard input"

return {
  { name = "encrypt", summary = "Encrypt a message as the platform does",
    arguments = { { name = "text", args = "?", doc = "Text" .. FROM_INPUT } },
    run = encrypt },
  { name = "decrypt", summary = "Decrypt a message of the platform",
    arguments = { { name = "base64", args = "?",
      doc = "Message in base64" .. FROM_INPUT } },
    run = decrypt },
  { name = "jwt", summary = "Make or read HS256 tokens, with the aes_key",
    commands = {
      { name = "encode", summary = "Make a token of claims",
        arguments = { { name = "claims", args = "?",
          doc = "JSON object" .. FROM_INPUT } } },
      { name = "decode", summary = "Verify a token and print its claims",
        arguments = { { name = "token", args = "?",
          doc = "Token" .. FROM_INPUT } } },
    }, run = jwt },
}
