--- The permanent material of an account: what it is, not its bytes.

local media_ids = require "wxbot.sandbox.media_ids"

local ipairs, setmetatable = ipairs, setmetatable
local remove = table.remove

local M = {}

-- Those that are known: the newest.
local KEPT = 5000

local Materials = {}
Materials.__index = Materials

--- Nothing yet.
---@return table materials
function M.new()
  return setmetatable({ by_id = {}, order = {} }, Materials)
end

--- Keeps a material.
---@param kind string image, voice, video, thumb
---@param media_id string|nil made when nil
---@return string media_id
function Materials:add(kind, media_id)
  local id = media_id or media_ids.new()
  if not self.by_id[id] then
    self.order[#self.order + 1] = id
  end
  self.by_id[id] = kind
  if #self.order > KEPT then
    self.by_id[remove(self.order, 1)] = nil
  end
  return id
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

--- Is it there, as an image?
---@param media_id any
---@return boolean
function Materials:has_image(media_id)
  local kind = media_id ~= nil and self.by_id[media_id]
  return kind == "image" or kind == "thumb"
end

return M
