--- The permanent material of an account: what it is, not its bytes.

local media_ids = require "wxbot.sandbox.media_ids"
local newest = require "wxbot.sandbox.newest"

local ipairs, setmetatable = ipairs, setmetatable

local M = {}

local Materials = {}
Materials.__index = Materials

--- Nothing yet.
---@param note fun(record: table) hears of each change
---@return table materials
function M.new(note)
  return setmetatable({ kept = newest.new(), note = note }, Materials)
end

--- Does what a record says.
---@param record table { id, kind }
function Materials:apply(record)
  local known = self.kept.by_id[record.id]
  if known then
    known.kind = record.kind
  else
    self.kept:add{ id = record.id, kind = record.kind }
  end
end

--- Gives records that make the same of nothing.
---@param emit fun(record: table)
function Materials:snapshot(emit)
  for _, material in ipairs(self.kept.order) do
    emit(material)
  end
end

--- Keeps a material.
---@param kind string image, voice, video, thumb
---@param media_id string|nil made when nil
---@return string media_id
function Materials:add(kind, media_id)
  local record = { id = media_id or media_ids.new(), kind = kind }
  self:apply(record)
  self.note(record)
  return record.id
end

--- Keeps the pictures of an article.
---@param article table as of draft_add
function Materials:add_of(article)
  if article.thumb_media_id then
    self:add("image", article.thumb_media_id)
  end
  for _, image in ipairs((article.image_info or {}).image_list or {}) do
    self:add("image", image.image_media_id)
  end
end

--- The newest of them, newest first.
---@param most integer
---@return table[] materials { media_id, type }
function Materials:newest(most)
  return self.kept:list(most, function(material)
    return { media_id = material.id, type = material.kind }
  end)
end

--- Is it there, as an image?
---@param media_id any
---@return boolean
function Materials:has_image(media_id)
  local known = media_id ~= nil and self.kept.by_id[media_id]
  local kind = known and known.kind
  return kind == "image" or kind == "thumb"
end

return M
