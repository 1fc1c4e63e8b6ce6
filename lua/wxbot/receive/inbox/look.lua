--- Looks into an inbox's file that another process may have.

local contents_of = require "wxbot.receive.inbox.contents"
local journals = require "wxbot.util.journal"

local match, sorted, time = string.match, contents_of.sorted, os.time

local M = {}

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
