--- Questions and answers for `wxbot import`, from JSON or CSV.
--
-- Everything is read and looked at before anything is sent. What is wrong is
-- named by file and line (CSV) or by file and place (JSON).

local texts = require "wxbot.util.text"
local encoding = require "wxbot.cli.import_file.encoding"
local errors = require "wxbot.util.errors"
local read = require "wxbot.cli.read"
local sheets = require "wxbot.cli.import_file.sheet"

local M = {}

local READERS = { csv = require "wxbot.cli.import_file.csv",
  json = require "wxbot.cli.import_file.json" }

local function format_of(path, text)
  local ending = texts.lower(path):match("%.([a-z]+)$")
  if READERS[ending] then
    return ending
  end
  local first = text:match("[^ \t-\r]")
  return (first == "{" or first == "[") and "json" or "csv"
end

--- Reads the questions of a file.
---@param path string "-": standard input
---@param format string|nil "csv" or "json"; nil: by the name, else the first character
---@param fields table[] what a row of the import has
---@return table[]|nil rows
---@return wxbot.Error|nil err
---@return string[] lines what is wrong, one by one; or what is worth a word
function M.read(path, format, fields)
  local text, reason = read.file(path)
  if not text then
    local _, err = errors.invalid("cannot read " .. reason, "file")
    return nil, err, {}
  end
  local sheet = sheets.new(read.name_of(path), fields)
  local note, line, rows
  text, note, line = encoding.utf8(text)
  if text then
    sheet.note = note
    rows = READERS[format or format_of(path, text)](sheet, text)
  else
    sheet:refuse(sheets.line(line), note)
  end
  if sheet.count > 0 then
    return sheet:refusal()
  end
  return rows, nil, sheet:remarks()
end

return M
