--- The file in which a platform keeps what it remembers: a journal of changes.
--
-- What has changed while a call was answered is one record, written before the
-- answer is given. There is no waiting for the disk: what was answered outlives
-- the process, however it ends, but perhaps not the machine.

local errors = require "wxbot.util.errors"
local journals = require "wxbot.util.journal"
local json = require "wxbot.codec.json"
local parts = require "wxbot.sandbox.parts"

local error, ipairs, pcall = error, ipairs, pcall
local setmetatable, tostring, type = setmetatable, tostring, type

local M = {}

-- The version of what stands in the records.
local VERSION = 1

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

--- Opens the file of a platform, and does what stands in it; makes one when
--- there is none.
---@param platform table with new parts
---@param path string
---@return table|nil state
---@return wxbot.Error|nil err code "state"
function M.open(platform, path)
  local journal, err = journals.open({ path = path, kind = "wxbot-state",
    version = VERSION, owner = platform.appid }, take_safely(platform))
  if not journal then
    return nil, errors.new{ kind = "unavailable", code = "state",
      message = "the state file " .. err.message, sent = false }
  end
  platform.content:settle()
  platform.changes = {}
  return setmetatable({ journal = journal, platform = platform }, State)
end

local function encode(changes)
  local text, message = json.encode(changes)
  return text or error("the state: " .. tostring(message), 0)
end

local function rewrite(state)
  return state.journal:rewrite(function(emit)
    parts.snapshot(state.platform, function(change)
      emit(encode{ change })
    end)
  end)
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
