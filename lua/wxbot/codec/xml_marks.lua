--- Marks (wxbot.codec.repair) in the place of what no document of XML may hold,
-- so that texts which people wrote can be read.

local core = require "wxbot.core"
local repair = require "wxbot.codec.repair"

local pairs, tonumber = pairs, tonumber
local char, concat, floor = string.char, table.concat, math.floor

local M = {}

local LARGEST = 0x10ffff

local function is_forbidden(code)
  return code < 32 and code ~= 9 and code ~= 10 and code ~= 13
    or code >= 0xd800 and code <= 0xdfff or code == 0xfdd0
    or code == 0xfffe or code == 0xffff or code > LARGEST
end

-- The bytes of a forbidden number; beyond what UTF-8 has those of its
-- reference.
local function bytes_of(code, reference)
  if code < 32 then
    return char(code)
  elseif code > LARGEST then
    return reference
  end
  return char(224 + floor(code / 4096), 128 + floor(code / 64) % 64,
    128 + code % 64)
end

-- What is no reference is left to the parser.
local function mark_reference(hex, digits)
  local significant = digits:match("^0*(.*)$")
  if hex == "" and significant:find("[^0-9]") then
    return nil
  end
  local code = #significant > 8 and LARGEST + 1
    or tonumber("0" .. significant, hex == "" and 10 or 16)
  return is_forbidden(code) and repair.mark(bytes_of(code,
    "&#" .. hex .. digits .. ";")) or nil
end

local function mark_data(text)
  return (core.text_mark(text):gsub("&#(x?)([0-9A-Fa-f]+);", mark_reference))
end

-- What ends the markup that begins so; a tag ends with >.
local ENDS = { ["<![CDATA["] = "]]>", ["<!--"] = "-->", ["<?"] = "?>" }

local function markup_at(text, at)
  for begin, stop in pairs(ENDS) do
    if text:sub(at, at + #begin - 1) == begin then
      return begin, stop
    end
  end
  return "<", ">"
end

-- Marks what character data and CDATA sections may not hold. What is markup
-- stays as it is, and begins with < whatever bytes stand before it.
local function mark(text)
  local out, at = {}, 1
  while at <= #text do
    local open = text:find("<", at, true) or #text + 1
    out[#out + 1] = mark_data(text:sub(at, open - 1))
    local begin, stop = markup_at(text, open)
    local inner = open + #begin
    local first, last = text:find(stop, inner, true)
    at = (last or #text) + 1
    if first and begin == "<![CDATA[" then
      out[#out + 1] = begin .. core.text_mark(text:sub(inner, first - 1))
        .. stop
    else
      out[#out + 1] = text:sub(open, at - 1)
    end
  end
  return concat(out)
end

--- Marks what XML forbids in texts. Most texts have nothing to mark.
---@param text string
---@return string
function M.mark(text)
  local _, odd = core.text_mark(text)
  if not odd and not text:find("&#", 1, true) then
    return text
  end
  return mark(text)
end

return M
