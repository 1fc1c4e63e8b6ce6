--- The file of a job: what it is about, and how far it has come.
--
-- The first record says what the job is. Each further one is about elements of
-- the input by their numbers, `from` (without) to `to`: they are sent, or they are
-- done or rejected. Elements that are sent and no more are unknown: only where
-- a request must not be made twice is that written.

local core = require "wxbot.core"
local errors = require "wxbot.util.errors"
local journals = require "wxbot.util.journal"
local json = require "wxbot.codec.json"

local concat, io_open, time = table.concat, io.open, os.time
local gsub, ipairs, pairs, pcall = string.gsub, ipairs, pairs, pcall
local setmetatable, tostring, type = setmetatable, tostring, type

local M = {}

local KIND, VERSION = "wxbot-job", 1

---@class wxbot.JobState
---@field head table|nil what the job is about
---@field to integer elements of the input that are dealt with
---@field place any where the input goes on behind them, if it said so
---@field done integer
---@field batches integer requests that were confirmed
---@field rejected integer elements that cannot be sent, or were refused
---@field unknown table<integer, table> the first of unknown elements -> the record
---@field task_ids string[]
---@field awaits string|nil task that has to end before anything else is sent
---@field over string|nil how the last run ended
---@field at integer|nil unix seconds of the last record

---@class wxbot.JobFile
---@field state wxbot.JobState
---@field path string
local File = {}
File.__index = File

-- ----------------------------------------------------------------- rejected

local function escape(byte)
  return ("\\x%02X"):format(byte:byte())
end

--- An element as a text of one line.
---@param element any
---@return string
function M.text_of(element)
  local text = type(element) == "table" and json.encode(element)
    or tostring(element)
  if not core.utf8_valid(text) then
    text = gsub(text, "[\128-\255]", escape)
  end
  return (gsub(text, "[%z\1-\31\127]", escape))
end

local function tell_rejected(file, list)
  local lines = {}
  for i, rejected in ipairs(list) do
    lines[i] = rejected[1] .. "\t" .. rejected[2] .. "\n"
  end
  local path, stream, ok, reason = file.rejected_path, file.rejected, nil, nil
  if not stream then
    ok, reason = core.file_make(path)
    if ok then
      stream, reason = io_open(path, "wb")
    end
    file.rejected = stream
  end
  if stream then
    ok, reason = stream:write(concat(lines))
  end
  if ok and stream then
    ok, reason = stream:flush()
  end
  if not (ok and stream) then
    return errors.unavailable("file", path .. ": " .. tostring(reason))
  end
  return true
end

-- ------------------------------------------------------------------ records

local function new_state()
  return { to = 0, done = 0, batches = 0, rejected = 0, unknown = {},
    task_ids = {} }
end

local function note_range(state, record)
  for from in pairs(state.unknown) do
    if from >= record.from and from < record.to then
      state.unknown[from] = nil
    end
  end
  state.unknown[record.from] = record.sent and record or nil
  if record.to >= state.to then
    state.to, state.place = record.to, record.place
  end
  state.done = state.done + (record.done or 0)
  state.batches = state.batches + (record.batches or 0)
  state.rejected = state.rejected + #(record.rejected or {})
  for _, id in ipairs(record.tasks or {}) do
    state.task_ids[#state.task_ids + 1] = id
  end
end

local function note(state, record)
  state.at, state.over = record.at, record.over
  if not state.head then
    state.head = record
  elseif record.back then
    state.unknown[record.back], state.to, state.place = nil, record.back, nil
  elseif record.to then
    note_range(state, record)
  end
  if record.awaits then
    state.awaits = record.awaits
  elseif record.ended then
    state.awaits = nil
  end
end

local function reader(state, on_record)
  return function(line)
    local record = json.decode(line)
    local ran, done, err
    if type(record) == "table" then
      ran = pcall(note, state, record)
    end
    if not ran then
      return nil, "it cannot be read"
    end
    done = true
    if on_record then
      done, err = on_record(record)
    end
    return done, err and err.message
  end
end

-- -------------------------------------------------------------- what it is

local function shown(value)
  return value == nil and "none" or json.encode(value)
end

-- How what a job was begun with differs from what it is given now; nil: it
-- does not.
local function difference(old, new)
  if old.method ~= new.method then
    return ("is of %s, not of %s"):format(old.method, new.method)
  elseif old.input ~= new.input then
    return "was begun with another input: it has changed since"
  end
  local names = {}
  for _, params in ipairs{ old.params, new.params } do
    for name in pairs(params) do
      names[name] = true
    end
  end
  for name in pairs(names) do
    local before, now = shown(old.params[name]), shown(new.params[name])
    if before ~= now then
      return ("was begun with the %s %s, not %s"):format(name, before, now)
    end
  end
end

local function owner_of(appid)
  return (gsub(appid or "-", "[^!-~]", "_"))
end

--- Opens the file of a job, or makes one; nobody else has it until it is closed.
---@param path string
---@param appid string|nil of the bot
---@param head table { method, params, input, total }
---@return wxbot.JobFile|nil file
---@return wxbot.Error|nil err
function M.open(path, appid, head)
  local state = new_state()
  local file = setmetatable({ path = path, state = state,
    rejected_path = path .. ".rejected" }, File)
  local journal, err = journals.open({ path = path, kind = KIND, sync = true,
    version = VERSION, owner = owner_of(appid) }, reader(state, function(record)
      if record.rejected then
        return tell_rejected(file, record.rejected)
      end
      return true
    end))
  if not journal then
    err.message = "the job " .. err.message
    return nil, err
  end
  file.journal = journal
  if state.head then
    local reason = difference(state.head, head)
    if reason then
      file:close()
      return errors.invalid(("the job %s %s"):format(path, reason), "job")
    end
    return file
  end
  local done
  done, err = file:add(head)
  if not done then
    file:close()
    return nil, err
  end
  return file
end

--- Adds a record: it is on the disk.
---@param record table
---@return true|nil done
---@return wxbot.Error|nil err
function File:add(record)
  record.at = time()
  local done, err = self.journal:append(json.encode(record))
  if not done then
    err.message = "the job " .. err.message
    return nil, err
  end
  note(self.state, record)
  if record.rejected then
    done, err = tell_rejected(self, record.rejected)
  end
  return done, err
end

--- Closes it; may be called again.
function File:close()
  self.journal:close()
  if self.rejected then
    self.rejected:close()
    self.rejected = nil
  end
end

--- How far a job has come, whoever runs it.
---@param path string
---@return wxbot.JobState|nil state
---@return wxbot.Error|nil err
---@return boolean|nil running
function M.look(path)
  local state = new_state()
  local running, err = journals.read({ path = path, kind = KIND,
    version = VERSION }, reader(state))
  if running == nil then
    return nil, err
  end
  return state, nil, running
end

return M
