--- A file of questions as UTF-8, whatever a spreadsheet has written: UTF-8 itself,
-- UTF-16 where its mark is, or else GB18030. The last two are the business of
-- the program iconv, which refuses what is not so.

local core = require "wxbot.core"
local interrupt = require "wxbot.cli.interrupt"
local line_of = require "wxbot.util.text".line_of
local shell = require "wxbot.serve.shell"

local io_open, remove, tmpname = io.open, os.remove, os.tmpname
local assert, error = assert, error
local pcall, tonumber = pcall, tonumber

local M = {}

local NO_PROGRAM = 127 -- says the shell

-- Runs iconv over a file of our own, whose name is harmless. What keeps the file
-- from being written is raised.
local function run(path, text, from)
  local file = assert(io_open(path, "wb"))
  local ok, why = file:write(text)
  -- What was kept back is written now, or cannot be.
  local closed, late = file:close()
  assert(ok and closed, why or late)
  local command = ("LC_ALL=C iconv -f %s -t UTF-8 <%s 2>"):format(from, path)
  local converted, status = shell.output(command .. "/dev/null; echo \" $?\"")
    :match("^(.*) (%d+)$")
  if status == "0" and core.utf8_valid(converted) then
    return converted
  elseif tonumber(status) == NO_PROGRAM then
    return nil, "there is no iconv to convert it", ", or install iconv"
  end
  return nil, nil, shell.output(command .. "&1 >/dev/null")
    :match("position (%d+)")
end

-- With text nil: why there can be no attempt, and what else helps; or nil and
-- where the text is wrong.
local function convert(text, from)
  local named, path = pcall(tmpname)
  if not named then
    return nil, ("it cannot be converted here (%s)"):format(path)
  end
  local ran, converted, why, more = pcall(run, path, text, from)
  remove(path)
  if ran then
    return converted, why, more
  elseif interrupt.caused(converted) then
    error(converted, 0)
  end
  return nil, ("it cannot be converted here (%s)"):format(converted)
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
  local converted, why, more = convert(text, from)
  if converted then
    return converted, "is not UTF-8: read as " .. from
  elseif why then
    return nil, ("it is not UTF-8, and %s: save it as UTF-8 (in Excel: CSV "
      .. "UTF-8)%s"):format(why, more or ""), line_of(text, at - 1)
  end
  return nil, ("it is neither UTF-8 nor %s: save it as UTF-8"):format(from),
    line_of(text, not has_mark and tonumber(more) or 0)
end

return M
