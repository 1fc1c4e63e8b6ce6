--- Questions and answers for `wxbot import`, from JSON or CSV.
--
-- Everything is read and looked at before anything is sent. What is wrong is
-- named by file and line (CSV) or by file and place (JSON).

local ascii = require "wxbot.util.text"
local core = require "wxbot.core"
local csv = require "wxbot.codec.csv"
local errors = require "wxbot.util.errors"
local fields = require "wxbot.client.import".kinds.batchimportskill.field.fields
local json = require "wxbot.codec.json"
local schema_check = require "wxbot.call.schema.check"
local skills = require "wxbot.sandbox.skills"
local trim = require "wxbot.util.trim"
local xml = require "wxbot.codec.xml"

local concat, sort = table.concat, table.sort
local min = math.min
local io_open, stdin = io.open, io.stdin
local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type

local M = {}

-- What the columns are called, and what the library calls them.
local COLUMN_OF = { skillname = "skill", title = "question",
  question = "similar", answer = "answer" }
local MEMBER_OF = { skillname = "skill", title = "intent",
  question = "questions", answer = "answers" }

-- -------------------------------------------------------------------- faults

-- More than these are only counted.
local MOST_FAULTS = 20

-- Where in a JSON text: what it is called, and how many were before it.
local function place_of(sheet, name)
  sheet.places = sheet.places + 1
  return { order = sheet.places, text = " " .. name .. ":" }
end

-- `where` is the number of a line or made by place_of; nil: the whole file.
local function fault(sheet, where, text)
  local place = type(where) == "table" and where
    or where and { order = where, text = where .. ":" }
    or { order = 0, text = "" }
  sheet.count = sheet.count + 1
  sheet.faults[sheet.count] = { order = place.order, number = sheet.count,
    text = sheet.name .. ":" .. place.text .. " " .. text }
end

-- As they stand in the file, whenever they were found.
local function comes_before(one, other)
  if one.order ~= other.order then
    return one.order < other.order
  end
  return one.number < other.number
end

local function refused(sheet)
  local faults = {}
  sort(sheet.faults, comes_before)
  for i = 1, min(sheet.count, MOST_FAULTS) do
    faults[i] = sheet.faults[i].text
  end
  if sheet.count > #faults then
    faults[#faults + 1] = ("%s: and %d more"):format(sheet.name,
      sheet.count - #faults)
  end
  local _, err = errors.invalid(concat(faults, "; "), "file")
  err.hint, err.sent = "nothing has been sent", false
  return nil, err, faults
end

-- -------------------------------------------------------------------- groups

-- Texts that are not in a list yet; `there` says which are.
local function add_texts(list, there, texts)
  for _, text in ipairs(texts) do
    if not there[text] then
      list[#list + 1], there[text] = text, true
    end
  end
end

-- An import travels as XML, which would refuse these request by request.
-- Tells whether there are none.
local function check_characters(sheet, where, row, names)
  local count = sheet.count
  for _, field in ipairs(fields) do
    local value = row[field.name]
    local text = type(value) == "table" and concat(value, "\n") or value
    if xml.find_forbidden(text) then
      fault(sheet, where, names[field.name]
        .. " holds a control character")
    end
  end
  return sheet.count == count
end

-- One question for all rows with the same skill and question.
local function add(sheet, where, row, names)
  local allowed = check_characters(sheet, where, row, names)
  local key = row.skillname .. "\0" .. row.title
  local found = sheet.by_key[key]
  if not found then
    found = { skillname = row.skillname, title = row.title, question = {},
      answer = {}, threshold = row.threshold, disabled = row.disabled }
    sheet.by_key[key], sheet.where[found] = found, where
    sheet.there[found] = { question = {}, answer = {} }
    sheet.rows[#sheet.rows + 1] = found
  end
  sheet.forbidden[found] = sheet.forbidden[found] or not allowed
  for list, there in pairs(sheet.there[found]) do
    add_texts(found[list], there, row[list])
  end
end

-- What the library would find later, in the words of the file.
local function check(sheet, names)
  for _, row in ipairs(sheet.rows) do
    local err = schema_check.invalid_value(fields, row)
    if #row.answer == 0 then
      fault(sheet, sheet.where[row], names.answer .. " is empty")
    elseif err and not sheet.forbidden[row] then
      fault(sheet, sheet.where[row], (names[err.field] or err.field) .. " "
        .. err.reason)
    end
  end
  if #sheet.rows == 0 and sheet.count == 0 then
    fault(sheet, nil, "there are no questions in it")
  end
end

-- ----------------------------------------------------------------------- CSV

-- Members of a row by the number of the column.
local function header_of(sheet, record)
  local members, seen = {}, {}
  for i, name in ipairs(record) do
    name = ascii.lower(trim(name))
    for member, column in pairs(COLUMN_OF) do
      members[i] = column == name and member or members[i]
    end
    if not members[i] then
      fault(sheet, record.line, ('unknown column "%s": expected skill, '
        .. "question, similar, answer"):format(name))
    elseif seen[name] and (name == "skill" or name == "question") then
      fault(sheet, record.line, "column " .. name .. " is there twice")
    end
    seen[name] = true
  end
  for _, name in ipairs{ "skill", "question", "answer" } do
    if not seen[name] then
      fault(sheet, record.line, "column " .. name .. " is missing")
    end
  end
  return members
end

-- Answers may have several lines, and anything in them.
local function texts_of(member, cell)
  if member == "answer" then
    return { trim(cell) ~= "" and trim(cell) or nil }
  end
  local list = {}
  for text in cell:gmatch("[^|\r\n]+") do
    list[#list + 1] = trim(text) ~= "" and trim(text) or nil
  end
  return list
end

local function row_of(record, members)
  local row = { question = {}, answer = {} }
  for i, cell in ipairs(record) do
    local member = members[i]
    if row[member] then
      add_texts(row[member], {}, texts_of(member, cell))
    else
      row[member] = trim(cell)
    end
  end
  return row
end

-- Spreadsheets leave such lines behind the last row.
local function is_blank(record)
  return trim(concat(record)) == ""
end

local function add_record(sheet, record, members)
  if is_blank(record) then
    return
  end
  if #record ~= #members then
    return fault(sheet, record.line, ("%d columns, but the header has %d")
      :format(#record, #members))
  end
  local row = row_of(record, members)
  for _, member in ipairs{ "skillname", "title" } do
    if row[member] == "" then
      return fault(sheet, record.line, COLUMN_OF[member] .. " is empty")
    end
  end
  add(sheet, record.line, row, COLUMN_OF)
end

local function from_csv(sheet, text)
  local records, message, line = csv.read(text)
  if not records then
    return fault(sheet, line, message)
  elseif not records[1] then
    return fault(sheet, nil, "it is empty")
  end
  local members = header_of(sheet, records[1])
  for i = 2, sheet.count == 0 and #records or 1 do
    add_record(sheet, records[i], members)
    records[i] = false -- a long file is not kept twice
  end
  if sheet.count == 0 or #sheet.rows > 0 then
    check(sheet, COLUMN_OF)
  end
end

-- ---------------------------------------------------------------------- JSON

-- What an import may have no place for.
local LOST = { "follows", "threshold" }

local function add_intent(sheet, where, skill, intent)
  local keeps = sheet.keeps
  if intent.disabled == true and not keeps.disabled then
    sheet.disabled = sheet.disabled + 1
    return
  end
  for _, name in ipairs(LOST) do
    if intent[name] and not keeps[name] then
      sheet.lost[name] = (sheet.lost[name] or 0) + 1
    end
  end
  add(sheet, where, { skillname = skill.name, title = intent.title,
    question = intent.questions or {}, answer = intent.answers,
    threshold = keeps.threshold and intent.threshold,
    disabled = keeps.disabled and intent.disabled }, MEMBER_OF)
end

-- The same file that `--skills` reads.
local function from_skills(sheet, value)
  local good, err = skills.load(value)
  if not good then
    return fault(sheet, nil, err.message)
  end
  for s, skill in ipairs(value.skills) do
    for i, intent in ipairs(skill.intents) do
      add_intent(sheet, place_of(sheet, ("skills[%d].intents[%d]")
        :format(s, i)), skill, intent)
    end
  end
end

-- A text, or a list of them.
local function list_of(value)
  if value == nil or value == json.null then
    return {}
  elseif type(value) == "string" then
    return { value }
  elseif type(value) ~= "table" then
    return nil
  end
  for _, text in pairs(value) do
    if type(text) ~= "string" then
      return nil
    end
  end
  return #value == 0 and next(value) and nil or value
end

local KNOWN = { skill = true, intent = true, questions = true, answers = true }

local function unknown_of(item)
  for name in pairs(item) do
    if not KNOWN[name] then
      return ("%s is unknown: expected skill, intent, questions, answers")
        :format(tostring(name))
    end
  end
end

local function item_fault(item)
  if type(item) ~= "table" then
    return "must be an object"
  end
  for _, name in ipairs{ "skill", "intent" } do
    if type(item[name]) ~= "string" or item[name] == "" then
      return name .. " must be a text that is not empty"
    end
  end
  for _, name in ipairs{ "questions", "answers" } do
    if not list_of(item[name]) then
      return name .. " must be a list of texts"
    end
  end
  return unknown_of(item)
end

local function from_items(sheet, list)
  for i, item in ipairs(list) do
    local where = place_of(sheet, ("[%d]"):format(i))
    local wrong = item_fault(item)
    if wrong then
      fault(sheet, where, wrong)
    else
      add(sheet, where, { skillname = item.skill, title = item.intent,
        question = list_of(item.questions), answer = list_of(item.answers) },
        MEMBER_OF)
    end
  end
end

local function from_json(sheet, text)
  local value, message = json.decode(ascii.without_mark(text))
  if type(value) ~= "table" then
    return fault(sheet, nil, message
      or "it must hold an object with skills, or a list of rows")
  elseif value.skills ~= nil then
    from_skills(sheet, value)
  elseif next(value) ~= nil and #value == 0 then
    return fault(sheet, nil, "it must hold an object with skills, or a list")
  else
    from_items(sheet, value)
  end
  check(sheet, MEMBER_OF)
end

-- --------------------------------------------------------------------- files

local function read(path)
  local file, message = stdin, nil
  if path ~= "-" then
    file, message = io_open(path, "rb")
  end
  local text
  if file then
    text, message = file:read("*a")
  end
  if file and path ~= "-" then
    file:close()
  end
  if not text then
    return errors.invalid("cannot read " .. (file and path .. ": " or "")
      .. tostring(message), "file")
  end
  return text
end

local function format_of(path, text)
  local ending = ascii.lower(path):match("%.([a-z]+)$")
  if ending == "csv" or ending == "json" then
    return ending
  end
  local first = ascii.without_mark(text):match("[^ \t-\r]")
  return (first == "{" or first == "[") and "json" or "csv"
end

local function first_bad_line(text)
  local _, position = core.utf8_valid(text)
  local _, breaks = text:sub(1, position - 1):gsub("\n", "")
  return breaks + 1
end

-- What a spreadsheet writes when it is not told otherwise.
local function encoding_fault(sheet, text)
  local name = text:find("^\255\254") and "UTF-16"
    or text:find("^\254\255") and "UTF-16" or "perhaps GBK"
  fault(sheet, first_bad_line(text), ("it is not UTF-8 (%s): save it as UTF-8")
    :format(name))
end

-- What of a skills file an import leaves behind.
local function remarks_of(sheet)
  local remarks = {}
  if sheet.disabled > 0 then
    remarks[1] = ("%d disabled intents are left out"):format(sheet.disabled)
  end
  for _, name in ipairs(LOST) do
    if (sheet.lost[name] or 0) > 0 then
      remarks[#remarks + 1] = ("an import has no place for %s: %d intents "
        .. "lose it"):format(name, sheet.lost[name])
    end
  end
  return remarks
end

--- Reads the questions of a file.
---@param path string "-": standard input
---@param format string|nil "csv" or "json"; nil: by the name, else the first character
---@param keeps table|nil what an import has a place for: threshold, disabled
---@return table[]|nil rows as bot:import takes them
---@return wxbot.Error|nil err
---@return string[] lines what is wrong, one by one; or what is worth a word
function M.read(path, format, keeps)
  local text, err = read(path)
  if not text then
    return nil, err, {}
  end
  local sheet = { name = path == "-" and "standard input" or path, count = 0,
    faults = {}, rows = {}, by_key = {}, where = {}, there = {}, lost = {},
    forbidden = {}, places = 0, disabled = 0, keeps = keeps or {} }
  if not core.utf8_valid(text) then
    encoding_fault(sheet, text)
  elseif (format or format_of(path, text)) == "csv" then
    from_csv(sheet, text)
  else
    from_json(sheet, text)
  end
  if sheet.count > 0 then
    return refused(sheet)
  end
  return sheet.rows, nil, remarks_of(sheet)
end

return M
