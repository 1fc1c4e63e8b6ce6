--- The drafts of an account.

local json = require "wxbot.codec.json"
local media_ids = require "wxbot.sandbox.media_ids"
local newest = require "wxbot.sandbox.newest"

local ipairs, pairs = ipairs, pairs
local setmetatable, type = setmetatable, type

local M = {}

local Drafts = {}
Drafts.__index = Drafts

--- An empty box.
---@param note fun(record: table) hears of each change
---@return table drafts
function M.new(note)
  return setmetatable({ kept = newest.new(), note = note }, Drafts)
end

--- Does what a record says.
---@param record table { id, articles }; without articles it leaves the box
function Drafts:apply(record)
  self.kept:take(record.id)
  if record.articles then
    self.kept:add(record)
  end
end

--- Gives records that make the same of an empty box.
---@param emit fun(record: table)
function Drafts:snapshot(emit)
  for _, draft in ipairs(self.kept.order) do
    emit(draft)
  end
end

-- The articles of a draft; nil: there is none.
local function articles_of(drafts, id)
  local draft = id ~= nil and drafts.kept.by_id[id]
  return draft and draft.articles or nil
end

local function change(drafts, record)
  drafts:apply(record)
  drafts.note(record)
end

--- Keeps articles as a draft.
---@param articles table[] as of draft_add
---@param media_id string|nil made when nil
---@return string media_id
function Drafts:add(articles, media_id)
  local id = media_id or media_ids.new()
  change(self, { id = id, articles = articles })
  return id
end

--- Takes a draft out of the box: it is deleted, or published.
---@param id any
---@return table[]|nil articles nil: there is none
function Drafts:take(id)
  local articles = articles_of(self, id)
  if articles then
    change(self, { id = id })
  end
  return articles
end

--- Why there is none.
---@param id any as it was sent
---@return table reason (wxbot.sandbox.causes)
function M.missing(id)
  return type(id) == "string" and id ~= "" and { "unknown_draft", id }
    or { "no_field", "media_id" }
end

--- The newest of them, newest first.
---@param most integer
---@return table[] drafts { media_id, title = of its first article, articles = how many }
function Drafts:newest(most)
  return self.kept:list(most, function(draft)
    return { media_id = draft.id, title = (draft.articles[1] or {}).title,
      articles = #draft.articles }
  end)
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
  local articles, list = articles_of(self, id), {}
  if not articles then
    return nil
  end
  for i, article in ipairs(articles) do
    list[i] = M.shown(article,
      ("https://mp.weixin.qq.com/s?__draft=%s_%d"):format(id, i))
    list[i].article_type = article.article_type or "news"
  end
  return json.list(list)
end

return M
