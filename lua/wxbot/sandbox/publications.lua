--- Publications that move with the clock, and what they have published.

local drafts = require "wxbot.sandbox.drafts"
local json = require "wxbot.codec.json"
local newest = require "wxbot.sandbox.newest"

local floor = math.floor
local ipairs, setmetatable = ipairs, setmetatable

local M = {}

local Publications = {}
Publications.__index = Publications

--- None yet.
---@param time function returns unix seconds
---@param note fun(record: table) hears of each change
function M.new(time, note)
  return setmetatable({ time = time, kept = newest.new(), by_article = {},
    note = note }, Publications)
end

-- The addresses of what is published: one, or one for each article of a draft.
local function urls_of(id, news)
  local urls = { "https://mp.weixin.qq.com/s/" .. id }
  for i = 2, #(news or {}) do
    urls[i] = ("%s_%d"):format(urls[1], i)
  end
  return urls
end

local function put(self, publication)
  local old = self.kept:add(publication)
  if old and self.by_article[old.article_id] == old then
    self.by_article[old.article_id] = nil
  end
  self.by_article[publication.article_id] = publication
end

--- Starts a publication.
---@param options table publish_id, duration (seconds), publish_status (final), article_id, articles (URLs), fail_idx, news (articles of a draft)
---@return string publish_id
function Publications:add(options)
  local id = options.publish_id or self.kept:next_id("1")
  local publication = {
    id = id,
    created = self.time(),
    duration = options.duration or 10,
    status = options.publish_status or 0,
    article_id = options.article_id or "ARTICLE_" .. id,
    articles = options.articles or urls_of(id, options.news),
    news = options.news,
    fail_idx = options.fail_idx,
  }
  put(self, publication)
  self.note{ publication = publication }
  if self.on_publication then
    self.on_publication(publication)
  end
  return id
end

local function articles_of(publication)
  local item = {}
  for i, url in ipairs(publication.articles) do
    item[i] = { idx = i, article_url = url }
  end
  return { count = #item, item = item }
end

local function has_ended(kept, publication)
  return kept.time() - publication.created >= publication.duration
end

-- What can be got: all that succeeded, also when it was deleted since.
local function is_there(kept, publication)
  return has_ended(kept, publication)
    and (publication.status == 0 or publication.all_deleted)
end

-- Articles are deleted one by one, or all.
local function has_gone(publication, index)
  for _, gone in ipairs(publication.deleted or {}) do
    if gone == index then
      return true
    end
  end
  return publication.all_deleted == true
end

local function news_item(publication, no_content)
  local list = {}
  for i, url in ipairs(publication.articles) do
    local article = drafts.shown((publication.news or {})[i] or { title = "Article "
      .. i, content = "<p>Article " .. i .. "</p>", thumb_url = "" }, url)
    article.is_deleted = has_gone(publication, i)
    article.content = not no_content and article.content or nil
    list[i] = article
  end
  return json.list(list)
end

local function record_of(publication, no_content)
  return { article_id = publication.article_id,
    content = { news_item = news_item(publication, no_content) },
    update_time = floor(publication.created + publication.duration) }
end

--- What was published under an article_id. What the real platform answers for
-- one that was deleted whole is not documented; here it says so of each.
---@return table|nil article { article_id, content, update_time }
function Publications:article(id)
  local publication = id ~= nil and self.by_article[id]
  if publication and is_there(self, publication) then
    return record_of(publication)
  end
end

--- Deletes an article of a publication; nil or 0: all of them.
---@param id string article_id of one that is there
---@param index any
---@return boolean done there is such an article
function Publications:delete(id, index)
  local publication = self.by_article[id]
  if index == nil or index == 0 then
    index = nil
  elseif not publication.articles[index] then
    return false
  end
  self:apply{ deleted = id, index = index }
  self.note{ deleted = id, index = index }
  return true
end

local function delete(publication, index)
  local deleted = publication.deleted or {}
  if index and not has_gone(publication, index) then
    publication.deleted, deleted[#deleted + 1] = deleted, index
  end
  if not index or #deleted == #publication.articles then
    publication.all_deleted, publication.status = true, 5
    publication.fail_idx = json.list{}
  end
end

--- Does what a record says.
---@param record table { publication } or { deleted = an article_id, index }
function Publications:apply(record)
  if record.publication then
    put(self, record.publication)
  elseif self.by_article[record.deleted] then
    delete(self.by_article[record.deleted], record.index)
  end
end

--- Gives records that make the same of none.
---@param emit fun(record: table)
function Publications:snapshot(emit)
  for _, publication in ipairs(self.kept.order) do
    emit{ publication = publication }
  end
end

--- A page of what is published, newest first (which is not documented).
---@return table[] item
---@return integer total
function Publications:articles(offset, count, no_content)
  local item, total = {}, 0
  for i = #self.kept.order, 1, -1 do
    local publication = self.kept.order[i]
    if is_there(self, publication) and not publication.all_deleted then
      total = total + 1
      if total > offset and #item < count then
        item[#item + 1] = record_of(publication, no_content)
      end
    end
  end
  return json.list(item), total
end

--- The answer of freepublish_get at this moment.
---@return table|nil answer
function Publications:get(id)
  local publication = self.kept.by_id[id]
  if not publication then
    return nil
  end
  local ended = has_ended(self, publication)
  local status = ended and publication.status or 1
  local answer = { publish_id = id, publish_status = status, fail_idx = json.list{} }
  if status == 0 then
    answer.article_id = publication.article_id
    answer.article_detail = articles_of(publication)
  elseif ended and status ~= 1 then
    answer.fail_idx = publication.fail_idx or { 1 }
  end
  return answer
end

--- The newest publications, newest first, as freepublish_get has them.
---@param most integer
---@return table[] publications
function Publications:newest(most)
  return self.kept:list(most, function(publication)
    return (self:get(publication.id))
  end)
end

return M
