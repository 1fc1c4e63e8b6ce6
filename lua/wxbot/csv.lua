--- CSV as RFC 4180 has it: commas, double quotes, CR LF or LF.
--
-- Quotes may stand around a whole field only, and are doubled inside it. The
-- mark that Windows puts at the beginning of a file is left out, and so are
-- empty lines. Strict otherwise: a quote that is out of place most often
-- swallows rows, so it is better named than guessed at.

local select = select

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
  local value = scan.text:match("^[^,\n]*", scan.at)
  if scan.text:byte(scan.at + #value) == 10 then
    value = value:gsub("\r$", "")
  end
  if value:find('"', 1, true) then
    return nil, "a quote inside a field that does not begin with one",
      scan.line
  end
  scan.at = scan.at + #value
  return value
end

-- One record; the scan stands behind its end.
local function record(scan)
  local row = { line = scan.line }
  while true do
    local read = scan.text:byte(scan.at) == 34 and quoted or bare
    local value, message, line = read(scan)
    if not value then
      return nil, message, line
    end
    row[#row + 1] = value
    local separator = scan.text:match("^,", scan.at)
      or scan.text:match("^\r?\n", scan.at) or ""
    skip_to(scan, scan.at + #separator)
    if separator ~= "," then
      return row
    end
  end
end

--- Reads all records of a text.
---@param text string
---@return table[]|nil records lists of strings, each with the line where it begins
---@return string|nil message what is wrong
---@return integer|nil line where
function M.read(text)
  local scan = { text = text, at = 1 + select(2,
    text:gsub("^\239\187\191", "")) * 3, line = 1 }
  local records = {}
  while scan.at <= #text do
    local row, message, line = record(scan)
    if not row then
      return nil, message, line
    elseif #row > 1 or row[1] ~= "" then
      records[#records + 1] = row
    end
  end
  return records
end

return M
