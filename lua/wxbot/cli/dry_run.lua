--- What tagging would do: how many openids there are, which look wrong or come
--- twice, how long it takes.

local duration = require "wxbot.cli.duration"
local openids = require "wxbot.cli.openids"
local output = require "wxbot.cli.output"

local assert, ceil, ipairs = assert, math.ceil, ipairs

local M = {}

-- Openids whose set is in memory at once; the file is read for each such set.
local HELD = 50000

-- What no openid has: marks of a comment, a table, a text, and whatever is not
-- ASCII.
local SUSPICIOUS = "[%z\1-\32\127-\255#\"',;]"

-- As many are shown.
local MOST_SHOWN = 5

-- The part of a file that an openid belongs to, from 0.
local function part_of(openid, parts)
  local a, b, c = openid:byte(-3, -1)
  return ((a or 0) * 65536 + (b or 0) * 256 + (c or 0)) % parts
end

-- How many have come before. Each part of them is looked for in a pass of its
-- own: not all are in memory.
local function count_twice(options, count)
  local parts, twice = ceil(count / HELD), 0
  for part = 0, parts - 1 do
    local seen = {}
    local source = assert(openids.open(options.openids, options.file, 0))
    for openid in source.next do
      if part_of(openid, parts) == part then
        twice = twice + (seen[openid] and 1 or 0)
        seen[openid] = true
      end
    end
  end
  return twice
end

local function survey(options)
  local found = { suspicious = 0, examples = {} }
  local function look(openid, number)
    if openid:find(SUSPICIOUS) then
      found.suspicious = found.suspicious + 1
      if #found.examples < MOST_SHOWN then
        found.examples[#found.examples + 1] = { number = number,
          openid = output.line(openid) }
      end
    end
  end
  local source = assert(openids.open(options.openids, options.file, 0))
  found.openids = assert(openids.count(source, look))
  -- Others can be read only once.
  if source.total or source.is_file then
    found.duplicates = count_twice(options, found.openids)
  end
  return found
end

local function print_found(found, rate)
  output.print(("%d openids, %d requests%s"):format(found.openids,
    found.requests, found.seconds and (", %s at %g requests/s"):format(
      duration.text(found.seconds), rate) or ""))
  if found.duplicates then
    output.print(("%d come more than once"):format(found.duplicates))
  end
  output.print(("%d look wrong"):format(found.suspicious))
  for _, example in ipairs(found.examples) do
    output.print(("  number %d: %s"):format(example.number, example.openid))
  end
end

--- Shows what tagging would do.
---@param session wxbot.cli.Session
---@param batch table of the endpoint
function M.show(session, batch)
  local options = session.options
  local found = survey(options)
  found.requests = ceil(found.openids / (options.batch or batch.size))
  found.seconds = options.rate and found.requests / options.rate
  session:show(found, nil, function()
    print_found(found, options.rate)
  end)
end

return M
