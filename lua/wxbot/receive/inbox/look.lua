--- Looks into an inbox's file that another process may have.

local contents_of = require "wxbot.receive.inbox.contents"
local handler = require "wxbot.receive.handle"
local journals = require "wxbot.util.journal"
local records = require "wxbot.receive.inbox.record"

local match, pairs, sort, time = string.match, pairs, table.sort, os.time

local M = {}

local function sorted(entries)
  local list = {}
  for _, entry in pairs(entries) do
    list[#list + 1] = entry
  end
  sort(list, function(a, b) return a.id < b.id end)
  return list
end

--- What is in it.
---@param path string
---@return table|nil found { owner, kind, waiting, dead }: lists of entries, oldest first
---@return wxbot.Error|nil err kind "unavailable"
function M.read(path)
  local contents = contents_of.new(time)
  local used, owner = journals.read({ path = path, kind = contents_of.kind,
    version = contents_of.version }, function(line)
      return contents:take(line)
    end)
  if used == nil then
    return nil, owner
  end
  return { owner = owner, kind = match(owner or "", "^[a-z_]+"),
    waiting = sorted(contents.waiting), dead = sorted(contents.dead) }
end

--- What is in a push, for who has the credentials.
---@param context wxbot.receive.Context of its owner
---@param entry table
---@return table|nil message
---@return string|nil reason with nil: why it cannot be read
function M.message(context, entry)
  local request = records.request(entry.text)
  local message, reason
  if request then
    message, reason = handler.read_again(context, request, entry.at)
  end
  return message, reason or "it is no push"
end

--- Why its handler failed.
---@param context wxbot.receive.Context
---@param entry table
---@return string|nil reason
function M.reason(context, entry)
  local key, text = context.key, entry.reason
  if text and key and text ~= "" then
    local opened, padded
    if key.decrypt then
      opened = key:decrypt(text)
    else
      opened, padded = key:open(text)
      opened = padded and opened or nil
    end
    return opened or records.whole(text)
  end
  return text and records.whole(text)
end

return M
