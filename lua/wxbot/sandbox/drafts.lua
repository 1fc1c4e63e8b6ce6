--- The drafts of an account.

local json = require "wxbot.codec.json"
local media_ids = require "wxbot.sandbox.media_ids"

local ipairs, pairs = ipairs, pairs
local setmetatable, type = setmetatable, type
local max = math.max
local remove = table.remove

local M = {}

-- Those that are known: the newest.
local KEPT = 5000

local function nothing() end

local Drafts = {}
Drafts.__index = Drafts

--- An empty box.
---@param note fun(record: table)|nil hears of each change
---@return table drafts
function M.new(note)
  return setmetatable({ articles = {}, order = {}, note = note or nothing },
    Drafts)
end

local function forget(drafts, id)
  for i, other in ipairs(drafts.order) do
    if other == id then
      remove(drafts.order, i)
      break
    end
  end
  drafts.articles[id] = nil
end

--- Does what a record says.
---@param record table { id, articles }; without articles it leaves the box
function Drafts:apply(record)
  if self.articles[record.id] then
    forget(self, record.id)
  end
  if record.articles then
    self.order[#self.order + 1] = record.id
    self.articles[record.id] = record.articles
  end
  if #self.order > KEPT then
    self.articles[remove(self.order, 1)] = nil
  end
end

--- Gives records that make the same of an empty box.
---@param emit fun(record: table)
function Drafts:snapshot(emit)
  for _, id in ipairs(self.order) do
    emit{ id = id, articles = self.articles[id] }
  end
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
  local articles = id ~= nil and self.articles[id] or nil
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
  local list, order = {}, self.order
  for i = #order, max(1, #order - most + 1), -1 do
    local articles = self.articles[order[i]]
    list[#list + 1] = { media_id = order[i], title = (articles[1] or {}).title,
      articles = #articles }
  end
  return list
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
  local articles, list = id ~= nil and self.articles[id], {}
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
