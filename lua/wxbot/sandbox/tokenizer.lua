--- How the scorer reads a text: characters, tokens, and what makes two texts
-- the same question.
--
-- Tokens are words of the lexicon (as their class), the remaining Chinese
-- characters one by one, and Latin words by their stem. Whatever the bytes are,
-- reading never fails: what is no letter separates tokens.

local lexicon = require "wxbot.sandbox.lexicon"

local max, min = math.max, math.min
local ipairs, pairs = ipairs, pairs
local byte, char, find, gmatch, gsub, sub =
  string.byte, string.char, string.find, string.gmatch, string.gsub, string.sub
local concat = table.concat

local M = {}

-- Characters of a text that are looked at, and the bytes that may hold them.
local MAX_CHARS = 500
local MAX_BYTES = 4 * MAX_CHARS

local SPACE, PUNCTUATION, WORD, HAN, OTHER = 1, 2, 3, 4, 5

--- The kinds of tokens: what is asked about; what makes a sentence of it; what
-- says nothing. A courtesy becomes one of the first or the last.
M.CONTENT, M.FORM, M.EMPTY = "content", "form", "empty"
local CONTENT, FORM, EMPTY, COURTESY = M.CONTENT, M.FORM, M.EMPTY, "courtesy"

-- The lexicon, made ready ---------------------------------------------------

-- Adds the lines of one list; an entry is { token, weight, kind, near }.
local function enter(words, lines, kind, stem)
  for _, line in ipairs(lines) do
    local class, weight = line[1], line[2]
    for word in gmatch(line[3], "[^ ]+") do
      local name = stem and stem(word) or word
      words[name] = { class == "-" and "." .. name or "<" .. class .. ">", weight, kind,
        lexicon.near[class] and "~" .. lexicon.near[class] }
    end
  end
end

-- The length of the UTF-8 sequence that a lead byte announces.
local function sequence_length(lead)
  return lead < 0x80 and 1 or lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4
end

-- The word without its ending: "changing", "changes" and "changed" are alike.
local function stem_word(word)
  if #word > 4 and find(word, "ies$") then
    word = sub(word, 1, -4) .. "y"
  elseif #word > 3 and find(word, "[^su]s$") and not find(word, "is$") then
    word = sub(word, 1, -2)
  end
  if #word > 5 and find(word, "ing$") and find(sub(word, 1, -4), "[aeiouy]") then
    word = sub(word, 1, -4)
    word = gsub(word, "([bdgmnpt])%1$", "%1")
  elseif #word > 4 and find(word, "[^e]ed$") then
    word = sub(word, 1, -3)
    word = gsub(word, "([bdgmnpt])%1$", "%1")
  end
  if #word > 3 then
    word = gsub(word, "e$", "")
  end
  return word
end

local function stem_phrase(phrase)
  return (gsub(phrase, "[^_]+", stem_word))
end

local zh, zh_longest = {}, {}
local en = {}
local simplified = {}

local function prepare()
  enter(zh, lexicon.form_zh, FORM)
  enter(zh, lexicon.empty_zh, EMPTY)
  enter(zh, lexicon.content_zh, CONTENT)
  enter(zh, lexicon.courtesy_zh, COURTESY)
  for word in gmatch(lexicon.whole_zh, "[^ ]+") do
    zh[word] = zh[word] or false
  end
  for word in pairs(zh) do
    local first = sub(word, 1, sequence_length(byte(word)))
    zh_longest[first] = max(zh_longest[first] or 0, #word)
  end
  enter(en, lexicon.form_en, FORM, stem_phrase)
  enter(en, lexicon.empty_en, EMPTY, stem_phrase)
  enter(en, lexicon.content_en, CONTENT, stem_phrase)
  enter(en, lexicon.courtesy_en, COURTESY, stem_phrase)
  local before
  for c in gmatch(lexicon.simplified, "[\192-\255][\128-\191]*") do
    if before then
      simplified[before] = c
      before = nil
    else
      before = c
    end
  end
end
prepare()

-- Characters ----------------------------------------------------------------

local function class_of(code)
  if code < 0x80 then
    local c = char(code)
    if find(c, "[A-Za-z0-9]") then
      return WORD
    end
    return find(c, "[ \t-\r]") and SPACE or PUNCTUATION
  elseif code < 0xC0 or code == 0xD7 or code == 0xF7 then
    return code == 0xA0 and SPACE or PUNCTUATION
  elseif code < 0x2000 then
    return WORD
  elseif code < 0x2E80 then
    return code < 0x2070 and (code < 0x200B and SPACE or PUNCTUATION) or OTHER
  elseif code >= 0x3000 and code < 0x3040 then
    return code == 0x3000 and SPACE or PUNCTUATION
  elseif code < 0xA4D0 or code >= 0xAC00 and code < 0xD7B0
    or code >= 0xF900 and code < 0xFB00 or code >= 0x20000 and code < 0x40000 then
    return HAN
  elseif code >= 0xFE10 and code < 0xFE70 then
    return PUNCTUATION
  end
  return OTHER
end

-- Reads one character at `i`: code point and length, or nil where the bytes
-- are no UTF-8.
local function code_at(text, i)
  local a, b, c, d = byte(text, i, i + 3)
  if a < 0x80 then
    return a, 1
  elseif a < 0xC2 or a > 0xF4 or not b or b < 0x80 or b > 0xBF then
    return nil
  elseif a < 0xE0 then
    return (a - 0xC0) * 64 + b - 0x80, 2
  elseif not c or c < 0x80 or c > 0xBF then
    return nil
  elseif a < 0xF0 then
    return (a - 0xE0) * 4096 + (b - 0x80) * 64 + c - 0x80, 3
  elseif not d or d < 0x80 or d > 0xBF then
    return nil
  end
  return (a - 0xF0) * 262144 + (b - 0x80) * 4096 + (c - 0x80) * 64 + d - 0x80, 4
end

-- Full width and upper case taken away from one character.
local function plain(text, i, code, size)
  if code >= 0xFF01 and code <= 0xFF5E then
    code = code - 0xFEE0
    size = 0
  end
  if code < 0x80 then
    code = code >= 0x41 and code <= 0x5A and code + 0x20 or code
    return char(code), code
  elseif code >= 0xC0 and code <= 0xDE and code ~= 0xD7 then
    return "\195" .. char(code - 0xC0 + 0xA0), code
  elseif code == 0x2019 then
    return "'", 0x27
  end
  local c = sub(text, i, i + size - 1)
  return simplified[c] or c, code
end

-- The characters of a text and their classes, at most MAX_CHARS of them.
local function characters(text)
  local chars, classes, n, i = {}, {}, 0, 1
  local last = min(#text, MAX_BYTES)
  while i <= last and n < MAX_CHARS do
    local code, size = code_at(text, i)
    n = n + 1
    if code then
      chars[n], code = plain(text, i, code, size)
      classes[n] = class_of(code)
      i = i + size
    else
      chars[n], classes[n] = sub(text, i, i), OTHER
      i = i + 1
    end
  end
  return chars, classes, n
end

-- Two texts of one key are the same question: no case, no width, no spaces
-- that say nothing, no punctuation at the end.
local function key_of(text, chars, classes, n)
  if #text > MAX_BYTES then
    return text
  end
  local last = n
  while last > 0 and (classes[last] == SPACE or classes[last] == PUNCTUATION) do
    last = last - 1
  end
  local parts, gap = {}, false
  for i = 1, last do
    if classes[i] == SPACE then
      gap = true
    else
      if gap and classes[i] == WORD and #parts > 0
        and find(parts[#parts], "^[A-Za-z0-9\192-\223]") then
        parts[#parts + 1] = " "
      end
      parts[#parts + 1] = chars[i]
      gap = false
    end
  end
  return last > 0 and concat(parts) or text
end

-- Tokens --------------------------------------------------------------------

local function put(out, token, weight, kind, near)
  local n = out.n + 1
  out.n = n
  out.token[n], out.weight[n], out.kind[n], out.near[n] = token, weight, kind, near
end

-- Finds the longest entry of the lexicon at `i` of a run of Chinese; gives it
-- and the place after it.
local function entry_at(chars, i, last)
  local longest = zh_longest[chars[i]]
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

-- Puts a run of Chinese characters. An entry of one character counts only
-- beside an entry or at an edge: in the midst of characters it is part of a
-- word that the lexicon does not know.
local function put_han(out, chars, first, last)
  local i, beside = first, true
  while i <= last do
    local entry, after = best_entry_at(chars, i, last)
    local single = entry and after == i + 1
    if single and not beside and entry[2] ~= 0.02 then
      local _, next_after = entry_at(chars, after, last)
      if after <= last and not next_after then
        entry = nil
      end
    end
    if entry then
      put(out, entry[1], entry[2], entry[3], entry[4])
      i, beside = after, true
    else
      after = entry == false and after or i + 1
      for k = i, after - 1 do
        if not beside or k > i then
          out.joined[out.n + 1] = true
        end
        put(out, chars[k], 1, CONTENT)
        out.han[out.n] = true
        beside = false
      end
      beside = entry == false
      i = after
    end
  end
end

local SUFFIXES = { "'s", "'m", "'re", "'ve", "'ll", "'d" }

-- Adds a Latin word, cut at its apostrophe, to the words waiting.
local function add_word(words, word)
  if find(word, "n't$") then
    words[#words + 1] = gsub(gsub(sub(word, 1, -4), "^ca$", "can"), "^wo$", "will")
    words[#words + 1] = "not"
    return
  end
  for _, suffix in ipairs(SUFFIXES) do
    if #word > #suffix and sub(word, -#suffix) == suffix then
      words[#words + 1] = sub(word, 1, -#suffix - 1)
      words[#words + 1] = sub(suffix, 2)
      return
    end
  end
  words[#words + 1] = gsub(word, "'", "")
end

-- Puts the Latin words that stood beside each other; phrases of the lexicon
-- have up to five words.
local function put_words(out, words)
  for i = 1, #words do
    words[i] = stem_word(words[i])
  end
  local i = 1
  while i <= #words do
    local entry, after
    for last = min(i + 4, #words), i, -1 do
      entry = en[concat(words, "_", i, last)]
      if entry then
        after = last + 1
        break
      end
    end
    if entry then
      put(out, entry[1], entry[2], entry[3], entry[4])
    else
      local number = find(words[i], "^%d+$")
      put(out, words[i], number and 1 or 2, CONTENT)
    end
    i = after or i + 1
  end
end

-- A courtesy counts only when nothing else is said.
local function settle_courtesies(out)
  local alone = true
  for i = 1, out.n do
    if out.kind[i] == CONTENT then
      alone = false
    end
  end
  for i = 1, out.n do
    if out.kind[i] == COURTESY then
      if alone then
        out.kind[i] = CONTENT
      else
        out.kind[i], out.weight[i] = EMPTY, 0.02
      end
    end
  end
end

-- Is there a word that makes a sentence of it?
local function has_form(out)
  for i = 1, out.n do
    if out.kind[i] == FORM then
      return true
    end
  end
  return false
end

-- Keys of the pairs of joined characters: pair[i] is that of i and i + 1.
local function pair_up(out)
  for i = 1, out.n do
    if out.joined[i + 1] and out.han[i] then
      out.pair[i] = out.token[i] .. out.token[i + 1]
    end
  end
end

---@class wxbot.sandbox.Tokens
---@field n integer how many tokens
---@field key string texts of one key are the same question
---@field form boolean whether a word makes a sentence of it
---@field token string[]
---@field weight number[]
---@field kind string[]
---@field near table<integer, string> a group of classes that are nearly the same
---@field han table<integer, boolean> tokens that are single characters of Chinese
---@field joined table<integer, boolean> those that continue the token before
---@field pair table<integer, string> a joined pair, at the place of its first

--- Reads a text. Only the first 500 characters are looked at.
---@param text string any bytes
---@return wxbot.sandbox.Tokens
function M.read(text)
  local chars, classes, n = characters(text)
  local out = {
    n = 0, token = {}, weight = {}, kind = {}, near = {}, han = {}, joined = {}, pair = {},
  }
  out.key = key_of(text, chars, classes, n)
  local i, words = 1, {}
  local function flush()
    if #words > 0 then
      put_words(out, words)
      words = {}
    end
  end
  while i <= n do
    local class, last = classes[i], i
    while classes[last + 1] == class do
      last = last + 1
    end
    if class == WORD then
      while chars[last + 1] == "'" and classes[last + 2] == WORD do
        last = last + 2
        while classes[last + 1] == WORD do
          last = last + 1
        end
      end
      add_word(words, concat(chars, "", i, last))
    elseif class == HAN then
      flush()
      put_han(out, chars, i, last)
    end
    i = last + 1
  end
  flush()
  settle_courtesies(out)
  pair_up(out)
  out.form = has_form(out)
  return out
end

return M
