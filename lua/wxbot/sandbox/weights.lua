--- What tokens weigh: little for courtesies and particles, less when many
-- questions have them.

local find, log, min = string.find, math.log, math.min

local M = {}

--- The kinds of tokens: what is asked about; what makes a sentence of it; what
-- says nothing. A courtesy becomes one of the first or the last.
M.CONTENT, M.FORM, M.EMPTY = "content", "form", "empty"
local CONTENT, FORM, EMPTY, COURTESY = M.CONTENT, M.FORM, M.EMPTY, "courtesy"

-- What no word of the lexicon weighs: a character of Chinese, a number, a
-- Latin word; and a courtesy beside contents.
local HAN, NUMBER, LATIN, ASIDE = 1, 1, 2, 0.02

local function plain_weight(t, i)
  return t.han[i] and HAN or find(t.token[i], "^[0-9]+$") and NUMBER or LATIN
end

-- A courtesy counts only when nothing else is said.
local function settle_courtesies(t, alone)
  for i = 1, t.n do
    if t.kind[i] == COURTESY and alone then
      t.kind[i] = CONTENT
    elseif t.kind[i] == COURTESY then
      t.kind[i], t.weight[i] = EMPTY, ASIDE
    end
  end
end

---@class wxbot.sandbox.Weighed: wxbot.sandbox.Tokens
---@field form boolean whether a word makes a sentence of it
---@field weight number[]
---@field kind string[]
---@field near table<integer, string> a group of classes that are nearly the same

--- Adds to tokens what they weigh wherever they stand.
---@param t wxbot.sandbox.Tokens changed; its entries are gone
---@return wxbot.sandbox.Weighed
function M.weigh(t)
  local alone = true
  t.weight, t.kind, t.near, t.form = {}, {}, {}, false
  for i = 1, t.n do
    local entry = t.entry[i]
    t.kind[i] = entry and entry.kind or CONTENT
    t.weight[i] = entry and entry.weight or plain_weight(t, i)
    t.near[i] = entry and entry.near
    alone = alone and t.kind[i] ~= CONTENT
    t.form = t.form or t.kind[i] == FORM
  end
  t.entry = nil
  settle_courtesies(t, alone)
  return t
end

-- 1 for a word of one question, less the more have it, never below 0.4.
local function rarity(index, feature)
  local frequency = index.frequency[feature]
  if not frequency or frequency <= 1 then
    return 1
  end
  return 1 - 0.6 * min(1, log(frequency) / log(index.id_count + 1))
end

-- A Chinese character is as common as the most common word that it may be part
-- of.
local function weight_here(index, t, i)
  local weight = t.weight[i]
  if t.kind[i] ~= CONTENT then
    return weight
  end
  local left, right = t.joined[i] and t.pair[i - 1], t.pair[i]
  if not t.han[i] or not (left or right) then
    return weight * rarity(index, t.token[i])
  end
  return weight * min(left and rarity(index, left) or 1,
    right and rarity(index, right) or 1)
end

--- What tokens weigh among the questions of an index.
---@param index table { frequency = feature to questions that have it, id_count }
---@param t wxbot.sandbox.Weighed
---@return number[]
function M.here(index, t)
  local here = {}
  for i = 1, t.n do
    here[i] = weight_here(index, t, i)
  end
  return here
end

return M
