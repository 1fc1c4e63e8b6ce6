--- Why a text does not decrypt, in words, and what to do.

local errors = require "wxbot.util.errors"

local COPY = "copy the whole of it again, from its first character to its last"
local LAYOUT = "seal 16 random bytes, 4 bytes of length (big endian), the "
  .. "text and the appid, padded to blocks of 32 bytes; `wxbot encrypt` does"

-- What each code says, and what to do.
local CAUSES = {
  empty = { "there is nothing to decrypt", "give the body of the push, or the "
    .. "base64 in it" },
  jwt = { "this is a signed token (JWT), which is not encrypted",
    "read it with: wxbot jwt decode" },
  clear = { "there is nothing sealed in it: it has no encrypted, encrypt, "
    .. "Encrypt or echostr", "a message in the clear needs no key; otherwise "
    .. "give the whole body" },
  base64 = { "it is not base64: %s at position %d of %d", COPY },
  spare_bits = { "it is not base64: its last character stands for more than "
    .. "the bytes there are", COPY },
  size = { "it is cut off, or something is missing: %d characters of base64 "
    .. "are %d bytes, which is no multiple of 16", COPY },
  limit = { "it is too long to be decrypted", COPY },
  padding = { "the key is right, but the padding is not: %s",
    "pad to blocks of 32 bytes, of 16 in version 2, with bytes that are each "
    .. "their number" },
  appid = { "the key is right, but it was sealed for the appid %s, not for %s",
    "decrypt it with that appid, or have it sealed for yours" },
  no_appid = { "the key is right, but no appid ends it", LAYOUT },
  length_field = { "the key is right, but its length field is wrong: %s",
    "write the number of bytes of the text, as 4 bytes, big endian" },
  no_random = { "the key is right, but the 16 random bytes before the length "
    .. "are missing", LAYOUT },
  no_length = { "the key is right, but the 4 bytes of length before the text "
    .. "are missing", LAYOUT },
  bare = { "the key is right, but there is the text alone, without random "
    .. "bytes, length and appid: so version 2 and the service interface have "
    .. "it", LAYOUT },
  layout = { "the key is right, but the text begins after %d bytes instead of "
    .. "20", LAYOUT },
  iv_zero = { "the key is right, but the IV was 16 zero bytes",
    "the IV is the first 16 bytes of the key" },
  iv = { "the key is right, but the first 16 bytes are not: its beginning is "
    .. "cut off, or it was sealed with another IV", "copy the whole of it; "
    .. "the IV is the first 16 bytes of the key" },
  cut_off = { "the key is right, but the end is cut off: its length field says "
    .. "%d bytes of text, and %d are there", COPY },
  unknown = { "the key seems right, for the padding is good, but what is in it "
    .. "is no message", LAYOUT },
  key = { "the key is wrong: nothing that this one makes of it has the shape "
    .. "of a message", "check WXBOT_AES_KEY: the EncodingAESKey of where it "
    .. "was sealed, or the one before if it was changed lately" },
}

--- The error of a cause.
---@param code string
---@param ... any what its sentence has places for
---@return wxbot.Error err kind "crypto"
return function(code, ...)
  local cause = CAUSES[code]
  return errors.new{ kind = "crypto", code = code,
    message = cause[1]:format(...), hint = cause[2] }
end
