--- What runs inside Redis for an inbox: each change is one script, so that it
--- happens whole or not at all.
--
-- All keys of an inbox begin with its prefix (KEYS[1] of every script):
--
--   version          of what stands below
--   shard:N          a stream of the pushes that wait: u user, a when it came, t
--                    its text; i its id, if it was among the dead
--   seen:KEY         what was seen, while it is remembered
--   lease:N          "WORKER:GENERATION" of who reads a shard, for a while
--   holders          hash: N -> "WORKER:GENERATION" who was the last to get it
--   generations      hash: N -> how often a shard was given
--   begun            hash: N -> 1 while who reads a shard has not handled what was
--                    in it when he got it
--   workers          sorted set: who is there -> until when, milliseconds
--   failures         hash: "N:ID" -> "FAILURES DUE REASON" of a push that waits
--   reply:N:ID       what was answered, for who received the push, a moment long
--   dead, dead_text  hashes: "N:ID" -> "FAILURES AT USER REASON", the text
--
-- A push is named "N:ID": its shard and its id in the stream. What can be refused
-- for want of memory is a push alone: with allow-oom, what is there can be handled
-- when the memory is full.

local M = {}

--- Puts a push in, unless it was seen. ARGV: shard, user, time, text, then key
-- and milliseconds of what tells duplicates. 0: it was seen.
M.put = [=[#!lua
local prefix, call = KEYS[1], redis.call
for i = 5, #ARGV, 2 do
  if not call('SET', prefix .. 'seen:' .. ARGV[i], '1', 'NX', 'PX',
      ARGV[i + 1]) then
    for j = 5, i - 2, 2 do
      if tonumber(ARGV[j + 1]) <= tonumber(ARGV[i + 1]) then
        call('DEL', prefix .. 'seen:' .. ARGV[j])
      end
    end
    return 0
  end
end
return call('XADD', prefix .. 'shard:' .. ARGV[1], '*', 'u', ARGV[2], 'a',
  ARGV[3], 't', ARGV[4])]=]

--- A round of a worker: renews its leases, notes what it did, takes a share of
-- the shards, gives others back, reads what is new. ARGV: JSON { worker, lease =
-- milliseconds, shards = how many there are, held = [ { shard, generation,
-- room, last = id in the stream, is_calm = what was there first is handled } ],
-- given = [ shard ], room = of a new shard, most = bytes to read, leaves,
-- awaited = [ id ] }, then for each mark its sign, shard, generation, id in the
-- stream, and what is said: FAILURES, DUE, REASON or for "-" the reply.
-- Gives { share, [ lost shard … ], [ { new shard, generation, begun = 0: it is
-- empty, 1: it is not, 2: and whoever had it before was not calm } … ],
-- [ { shard, id in the stream, id, user, time, text, failures } … ],
-- [ { id, reply } … ] }.
M.round = [=[#!lua flags=allow-oom
local prefix, call, round = KEYS[1], redis.call, cjson.decode(ARGV[1])
local leases, time = {}, call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lost, got, held = {}, {}, {}

local function shard_key(shard) return prefix .. 'shard:' .. shard end
local function lease_key(shard) return prefix .. 'lease:' .. shard end
local function token(generation) return round.worker .. ':' .. generation end

call('ZREMRANGEBYSCORE', prefix .. 'workers', '-inf', now)
if round.leaves then
  call('ZREM', prefix .. 'workers', round.worker)
else
  call('ZADD', prefix .. 'workers', now + round.lease, round.worker)
end
local share = math.ceil(round.shards
  / math.max(call('ZCARD', prefix .. 'workers'), 1))

local function renew(shard, mine)
  local current = call('GET', lease_key(shard))
  if current == mine then
    return call('PEXPIRE', lease_key(shard), round.lease) == 1
  elseif current or call('HGET', prefix .. 'holders', shard) ~= mine then
    return false
  end
  call('SET', lease_key(shard), mine, 'PX', round.lease)
  return true
end

for _, lease in ipairs(round.held) do
  if renew(lease.shard, token(lease.generation)) then
    leases[lease.shard] = token(lease.generation)
    held[#held + 1] = lease
    if lease.is_calm then call('HDEL', prefix .. 'begun', lease.shard) end
  else
    lost[#lost + 1] = lease.shard
  end
end

local marks = {}
marks['-'] = function(shard, id, _, _, reply)
  call('XDEL', shard_key(shard), id)
  call('HDEL', prefix .. 'failures', shard .. ':' .. id)
  if reply and reply ~= '' then
    call('SET', prefix .. 'reply:' .. shard .. ':' .. id, reply, 'PX', 10000)
  end
end
function marks.f(shard, id, failures, due, reason)
  call('HSET', prefix .. 'failures', shard .. ':' .. id,
    failures .. ' ' .. due .. ' ' .. reason)
end
function marks.x(shard, id, failures, _, reason)
  local found = call('XRANGE', shard_key(shard), id, id)[1]
  if found then
    local push = found[2]
    local name = push[8] or shard .. ':' .. id
    call('HSET', prefix .. 'dead_text', name, push[6])
    call('HSET', prefix .. 'dead', name, failures .. ' ' .. push[4] .. ' '
      .. push[2] .. ' ' .. reason)
    marks['-'](shard, id)
  end
end
for i = 2, #ARGV, 7 do
  if leases[ARGV[i + 1]] == token(ARGV[i + 2]) then
    marks[ARGV[i]](ARGV[i + 1], unpack(ARGV, i + 3, i + 6))
  end
end

for _, shard in ipairs(round.given) do
  if leases[shard] then
    call('DEL', lease_key(shard))
    call('HDEL', prefix .. 'holders', shard)
    call('HDEL', prefix .. 'begun', shard)
    leases[shard] = nil
    lost[#lost + 1] = shard
  end
end

local count = 0
for _ in pairs(leases) do count = count + 1 end
for i = 0, round.shards - 1 do
  local shard = tostring(i)
  if round.leaves or count >= share then break end
  if not leases[shard] and call('EXISTS', lease_key(shard)) == 0 then
    local generation = call('HINCRBY', prefix .. 'generations', shard, 1)
    local mine = token(('%d'):format(generation))
    call('SET', lease_key(shard), mine, 'PX', round.lease)
    call('HSET', prefix .. 'holders', shard, mine)
    leases[shard], count = mine, count + 1
    local begun = 0
    if call('XLEN', shard_key(shard)) == 0 then
      call('HDEL', prefix .. 'begun', shard)
    else
      begun = 2 - call('HSETNX', prefix .. 'begun', shard, 1)
    end
    got[#got + 1] = { shard, generation, begun }
    held[#held + 1] = { shard = shard, last = '-', room = round.room }
  end
end

local pushes, bytes = {}, 0
local any_failed = call('EXISTS', prefix .. 'failures') == 1
for _, lease in ipairs(held) do
  local shard = lease.shard
  if leases[shard] and lease.room > 0 and bytes < round.most then
    local from = lease.last == '-' and '-' or '(' .. lease.last
    for _, found in ipairs(call('XRANGE', shard_key(shard), from, '+',
        'COUNT', lease.room)) do
      local id, push = found[1], found[2]
      local name = shard .. ':' .. id
      pushes[#pushes + 1] = { shard, id, push[8] or name, push[2], push[4],
        push[6], any_failed and call('HGET', prefix .. 'failures', name)
          or '' }
      bytes = bytes + #push[6]
      if bytes >= round.most then break end
    end
  end
end
local replies = {}
for _, id in ipairs(round.awaited) do
  local reply = call('GETDEL', prefix .. 'reply:' .. id)
  replies[#replies + 1] = reply and { id, reply } or nil
end
return { share, lost, got, pushes, replies }]=]


--- What waits in a shard, a page of it. ARGV: shard, id in the stream after which it
-- begins or "-", how many. Gives lines: id in the stream, id, user, time,
-- failures as above, text of each.
M.list = [=[#!lua flags=no-writes
local prefix, call, lines = KEYS[1], redis.call, {}
local shard, from = ARGV[1], ARGV[2]
for _, found in ipairs(call('XRANGE', prefix .. 'shard:' .. shard,
    from == '-' and from or '(' .. from, '+', 'COUNT', ARGV[3])) do
  local id, push = found[1], found[2]
  local name = shard .. ':' .. id
  lines[#lines + 1] = id .. '\n' .. (push[8] or name) .. '\n' .. push[2]
    .. '\n' .. push[4] .. '\n' .. (call('HGET', prefix .. 'failures', name)
    or '') .. '\n' .. push[6] .. '\n'
end
return table.concat(lines)]=]

--- What is dead. Gives lines: id, "FAILURES AT USER REASON", text of each.
M.dead = [=[#!lua flags=no-writes
local prefix, call, lines = KEYS[1], redis.call, {}
local dead = call('HGETALL', prefix .. 'dead')
for i = 1, #dead, 2 do
  lines[#lines + 1] = dead[i] .. '\n' .. dead[i + 1] .. '\n'
    .. (call('HGET', prefix .. 'dead_text', dead[i]) or '') .. '\n'
end
return table.concat(lines)]=]

--- Puts what is dead back, behind all others. ARGV: ids. Gives how many.
M.retry = [=[#!lua flags=allow-oom
local prefix, call, count = KEYS[1], redis.call, 0
for _, id in ipairs(ARGV) do
  local facts = call('HGET', prefix .. 'dead', id)
  if facts then
    local at, user = facts:match('^[0-9]+ ([0-9]+) ([^ ]+)')
    call('XADD', prefix .. 'shard:' .. id:match('^[0-9]+'), '*', 'u', user,
      'a', at, 't', call('HGET', prefix .. 'dead_text', id), 'i', id)
    count = count + call('HDEL', prefix .. 'dead', id)
    call('HDEL', prefix .. 'dead_text', id)
  end
end
return count]=]

--- Forgets what is dead. ARGV: ids. Gives how many.
M.purge = [=[#!lua flags=allow-oom
local prefix, count = KEYS[1], 0
for _, id in ipairs(ARGV) do
  count = count + redis.call('HDEL', prefix .. 'dead', id)
  redis.call('HDEL', prefix .. 'dead_text', id)
end
return count]=]

return M
