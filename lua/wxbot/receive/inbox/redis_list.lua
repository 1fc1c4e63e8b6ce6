--- Lists what an inbox in Redis holds, and changes what is dead.

local scripts = require "wxbot.receive.inbox.redis_scripts"
local texts = require "wxbot.util.text"

local find, match, sub = string.find, string.match, string.sub
local sort = table.sort
local unpack = table.unpack or unpack -- luacheck: ignore

local M = {}

-- Pushes of a page.
local PAGE = 200

--- An entry with what Redis says of its failures: "FAILURES DUE REASON", or "".
function M.with_failures(entry, text)
  local failures, due, reason = match(text, "^([0-9]+) ([0-9]+) (.*)$")
  entry.failures = texts.number(failures) or 0
  entry.due, entry.reason = due and texts.number(due) / 1000, reason
  return entry
end

-- A script's lines, so many at a time.
local function each(text, count)
  local at = 1
  return function()
    local values = {}
    for i = 1, count do
      local stop = find(text, "\n", at, true)
      if not stop then
        return nil
      end
      values[i], at = sub(text, at, stop - 1), stop + 1
    end
    return values
  end
end

local function list_shard(run, shard, waiting)
  local from, count = "-", PAGE
  while count == PAGE do
    local text, err = run(scripts.list, ("%d"):format(shard), from,
      ("%d"):format(PAGE))
    if not text then
      return nil, err
    end
    count = 0
    for push in each(text, 6) do
      from, count = push[1], count + 1
      waiting[#waiting + 1] = M.with_failures({ id = push[2], user = push[3],
        at = texts.number(push[4]) / 1000, text = push[6] }, push[5])
    end
  end
  return true
end

local function list_dead(run)
  local text, err = run(scripts.dead)
  if not text then
    return nil, err
  end
  local dead = {}
  for push in each(text, 3) do
    local failures, at, user, reason =
      match(push[2], "^([0-9]+) ([0-9]+) ([^ ]+) (.*)$")
    dead[#dead + 1] = { id = push[1], user = user, text = push[3],
      failures = texts.number(failures), at = texts.number(at) / 1000,
      reason = reason }
  end
  return dead
end

local function by_time(a, b)
  return a.at < b.at or a.at == b.at and a.id < b.id
end

--- What there is, in the order in which it came.
---@param run fun(script: string, ...: string): any, wxbot.Error|nil
---@param shards integer how many there are
---@return table[]|nil waiting
---@return table[]|wxbot.Error|nil dead; with nil the error
function M.list(run, shards)
  local waiting = {}
  for shard = 0, shards - 1 do
    local done, err = list_shard(run, shard, waiting)
    if not done then
      return nil, err
    end
  end
  local dead, err = list_dead(run)
  if not dead then
    return nil, err
  end
  sort(waiting, by_time)
  sort(dead, by_time)
  return waiting, dead
end

--- Has a script change what is dead.
---@param run fun(script: string, ...: string): any, wxbot.Error|nil
---@param script string
---@param ids string[]
---@return integer count of how many it did
---@return wxbot.Error|nil err
function M.change(run, script, ids)
  local count, first = 0, 1
  while first <= #ids do
    local changed, err = run(script, unpack(ids, first,
      first + PAGE > #ids and #ids or first + PAGE - 1))
    if not changed then
      return count, err
    end
    count, first = count + texts.number(changed), first + PAGE
  end
  return count
end

return M
