--- Texts and numbers as programs exchange them.
--
-- Lua's own `tostring`, `tonumber`, `lower`, `<` and classes like %s follow the
-- locale of the program, which may choose another at any time: a decimal comma,
-- or a character set in which half a character of UTF-8 is a letter or a
-- blank. What is here does not.

local byte, char, find = string.byte, string.char, string.find
local gsub, match, sub = string.gsub, string.match, string.sub
local concat, floor, huge = table.concat, math.floor, math.huge
local math_type, tonumber, type = math.type, tonumber, type

local M = {}

-- -------------------------------------------------------------------- texts

--- What of a stranger's text a pattern may see: all of it, or nothing when it
-- is longer than what it should be can be.
---@param value any
---@param bytes integer
---@return string|nil
function M.within(value, bytes)
  if type(value) == "string" and #value <= bytes then
    return value
  end
end

--- A text without the mark (BOM) with which Windows begins files of UTF-8.
---@param text string
---@return string
function M.without_mark(text)
  return (gsub(text, "^\239\187\191", ""))
end

local LOWER = {}
for code = byte("A"), byte("Z") do
  LOWER[char(code)] = char(code + 32)
end

--- A text with the capital letters of ASCII in lower case.
---@param text string
---@return string
function M.lower(text)
  return (gsub(text, "[A-Z]", LOWER))
end

--- A text without the blanks around it. In two steps: a single pattern looks
--- for the end of the text anew at each of many blanks within it.
---@param text string
---@return string
function M.trim(text)
  local from = find(text, "[^ \t-\r]")
  return from and match(text, ".*[^ \t-\r]", from) or ""
end

--- A text with another in place of each occurrence of a part.
---@param text string
---@param part string not empty
---@param by string
---@return string
function M.replace(text, part, by)
  local pieces, at = {}, 1
  local from, to = find(text, part, 1, true)
  while from do
    pieces[#pieces + 1] = sub(text, at, from - 1)
    pieces[#pieces + 1] = by
    at = to + 1
    from, to = find(text, part, at, true)
  end
  return concat(pieces) .. sub(text, at)
end

--- The number of the line that a place of a text is in.
---@param text string
---@param before integer bytes before the place
---@return integer line
function M.line_of(text, before)
  local _, breaks = gsub(sub(text, 1, before), "\n", "")
  return breaks + 1
end

-- ------------------------------------------------------------------ numbers

local MAX_EXACT = 2 ^ 53

-- No number that means something is written longer.
local LONGEST = 32

--- The number that a text is, written as in JSON.
-- A fraction is read as an integer and an exponent: a decimal mark has no part
-- in these, and the nearest double is the same.
---@param value any a number is itself
---@return number|nil
function M.number(value)
  if type(value) == "number" then
    return value
  end
  local digits, rest = match(M.within(value, LONGEST) or "", "^(%-?%d+)(.*)$")
  if not digits then
    return nil
  end
  local fraction, after = match(rest, "^%.(%d+)(.*)$")
  local power = match(after or rest, "^[eE]([+-]?%d+)$")
  if not power and (after or rest) ~= "" then
    return nil
  end
  local number = tonumber(fraction and digits .. fraction .. "e"
    .. tonumber(power or 0) - #fraction or value)
  return number and number < huge and number > -huge and number or nil
end

local function digits_of(format, number)
  return (gsub(format:format(number), "^(%-?%d+)[^%de]+", "%1."))
end

--- A number as a text that gives the same number again.
---@param number number
---@return string
function M.of_number(number)
  if math_type and math_type(number) == "integer" then
    return ("%d"):format(number)
  elseif floor(number) == number and number > -MAX_EXACT
      and number < MAX_EXACT then
    return ("%.0f"):format(number)
  end
  local text = digits_of("%.14g", number)
  return M.number(text) == number and text or digits_of("%.17g", number)
end

return M
