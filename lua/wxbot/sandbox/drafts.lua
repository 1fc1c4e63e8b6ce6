--- The drafts of an account.

local json = require "wxbot.codec.json"
local media_ids = require "wxbot.sandbox.media_ids"

local ipairs, pairs, setmetatable = ipairs, pairs, setmetatable
local remove = table.remove

local M = {}

-- Those that are known: the newest.
local KEPT = 5000

local Drafts = {}
Drafts.__index = Drafts

--- An empty box.
---@return table drafts
function M.new()
  return setmetatable({ by_id = {}, order = {}, serial = 0 }, Drafts)
end

--- Keeps articles as a draft.
---@param articles table[] as of draft_add
---@param media_id string|nil made when nil
---@return string media_id
function Drafts:add(articles, media_id)
  local id = media_id or media_ids.new()
  if not self.by_id[id] then
    self.order[#self.order + 1] = id
  end
  self.serial = self.serial + 1
  self.by_id[id] = { articles = articles, serial = self.serial }
  if #self.order > KEPT then
    self.by_id[remove(self.order, 1)] = nil
  end
  return id
end

--- The articles of a draft.
---@param id any
---@return table[]|nil articles
function Drafts:get(id)
  local draft = id ~= nil and self.by_id[id]
  return draft and draft.articles or nil
end

--- Takes a draft out of the box: it is deleted, or published.
---@param id any
---@return table[]|nil articles nil: there is none
function Drafts:take(id)
  local articles = self:get(id)
  for i, other in ipairs(articles and self.order or {}) do
    if other == id then
      remove(self.order, i)
      break
    end
  end
  if articles then
    self.by_id[id] = nil
  end
  return articles
end

-- What an article has that was given none.
local DEFAULTS = { author = "", digest = "", content_source_url = "",
  thumb_media_id = "", show_cover_pic = 0, need_open_comment = 0,
  only_fans_can_comment = 0 }

--- An article as the platform gives it back.
---@param article table
---@param url string
---@return table
function M.shown(article, url)
  local shown = { url = url }
  for name, value in pairs(DEFAULTS) do
    shown[name] = value
  end
  for name, value in pairs(article) do
    shown[name] = value
  end
  return shown
end

--- The answer of draft_get.
---@param id any
---@return table[]|nil news_item
function Drafts:news_item(id)
  local draft = id ~= nil and self.by_id[id]
  if not draft then
    return nil
  end
  local list = {}
  for i, article in ipairs(draft.articles) do
    list[i] = M.shown(article,
      ("https://mp.weixin.qq.com/s?__draft=%d_%d"):format(draft.serial, i))
    list[i].article_type = article.article_type or "news"
  end
  return json.list(list)
end

return M
