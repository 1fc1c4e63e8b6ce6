--- What stands in the records of an inbox's file, and of a push: lines.
--
--   n ID                               the next push has at least this number
--   o BEGUN                            1: opened, while pushes waited; 0: what of
--                                      them did is handled, or it was closed
--   + ID MILLISECONDS USER KEYS PUSH   a push came; KEYS: KEY=END,KEY=END
--   - ID                               it was handled
--   f ID FAILURES DUE REASON           its handler failed; not before DUE again
--   x ID FAILURES REASON               it stands among the dead
--   r ID                               it is to be handled again
--   p ID                               it was purged
--   k KEY END                          seen; until END
--
-- Times are whole unix seconds, but for the milliseconds. What is last may hold
-- blanks.

local texts = require "wxbot.util.text"
local url = require "wxbot.codec.url"

local ceil, concat, floor = math.ceil, table.concat, math.floor
local find, gsub = string.find, string.gsub
local match, sub = string.match, string.sub
local ipairs, pairs, type = ipairs, pairs, type

local M = {}

-- ------------------------------------------------------------------- texts

local ESCAPES = { ["\\"] = "\\\\", ["\n"] = "\\n", [" "] = "\\s" }
local ESCAPED = { ["\\\\"] = "\\", ["\\n"] = "\n", ["\\s"] = " " }

local function has(text, plain)
  return find(text, plain, 1, true) ~= nil
end

--- A text of any bytes on one line. Most are that already, and a plain search is
--- ten times as fast as a pattern.
function M.one_line(text)
  if has(text, "\n") or has(text, "\\") then
    return (gsub(text, "[\\\n]", ESCAPES))
  end
  return text
end

--- The text that stands on one line.
function M.whole(line)
  return has(line, "\\") and gsub(line, "\\[\\ns]", ESCAPED) or line
end

local function raw_query(query)
  if type(query) ~= "table" then
    return query or ""
  end
  local list = {}
  for name, value in pairs(query) do
    list[#list + 1] = type(value) == "string" and { name, value } or nil
  end
  return url.encode(list)
end

--- What is kept of a request, as it came: what its signature needs, and no more.
---@param request table { query, body }
---@return string text on one line
function M.of_request(request)
  local query = raw_query(request.query)
  return (query == "" and query or gsub(query, "[\\\n ]", ESCAPES)) .. " "
    .. M.one_line(request.body)
end

--- The request that was kept.
---@param text string
---@return table|nil request
function M.request(text)
  local query, body = match(text, "^([^ ]*) (.*)$")
  return query and { method = "POST", query = M.whole(query),
    body = M.whole(body) }
end

-- ------------------------------------------------------------------- lines

local function whole(number)
  return ("%.0f"):format(number)
end

--- Writes the record of a push.
---@param entry table { id, at = unix seconds, user, text }
---@param keys table[] { key, ends }
---@return string
function M.put(entry, keys)
  local parts = {}
  for i, key in ipairs(keys) do
    parts[i] = key[1] .. "=" .. whole(ceil(key[2]))
  end
  return concat({ "+", whole(entry.id), whole(floor(entry.at * 1000)),
    entry.user, concat(parts, ","), entry.text }, " ")
end

--- Writes any other record.
---@param sign string
---@param ... number|string
---@return string
function M.write(sign, ...)
  local parts = { sign, ... }
  for i = 2, #parts do
    if type(parts[i]) == "number" then
      parts[i] = whole(parts[i])
    end
  end
  return concat(parts, " ")
end

local KEY = "^([^=,]+)=([0-9]+),?()"

local function keys_of(text)
  local keys = {}
  local key, ends, at = match(text, KEY)
  while key do
    keys[#keys + 1] = { key, texts.number(ends) }
    key, ends, at = match(text, KEY, at)
  end
  return keys
end

-- By sign: what a record says, as a list.
local READ = {}

READ["+"] = function(rest)
  local id, at, user, keys, text =
    match(rest, "^([0-9]+) ([0-9]+) ([^ ]+) ([^ ]*) (.*)$")
  return text and { { id = texts.number(id), at = texts.number(at) / 1000,
    user = user, failures = 0, text = text }, keys_of(keys) }
end

function READ.f(rest)
  local id, failures, due, reason =
    match(rest, "^([0-9]+) ([0-9]+) ([0-9]+) ?(.*)$")
  return id and { texts.number(id), texts.number(failures), texts.number(due),
    reason }
end

function READ.x(rest)
  local id, failures, reason = match(rest, "^([0-9]+) ([0-9]+) ?(.*)$")
  return id and { texts.number(id), texts.number(failures), reason }
end

function READ.k(rest)
  local key, ends = match(rest, "^([^ ]+) ([0-9]+)$")
  return key and { key, texts.number(ends) }
end

local function one_id(rest)
  local id = texts.number(rest)
  return id and { id }
end

READ.n, READ.o, READ["-"], READ.r, READ.p =
  one_id, one_id, one_id, one_id, one_id

--- Reads a record.
---@param line string
---@return string|nil sign nil: it is none
---@return table|nil values
function M.read(line)
  local sign = sub(line, 1, 1)
  local values = READ[sign] and sub(line, 2, 2) == " "
    and READ[sign](sub(line, 3))
  if values then
    return sign, values
  end
end

return M
