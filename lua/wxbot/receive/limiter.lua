--- How often a source may fail before nothing more of it is looked at.
--
-- Sources are remembered in two tables, young and old, so that somebody with many
-- addresses does not fill the memory.

local texts = require "wxbot.util.text"

local concat = table.concat
local ipairs, setmetatable = ipairs, setmetatable

local M = {}

local YOUNG = 10000
-- The longest that an address is; more of a source is not kept.
local LONGEST = 64

---@class wxbot.FailureLimiter
local Limiter = {}
Limiter.__index = Limiter

-- The groups of a part of an address, without the zeros in front.
local function groups_of(text)
  local groups = {}
  for group in text:gmatch("[^:]+") do
    groups[#groups + 1] = texts.lower(group):gsub("^0+(.)", "%1")
  end
  return groups
end

-- Whoever has one address of IPv6 has 2^64: the network counts, the first four
-- of eight groups. What is no such address is taken as it is.
local function network_of(source)
  source = source:sub(1, LONGEST)
  local v4 = texts.lower(source):match("^::ffff:(%d+%.%d+%.%d+%.%d+)$")
  if v4 or not source:find("^%x*:%x*:") then
    return v4 or source
  end
  local gap = source:find("::", 1, true)
  local groups = groups_of(source:sub(1, (gap or 0) - 1))
  local rest = groups_of(gap and source:sub(gap) or "")
  for i = #groups + 1, 8 - #rest do
    groups[i] = "0"
  end
  for _, group in ipairs(rest) do
    groups[#groups + 1] = group
  end
  return #groups == 8 and concat(groups, ":", 1, 4) .. "::" or source
end

local function entry_of(limiter, source)
  local entry = limiter.young[source] or limiter.old[source]
  if entry and entry.since + limiter.seconds > limiter.clock()
      and entry.since <= limiter.clock() then
    return entry
  end
end

--- Tells whether a source has failed too often.
---@param source string|nil address of the peer; nil: never
function Limiter:is_over(source)
  local entry = source and entry_of(self, network_of(source))
  return entry and entry.count >= self.limit or false
end

--- Counts a failure.
---@param source string|nil nil: not counted
function Limiter:count(source)
  if not source then
    return
  end
  source = network_of(source)
  local entry = entry_of(self, source)
  if not entry then
    entry = { count = 0, since = self.clock() }
  end
  entry.count = entry.count + 1
  if not self.young[source] then
    self.size = self.size + 1
    if self.size > YOUNG then
      self.old, self.young, self.size = self.young, {}, 1
    end
  end
  self.young[source] = entry
end

--- Makes a failure limiter: `limit` failures in `seconds`.
---@param limit number
---@param seconds number
---@param clock fun(): number
---@return wxbot.FailureLimiter
function M.new(limit, seconds, clock)
  return setmetatable({
    limit = limit, seconds = seconds, clock = clock,
    young = {}, old = {}, size = 0,
  }, Limiter)
end

return M
