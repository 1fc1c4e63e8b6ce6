--- A store in a file, which several processes of a machine share: of access
--- tokens, so without add and delete (wxbot.store.memory).
--
-- A record of the file says what has changed of a key. Whoever cannot use the
-- file goes on with what is known, and says so where a value is put.

local copies = require "wxbot.util.copies"
local journals = require "wxbot.util.journal"
local json = require "wxbot.codec.json"

local pairs, setmetatable = pairs, setmetatable
local time = os.time
local tostring, type = tostring, type

local M = {}

-- The version of what stands in the records.
local VERSION = 1

-- What is kept of a key, beside its value: when that ends and which generation
-- put it; the last generation that was given the lock, when, and until when.
local NUMBERS = { ends = 0, written = 0, granted = 0, held_at = 0, free_at = 0 }

---@class wxbot.FileStore
local File = {}
File.__index = File

local function entry_of(entries, key)
  return entries[key] or copies.of(NUMBERS)
end

local function apply(entries, record)
  local entry = entry_of(entries, record.key)
  for name, value in pairs(record) do
    entry[name] = value
  end
  entries[record.key] = entry
end

local function is_record(record)
  if type(record) ~= "table" or type(record.key) ~= "string" then
    return false
  end
  for name, value in pairs(record) do
    if type(value) ~= (NUMBERS[name] and "number" or "string") then
      return false
    end
  end
  return true
end

local function reader(entries)
  return function(text)
    local record = json.decode(text)
    if not is_record(record) then
      return nil, "it cannot be read"
    end
    apply(entries, record)
    return true
  end
end

-- Values that have ended are not written; their generations are, since who is
-- late may still put.
local function records_of(file)
  return function(emit)
    local now = file.clock()
    for key, entry in pairs(file.entries) do
      local record = { key = key,
        value = now < entry.ends and entry.value or nil }
      for name in pairs(NUMBERS) do
        record[name] = entry[name]
      end
      emit(json.encode(record))
    end
  end
end

-- Notes a change, in the file too if that has been entered.
local function note(file, entered, record)
  apply(file.entries, record)
  if not entered then
    return nil
  end
  local done, err = file.journal:append(json.encode(record))
  if done and file.journal:has_grown() then
    file.journal:rewrite(records_of(file))
  end
  return done, err
end

-- A method that no other process interrupts.
local function step(run)
  return function(file, ...)
    local entered, err = file.journal:enter()
    local result, why = run(file, entered, ...)
    if entered then
      file.journal:leave()
    end
    why = why or result == nil and err
    return result, why and tostring(why) or nil
  end
end

File.get = step(function(file, _, key)
  local entry = entry_of(file.entries, key)
  return entry.value and file.clock() < entry.ends and entry.value or nil
end)

File.lock = step(function(file, entered, key, ttl)
  local entry, now = entry_of(file.entries, key), file.clock()
  -- A clock that was put back must not prolong the lock of who died.
  if now >= entry.held_at and now < entry.free_at then
    return false
  end
  local generation = entry.granted + 1
  note(file, entered, { key = key, granted = generation, held_at = now,
    free_at = now + ttl })
  return generation
end)

File.unlock = step(function(file, entered, key, generation)
  local entry = entry_of(file.entries, key)
  if entry.granted ~= generation or entry.free_at == 0 then
    return false
  end
  note(file, entered, { key = key, free_at = 0 })
  return true
end)

File.put = step(function(file, entered, key, value, generation, ttl)
  if generation < entry_of(file.entries, key).written then
    return false
  end
  local done, err = note(file, entered, { key = key, value = value,
    ends = file.clock() + ttl, written = generation })
  return done, err
end)

--- Opens the store; a new file is for its owner alone.
---@param options table path; owner (a text without blanks) of what is kept; clock = returns unix seconds
---@return wxbot.FileStore|nil store
---@return wxbot.Error|nil err kind "unavailable"
function M.new(options)
  local entries = {}
  local journal, err = journals.open({ path = options.path,
    kind = "wxbot-tokens", version = VERSION, owner = options.owner,
    shared = true }, reader(entries))
  if not journal then
    return nil, err
  end
  return setmetatable({ journal = journal, entries = entries,
    clock = options.clock or time }, File)
end

return M
