--- How much room a text takes on a terminal. Characters of East Asia and
--- pictures take two columns, marks that combine take none.

local byte = string.byte
local concat = table.concat

local M = {}

-- The first and the last code point of each range, in order.
local WIDE = { 0x1100, 0x115F, 0x231A, 0x231B, 0x2E80, 0x303E, 0x3041, 0x33FF,
  0x3400, 0x4DBF, 0x4E00, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3,
  0xF900, 0xFAFF, 0xFE30, 0xFE6F, 0xFF00, 0xFF60, 0xFFE0, 0xFFE6,
  0x1F300, 0x1F64F, 0x1F680, 0x1F6FF, 0x1F900, 0x1F9FF, 0x20000, 0x3FFFD }
local NONE = { 0x0300, 0x036F, 0x0483, 0x0489, 0x0591, 0x05BD, 0x064B, 0x065F,
  0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x2064, 0x20D0, 0x20F0,
  0xFE00, 0xFE0F, 0xFE20, 0xFE2F, 0xFEFF, 0xFEFF, 0xE0100, 0xE01EF }

local CHARACTER = "[%z\1-\127\192-\255][\128-\191]*"

local ELLIPSIS = "…"

local function is_in(ranges, code)
  for i = 1, #ranges, 2 do
    if code <= ranges[i + 1] then
      return code >= ranges[i]
    end
  end
  return false
end

local function code_of(char)
  local first = byte(char)
  local code = first % (first < 0xE0 and 0x20 or first < 0xF0 and 0x10 or 0x08)
  for i = 2, #char do
    code = code * 0x40 + byte(char, i) % 0x40
  end
  return code
end

local function width_of(char)
  if #char == 1 then
    return 1
  end
  local code = code_of(char)
  return is_in(NONE, code) and 0 or is_in(WIDE, code) and 2 or 1
end

--- The columns that a text takes.
---@param text string UTF-8, on one line
---@return integer columns
function M.width(text)
  local width = 0
  for char in text:gmatch(CHARACTER) do
    width = width + width_of(char)
  end
  return width
end

--- The beginning of a text, with an ellipsis, where the whole has no room.
---@param text string
---@param columns integer
---@return string
function M.cut(text, columns)
  if M.width(text) <= columns then
    return text
  end
  local chars, left = {}, columns - 1
  for char in text:gmatch(CHARACTER) do
    left = left - width_of(char)
    if left < 0 then
      break
    end
    chars[#chars + 1] = char
  end
  return concat(chars) .. ELLIPSIS
end

--- A text with blanks behind it, up to the width of a column.
---@param text string
---@param columns integer
---@return string
function M.pad(text, columns)
  return text .. (" "):rep(columns - M.width(text))
end

return M
