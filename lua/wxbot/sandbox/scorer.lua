--- Finds the questions of a bot that are most like a query.
--
-- Searching has two steps so that its cost stays flat: an inverted index gives
-- the questions that share most, rare words first and up to a limit; only the
-- best of these are compared token by token.

local core = require "wxbot.core"
local lexicon = require "wxbot.sandbox.lexicon"
local likeness = require "wxbot.sandbox.likeness"
local tokenizer = require "wxbot.sandbox.tokenizer"
local weights = require "wxbot.sandbox.weights"

local floor, max, min, sqrt = math.floor, math.max, math.min, math.sqrt
local error, ipairs, setmetatable, type = error, ipairs, setmetatable, type
local less, sort = core.less, table.sort

local M = {}

-- Entries of posting lists visited in one search, and questions compared: fewer
-- with a query of more than LONG tokens.
local MAX_VISITED = 12000
local CANDIDATES, LONG = 48, 60
local BUCKETS = 64
local CONTENT, PART = weights.CONTENT, likeness.PART
local NONE = {}

local Index = {}
Index.__index = Index

--- Makes an empty index.
---@param synonyms table|nil of wxbot.sandbox.synonyms
function M.new(synonyms)
  return setmetatable({
    synonyms = synonyms, written = {}, texts = {}, ids = {}, same = {},
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
  local t = weights.weigh(tokenizer.read(text, self.synonyms))
  local number = #self.texts + 1
  self.texts[number], self.ids[number], self.written[number] = t, id, text
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

-- Adds up what each question shares with the query, up to the limit.
local function gather(index, q)
  local sum, touched, left = {}, {}, MAX_VISITED
  for _, feature in ipairs(features_of(index, q)) do
    local list, weight = feature[1], feature[2]
    local count = min(feature[3], left)
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
    left = left - count
    if left <= 0 then
      break
    end
  end
  return sum, touched
end

-- Sorts the questions into buckets by what they share, which costs the same for
-- any query.
local function gather_in_buckets(index, q)
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
  return buckets
end

-- The questions that share most, some dozens, in no strict order.
local function candidates(index, q, accept)
  local wanted = max(12, min(CANDIDATES, floor(CANDIDATES * LONG / q.n)))
  local buckets, chosen = gather_in_buckets(index, q), {}
  for slot = BUCKETS, 0, -1 do
    for _, number in ipairs(buckets[slot] or NONE) do
      if not accept or accept(index.ids[number]) then
        chosen[#chosen + 1] = number
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

-- Keeps the best score of each id.
local function take(found, id, number, score)
  local entry = found.by_id[id]
  if not entry then
    entry = { id = id, score = score, number = number }
    found.by_id[id], found[#found + 1] = entry, entry
  elseif score > entry.score then
    entry.score, entry.number = score, number
  end
end

--- The questions most like a query, one entry for each id, best first.
-- A text equal to a question (but for case, width, spaces and punctuation at
-- the end) scores 1 and nothing else does.
---@param query string any bytes, any length
---@param limit integer|nil 10 by default
---@param accept nil|fun(id: any): boolean which ids to look at
---@return { id: any, score: number, number: integer }[] found number: of the question, for `why`
function Index:search(query, limit, accept)
  if type(query) ~= "string" then
    error("query must be a string, not " .. type(query), 2)
  end
  limit = limit or 10
  local q = weights.weigh(tokenizer.read(query, self.synonyms))
  q.here, q.features = weights.here(self, q), {}
  likeness.mark(q.features, true, q)
  local found = { by_id = {} }
  for _, number in ipairs(self.same[q.key] or NONE) do
    if #found >= limit then
      break
    elseif not accept or accept(self.ids[number]) then
      take(found, self.ids[number], number, 1)
    end
  end
  for _, number in ipairs(candidates(self, q, accept)) do
    local score = likeness.compare(self, q, self.texts[number])
    if score > 0 then
      take(found, self.ids[number], number, score)
    end
  end
  sort(found, better)
  local result = {}
  for i = 1, min(limit, #found) do
    result[i] = { id = found[i].id, score = found[i].score,
      number = found[i].number }
  end
  return result
end

--- What a query has in common with a question.
---@param query string
---@param number integer of the question
---@return string question as it was added
---@return string[] words that both have
function Index:why(query, number)
  local q = weights.weigh(tokenizer.read(query, self.synonyms))
  local t, mark, words = self.texts[number], {}, {}
  likeness.mark(mark, true, t)
  local i = 1
  while i <= q.n do
    local token = q.token[i]
    local word = mark[token] and (lexicon.word_of[token] or token)
    -- Chinese that stands together in both is one word here.
    while word and q.pair[i] and mark[q.pair[i]] do
      i = i + 1
      word = word .. q.token[i]
    end
    words[#words + 1] = word or nil
    i = i + 1
  end
  return self.written[number], words
end

return M
