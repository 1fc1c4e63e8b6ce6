--- A file of questions as UTF-8, whatever a spreadsheet has written: UTF-8 itself,
-- UTF-16 where its mark is, or else GB18030. The last two are the business of
-- the program iconv, which refuses what is not so.

local core = require "wxbot.core"
local terminal = require "wxbot.cli.terminal"

local io_open, remove, tmpname = io.open, os.remove, os.tmpname
local assert, error, ipairs = assert, error, ipairs
local pcall, tonumber = pcall, tonumber

local M = {}

local function write(path, text)
  local file = assert(io_open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function read(path)
  local file = assert(io_open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Runs iconv over files of our own, whose names are harmless.
local function convert(text, from)
  local source, target, log = tmpname(), tmpname(), tmpname()
  write(source, text)
  local ran, done = pcall(terminal.succeeds,
    ("LC_ALL=C iconv -f %s -t UTF-8 <%s >%s 2>%s"):format(from, source, target,
      log))
  local converted, said = read(target), read(log)
  for _, path in ipairs{ source, target, log } do
    remove(path)
  end
  if not ran then
    error(done, 0) -- Ctrl-C
  elseif done and core.utf8_valid(converted) then
    return converted
  end
  return nil, tonumber(said:match("position (%d+)"))
end

local function line_of(text, position)
  local _, breaks = text:sub(1, position):gsub("\n", "")
  return breaks + 1
end

-- Whether most of a text is UTF-8: GB18030 makes other characters of nearly all
-- of that, and complains of none.
local function is_damaged(text)
  local _, others = text:gsub("[\128-\255]", "")
  local _, threes = text:gsub("[\227-\239][\128-\191][\128-\191]", "")
  return threes * 3 * 2 > others
end

--- Converts a text.
---@param text string
---@return string|nil text
---@return string|nil note what it was read as; with text nil, why it cannot be read
---@return integer|nil line where that is
function M.utf8(text)
  local good, at = core.utf8_valid(text)
  if good then
    return text
  end
  local has_mark = text:find("^\255\254") or text:find("^\254\255")
  local from = has_mark and "UTF-16" or "GB18030"
  if not has_mark and is_damaged(text) then
    return nil, "here it is not UTF-8, and elsewhere it is: it is damaged, or "
      .. "put together of several; save it as UTF-8", line_of(text, at - 1)
  end
  local converted, position = convert(text, from)
  if converted then
    return converted, "is not UTF-8: read as " .. from
  elseif not terminal.succeeds("command -v iconv >/dev/null 2>&1") then
    return nil, "it is not UTF-8, and there is no iconv to convert it: save it "
      .. "as UTF-8 (in Excel: CSV UTF-8), or install iconv",
      line_of(text, at - 1)
  end
  return nil, ("it is neither UTF-8 nor %s: save it as UTF-8"):format(from),
    line_of(text, not has_mark and position or 0)
end

return M
