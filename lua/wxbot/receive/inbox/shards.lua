--- The shards of an inbox that a worker reads, and what of them waits here.
--
-- Each lease has a list of its own of what waits, so that all of it goes when
-- the lease is lost.

local waiting_of = require "wxbot.receive.inbox.waiting"

local min, pairs, setmetatable = math.min, pairs, setmetatable
local tostring = tostring

local M = {}

local Shards = {}
Shards.__index = Shards

--- None yet.
---@param count integer how many there are in all
---@param ahead integer pushes of each that are read at once
---@param most integer bytes of each that may be here; what has a pause before it must not keep others away
function M.new(count, ahead, most)
  return setmetatable({ count = count, ahead = ahead, most = most,
    share = count, leases = {}, at = 0, hand = {} }, Shards)
end

--- Is this one read here?
function Shards:has(shard)
  return self.leases[shard] ~= nil
end

--- One more is read here.
---@param begun integer 0: nothing waits in it; 1: something does; 2: and whoever had it before did not handle what waited then
function Shards:get(shard, generation, begun)
  self.leases[shard] = { shard = shard, generation = generation, last = "-",
    in_hand = 0, waiting = waiting_of.new(self.hand), old = 0,
    is_begun = begun > 0, is_suspect = begun == 2 }
end

--- It is another's now. What is in hand goes on; what became of it is not noted.
function Shards:lose(shard)
  local lease = self.leases[shard]
  if lease then
    lease.is_lost, self.leases[shard] = true, nil
  end
end

local function room(shards, lease)
  return not lease.is_leaving and lease.waiting.bytes < shards.most
    and shards.ahead or 0
end

--- What is read here, as a round says it.
function Shards:held()
  local list = {}
  for shard, lease in pairs(self.leases) do
    lease.is_calm = lease.is_begun and lease.is_read and lease.old == 0
    list[#list + 1] = { shard = shard, generation = lease.generation,
      last = lease.last, room = room(self, lease), is_calm = lease.is_calm }
  end
  return list
end

--- The shards that are given back: of those that are too many the ones of which
-- nothing is in hand; all of them for who leaves.
function Shards:given(leaves)
  local list = {}
  for shard, lease in pairs(self.leases) do
    if leaves or lease.is_leaving and lease.in_hand == 0 then
      list[#list + 1] = shard
    end
  end
  return list
end

--- A round was answered that told of what is `held`.
function Shards:told()
  for _, lease in pairs(self.leases) do
    lease.is_read = lease.last ~= "-"
    lease.is_begun = lease.is_begun and not lease.is_calm
  end
end

--- Has as many leave as are more than the share.
function Shards:level()
  local count = 0
  for _, lease in pairs(self.leases) do
    count = count + (lease.is_leaving and 0 or 1)
  end
  for _, lease in pairs(self.leases) do
    if count > self.share and not lease.is_leaving then
      lease.is_leaving, count = true, count - 1
    end
  end
end

--- Adds what was read.
function Shards:add(shard, entry, now)
  local lease = self.leases[shard]
  if lease then
    lease.last, entry.lease = entry.stream_id, lease
    if not lease.is_read then
      entry.is_old, entry.is_suspect = true, lease.is_suspect
      lease.old = lease.old + 1
    end
    lease.waiting:add(entry, now)
  end
end

local function take_of(lease, id, now)
  if not lease or lease.is_leaving then
    return nil
  end
  local entry, seconds = lease.waiting:take(id, now)
  if entry then
    lease.in_hand = lease.in_hand + 1
  end
  return entry, seconds
end

--- Takes a push into hand, from each shard in turn.
---@param id string|nil this one alone
---@param now number
---@return table|nil entry
---@return number|nil seconds with nil: until there can be one of what is here
function Shards:take(id, now)
  if id then
    return take_of(self.leases[id:match("^[0-9]+")], id, now)
  end
  local soonest
  for _ = 1, self.count do
    self.at = (self.at + 1) % self.count
    local entry, seconds = take_of(self.leases[tostring(self.at)], nil, now)
    if entry then
      return entry
    end
    soonest = seconds and min(seconds, soonest or seconds) or soonest
  end
  return nil, soonest
end

-- The lease that an entry is of, which is in hand no more.
local function put_down(entry)
  local lease = entry.lease
  lease.in_hand = lease.in_hand - 1
  if entry.is_old then
    entry.is_old, lease.old = nil, lease.old - 1
  end
  return lease
end

--- What is in hand waits no more.
function M.remove(entry, now)
  put_down(entry).waiting:remove(entry, now)
end

--- What is in hand is put back, where it was.
function M.put_back(entry, now)
  put_down(entry).waiting:put_back(entry, now)
end

return M
