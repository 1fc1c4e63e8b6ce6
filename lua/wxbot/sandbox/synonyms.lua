--- Words that mean the same to a bot: each counts as the first of its group,
-- wherever it stands in a text.

local characters = require "wxbot.sandbox.characters"

local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable
local sort = table.sort
local WORD = characters.WORD

local M = {}

local Synonyms = {}
Synonyms.__index = Synonyms

local function read(word)
  local chars, classes, n = characters.read(word)
  return { chars = chars, classes = classes, n = n }
end

--- Those of a skillset; nil when there are none.
---@param groups string[][]
---@return table|nil synonyms
function M.new(groups)
  local by_first = {}
  for _, group in ipairs(groups) do
    local first = read(group[1])
    for i = 2, #group do
      local word = read(group[i])
      local list = by_first[word.chars[1]] or {}
      by_first[word.chars[1]], list[#list + 1] = list, word
      word.first = first
    end
  end
  for _, list in pairs(by_first) do
    sort(list, function(a, b) return a.n > b.n end)
  end
  return #groups > 0 and setmetatable({ by_first = by_first }, Synonyms) or nil
end

-- A Latin word is none in the midst of another.
local function is_cut(classes, at)
  return classes[at] == WORD and classes[at + 1] == WORD
end

local function stands_at(word, chars, classes, at)
  for k = 1, word.n do
    if chars[at + k - 1] ~= word.chars[k] then
      return false
    end
  end
  return not is_cut(classes, at - 1) and not is_cut(classes, at + word.n - 1)
end

-- The longest of the words that stands there.
local function word_at(self, chars, classes, at)
  for _, word in ipairs(self.by_first[chars[at]] or {}) do
    if stands_at(word, chars, classes, at) then
      return word
    end
  end
end

--- A text with the first word of a group in place of each of the others.
---@param chars string[] as characters.read gives them
---@param classes integer[]
---@param n integer
---@return string[] chars
---@return integer[] classes
---@return integer n
function Synonyms:replace(chars, classes, n)
  local out, kinds, length, i = {}, {}, 0, 1
  while i <= n do
    local word = word_at(self, chars, classes, i)
    local by = word and word.first
    for k = 1, by and by.n or 1 do
      length = length + 1
      out[length] = by and by.chars[k] or chars[i]
      kinds[length] = by and by.classes[k] or classes[i]
    end
    i = i + (word and word.n or 1)
  end
  return out, kinds, length
end

return M
