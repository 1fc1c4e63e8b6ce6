--- What stands in URLs and in forms: percent-encoding, and names with values.

local char, find, format = string.char, string.find, string.format
local byte, gsub, sub = string.byte, string.gsub, string.sub
local tonumber = tonumber

local M = {}

-- No query or form of the platform has a tenth of them.
local MOST_PAIRS = 100

local function percent(letter)
  return format("%%%02X", byte(letter))
end

--- Percent-encodes everything but unreserved characters.
---@param text string
---@return string
function M.escape(text)
  return (gsub(text, "[^A-Za-z0-9_.~-]", percent))
end

local function character(hex)
  return char(tonumber(hex, 16))
end

--- Undoes percent-encoding; what is none stays as it is.
---@param text string
---@return string
function M.unescape(text)
  return (gsub(text, "%%(%x%x)", character))
end

--- The pairs of a query or a form, encoded as they are.
---@param query string
---@return table[]|nil pairs of a name and a value, or nil without an equals sign; nil: more than a hundred
function M.pairs(query)
  local list, at = {}, 1
  for _ = 1, MOST_PAIRS do
    if at > #query then
      return list
    end
    local stop = find(query, "&", at, true) or #query + 1
    local pair = sub(query, at, stop - 1)
    local equals = find(pair, "=", 1, true)
    if pair ~= "" then
      list[#list + 1] = { sub(pair, 1, (equals or 0) - 1),
        equals and sub(pair, equals + 1) }
    end
    at = stop + 1
  end
  return at > #query and list or nil
end

return M
