--- Why the platform refuses, and what to do: a cause and a cure, one sentence
-- each, by the id that a check gives where it refuses.
--
-- A check gives the id, or a list: the id and the strings that its sentences
-- have places for, {1}, {2} … Reasons of the decoders that client and sandbox
-- share are ids, too. Sentences in another language need the id and the
-- strings only. Nobody learns of them on the wire.

local errcode = require "wxbot.api.errcode"
local json = require "wxbot.codec.json"
local texts = require "wxbot.util.text"
local valid = require "wxbot.codec.repair".valid

local assert, ipairs, pairs, require = assert, ipairs, pairs, require
local tonumber, tostring, type = tonumber, tostring, type
local concat = table.concat

local M = {}

-- Bytes of a value that a sentence shows.
local LONGEST = 200

--- Id -> { cause, cure }.
---@type table<string, string[]>
M.all = {}

for _, part in ipairs{ "request", "sealed", "signature", "access", "fields",
  "component", "material" } do
  for id, sentences in pairs(require("wxbot.sandbox.causes." .. part)) do
    assert(not M.all[id], id)
    M.all[id] = sentences
  end
end

local function as_it_is(text)
  return text
end

--- Puts strings into the places of a sentence.
---@param sentence string
---@param values string[]
---@return string
function M.fill(sentence, values)
  return (sentence:gsub("{([1-9])}", function(place)
    return values[tonumber(place)] or ""
  end))
end

-- A value for a sentence: what was sent may be anything, and long.
local function shown(value)
  if value == nil then
    return "(none)"
  elseif type(value) == "table" then
    value = json.encode(value) or "a table"
  elseif type(value) == "number" then
    value = texts.of_number(value)
  end
  value = tostring(value)
  return valid(#value > LONGEST and value:sub(1, LONGEST) .. "…" or value)
end

-- Sentences have so many places at most.
local PLACES = 3

--- The strings for the places that sentences have.
---@param given table an id, and values
---@param hide fun(value: string): string takes secrets out of a value
---@param sentences string
---@return string[]
function M.values(given, hide, sentences)
  local values = {}
  for i = 1, PLACES do
    if sentences:find("{" .. i .. "}", 1, true) then
      values[i] = hide(shown(given[i + 1]))
    end
  end
  return values
end

--- Notes cause and cure on a response, beside what goes over the wire.
---@param response table changed
---@param given string|table|nil what the check gave; nil: nothing but the code
---@param code integer|string|nil the platform's code
---@param hide (fun(value: string): string)|nil takes secrets out of a value
---@return table response
function M.note(response, given, code, hide)
  if not given then
    given = { "refused", code or response.status, errcode[code] or "no text" }
  end
  given = type(given) == "table" and given or { given }
  local id, sentences = given[1], M.all[given[1]]
  local values = M.values(given, hide or as_it_is, concat(sentences))
  response.cause_id, response.values = id, values
  response.cause = M.fill(sentences[1], values)
  response.cure = M.fill(sentences[2], values)
  return response
end

return M
