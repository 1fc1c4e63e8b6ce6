--- Looks into an inbox's file that another process may have.

local contents_of = require "wxbot.receive.inbox.contents"
local journals = require "wxbot.util.journal"

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

return M
