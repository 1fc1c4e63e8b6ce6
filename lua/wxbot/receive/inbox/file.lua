--- An inbox in a file, for one process.
--
-- What is waiting or dead is in memory as well. A push is written before it
-- counts as put. A mark (handled, failed, dead) counts at once: one that cannot
-- be written now is written before whatever is written next.
--
-- What waits when it is opened is old. Who ends without a word, and has not
-- handled all that was old, may have ended by a push. If he found the file like
-- that himself, that is no chance any more: what is old is suspected.

local contents_of = require "wxbot.receive.inbox.contents"
local duplicates = require "wxbot.receive.duplicates"
local errors = require "wxbot.util.errors"
local journals = require "wxbot.util.journal"
local orders = require "wxbot.receive.inbox.orders"
local queue = require "wxbot.util.queue"
local records = require "wxbot.receive.inbox.record"
local waiting_of = require "wxbot.receive.inbox.waiting"

local ipairs, pairs, select = ipairs, pairs, select
local setmetatable = setmetatable
local sorted = contents_of.sorted

local M = {}

-- Bytes of pushes that wait or are dead.
local MOST = 64 * 1024 * 1024

-- Seconds between two looks for orders.
local PAUSE = 1

---@class wxbot.receive.inbox.File
local File = {}
File.__index = File

-- ---------------------------------------------------------------- writing

local function by_place(a, b)
  return a.place < b.place
end

local function begun(file)
  return records.write("o", file.old > 0 and 1 or 0)
end

-- Emits what there is as records that say the same.
local function emit_all(file, emit)
  emit(records.write("n", file.next))
  emit(begun(file))
  file.seen:each(function(key, ends)
    emit(records.write("k", key, ends))
  end)
  for _, entry in ipairs(sorted(file.dead)) do
    emit(records.put(entry, {}))
    emit(records.write("x", entry.id, entry.failures, entry.reason))
  end
  for _, entry in ipairs(sorted(file.waiting.entries, by_place)) do
    emit(records.put(entry, {}))
    if entry.due then
      emit(records.write("f", entry.id, entry.failures, entry.due,
        entry.reason))
    end
  end
end

local function rewrite(file)
  return file.journal:rewrite(function(emit)
    emit_all(file, emit)
  end)
end

-- Writes the marks that are owed.
local function settle(file)
  local owed, done, err = file.owed, true, nil
  while done and owed.first <= owed.last do
    done, err = file.journal:append(owed[owed.first], true)
    if done then
      queue.pop(owed)
    end
  end
  return done, err
end

local function mark(file, ...)
  queue.push(file.owed, records.write(...))
  local done, err = settle(file)
  if done and file.journal:has_grown() then
    rewrite(file) -- if that fails, all stands in the old one
  end
  return done, err
end

-- ---------------------------------------------------------------- opening

-- Does what another process has ordered.
local function obey(file)
  file.looked = file.clock()
  orders.take(file.journal.path, file.owner, {
    retry = function(ids) file:retry(ids) end,
    purge = function(ids) file:purge(ids) end,
  })
end

-- Only now it is known what of all that came is still there.
local function fill(file, contents)
  local now = file.clock()
  for i = 1, contents.last do
    local entry = contents.order[i]
    if entry then
      entry.is_old, entry.is_suspect = true, contents.is_begun
      file.old = file.old + 1
      file.waiting:add(entry, now)
    end
  end
  for _, entry in pairs(file.dead) do
    file.dead_bytes = file.dead_bytes + #entry.text
  end
end

-- Of a file that was never written anew in one run the next one does it.
local function clean(file)
  local bytes = 0
  emit_all(file, function(record)
    bytes = bytes + #record + 1
  end)
  file.journal:expect(bytes)
  if file.journal:has_grown() then
    rewrite(file)
  end
end

--- Opens an inbox, or makes one.
---@param options table path, owner, clock; sync: a push is on the disk before it counts as put
---@return wxbot.receive.inbox.File|nil file
---@return wxbot.Error|nil err kind "unavailable"
function M.open(options)
  local contents = contents_of.new(options.clock)
  local journal, err = journals.open({ path = options.path,
    kind = contents_of.kind, version = contents_of.version,
    owner = options.owner, sync = options.sync }, function(line)
      return contents:take(line)
    end)
  if not journal then
    return nil, err
  end
  local file = setmetatable({ journal = journal, clock = options.clock,
    owner = options.owner, looked = 0, waiting = waiting_of.new(),
    dead = contents.dead, dead_bytes = 0, old = 0,
    seen = contents.seen, next = contents.next, owed = queue.new() }, File)
  fill(file, contents)
  -- Whether it can be written to is known now, and not with the first push.
  local done
  done, err = journal:append(begun(file))
  if not done then
    journal:close()
    return nil, err
  end
  clean(file)
  obey(file)
  return file
end

-- ------------------------------------------------------------------ pushes

local function write_push(file, push, entry)
  if file.waiting.bytes + file.dead_bytes + #push.text > MOST then
    return errors.unavailable("full", file.journal.path .. ": more than 64 MiB "
      .. "wait or are dead")
  end
  local done, err = settle(file)
  if not done then
    return nil, err
  end
  local keys = {}
  for i, key in ipairs(push.keys) do
    keys[i] = { key[1], entry.at + key[2] }
  end
  return file.journal:append(records.put(entry, keys))
end

--- Puts a push in, unless it is there or was.
---@param push table user, keys (as of wxbot.receive.duplicates), text (on one line)
---@return any id false: a duplicate; nil: it is not kept
---@return any lost true: what was seen cannot all be remembered; with nil the error
function File:put(push)
  local first, lost = duplicates.claim(self.seen, push.keys)
  if not first then
    return false
  end
  local entry = { id = self.next, at = self.clock(), user = push.user,
    text = push.text, failures = 0 }
  local done, err = write_push(self, push, entry)
  if not done then
    duplicates.forget(self.seen, push.keys)
    return nil, err
  end
  self.next = self.next + 1
  self.waiting:add(entry, entry.at)
  return entry.id, lost
end

--- Takes a push into hand: the first of a user of whom none is in hand.
---@param id any this one, if it is its turn; nil: whichever
---@return table|nil entry { id, user, at, text, failures }
---@return number|nil seconds with nil: until there can be one; nil: there is none but in hand
function File:take(id)
  local now = self.clock()
  if now >= self.looked + PAUSE or now < self.looked then
    obey(self)
  end
  local entry, seconds = self.waiting:take(id, now)
  return entry, seconds
end

--- Notes that what is in hand has failed, unless more is noted of it.
---@return true|nil done nil: the mark is not written yet
---@return wxbot.Error|nil err
function File:begin(entry, due, reason)
  return mark(self, "f", entry.id, entry.failures + 1, due, reason)
end

-- What the process has outlived.
local function outlive(file, entry)
  if entry.is_old then
    entry.is_old, file.old = nil, file.old - 1
    if file.old == 0 then
      queue.push(file.owed, begun(file))
    end
  end
end

--- What is in hand was handled.
---@return true|nil done nil: the mark counts, but is not written yet
---@return wxbot.Error|nil err
function File:done(entry)
  outlive(self, entry)
  self.waiting:remove(entry, self.clock())
  return mark(self, "-", entry.id)
end

--- What is in hand is put back; its user's others wait behind it.
---@param entry table
---@param due number unix seconds before which it is not taken again
---@param reason string on one line
function File:pause(entry, due, reason)
  entry.failures, entry.due, entry.reason = entry.failures + 1, due, reason
  outlive(self, entry)
  self.waiting:put_back(entry, self.clock())
  return mark(self, "f", entry.id, entry.failures, due, reason)
end

--- What is in hand is put among the dead.
---@param entry table
---@param reason string on one line
function File:bury(entry, reason)
  entry.failures, entry.due, entry.reason = entry.failures + 1, nil, reason
  outlive(self, entry)
  self.waiting:remove(entry, self.clock())
  self.dead[entry.id] = entry
  self.dead_bytes = self.dead_bytes + #entry.text
  return mark(self, "x", entry.id, entry.failures, reason)
end

-- ------------------------------------------------------------------- the dead

--- What there is, in the order in which it came.
---@return table[] waiting entries { id, user, at, text, failures, due, reason }
---@return table[] dead
function File:list()
  return sorted(self.waiting.entries), sorted(self.dead)
end

-- Takes entries from among the dead, and marks them.
local function unbury(file, ids, sign, visit)
  local count, failed = 0, nil
  for _, id in ipairs(ids) do
    local entry = file.dead[id]
    if entry then
      file.dead[id], count = nil, count + 1
      file.dead_bytes = file.dead_bytes - #entry.text
      visit(entry)
      local _, err = mark(file, sign, id)
      failed = err or failed
    end
  end
  return count, failed
end

--- Has what is dead handled again, behind its users' others.
---@param ids any[]
---@return integer count how many of them there were
---@return wxbot.Error|nil err the marks count, but are not all written yet
function File:retry(ids)
  local count, err = unbury(self, ids, "r", function(entry)
    entry.failures = 0
    self.waiting:add(entry, self.clock())
  end)
  return count, err
end

--- Forgets what is dead; nothing of it stays in the file.
---@param ids any[]
---@return integer count how many of them there were
---@return wxbot.Error|nil err the marks count, but are not all written yet
function File:purge(ids)
  local count, err = unbury(self, ids, "p", function() end)
  if count > 0 and not err then
    err = select(2, rewrite(self))
  end
  return count, err
end

--- Closes the file.
function File:close()
  if self.old > 0 then
    self.old = 0
    queue.push(self.owed, begun(self))
  end
  settle(self)
  self.journal:close()
end

return M
