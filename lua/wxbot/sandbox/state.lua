--- The file in which a platform keeps what it remembers: a journal of changes.
--
-- What has changed while a call was answered is one record, written before the
-- answer is given. There is no waiting for the disk: what was answered outlives
-- the process, however it ends, but perhaps not the machine.

local errors = require "wxbot.util.errors"
local journals = require "wxbot.util.journal"
local json = require "wxbot.codec.json"
local parts = require "wxbot.sandbox.parts"
local repair = require "wxbot.codec.repair"

local assert, ipairs, pairs, pcall = assert, ipairs, pairs, pcall
local setmetatable, type = setmetatable, type
local max, min = math.max, math.min

local M = {}

-- The version of what stands in the records.
local VERSION = 1

-- Changes of one record of a file that is written anew.
local TOGETHER = 100

-- No number that is kept is larger.
local MOST = 1e300

local State = {}
State.__index = State

-- Does what a record says.
local function take(platform, record)
  local changes, reason = json.decode(record)
  if type(changes) ~= "table" then
    return nil, reason or "it is no list"
  end
  for _, change in ipairs(changes) do
    if not parts.apply(platform, change) then
      return nil, "it is not known what it changes"
    end
  end
  return true
end

local function take_safely(platform)
  return function(record)
    local ran, taken, reason = pcall(take, platform, record)
    if not ran then
      return nil, "it cannot be read"
    end
    return taken, reason
  end
end

-- What records say is looked at when it is used: what is not as it was written
-- fails here, and not under a call.
local function use(platform)
  assert(platform.time() >= 0)
  platform.content:settle()
  platform.tasks:newest(1 / 0)
  platform.publications:newest(1 / 0)
end

--- Opens the file of a platform, and does what stands in it; makes one when
--- there is none.
---@param platform table with new parts
---@param path string
---@return table|nil state
---@return wxbot.Error|nil err code "state"
function M.open(platform, path)
  local journal, err = journals.open({ path = path, kind = "wxbot-state",
    version = VERSION, owner = platform.appid }, take_safely(platform))
  if journal and not pcall(use, platform) then
    journal:close()
    journal, err = nil, { message = path .. ": its records cannot be used" }
  end
  if not journal then
    return nil, errors.new{ kind = "unavailable", code = "state",
      message = "the state file " .. err.message, sent = false }
  end
  platform.changes = {}
  return setmetatable({ journal = journal, platform = platform }, State)
end

-- A value as JSON can hold it. Programs in Lua may give what no client can send.
local function clean(value)
  if type(value) == "string" then
    return repair.valid(value)
  elseif type(value) == "number" then
    return value == value and max(-MOST, min(MOST, value)) or 0
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for name, member in pairs(value) do
    copy[clean(name)] = clean(member)
  end
  return copy
end

local function encode(changes)
  return json.encode(changes) or assert(json.encode(clean(changes)))
end

local function rewrite(state)
  local done, err = state.journal:rewrite(function(emit)
    local changes = {}
    parts.snapshot(state.platform, function(change)
      changes[#changes + 1] = change
      if #changes == TOGETHER then
        emit(encode(changes))
        changes = {}
      end
    end)
    emit(encode(json.list(changes)))
  end)
  return done, err
end

--- Writes changes down. After a failure what was missed is written with the
--- next ones.
---@param changes table[] as of parts
---@return true|nil done
---@return wxbot.Error|nil err
function State:commit(changes)
  local done, err
  if self.is_behind then
    done, err = rewrite(self)
  else
    done, err = self.journal:append(encode(changes))
  end
  self.is_behind = not done
  if done and self.journal:has_grown() then
    rewrite(self) -- if that fails, all stands in the old one
  end
  return done, err
end

--- Closes the file.
function State:close()
  self.journal:close()
end

return M
