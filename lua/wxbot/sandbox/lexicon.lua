--- The words of `words.lua`, ready to be looked up: a word's entry is { token,
-- weight, kind, near, particle }.

local latin = require "wxbot.sandbox.latin"
local words = require "wxbot.sandbox.words"

local gmatch, gsub, match = string.gmatch, string.gsub, string.match
local ipairs, pairs, tonumber = ipairs, pairs, tonumber
local max = math.max

--- zh and en: word to entry, false for one that must not be cut; longest: first
--- character of a Chinese word to the bytes of the longest that begins so;
--- word_of: token to a word of its class.
local M = { zh = {}, en = {}, longest = {}, word_of = {} }

-- In this order: a word that stands twice is what it was said to be last.
local KINDS = { "form", "particle", "empty", "content", "courtesy" }

local function enter(entries, kind, text, stem)
  for entry in gmatch(text, "[^;\n]+") do
    local class, weight, list = match(entry, "^ ?([^|]+)|([^|]+)|([^|]+)$")
    local near = words.near[class]
    for written in gmatch(list, "[^ ]+") do
      local word = stem and gsub(written, "[^_]+", stem) or written
      local token = class == "-" and "." .. word or "<" .. class .. ">"
      M.word_of[token] = M.word_of[token] or gsub(written, "_", " ")
      entries[word] = {
        token = token,
        weight = tonumber(weight), near = near and "~" .. near,
        kind = kind == "particle" and "empty" or kind,
        particle = kind == "particle",
      }
    end
  end
end

for _, kind in ipairs(KINDS) do
  enter(M.zh, kind, words.zh[kind])
  enter(M.en, kind, words.en[kind] or "", latin.stem)
end
for word in gmatch(words.whole_zh, "[^ \n]+") do
  M.zh[word] = M.zh[word] or false
end
for word in pairs(M.zh) do
  local first = match(word, "^[^\128-\191][\128-\191]*")
  M.longest[first] = max(M.longest[first] or 0, #word)
end

return M
