--- CSV as RFC 4180 has it: commas, double quotes, CR LF or LF. Spreadsheets of
-- some countries write semicolons or tabs for the commas.
--
-- Quotes may stand around a whole field only, and are doubled inside it. The
-- mark that Windows puts at the beginning of a file is left out, and so are
-- empty lines. Strict otherwise: a quote that is out of place most often
-- swallows rows, so it is better named than guessed at.

local without_mark = require "wxbot.util.text".without_mark

local byte, find, match = string.byte, string.find, string.match

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
  if byte(text, scan.at) ~= scan.separator and not find(text, "^\r?\n", scan.at)
      and scan.at <= #text then
    return nil, "text follows the quote that ends a field", scan.line
  end
  return value
end

local function bare(scan)
  local text, from, stop = scan.text, scan.at, scan.at - 1
  local code
  repeat
    stop = find(text, '[,;\t\n"]', stop + 1) or #text + 1
    code = byte(text, stop)
  until not code or code == scan.separator or code == 10 or code == 34
  scan.at = stop
  if code == 34 then
    return nil, "a quote inside a field that does not begin with one",
      scan.line
  end
  local value = text:sub(from, stop - 1)
  return code == 10 and value:gsub("\r$", "") or value
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
    if byte(text, scan.at) ~= scan.separator then
      return row
    end
    scan.at = scan.at + 1
  end
end

--- Reads all records of a text.
---@param text string
---@param separator string|nil "," (default), ";" or "\t"
---@return table[] records lists of strings, each with the line where it begins
---@return table[]|nil faults { line, message }, and the reading went on with the next line
function M.read(text, separator)
  text = without_mark(text)
  local scan = { text = text, at = 1, line = 1,
    separator = byte(separator or ",") }
  local records, faults = {}, nil
  while true do
    -- The end of a line, and empty ones, however many they are.
    skip_to(scan, scan.at + #(match(text, "^[\r\n]*\n", scan.at) or ""))
    if scan.at > #text then
      return records, faults
    end
    local row, message, line = record(scan)
    if not row then
      faults = faults or {}
      faults[#faults + 1] = { line = line, message = message }
      scan.at = find(text, "\n", scan.at, true) or #text + 1
    elseif #row > 1 or row[1] ~= "" then
      records[#records + 1] = row
    end
  end
end

return M
