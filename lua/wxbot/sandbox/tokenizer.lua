--- Cuts a text into tokens: words of the lexicon (as their class), the remaining
-- Chinese characters one by one, and Latin words by their stem.

local characters = require "wxbot.sandbox.characters"
local latin = require "wxbot.sandbox.latin"
local lexicon = require "wxbot.sandbox.lexicon"

local concat, ipairs, min, sub = table.concat, ipairs, math.min, string.sub
local WORD, HAN = characters.WORD, characters.HAN

local M = {}

local zh, en, longest_of = lexicon.zh, lexicon.en, lexicon.longest

-- Puts a token; entry nil: one that the lexicon does not know.
local function put(out, token, entry)
  local n = out.n + 1
  out.n, out.token[n], out.entry[n] = n, token, entry
end

-- Finds the longest entry of the lexicon at `i` of a run of Chinese; gives it
-- and the place after it.
local function entry_at(chars, i, last)
  local longest = longest_of[chars[i]]
  if not longest then
    return nil
  end
  local ends, text = i, chars[i]
  while ends < last and #text < longest do
    ends = ends + 1
    text = text .. chars[ends]
  end
  while ends >= i do
    local entry = zh[text]
    if entry ~= nil then
      return entry, ends + 1
    end
    text = sub(text, 1, #text - #chars[ends])
    ends = ends - 1
  end
  return nil
end

-- The entry at `i`, given up for a shorter one where its last character begins
-- another word: of "how" and "handle", not of "what to do" and a rest.
local function best_entry_at(chars, i, last)
  local entry, after = entry_at(chars, i, last)
  if not after or after < i + 2 or after > last then
    return entry, after
  end
  local _, onward = entry_at(chars, after - 1, last)
  if onward and onward > after then
    local _, plain_onward = entry_at(chars, after, last)
    local shorter, shorter_after = entry_at(chars, i, after - 2)
    if shorter and shorter_after == after - 1
      and (not plain_onward or plain_onward == after + 1) then
      return shorter, shorter_after
    end
  end
  return entry, after
end

-- Puts characters that the lexicon does not know; the first continues what
-- stands before it unless that is an entry.
local function put_unknown(out, chars, first, last, beside)
  for k = first, last do
    out.joined[out.n + 1] = k > first or not beside or nil
    put(out, chars[k])
    out.han[out.n] = true
  end
end

-- The entry at `i` where it counts: one of a single character only beside an
-- entry or at an edge, for in the midst of characters it is part of a word that
-- the lexicon does not know.
local function counting_entry_at(chars, i, last, beside)
  local entry, after = best_entry_at(chars, i, last)
  local is_single = entry and after == i + 1 and not entry.particle
  if is_single and not beside and after <= last then
    local _, next_after = entry_at(chars, after, last)
    entry = next_after and entry
  end
  return entry, after
end

-- Puts a run of Chinese characters.
local function put_han(out, chars, first, last)
  local i, beside = first, true
  while i <= last do
    local entry, after = counting_entry_at(chars, i, last, beside)
    if entry then
      put(out, entry.token, entry)
      beside = true
    else
      after = entry == false and after or i + 1
      put_unknown(out, chars, i, after - 1, beside)
      beside = entry == false
    end
    i = after
  end
end

-- The longest phrase of the lexicon at `i`; it has up to five words.
local function phrase_at(words, i)
  for last = min(i + 4, #words), i, -1 do
    local entry = en[concat(words, "_", i, last)]
    if entry then
      return entry, last + 1
    end
  end
end

-- Puts the Latin words that stood beside each other.
local function put_words(out, words)
  for i, word in ipairs(words) do
    words[i] = latin.stem(word)
  end
  local i = 1
  while i <= #words do
    local entry, after = phrase_at(words, i)
    put(out, entry and entry.token or words[i], entry)
    i = after or i + 1
  end
end

-- Keys of the pairs of joined characters: pair[i] is that of i and i + 1.
local function pair_up(out)
  for i = 1, out.n do
    if out.joined[i + 1] and out.han[i] then
      out.pair[i] = out.token[i] .. out.token[i + 1]
    end
  end
end

-- The end of the run at `i`; apostrophes inside of a Latin word are of it.
local function end_of_run(chars, classes, i)
  local class, last = classes[i], i
  while classes[last + 1] == class do
    last = last + 1
  end
  if class == WORD and chars[last + 1] == "'" and classes[last + 2] == WORD then
    return end_of_run(chars, classes, last + 2)
  end
  return last
end

---@class wxbot.sandbox.Tokens
---@field n integer how many tokens
---@field key string texts of one key are the same question
---@field token string[]
---@field entry table<integer, table> of the lexicon
---@field han table<integer, boolean> tokens that are single characters of Chinese
---@field joined table<integer, boolean> those that continue the token before
---@field pair table<integer, string> a joined pair, at the place of its first

--- Reads a text. Only the first 500 characters are looked at.
---@param text string any bytes
---@param synonyms table|nil of wxbot.sandbox.synonyms
---@return wxbot.sandbox.Tokens
function M.read(text, synonyms)
  local chars, classes, n = characters.read(text)
  if synonyms then
    chars, classes, n = synonyms:replace(chars, classes, n)
  end
  local out = { n = 0, key = characters.key(text, chars, classes, n),
    token = {}, entry = {}, han = {}, joined = {}, pair = {} }
  local i, words = 1, {}
  while i <= n do
    local class, last = classes[i], end_of_run(chars, classes, i)
    if class == WORD then
      latin.add(words, concat(chars, "", i, last))
    elseif class == HAN then
      if words[1] then
        put_words(out, words)
        words = {}
      end
      put_han(out, chars, i, last)
    end
    i = last + 1
  end
  put_words(out, words)
  pair_up(out)
  return out
end

return M
