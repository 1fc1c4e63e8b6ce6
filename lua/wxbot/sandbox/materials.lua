--- The permanent material of an account: what it is, not its bytes.

local media_ids = require "wxbot.sandbox.media_ids"

local ipairs, setmetatable = ipairs, setmetatable
local max = math.max
local remove = table.remove

local M = {}

-- Those that are known: the newest.
local KEPT = 5000

local function nothing() end

local Materials = {}
Materials.__index = Materials

--- Nothing yet.
---@param note fun(record: table)|nil hears of each change
---@return table materials
function M.new(note)
  return setmetatable({ kinds = {}, order = {}, note = note or nothing },
    Materials)
end

--- Does what a record says.
---@param record table { id, kind }
function Materials:apply(record)
  if not self.kinds[record.id] then
    self.order[#self.order + 1] = record.id
  end
  self.kinds[record.id] = record.kind
  if #self.order > KEPT then
    self.kinds[remove(self.order, 1)] = nil
  end
end

--- Gives records that make the same of nothing.
---@param emit fun(record: table)
function Materials:snapshot(emit)
  for _, id in ipairs(self.order) do
    emit{ id = id, kind = self.kinds[id] }
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
  local list, order = {}, self.order
  for i = #order, max(1, #order - most + 1), -1 do
    list[#list + 1] = { media_id = order[i], type = self.kinds[order[i]] }
  end
  return list
end

--- Is it there, as an image?
---@param media_id any
---@return boolean
function Materials:has_image(media_id)
  local kind = media_id ~= nil and self.kinds[media_id]
  return kind == "image" or kind == "thumb"
end

return M
