-- Pushes of every kind as the platform sends them, and receivers of them.
local core = require "wxbot.core"
local wxbot = require "wxbot"

local M = {}

-- The documentation's own.
M.KEY = "q1Os1ZMe0nG28KUEx9lg3HjK7V5QyXvi212fzsgDqgz"
M.APPID, M.TOKEN = "Gg8HejYTkUsEIlG", "YV78Pyj1VvqdNGpMJ1pHic0bIBOWMv"
M.NOW = 1700000000

M.crypt = wxbot.msgcrypt(M.KEY, M.APPID)
M.raw = core.rawcrypt(M.KEY)

--- A receiver, and the list of what on_failure hears: { reason, info }.
function M.receiver(kind, more)
  local heard = {}
  local options = { kind = kind, appid = M.APPID, token = M.TOKEN,
    aes_key = kind ~= "service" and M.KEY or nil,
    clock = function() return M.NOW end,
    on_failure = function(...) heard[#heard + 1] = { ... } end }
  for name, value in pairs(more or {}) do
    options[name] = value or nil
  end
  return assert(wxbot.receiver(options)), heard
end

--- The request whose body holds this ciphertext, signed.
function M.signed(sealed, body, time, nonce)
  time, nonce = time or ("%d"):format(M.NOW), nonce or "100200300"
  return { method = "POST", body = body, source = "192.0.2.7",
    query = { timestamp = time, nonce = nonce,
      msg_signature = wxbot.signature(M.TOKEN, time, nonce, sealed) } }
end

--- A push of an account: a document in XML or JSON. `beside` is what stands in
--- its envelope as well.
function M.account(text, beside)
  local sealed = assert(M.crypt:encrypt(text))
  if text:find("^{") then
    return M.signed(sealed, '{"ToUserName":"gh_1","Encrypt":"' .. sealed .. '"'
      .. (beside or "") .. "}")
  end
  return M.signed(sealed, "<xml><ToUserName>gh_1</ToUserName>"
    .. (beside or "") .. "<Encrypt>" .. sealed .. "</Encrypt></xml>")
end

M.HEAD = "<ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>"
  .. "<CreateTime>1700000000</CreateTime>"
M.HEAD_JSON = '"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1700000000'

--- Elements, or members, behind those that all pushes have.
function M.xml(inner, beside)
  return M.account("<xml>" .. M.HEAD .. inner .. "</xml>", beside)
end

function M.json(inner, beside)
  return M.account("{" .. M.HEAD_JSON .. "," .. inner .. "}", beside)
end

--- A push of customer service.
function M.kefu(inner)
  return { method = "POST", source = "192.0.2.7", body = '{"encrypted":"'
    .. M.crypt:encrypt("<xml>" .. inner .. "</xml>") .. '"}' }
end

--- A question of a skill; `said` is what is signed as its Query, written how it
--- is written in JSON.
function M.service(written, said, more)
  local time = ("%d"):format(M.NOW)
  local body = '{"Query":"' .. written .. '","SkillName":"s","IntentName":"i",'
    .. '"Timestamp":' .. time .. ',"Signature":"' .. core.hex_encode(core.md5(
      M.TOKEN .. time .. "si" .. said)) .. '"' .. (more or "") .. "}"
  return { method = "POST", source = "192.0.2.7", body = body }
end

return M
