--- CSV as RFC 4180 has it: commas, double quotes, CR LF or LF.
--
-- Quotes may stand around a whole field only, and are doubled inside it. The
-- mark that Windows puts at the beginning of a file is left out, and so are
-- empty lines. Strict otherwise: a quote that is out of place most often
-- swallows rows, so it is better named than guessed at.

local without_mark = require "wxbot.util.text".without_mark

local byte, match = string.byte, string.match

local M = {}

-- A position in the text, and the line that it is in.
local function skip_to(scan, position)
  local _, breaks = scan.text:sub(scan.at, position - 1):gsub("\n", "")
  scan.line, scan.at = scan.line + breaks, position
end

local function quoted(scan)
  local text, from, first = scan.text, scan.at + 1, scan.line
  local search = from
  local close
  repeat
    close = text:find('"', search, true)
    if not close then
      return nil, "a quoted field has no end", first
    end
    search = close + 2
  until text:sub(close + 1, close + 1) ~= '"'
  local value = text:sub(from, close - 1):gsub('""', '"')
  skip_to(scan, close + 1)
  if not text:find("^[,\n]", scan.at) and not text:find("^\r\n", scan.at)
      and scan.at <= #text then
    return nil, "text follows the quote that ends a field", scan.line
  end
  return value
end

local function bare(scan)
  local value = match(scan.text, '^[^,\n"]*', scan.at)
  scan.at = scan.at + #value
  local stop = byte(scan.text, scan.at)
  if stop == 34 then
    return nil, "a quote inside a field that does not begin with one",
      scan.line
  elseif stop == 10 then
    value = value:gsub("\r$", "")
  end
  return value
end

-- One record; the scan stands at the end of its line.
local function record(scan)
  local text, row, count = scan.text, { line = scan.line }, 0
  while true do
    local read = byte(text, scan.at) == 34 and quoted or bare
    local value, message, line = read(scan)
    if not value then
      return nil, message, line
    end
    count = count + 1
    row[count] = value
    if byte(text, scan.at) ~= 44 then
      return row
    end
    scan.at = scan.at + 1
  end
end

--- Reads all records of a text.
---@param text string
---@return table[]|nil records lists of strings, each with the line where it begins
---@return string|nil message what is wrong
---@return integer|nil line where
function M.read(text)
  text = without_mark(text)
  local scan = { text = text, at = 1, line = 1 }
  local records = {}
  while true do
    -- The end of a line, and empty ones, however many they are.
    skip_to(scan, scan.at + #(text:match("^[\r\n]*\n", scan.at) or ""))
    if scan.at > #text then
      return records
    end
    local row, message, line = record(scan)
    if not row then
      return nil, message, line
    elseif #row > 1 or row[1] ~= "" then
      records[#records + 1] = row
    end
  end
end

return M
