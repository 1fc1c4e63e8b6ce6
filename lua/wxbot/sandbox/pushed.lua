--- The record of pushes: what became of the newest.

local copies = require "wxbot.util.copies"
local secrets = require "wxbot.sandbox.secrets"

local pairs, setmetatable, type = pairs, setmetatable, type
local remove = table.remove

local M = {}

-- So many are told of.
local KEPT = 100

local Pushed = {}
Pushed.__index = Pushed

--- An empty record.
---@param time fun(): number unix seconds
---@param on_change fun(entry: table) hears of each push that is noted, and of each change of what the record says of it
---@return table pushed
function M.new(time, on_change)
  return setmetatable({ time = time, changed = on_change, entries = {},
    serial = 0 }, Pushed)
end

-- What the record says of a push elsewhere, or nobody can read.
local ASIDE = { kind = true, url = true, timeout = true, transport = true }

-- Bytes of a text in the record.
local LONGEST = 16384

-- The beginning of a text that is too long, in whole characters.
local function cut(text)
  local length = LONGEST
  while length > LONGEST - 4 and text:find("^[\128-\191]", length + 1) do
    length = length - 1
  end
  return text:sub(1, length) .. "…"
end

local function shown_value(name, value)
  if secrets.is_name(name) then
    return "***"
  elseif type(value) == "string" and #value > LONGEST then
    return cut(value)
  end
  return value
end

--- What the record says of a push.
---@param push table
---@return table
function M.shown(push)
  local shown = {}
  for name, value in pairs(push) do
    if not ASIDE[name] then
      shown[name] = shown_value(name, value)
    end
  end
  return shown
end

--- Writes a push down, from which time on the record tells of it.
---@param entry table kind, url, push (or nil), state, tries (default 0); kept
---@return table entry with id, time and tries
function Pushed:note(entry)
  self.serial = self.serial + 1
  entry.id, entry.time = self.serial, self.time()
  entry.tries = entry.tries or 0
  entry.push = entry.push and M.shown(entry.push)
  self.entries[#self.entries + 1] = entry
  if #self.entries > KEPT then
    remove(self.entries, 1)
  end
  self.changed(entry)
  return entry
end

--- The newest pushes, oldest first.
---@return table[] entries copies
function Pushed:list()
  return copies.each(self.entries)
end

return M
