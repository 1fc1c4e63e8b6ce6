--- The characters of a text without what does not tell questions apart: case,
-- width, traditional forms. Whatever the bytes are, reading never fails.

local words = require "wxbot.sandbox.words"

local byte, char, find, gmatch, sub =
  string.byte, string.char, string.find, string.gmatch, string.sub
local concat, min = table.concat, math.min

local M = {}

-- Characters of a text that are looked at, and the bytes that may hold them.
local MAX_CHARS = 500
local MAX_BYTES = 4 * MAX_CHARS

--- Classes of characters that make words; all else separates them.
M.WORD, M.HAN = 3, 4
local SPACE, PUNCTUATION, WORD, HAN, OTHER = 1, 2, M.WORD, M.HAN, 5

-- Traditional to simplified.
local simplified = {}
for from, to in gmatch(words.simplified,
    "([\192-\255][\128-\191]*)([\192-\255][\128-\191]*)") do
  simplified[from] = to
end

local function class_of(code)
  if code < 0x80 then
    local c = char(code)
    if find(c, "[A-Za-z0-9]") then
      return WORD
    end
    return find(c, "[ \t-\r]") and SPACE or PUNCTUATION
  elseif code < 0xC0 or code == 0xD7 or code == 0xF7 then
    return code == 0xA0 and SPACE or PUNCTUATION
  elseif code < 0x2000 then
    return WORD
  elseif code < 0x2E80 then
    return code < 0x2070 and (code < 0x200B and SPACE or PUNCTUATION) or OTHER
  elseif code >= 0x3000 and code < 0x3040 then
    return code == 0x3000 and SPACE or PUNCTUATION
  elseif code < 0xA4D0 or code >= 0xAC00 and code < 0xD7B0
    or code >= 0xF900 and code < 0xFB00 or code >= 0x20000 and code < 0x40000 then
    return HAN
  elseif code >= 0xFE10 and code < 0xFE70 then
    return PUNCTUATION
  end
  return OTHER
end

-- Reads one character at `i`: code point and length, or nil where the bytes
-- are no UTF-8.
local function code_at(text, i)
  local a, b, c, d = byte(text, i, i + 3)
  if a < 0x80 then
    return a, 1
  elseif a < 0xC2 or a > 0xF4 or not b or b < 0x80 or b > 0xBF then
    return nil
  elseif a < 0xE0 then
    return (a - 0xC0) * 64 + b - 0x80, 2
  elseif not c or c < 0x80 or c > 0xBF then
    return nil
  elseif a < 0xF0 then
    return (a - 0xE0) * 4096 + (b - 0x80) * 64 + c - 0x80, 3
  elseif not d or d < 0x80 or d > 0xBF then
    return nil
  end
  return (a - 0xF0) * 262144 + (b - 0x80) * 4096 + (c - 0x80) * 64 + d - 0x80, 4
end

-- Full width and upper case taken away from one character.
local function plain(text, i, code, size)
  if code >= 0xFF01 and code <= 0xFF5E then
    code = code - 0xFEE0
    size = 0
  end
  if code < 0x80 then
    code = code >= 0x41 and code <= 0x5A and code + 0x20 or code
    return char(code), code
  elseif code >= 0xC0 and code <= 0xDE and code ~= 0xD7 then
    return "\195" .. char(code - 0xC0 + 0xA0), code
  elseif code == 0x2019 then
    return "'", 0x27
  end
  local c = sub(text, i, i + size - 1)
  return simplified[c] or c, code
end

--- Reads the characters of a text, at most 500.
---@param text string any bytes
---@return string[] chars
---@return integer[] classes
---@return integer n how many
function M.read(text)
  local chars, classes, n, i = {}, {}, 0, 1
  local last = min(#text, MAX_BYTES)
  while i <= last and n < MAX_CHARS do
    local code, size = code_at(text, i)
    n = n + 1
    if code then
      chars[n], code = plain(text, i, code, size)
      classes[n] = class_of(code)
      i = i + size
    else
      chars[n], classes[n] = sub(text, i, i), OTHER
      i = i + 1
    end
  end
  return chars, classes, n
end

--- The key of a text: two texts of one key are the same question. No case, no
--- width, no spaces that say nothing, no punctuation at the end.
---@param text string
---@param chars string[] as `read` gives them, and what follows
---@param classes integer[]
---@param n integer
---@return string
function M.key(text, chars, classes, n)
  if #text > MAX_BYTES then
    return text
  end
  local last = n
  while last > 0 and (classes[last] == SPACE or classes[last] == PUNCTUATION) do
    last = last - 1
  end
  local parts, gap = {}, false
  for i = 1, last do
    if classes[i] == SPACE then
      gap = true
    else
      if gap and classes[i] == WORD and #parts > 0
        and find(parts[#parts], "^[A-Za-z0-9\192-\223]") then
        parts[#parts + 1] = " "
      end
      parts[#parts + 1] = chars[i]
      gap = false
    end
  end
  return last > 0 and concat(parts) or text
end

return M
