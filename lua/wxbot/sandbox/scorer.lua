--- How alike a query and the questions of a bot are, in [0, 1].
--
-- A text becomes a row of tokens. Each token has a weight: little for courtesies
-- and particles, less when many questions have it. The score is the geometric
-- mean of two shares: how much of the query the question has, and how much of
-- the question the query has.
--
-- Searching has two steps so that its cost stays flat: an inverted index gives
-- the questions that share most, rare words first and up to a budget; only the
-- best of these are compared token by token.

local core = require "wxbot.core"
local tokenizer = require "wxbot.sandbox.tokenizer"

local floor, log, max, min, sqrt = math.floor, math.log, math.max, math.min, math.sqrt
local error, ipairs, setmetatable, type = error, ipairs, setmetatable, type
local less, sort = core.less, table.sort

local M = {}

-- Entries of posting lists visited in one search, and questions compared: fewer
-- with a query of more than LONG tokens.
local BUDGET = 12000
local CANDIDATES, LONG = 48, 60
local BUCKETS = 64
-- A single character in common says less than a pair.
local PART = 0.4
-- Who can, wants or needs asks nearly the same as who asks how.
local NEAR = 0.6
-- A bare list of key words does not ask what a whole sentence asks, nor what a
-- question asks of which it has less than WHOLE.
local BARE, WHOLE = 0.75, 0.9
-- What is not the same text is never quite certain.
local CEILING = 0.99
local CONTENT = tokenizer.CONTENT

local Index = {}
Index.__index = Index

--- Makes an empty index.
function M.new()
  return setmetatable({
    texts = {}, ids = {}, same = {},
    postings = {}, frequency = {}, last_id = {},
    id_count = 0, mark = {}, stamp = 0,
  }, Index)
end

local function note(index, feature, number, id)
  local list = index.postings[feature]
  if not list then
    list = {}
    index.postings[feature], index.frequency[feature] = list, 0
  end
  if list[#list] ~= number then
    list[#list + 1] = number
  end
  if index.last_id[feature] ~= id then
    index.last_id[feature] = id
    index.frequency[feature] = index.frequency[feature] + 1
  end
end

--- Adds a question. Questions of one id are best added one after another: then
-- a word counts once for all of them when its rarity is measured.
---@param text string
---@param id any not nil
function Index:add(text, id)
  if type(text) ~= "string" then
    error("text must be a string, not " .. type(text), 2)
  elseif id == nil then
    error("id must not be nil", 2)
  end
  local t = tokenizer.read(text)
  local number = #self.texts + 1
  self.texts[number], self.ids[number] = t, id
  if self.ids[number - 1] ~= id then
    self.id_count = self.id_count + 1
  end
  local same = self.same[t.key]
  if not same then
    same = {}
    self.same[t.key] = same
  end
  same[#same + 1] = number
  for i = 1, t.n do
    note(self, t.token[i], number, id)
    if t.pair[i] then
      note(self, t.pair[i], number, id)
    end
  end
end

-- 1 for a word of one question, less the more have it, never below 0.4.
local function rarity(index, feature)
  local frequency = index.frequency[feature]
  if not frequency or frequency <= 1 then
    return 1
  end
  return 1 - 0.6 * min(1, log(frequency) / log(index.id_count + 1))
end

-- The weight of token i here. A Chinese character is as common as the most
-- common word that it may be part of.
local function weigh(index, t, i)
  local weight, kind = t.weight[i], t.kind[i]
  if kind ~= CONTENT then
    return weight
  elseif not t.han[i] then
    return weight * rarity(index, t.token[i])
  end
  local left, right = t.joined[i] and t.pair[i - 1], t.pair[i]
  if left or right then
    return weight * min(left and rarity(index, left) or 1, right and rarity(index, right) or 1)
  end
  return weight * rarity(index, t.token[i])
end

-- Notes all features of a text in `mark` as `stamp`, so that `seen` can tell.
local function mark_all(mark, stamp, t)
  for i = 1, t.n do
    mark[t.token[i]] = stamp
    if t.near[i] then
      mark[t.near[i]] = stamp
    end
    if t.pair[i] then
      mark[t.pair[i]] = stamp
    end
  end
end

-- How much of token i the marked text has: 0, PART, NEAR or 1.
local function seen(mark, stamp, t, i)
  if mark[t.token[i]] ~= stamp then
    return t.near[i] and mark[t.near[i]] == stamp and NEAR or 0
  elseif not t.han[i] then
    return 1
  end
  local left, right = t.joined[i] and t.pair[i - 1], t.pair[i]
  if left and mark[left] == stamp or right and mark[right] == stamp then
    return 1
  end
  return (left or right) and PART or 1
end

-- How much of `t`, whose tokens weigh `here`, the marked text has: contents
-- matched and in all, the rest matched and in all.
local function coverage(t, here, mark, stamp)
  local had, all, form_had, form_all = 0, 0, 0, 0
  for i = 1, t.n do
    local weight = here[i]
    local part = seen(mark, stamp, t, i) * weight
    if t.kind[i] == CONTENT then
      had, all = had + part, all + weight
    else
      form_had, form_all = form_had + part, form_all + weight
    end
  end
  return had, all, form_had, form_all
end

local function weigh_all(index, t)
  local here = {}
  for i = 1, t.n do
    here[i] = weigh(index, t, i)
  end
  return here
end

-- The score of a query against one question. `q` has its weights with it
-- (`here`) and its features (`features`, each true).
local function compare(index, q, t)
  index.stamp = index.stamp + 1
  mark_all(index.mark, index.stamp, t)
  local q_had, q_all, q_form_had, q_form_all = coverage(q, q.here, index.mark, index.stamp)
  local t_had, t_all, t_form_had, t_form_all =
    coverage(t, weigh_all(index, t), q.features, true)
  local agreed
  if q_all > 0 and t_all > 0 then
    agreed = sqrt(q_had / q_all * (t_had / t_all))
  else
    agreed = (q_all > 0 or t_all > 0) and 0 or 1
  end
  local q_sum, t_sum = q_all + q_form_all, t_all + t_form_all
  if q_sum == 0 or t_sum == 0 then
    return 0
  end
  local of_query = (q_had + agreed * q_form_had) / q_sum
  local of_question = (t_had + agreed * t_form_had) / t_sum
  local score = sqrt(of_query * of_question)
  if not q.form and (t.form or t_had < WHOLE * t_all) then
    score = score * BARE
  end
  return min(score, CEILING)
end

-- The features of the query that the index knows, rarest first.
local function features_of(index, q)
  local list, known = {}, {}
  local function want(feature, weight)
    if index.postings[feature] and not known[feature] then
      known[feature] = true
      list[#list + 1] = { index.postings[feature], weight, #index.postings[feature], feature }
    end
  end
  local any = false
  for i = 1, q.n do
    any = any or q.kind[i] == CONTENT
  end
  for i = 1, q.n do
    if q.kind[i] == CONTENT or not any then
      want(q.token[i], q.here[i] * (q.han[i] and PART or 1))
    end
    if q.pair[i] then
      want(q.pair[i], q.here[i] + q.here[i + 1])
    end
  end
  sort(list, function(a, b)
    if a[3] ~= b[3] then
      return a[3] < b[3]
    end
    return less(a[4], b[4])
  end)
  return list
end

-- Adds up what each question shares with the query, within the budget.
local function gather(index, q)
  local sum, touched, budget = {}, {}, BUDGET
  for _, feature in ipairs(features_of(index, q)) do
    local list, weight = feature[1], feature[2]
    local count = min(feature[3], budget)
    for k = 1, count do
      local number = list[k]
      local before = sum[number]
      if before then
        sum[number] = before + weight
      else
        sum[number] = weight
        touched[#touched + 1] = number
      end
    end
    budget = budget - count
    if budget <= 0 then
      break
    end
  end
  return sum, touched
end

-- The questions that share most, some dozens, in no strict order: sorted
-- into buckets, which costs the same for any query.
local function candidates(index, q, accept)
  local wanted = max(12, min(CANDIDATES, floor(CANDIDATES * LONG / q.n)))
  local sum, touched = gather(index, q)
  local texts, best = index.texts, 0
  for k = 1, #touched do
    local number = touched[k]
    local value = sum[number] / sqrt(texts[number].n + 2)
    sum[number] = value
    if value > best then
      best = value
    end
  end
  local buckets = {}
  for k = 1, #touched do
    local number = touched[k]
    local slot = floor(sum[number] / best * BUCKETS)
    local bucket = buckets[slot]
    if bucket then
      bucket[#bucket + 1] = number
    else
      buckets[slot] = { number }
    end
  end
  local chosen = {}
  for slot = BUCKETS, 0, -1 do
    local bucket = buckets[slot] or {}
    for k = 1, #bucket do
      if not accept or accept(index.ids[bucket[k]]) then
        chosen[#chosen + 1] = bucket[k]
        if #chosen == wanted then
          return chosen
        end
      end
    end
  end
  return chosen
end

-- Best first; the earlier question where two are alike.
local function better(a, b)
  if a.score ~= b.score then
    return a.score > b.score
  end
  return a.number < b.number
end

--- The questions most like a query, one entry for each id, best first.
-- A text equal to a question (but for case, width, spaces and punctuation at
-- the end) scores 1 and nothing else does.
---@param query string any bytes, any length
---@param limit integer|nil 10 by default
---@param accept nil|fun(id: any): boolean which ids to look at
---@return { id: any, score: number }[]
function Index:search(query, limit, accept)
  if type(query) ~= "string" then
    error("query must be a string, not " .. type(query), 2)
  end
  limit = limit or 10
  local q = tokenizer.read(query)
  q.here, q.features = weigh_all(self, q), {}
  mark_all(q.features, true, q)
  local found, by_id = {}, {}
  local function take(number, score)
    local id = self.ids[number]
    local entry = by_id[id]
    if not entry then
      entry = { id = id, score = score, number = number }
      by_id[id], found[#found + 1] = entry, entry
    elseif score > entry.score then
      entry.score, entry.number = score, number
    end
  end
  for _, number in ipairs(self.same[q.key] or {}) do
    if #found >= limit then
      break
    elseif not accept or accept(self.ids[number]) then
      take(number, 1)
    end
  end
  for _, number in ipairs(candidates(self, q, accept)) do
    local score = compare(self, q, self.texts[number])
    if score > 0 then
      take(number, score)
    end
  end
  sort(found, better)
  local result = {}
  for i = 1, min(limit, #found) do
    result[i] = { id = found[i].id, score = found[i].score }
  end
  return result
end

return M
