--- What of an import has failed, in words.
--
-- What a failed row looks like is not documented: by name where there are
-- names that are known, else as it came.

local json = require "wxbot.codec.json"

local concat = table.concat
local ipairs, type = ipairs, type

local M = {}

local SKILL = { "skillname", "skill", "name" }
local TITLE = { "title", "intent" }
local WHY = { "msg", "error", "reason" }

-- The first of some members that is a text.
local function first_of(row, names)
  for _, name in ipairs(type(row) == "table" and names or {}) do
    if type(row[name]) == "string" and row[name] ~= "" then
      return row[name]
    end
  end
end

local function names_of(list)
  local names = {}
  for _, entry in ipairs(type(list) == "table" and list or {}) do
    names[#names + 1] = type(entry) == "string" and entry
      or first_of(entry, SKILL)
  end
  return #names > 0 and concat(names, ", ") or nil
end

--- One failure, as "skill / question: why".
---@param row any
---@return string
function M.line(row)
  local skill = first_of(row, SKILL)
  if not skill then
    return type(row) == "string" and row or json.encode(row)
  end
  local title = first_of(row, TITLE) or names_of(row.intents)
  local why = first_of(row, WHY)
  return skill .. (title and " / " .. title or "")
    .. (why and ": " .. why or "")
end

return M
