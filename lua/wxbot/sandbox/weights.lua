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

local function latin_weight(token)
  return find(token, "^[0-9]+$") and NUMBER or LATIN
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
  local weight, kind, near, has = {}, {}, {}, {}
  for i = 1, t.n do
    local entry = t.entry[i]
    if entry then
      kind[i], weight[i], near[i] = entry.kind, entry.weight, entry.near
    else
      kind[i] = CONTENT
      weight[i] = t.han[i] and HAN or latin_weight(t.token[i])
    end
    has[kind[i]] = true
  end
  t.weight, t.kind, t.near, t.entry = weight, kind, near, nil
  t.form = has[FORM] == true
  if has[COURTESY] then
    settle_courtesies(t, not has[CONTENT])
  end
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
local function rarity_of_han(index, t, i)
  local left, right = t.joined[i] and t.pair[i - 1], t.pair[i]
  if left or right then
    return min(left and rarity(index, left) or 1,
      right and rarity(index, right) or 1)
  end
  return rarity(index, t.token[i])
end

--- What tokens weigh among the questions of an index.
---@param index table { frequency = feature to questions that have it, id_count }
---@param t wxbot.sandbox.Weighed
---@return number[]
function M.here(index, t)
  local here, weight_of, kind, han = {}, t.weight, t.kind, t.han
  for i = 1, t.n do
    local weight = weight_of[i]
    if kind[i] == CONTENT then
      weight = weight * (han[i] and rarity_of_han(index, t, i)
        or rarity(index, t.token[i]))
    end
    here[i] = weight
  end
  return here
end

return M
