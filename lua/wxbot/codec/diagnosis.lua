--- Why a text does not decrypt, for whoever has its key.
--
-- The library tells nobody: who may ask again and again could decrypt without
-- the key. Here the key's owner asks on a machine of his own: nothing but the
-- command and the sandbox use this module. It gives a reason, an id of
-- wxbot.sandbox.causes and what its sentences have places for.

local core = require "wxbot.core"
local json = require "wxbot.codec.json"

local char, concat, rep = string.char, table.concat, string.rep
local min = math.min
local ipairs = ipairs

-- ----------------------------------------------------------------- plaintext

local BLOCK = 16

-- All that a key makes of some bytes, whatever their padding is: a block more
-- at the end is the one that is judged. With a block of zeros before them they
-- are decrypted as with an IV of zeros.
local function plain_of(raw, bytes, first)
  local sealed = first .. bytes .. bytes:sub(-BLOCK)
  local text, is_padded = raw:open(core.base64_encode(sealed))
  if not text then
    return nil
  end
  local pad = #sealed - #text
  text = is_padded and text .. rep(char(pad), pad) or text
  return text:sub(#first + 1, #first + #bytes)
end

-- A megabyte in single blocks takes a second, and its beginning says as much.
local MOST_SINGLE = 256 * BLOCK

-- What a key makes of each of the first blocks by itself (ECB): behind a block of
-- zeros each is decrypted as with an IV of zeros.
local function single_blocks(raw, bytes)
  local none, parts = rep("\0", BLOCK), {}
  for at = 1, min(#bytes, MOST_SINGLE), BLOCK do
    parts[#parts + 1] = none .. bytes:sub(at, at + BLOCK - 1)
  end
  local plain = plain_of(raw, concat(parts), "") or ""
  for i = 1, #parts do
    parts[i] = plain:sub((2 * i - 1) * BLOCK + 1, 2 * i * BLOCK)
  end
  return concat(parts)
end

-- The text before the padding, and how much that is; nil: it is wrong.
local function unpadded(plain)
  local pad = plain:byte(-1)
  if pad >= 1 and pad <= 32 and plain:sub(-pad) == rep(char(pad), pad) then
    return plain:sub(1, -pad - 1), pad
  end
end

-- Whether somebody may have written it. Its last character may be cut off.
local function reads(text)
  local good, at = core.utf8_valid(text)
  return #text > 0 and (good or at > #text - 3)
    and not text:find("[%z\1-\8\11\12\14-\31\127]")
end

local function big(a, b, c, d)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function little(a, b, c, d)
  return big(d, c, b, a)
end

local function number_at(inner, at, number)
  local a, b, c, d = inner:byte(at, at + 3)
  return d and number(a, b, c, d)
end

-- The text and the appid behind a prefix and a length; nil: there is less.
local function split(inner, prefix, number)
  local length, from = number_at(inner, prefix + 1, number), prefix + 5
  if length and from + length - 1 <= #inner then
    return inner:sub(from, from + length - 1), inner:sub(from + length)
  end
end

local LONGEST_ID = 64

local function is_id(text)
  return #text <= LONGEST_ID and text:find("^[\33-\126]+$") ~= nil
end

-- Whether a text and an appid are behind them.
local function has_frame(view, prefix, number)
  local text, id = split(view.inner, prefix, number)
  return text and reads(text) and (id == view.appid or is_id(id))
end

local SHORTEST = 12 -- bytes, which read by chance once in 100,000 times

-- How many bytes are before the text, which is XML or JSON.
local function offset_of(inner)
  if inner:find("^[ \t\r\n]*[<{%[]") and reads(inner) then
    return 0
  end
  for at = 1, min(#inner - SHORTEST, 64) do
    if (inner:find("^<xml", at) or inner:find('^{[ \t\r\n]*"', at))
        and reads(inner:sub(at)) then
      return at - 1
    end
  end
end

-- ---------------------------------------------------------------- the checks

-- Each looks at { inner, pad, offset, appid, zero } and gives a code and what its
-- sentence has places for, or nothing. The first that gives one is believed.

-- A frame in which the length is written in another way, or something before the
-- text is missing.
local function other_frame(view)
  if has_frame(view, 16, little) then
    return "little_endian"
  elseif view.offset == 16 then
    return "no_length"
  elseif has_frame(view, 0, big) or has_frame(view, 0, little)
      or view.offset == 4 then
    return "no_random"
  end
end

local function wrong_length(length, rest, own)
  return "length", ("%.0f"):format(length), ("%d"):format(#rest - #own)
end

local function frame(view)
  local own, inner = view.appid, view.inner
  local length, rest = number_at(inner, 17, big), inner:sub(21)
  local text, id = split(inner, 16, big)
  if id == own then
    return view.pad and "padding_16" or "no_padding"
  elseif length and rest:sub(-#own) == own and rest ~= own then
    return wrong_length(length, rest, own)
  elseif not text then
    return nil
  elseif not view.pad and id:sub(1, #own) == own then
    return "padding_end"
  elseif id == "" and reads(text) then
    return "no_appid"
  elseif is_id(id) and reads(text) then
    return "other_appid", json.encode(id), json.encode(own)
  end
end

-- A length beyond the end: of a text that is cut off, or just wrong.
local function long_frame(view)
  local length, rest = number_at(view.inner, 17, big), view.inner:sub(21)
  if not length or #rest < SHORTEST or not reads(rest) then
    return nil
  elseif not view.pad and length > #rest and length < 2 ^ 24 then
    return "cut_off", ("%.0f"):format(length), ("%d"):format(#rest)
  elseif view.offset == 20 then
    return wrong_length(length, rest, "")
  end
end

local function offset(view)
  local pad, inner, before = view.pad, view.inner, view.offset
  if before == 0 and not pad then
    return "cut_padding"
  elseif before == 0 or pad and (pad >= 3 or #inner >= SHORTEST)
      and reads(inner) then
    return "bare"
  elseif before then
    return "layout", ("%d"):format(before)
  end
end

local function vector(view)
  local zero = unpadded(view.zero)
  local single = unpadded(view.single) or view.single
  if offset_of(single) then
    return "ecb"
  end
  local rest = view.inner:sub(BLOCK + 1):gsub("^[\128-\191]+", "")
  if zero and #zero >= SHORTEST and reads(zero) then
    return "zero_iv"
  elseif view.pad and #rest >= SHORTEST and reads(rest) then
    return "iv"
  end
end

-- Three bytes of padding are good by chance once in 16 million times.
local function padding(view)
  if view.pad and view.pad >= 3 then
    return "unknown_content"
  end
end

local CHECKS = { other_frame, frame, long_frame, offset, vector, padding }

local function view_of(raw, bytes, appid)
  local plain = plain_of(raw, bytes, "")
  if not plain then
    return nil
  end
  local inner, pad = unpadded(plain)
  inner = inner or plain:match("^.*[^%z]") or ""
  return { inner = inner, pad = pad, appid = appid, offset = offset_of(inner),
    zero = plain_of(raw, bytes, rep("\0", BLOCK)),
    single = single_blocks(raw, bytes) }
end

-- The first reason that a check gives.
local function reason_of(view)
  for _, check in ipairs(CHECKS) do
    local id, one, other = check(view)
    if id then
      return { id, one, other }
    end
  end
end

--- Says why bytes that the library refuses do not decrypt.
---@param aes_key string good for a key
---@param appid string
---@param bytes string
---@return string[] reason its id is "bare" for the layout of version 2
return function(aes_key, appid, bytes)
  local raw = core.rawcrypt(aes_key)
  local view = view_of(raw, bytes, appid)
  raw:close()
  return not view and { "too_long" } or reason_of(view) or { "wrong_key" }
end
