--- Questions from CSV.

local texts = require "wxbot.util.text"
local csv = require "wxbot.codec.csv"
local cut = require "wxbot.cli.columns".cut
local line_at = require "wxbot.cli.import_file.sheet".line

local concat, ipairs = table.concat, ipairs
local trim = texts.trim

-- What the column of each member of a row may be called. The platform's own
-- words are the Chinese ones.
local COLUMNS = {
  { "skill", "skill", "技能", "技能名称", "技能名" },
  { "intent", "question", "标准问题", "标准问", "问题" },
  { "questions", "similar", "相似问题", "相似问", "相似问法" },
  { "answers", "answer", "回答", "答案", "回复" },
}

local MEMBERS = {}
for _, names in ipairs(COLUMNS) do
  for i = 2, #names do
    MEMBERS[names[i]] = names[1]
  end
end

-- Of a name that is none: a file may be anything.
local MOST_SHOWN = 40

-- The first is preferred.
local SEPARATORS = { ",", ";", "\t" }

-- The member of a column, whose name may have a number: 相似问题1, 相似问题2.
local function member_of(name)
  name = texts.lower(trim(name))
  return MEMBERS[name] or MEMBERS[trim((name:gsub("[0-9]?[0-9]$", "")))]
end

-- The one by which most of the first line are columns.
local function separator_of(text)
  local line = text:match("^[ \t-\r]*([^\n]*)")
  local found, most = SEPARATORS[1], 0
  for _, separator in ipairs(SEPARATORS) do
    local count = 0
    for _, name in ipairs(csv.read(line, separator)[1] or {}) do
      count = count + (member_of(name) and 1 or 0)
    end
    if count > most then
      found, most = separator, count
    end
  end
  return found
end

-- Spreadsheets leave empty columns behind the last one.
local function drop_empty(record, least)
  for i = #record, least + 1, -1 do
    if trim(record[i]) ~= "" then
      return
    end
    record[i] = nil
  end
end

-- A row's members by the number of the column; nil: what a row must have is
-- missing.
local function header_of(sheet, record)
  local members, words, where = {}, sheet.words, line_at(record.line)
  drop_empty(record, 1)
  for i, name in ipairs(record) do
    local member = member_of(name)
    members[i] = member or false
    if not member then
      sheet:refuse(where, ('unknown column "%s": expected skill, question, '
        .. "similar, answer, or 技能, 标准问题, 相似问题, 回答"):format(
        cut(trim(name), MOST_SHOWN)))
    elseif words[member] and (member == "skill" or member == "intent") then
      sheet:refuse(where, "column " .. words[member] .. " is there twice")
    else
      words[member] = words[member] or trim(name)
    end
  end
  local is_whole = true
  for _, names in ipairs(COLUMNS) do
    if not words[names[1]] and names[1] ~= "questions" then
      sheet:refuse(where, ("column %s is missing, or %s"):format(names[2],
        names[3]))
      is_whole = false
    end
  end
  return is_whole and members or nil
end

-- Answers may have several lines, and anything in them.
local function add_texts(list, member, cell)
  if member == "answers" then
    list[#list + 1] = trim(cell) ~= "" and trim(cell) or nil
    return
  end
  for text in cell:gmatch("[^|\r\n]+") do
    list[#list + 1] = trim(text) ~= "" and trim(text) or nil
  end
end

local function row_of(record, members)
  local row = { questions = {}, answers = {} }
  for i, cell in ipairs(record) do
    local member = members[i]
    if row[member] then
      add_texts(row[member], member, cell)
    elseif member then
      row[member] = trim(cell)
    end
  end
  return row
end

local function add_record(sheet, record, members)
  if trim(concat(record)) == "" then
    return -- spreadsheets leave such lines behind the last row
  end
  local where, count = line_at(record.line), sheet.count
  drop_empty(record, #members)
  if #record ~= #members then
    return sheet:refuse(where, ("%d columns, but the header has %d")
      :format(#record, #members))
  end
  local row = row_of(record, members)
  for _, member in ipairs{ "skill", "intent" } do
    if row[member] == "" then
      sheet:refuse(where, sheet.words[member] .. " is empty")
    end
  end
  if sheet.count == count then
    sheet:add(where, row)
  elseif #row.answers == 0 then -- no other row has some for it
    sheet:refuse(where, sheet.words.answers .. " is empty")
  end
end

--- Reads them into a sheet.
---@param sheet wxbot.cli.Sheet
---@param text string
---@return table[]|nil rows
return function(sheet, text)
  local records, faults = csv.read(text, separator_of(text))
  for _, fault in ipairs(faults or {}) do
    sheet:refuse(line_at(fault.line), fault.message)
  end
  if not records[1] and not faults then
    return sheet:refuse(nil, "it is empty")
  elseif not records[1] or faults and faults[1].line < records[1].line then
    return nil -- the header is not known
  end
  local members = header_of(sheet, records[1])
  for i = 2, members and #records or 1 do
    add_record(sheet, records[i], members)
    records[i] = false -- a long file is not kept twice
  end
  return members and sheet:check() or nil
end
