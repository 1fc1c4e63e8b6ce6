--- What an inbox's file says: its records, one after another.

local memory = require "wxbot.store.memory"
local records = require "wxbot.receive.inbox.record"

local max, pairs, setmetatable = math.max, pairs, setmetatable
local sort = table.sort

local M = {}

--- What the file is, and the version of its records.
M.kind, M.version = "wxbot-inbox", 1

local Contents = {}
Contents.__index = Contents

--- Nothing yet.
---@param clock fun(): number unix seconds
---@return table contents waiting, dead: entries by their ids; order: those that wait, with gaps; seen: a store
function M.new(clock)
  return setmetatable({ waiting = {}, dead = {}, order = {}, last = 0,
    next = 1, clock = clock, seen = memory.new{ clock = clock } }, Contents)
end

local function line_up(contents, entry)
  contents.last = contents.last + 1
  contents.waiting[entry.id] = entry
  contents.order[contents.last] = entry
  entry.place = contents.last
end

local function leave(contents, entry)
  contents.waiting[entry.id] = nil
  contents.order[entry.place] = nil
end

local function see(contents, key, ends)
  local left = ends - contents.clock()
  if left > 0 then
    contents.seen:add(key, "1", left)
  end
end

-- By the sign of a record. One that is about nothing (any more) changes nothing.
local TAKE = {}

function TAKE.n(contents, id)
  contents.next = max(contents.next, id)
end

-- Whoever had it last ended without a word if it is begun, and had found more
-- than he handled.
function TAKE.o(contents, begun)
  contents.is_begun = begun == 1
end

TAKE["+"] = function(contents, entry, keys)
  contents.next = max(contents.next, entry.id + 1)
  for i = 1, #keys do
    see(contents, keys[i][1], keys[i][2])
  end
  line_up(contents, entry)
end

TAKE["-"] = function(contents, id)
  local entry = contents.waiting[id]
  if entry then
    leave(contents, entry)
  end
end

function TAKE.f(contents, id, failures, due, reason)
  local entry = contents.waiting[id]
  if entry then
    entry.failures, entry.due, entry.reason = failures, due, reason
  end
end

function TAKE.x(contents, id, failures, reason)
  local entry = contents.waiting[id]
  if entry then
    leave(contents, entry)
    entry.failures, entry.due, entry.reason = failures, nil, reason
    contents.dead[id] = entry
  end
end

function TAKE.r(contents, id)
  local entry = contents.dead[id]
  if entry then
    contents.dead[id], entry.failures = nil, 0
    line_up(contents, entry)
  end
end

function TAKE.p(contents, id)
  contents.dead[id] = nil
end

TAKE.k = see

local function by_id(a, b)
  return a.id < b.id
end

--- Entries in an order.
---@param entries table<any, table>
---@param less nil|fun(a: table, b: table): boolean nil: in the order in which they came
---@return table[] list
function M.sorted(entries, less)
  local list = {}
  for _, entry in pairs(entries) do
    list[#list + 1] = entry
  end
  sort(list, less or by_id)
  return list
end

--- Does what a record says.
---@param line string
---@return true|nil done
---@return string|nil reason
function Contents:take(line)
  local sign, values = records.read(line)
  if not sign then
    return nil, "it cannot be read"
  end
  TAKE[sign](self, values[1], values[2], values[3], values[4])
  return true
end

return M
