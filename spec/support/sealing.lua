-- Sealed texts as programs get them wrong.

local core = require "wxbot.core"

local M = {}

--- 16 bytes that stand for random ones.
M.RANDOM = "0123456789\251\252\253\254\255\1"

--- A text in blocks, with bytes that are each their number behind it.
function M.pad(text, block)
  local n = block - #text % block
  return text .. string.char(n):rep(n)
end

--- A text in blocks of 32, with zeros behind it.
function M.zeros(text)
  return text .. ("\0"):rep(-#text % 32)
end

--- A number as 4 bytes, big endian, and little endian.
function M.big(n)
  return string.char(0, 0, math.floor(n / 256), n % 256)
end

function M.little(n)
  return M.big(n):reverse()
end

--- Sealed bytes of whole blocks, in base64; `iv` "zero": under an IV of zeros,
-- which is what follows a block that encrypts to zeros.
function M.seal(plain, key, iv)
  local raw = core.rawcrypt(key)
  local first = ""
  if iv == "zero" then
    local none = ("\0"):rep(16)
    first = raw:open(core.base64_encode(none .. none)):sub(1, 16)
  end
  local bytes = core.base64_decode(raw:encrypt(first .. plain))
  return core.base64_encode(bytes:sub(#first + 1, -17))
end

--- Whole blocks, each sealed by itself (ECB), in base64.
function M.seal_ecb(plain, key)
  local raw, blocks = core.rawcrypt(key), {}
  local none = ("\0"):rep(16)
  local iv = raw:open(core.base64_encode(none .. none)):sub(1, 16)
  for i = 1, #plain, 16 do
    -- A block whose sum with the IV is the block.
    local block = plain:sub(i, i + 15)
    local bytes = core.base64_decode(raw:encrypt(iv .. block))
    blocks[#blocks + 1] = bytes:sub(17, 32)
  end
  return core.base64_encode(table.concat(blocks))
end

return M
