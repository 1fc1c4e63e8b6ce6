--- What a file of questions holds: its rows, and what is wrong with them.

local errors = require "wxbot.util.errors"
local check = require "wxbot.call.schema.check"
local xml = require "wxbot.codec.xml"

local concat, insert, sort = table.concat, table.insert, table.sort
local min = math.min
local ipairs, pairs, setmetatable, type = ipairs, pairs, setmetatable, type

local M = {}

---@class wxbot.cli.Sheet
---@field entries table[] { row = { skill, intent, questions, answers, threshold, disable }, where, seen, forbidden }
---@field has table<string, boolean> names of what a row of the import has
---@field words table<string, string> what the file calls the members, where that differs
---@field count integer what was refused
---@field note string|nil what the file was read as
local Sheet = {}
Sheet.__index = Sheet

-- More reasons than these are only counted.
local MOST_REASONS = 50

-- What a file may have and an import no place for.
local LOST = { "follows", "threshold" }

-- What v1 calls the members of a row.
local NAMES = { skill = "skillname", intent = "title", questions = "question",
  answers = "answer" }
local MEMBER_OF = {}
for member, name in pairs(NAMES) do
  MEMBER_OF[name] = member
end

--- A place in the file, by its line.
---@param number integer
---@return table where for Sheet:refuse and Sheet:add
function M.line(number)
  return { order = number, text = number .. ":" }
end

--- Makes an empty one.
---@param name string of the file
---@param fields table[] what a row of the import has
---@return wxbot.cli.Sheet
function M.new(name, fields)
  local sheet = setmetatable({ name = name, fields = fields, has = {},
    words = {}, count = 0, reasons = {}, entries = {}, by_key = {},
    disabled = 0, lost = {} }, Sheet)
  for _, field in ipairs(fields) do
    sheet.has[field.name] = true
  end
  return sheet
end

--- Keeps what is wrong.
---@param where table|nil { order, text }: its place in the file; nil: the whole of it
---@param reason string
function Sheet:refuse(where, reason)
  where = where or { order = 0, text = "" }
  self.count = self.count + 1
  self.reasons[self.count] = { order = where.order, number = self.count,
    text = self.name .. ":" .. where.text .. " " .. reason }
end

-- As they stand in the file, whenever they were found.
local function comes_before(one, other)
  if one.order ~= other.order then
    return one.order < other.order
  end
  return one.number < other.number
end

--- The error of what was refused.
---@return nil
---@return wxbot.Error err
---@return string[] reasons
function Sheet:refusal()
  local reasons = {}
  sort(self.reasons, comes_before)
  for i = 1, min(self.count, MOST_REASONS) do
    reasons[i] = self.reasons[i].text
  end
  if self.count > #reasons then
    reasons[#reasons + 1] = ("%s: and %d more"):format(self.name,
      self.count - #reasons)
  end
  local message = concat(reasons, "; ")
  if self.note then
    insert(reasons, 1, self.name .. " " .. self.note)
  end
  return nil, errors.new{ kind = "invalid", code = "file", sent = false,
    message = message, hint = "nothing has been sent" }, reasons
end

-- Texts that are not in a list yet; `seen` says which are.
local function add_texts(list, seen, texts)
  for _, text in ipairs(texts) do
    if not seen[text] then
      list[#list + 1], seen[text] = text, true
    end
  end
end

-- An import travels as XML, which would refuse these request by request.
-- Tells whether there are any.
local function refuse_characters(sheet, where, row)
  local count = sheet.count
  for _, name in ipairs{ "skill", "intent", "questions", "answers" } do
    local value = row[name]
    local text = type(value) == "table" and concat(value, "\n") or value
    if xml.find_forbidden(text) then
      sheet:refuse(where, (sheet.words[name] or name)
        .. " holds a control character")
    end
  end
  return sheet.count > count
end

--- Adds a row: one question for all with the same skill and intent.
---@param where table
---@param row table
function Sheet:add(where, row)
  local key = row.skill .. "\0" .. row.intent
  local entry = self.by_key[key]
  if not entry then
    entry = { where = where, seen = { questions = {}, answers = {} },
      row = { skill = row.skill, intent = row.intent, questions = {},
        answers = {}, threshold = row.threshold, disable = row.disable } }
    self.by_key[key] = entry
    self.entries[#self.entries + 1] = entry
  end
  entry.forbidden = refuse_characters(self, where, row) or entry.forbidden
  for list, seen in pairs(entry.seen) do
    add_texts(entry.row[list], seen, row[list])
  end
end

--- Counts what an import has no place for.
---@param intent table as `--skills` has it
---@return boolean keep the intent
function Sheet:fit(intent)
  if intent.disabled == true and not self.has.disable then
    self.disabled = self.disabled + 1
    return false
  end
  for _, name in ipairs(LOST) do
    if intent[name] and not self.has[name] then
      self.lost[name] = (self.lost[name] or 0) + 1
    end
  end
  return true
end

--- What it was read as, and what was left out, in words.
---@return string[] remarks
function Sheet:remarks()
  local remarks = { self.note and self.name .. " " .. self.note }
  if self.disabled > 0 then
    remarks[#remarks + 1] = ("%d disabled intents are left out"):format(
      self.disabled)
  end
  for _, name in ipairs(LOST) do
    if self.lost[name] then
      remarks[#remarks + 1] = ("an import has no place for %s: %d intents "
        .. "lose it"):format(name, self.lost[name])
    end
  end
  return remarks
end

-- A row as the import has it.
local function row_of(sheet, row)
  local named = {}
  for name, value in pairs(row) do
    named[sheet.has[name] and name or NAMES[name]] = value
  end
  return named
end

--- Checks the rows as the library would, and gives them.
---@return table[] rows as the import has them
function Sheet:check()
  local rows = {}
  for i, entry in ipairs(self.entries) do
    rows[i] = row_of(self, entry.row)
    local err = check.invalid_value(self.fields, rows[i])
    local name = err and (MEMBER_OF[err.field] or err.field)
    if #entry.row.answers == 0 then
      self:refuse(entry.where, (self.words.answers or "answers") .. " is empty")
    elseif err and not entry.forbidden then
      self:refuse(entry.where, (self.words[name] or name) .. " " .. err.reason)
    end
  end
  if #rows == 0 and self.count == 0 then
    self:refuse(nil, "there are no questions in it")
  end
  return rows
end

return M
