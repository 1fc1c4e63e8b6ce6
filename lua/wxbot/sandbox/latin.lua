--- Words in Latin letters: their stems, and what an apostrophe joins.

local find, gsub, sub = string.find, string.gsub, string.sub
local ipairs = ipairs

local M = {}

--- The word without its ending: "changing", "changes" and "changed" are alike.
---@param word string in lower case
---@return string
function M.stem(word)
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

local SUFFIXES = { "'s", "'m", "'re", "'ve", "'ll", "'d" }

--- Adds a word, cut at its apostrophe, to others.
---@param words string[]
---@param word string in lower case
function M.add(words, word)
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

return M
