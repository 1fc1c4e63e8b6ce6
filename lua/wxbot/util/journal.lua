--- Files to which records are only added, so that whoever is killed in the midst
--- of it has lost none that was added before.
--
-- The first line says what it is: the kind of journal, the version of its
-- records, whose it is, how large it was when it was last written anew. Each
-- further line is a record. A last line without its end was never added.
--
-- One process has it open. A shared one is several processes', each for as long
-- as a step takes (`enter`, `leave`); who enters hears what the others added.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local replay = require "wxbot.util.replay"

local error, setmetatable = error, setmetatable
local find, match = string.find, string.match
local io, rename, remove = io, os.rename, os.remove

local M = {}

-- What a file may grow, besides by as much again, before it is written anew.
local GROWTH = 4 * 1024 * 1024

-- Another may be in its place by the time that it is locked, this often.
local TRIES = 10

-- Milliseconds for which another's step is waited for; and who only looks whether
-- a file is in use.
local STEP, LOOK = 1000, 200

---@class wxbot.Journal
---@field path string
---@field bytes integer of the records that were added for certain
local Journal = {}
Journal.__index = Journal

local function unusable(path, reason)
  return errors.unavailable("file", ("%s: %s"):format(path, reason))
end

-- ------------------------------------------------------------------- opening

-- Opens the file for writing, and locks it.
local function open_locked(path, wait)
  for _ = 1, TRIES do
    local made, reason = core.file_make(path)
    local file
    if made then
      file, reason = io.open(path, "r+b")
    end
    if not file then
      return nil, (match(reason, "^.*: (.*)$") or reason)
    end
    local locked, why, code = core.file_lock(file, path, wait)
    if locked then
      return file
    end
    file:close()
    if code ~= "moved" then
      return nil, why
    end
  end
  return nil, "it is replaced all the time"
end

local function write_at(file, place, text)
  local ok, reason = file:seek("set", place)
  if ok then
    ok, reason = file:write(text)
  end
  return ok, reason
end

-- Takes its end from a record that is in the file, and for which the disk had an
-- error: what would stay of it behind a shorter one would be a record.
local function withdraw(journal)
  if not journal.refused then
    return true
  end
  local ok, reason = write_at(journal.file, journal.refused, " ")
  if ok then
    journal.refused = nil
  end
  return ok, reason
end

-- The folder has the file, too, once the disk has it: where that can be said.
local function sync_folder(journal)
  local folder = journal.sync
    and io.open(match(journal.path, "^(.*/)") or ".", "rb")
  if folder then
    core.file_sync(folder)
    folder:close()
  end
end

-- Writes a text at the end of what is whole. What may stand there has no end
-- of a line, and so has what may stay of it: it still was never added.
local function put(journal, text, is_unsynced)
  local ok, reason = withdraw(journal)
  if ok then
    ok, reason = write_at(journal.file, journal.bytes, text)
  end
  if ok and journal.sync and not is_unsynced then
    ok, reason = core.file_sync(journal.file)
    journal.refused = not ok and journal.bytes + #text - 1 or nil
    withdraw(journal)
  end
  if not ok then
    return unusable(journal.path, reason)
  end
  journal.bytes = journal.bytes + #text
  return true
end

-- Opens the file of a journal, locked, and reads it from its beginning.
local function begin(journal)
  local options = journal.options
  local file, reason = open_locked(journal.path, journal.wait)
  if not file then
    return unusable(journal.path, reason)
  end
  local bytes, written
  bytes, reason, written = replay.file(options, journal.on_record)
  if not bytes then
    file:close()
    return unusable(journal.path, reason)
  end
  -- A copy of it may be open to others, also one that somebody made empty. Where
  -- files have no modes this fails, and nothing is to be done about it.
  core.file_close_to_others(file)
  file:setvbuf("no")
  journal.file, journal.bytes, journal.written = file, bytes, written
  local done, err = true, nil
  if bytes == 0 then
    done, err = put(journal, replay.first_line(options, 0))
    sync_folder(journal)
  end
  if not done then
    journal:close()
  end
  return done, err
end

---@class wxbot.JournalOptions
---@field path string
---@field kind string letters and -
---@field version integer
---@field owner string without blanks
---@field sync boolean|nil records are on the disk once they are added
---@field shared boolean|nil it is locked from `enter` to `leave` only

--- Opens a journal, or makes one, and locks it. A file that cannot be used is
--- left as it is. Of a shared one that was written anew on_record hears all again.
---@param options wxbot.JournalOptions
---@param on_record fun(record: string): any, string|nil hears each record; nil and a reason: it cannot be read
---@return wxbot.Journal|nil journal
---@return wxbot.Error|nil err kind "unavailable"
function M.open(options, on_record)
  local journal = setmetatable({ path = options.path, options = options,
    on_record = on_record, wait = options.shared and STEP or LOOK, bytes = 0,
    written = 0, sync = options.sync }, Journal)
  local done, err = begin(journal)
  if not done then
    return nil, err
  elseif options.shared then
    journal:leave()
  end
  return journal
end

--- Begins a step of a shared journal: locks it, and gives on_record what was
--- added since.
---@return true|nil done
---@return wxbot.Error|nil err it is not locked
function Journal:enter()
  local locked, reason, code = nil, nil, "moved"
  if self.file then
    locked, reason, code = core.file_lock(self.file, self.path, STEP)
  end
  if code == "moved" then
    self:close()
    local done, err = begin(self)
    return done, err
  end
  local bytes = nil
  if locked then
    bytes, reason = replay.rest(self.file, self.bytes, self.on_record)
  end
  if not bytes then
    self:leave()
    return unusable(self.path, reason)
  end
  self.bytes = bytes
  return true
end

--- Ends a step.
function Journal:leave()
  if self.file then
    core.file_unlock(self.file)
  end
end

-- Has somebody locked a file?
local function is_used(path)
  local file = io.open(path, "rb")
  local locked, _, code = nil, nil, nil
  if file then
    locked, _, code = core.file_lock(file, path)
    file:close()
  end
  return not locked and code == "busy"
end

--- Reads a journal that may be in use.
---@param options table path, kind, version; owner: nil, whoever
---@param on_record fun(record: string): any, string|nil as of `open`
---@return boolean|nil used does somebody have it open?
---@return string|wxbot.Error|nil owner whose it is; with nil the error, kind "unavailable"
function M.read(options, on_record)
  local bytes, what = replay.file(options, on_record)
  if not bytes then
    return unusable(options.path, what)
  end
  return is_used(options.path), what
end

-- -------------------------------------------------------------------- adding

--- Adds a record. Once it is added, it is there for who opens the file next,
--- whatever happens to this process; with `sync` also to the machine.
---@param record string without an end of a line
---@param is_unsynced boolean|nil with `sync` too: the next one that waits for the disk will do
---@return true|nil done
---@return wxbot.Error|nil err it was not added
function Journal:append(record, is_unsynced)
  if find(record, "\n", 1, true) then
    error("a record has no end of a line", 2)
  end
  return put(self, record .. "\n", is_unsynced)
end

--- Is it so much larger than when it was last written anew that it is time to?
---@return boolean
function Journal:has_grown()
  return self.bytes > 2 * self.written + GROWTH
end

local function write_new(journal, file, write)
  local head = replay.first_line(journal.options, 0)
  local bytes = #head
  local ok, reason = file:write(head)
  write(function(record)
    bytes = bytes + #record + 1
    if ok then
      ok, reason = file:write(record, "\n")
    end
  end)
  if ok then
    ok, reason = write_at(file, 0, replay.first_line(journal.options, bytes))
  end
  if ok then
    ok, reason = file:flush()
  end
  if ok then
    ok, reason = core.file_sync(file)
  end
  return ok and bytes, reason
end

-- Writes beside the file, and puts that in its place.
local function replace(journal, path, file, write)
  local bytes, reason = write_new(journal, file, write)
  local ok = bytes
  if ok then
    ok, reason = core.file_lock(file, path)
  end
  if ok then
    ok, reason = rename(path, journal.path)
  end
  return ok and bytes, reason
end

-- It is not time again before it has grown by as much once more.
local function stay(journal, path, reason)
  journal.written = journal.bytes
  return unusable(path, reason or "it cannot be made")
end

--- Writes it anew, with these records alone. Until that is done the old one
--- stays; it also stays when that fails.
---@param write fun(emit: fun(record: string)) gives the records to emit
---@return true|nil done
---@return wxbot.Error|nil err
function Journal:rewrite(write)
  local path = self.path .. ".new"
  remove(path)
  local file, reason = core.file_make(path), nil
  if file then
    file, reason = io.open(path, "w+b")
  end
  if not file then
    return stay(self, path, reason)
  end
  local bytes
  bytes, reason = replace(self, path, file, write)
  if not bytes then
    file:close()
    remove(path)
    return stay(self, path, reason)
  end
  self.file:close()
  file:setvbuf("no")
  self.file, self.bytes, self.written = file, bytes, bytes
  self.refused = nil
  sync_folder(self)
  return true
end

--- Closes it; may be called again.
function Journal:close()
  if self.file then
    self.file:close()
    self.file = nil
  end
end

return M
