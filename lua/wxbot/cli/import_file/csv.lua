--- Questions from CSV.

local texts = require "wxbot.util.text"
local csv = require "wxbot.codec.csv"

local concat, ipairs, pairs = table.concat, ipairs, pairs
local trim = texts.trim

-- What the columns are called.
local WORDS = { skill = "skill", intent = "question", questions = "similar",
  answers = "answer" }

local MEMBERS = {}
for member, column in pairs(WORDS) do
  MEMBERS[column] = member
end

local function place_of(line)
  return { order = line, text = line .. ":" }
end

-- Members of a row by the number of the column.
local function header_of(sheet, record)
  local members, seen, where = {}, {}, place_of(record.line)
  for i, name in ipairs(record) do
    name = texts.lower(trim(name))
    members[i] = MEMBERS[name] or false
    if not members[i] then
      sheet:refuse(where, ('unknown column "%s": expected skill, question, '
        .. "similar, answer"):format(name))
    elseif seen[name] and (name == "skill" or name == "question") then
      sheet:refuse(where, "column " .. name .. " is there twice")
    end
    seen[name] = true
  end
  for _, name in ipairs{ "skill", "question", "answer" } do
    if not seen[name] then
      sheet:refuse(where, "column " .. name .. " is missing")
    end
  end
  return members
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
    else
      row[member] = trim(cell)
    end
  end
  return row
end

local function add_record(sheet, record, members)
  if trim(concat(record)) == "" then
    return -- spreadsheets leave such lines behind the last row
  end
  local where = place_of(record.line)
  if #record ~= #members then
    return sheet:refuse(where, ("%d columns, but the header has %d")
      :format(#record, #members))
  end
  local row = row_of(record, members)
  for _, member in ipairs{ "skill", "intent" } do
    if row[member] == "" then
      return sheet:refuse(where, WORDS[member] .. " is empty")
    end
  end
  sheet:add(where, row, WORDS)
end

--- Reads them into a sheet.
---@param sheet wxbot.cli.Sheet
---@param text string
---@return table[]|nil rows
return function(sheet, text)
  local records, message, line = csv.read(text)
  if not records then
    return sheet:refuse(place_of(line), message)
  elseif not records[1] then
    return sheet:refuse(nil, "it is empty")
  end
  local members = header_of(sheet, records[1])
  for i = 2, sheet.count == 0 and #records or 1 do
    add_record(sheet, records[i], members)
    records[i] = false -- a long file is not kept twice
  end
  return (sheet.count == 0 or #sheet.rows > 0) and sheet:check(WORDS) or nil
end
