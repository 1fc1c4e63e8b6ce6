--- Tasks and publications that move with the clock.

local drafts = require "wxbot.sandbox.drafts"
local json = require "wxbot.codec.json"

local floor, max, min = math.floor, math.max, math.min
local ipairs, setmetatable = ipairs, setmetatable
local remove = table.remove

local M = {}

-- Tasks, and publications, that are known: the newest.
local KEPT = 5000

local function nothing() end

local Tasks = {}
Tasks.__index = Tasks

--- An empty store.
---@param time function returns unix seconds
---@param note fun(record: table)|nil hears of each change
function M.new(time, note)
  return setmetatable({ time = time, tasks = {}, task_order = {},
    publications = {}, by_article = {}, order = {}, serial = 0,
    note = note or nothing }, Tasks)
end

-- Adds one to those of its kind; gives the one that there is no room for.
local function queue(order, new)
  order[#order + 1] = new
  return #order > KEPT and remove(order, 1) or nil
end

-- Another may have been given its name since.
local function forget(named, name, old)
  if named[name] == old then
    named[name] = nil
  end
end

-- One that nobody has given to another.
local function next_id(kept, prefix)
  local id
  repeat
    kept.serial = kept.serial + 1
    id = ("%s%08d"):format(prefix, kept.serial)
  until not kept.tasks[id] and not kept.publications[id]
  return id
end

local function rows_of(skills)
  local rows = 0
  for _, skill in ipairs(skills or {}) do
    rows = rows + #(skill.intents or {})
  end
  return rows
end

local function put_task(kept, task)
  kept.tasks[task.id] = task
  local old = queue(kept.task_order, task)
  if old then
    forget(kept.tasks, old.id, old)
  end
end

--- Starts a task.
---@param options table task_id, prepare, duration (seconds), failure, url, success_skill_info, fail_skill_info, success_count, fail_count
---@return string task_id
function Tasks:add_task(options)
  local id = options.task_id or next_id(self, "task")
  local task = {
    id = id,
    created = self.time(),
    prepare = options.prepare or 2,
    duration = options.duration or 8,
    failure = options.failure,
    url = options.url,
    success_skill_info = options.success_skill_info,
    fail_skill_info = options.fail_skill_info,
    success_count = options.success_count or rows_of(
      options.success_skill_info),
    fail_count = options.fail_count or #(options.fail_skill_info or {}),
  }
  put_task(self, task)
  self.note{ task = task }
  return id
end

local function list_or_null(list)
  return list and json.list(list) or json.null
end

--- The `data` of task_fetch at this moment.
---@return table|nil data
---@return integer|nil success_count rows that were imported by now
---@return integer|nil fail_count rows that failed by now
function Tasks:task(id)
  local task = self.tasks[id]
  if not task then
    return nil
  end
  local ran = self.time() - task.created - task.prepare
  local ended = ran >= task.duration
  local share = task.duration > 0 and max(0, ran) / task.duration or 1
  local state = ran < 0 and 0 or not ended and 1 or task.failure and 3 or 2
  local started = floor(task.created + task.prepare)
  return {
    state = state,
    progress = floor(min(1, share) * 100),
    start = ran < 0 and 0 or started,
    ["end"] = ended and floor(started + task.duration) or 0,
    url = ended and not task.failure and task.url or "",
    msg = ended and task.failure or "",
    success_skill_info = list_or_null(ended and not task.failure
      and task.success_skill_info),
    fail_skill_info = list_or_null(ended and task.fail_skill_info),
    import_export_time = json.null,
  }, ended and not task.failure and task.success_count or 0,
    ended and task.fail_count or 0
end

-- The addresses of what is published: one, or one for each article of a draft.
local function urls_of(id, news)
  local urls = { "https://mp.weixin.qq.com/s/" .. id }
  for i = 2, #(news or {}) do
    urls[i] = ("%s_%d"):format(urls[1], i)
  end
  return urls
end

local function put_publication(kept, publication)
  kept.publications[publication.id] = publication
  kept.by_article[publication.article_id] = publication
  local old = queue(kept.order, publication)
  if old then
    forget(kept.publications, old.id, old)
    forget(kept.by_article, old.article_id, old)
  end
end

--- Starts a publication.
---@param options table publish_id, duration (seconds), publish_status (final), article_id, articles (URLs), fail_idx, news (articles of a draft)
---@return string publish_id
function Tasks:add_publication(options)
  local id = options.publish_id or next_id(self, "1")
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
  put_publication(self, publication)
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
function Tasks:article(id)
  local publication = id ~= nil and self.by_article[id]
  if publication and is_there(self, publication) then
    return record_of(publication)
  end
end

--- Deletes an article of a publication; nil or 0: all of them.
---@param id string article_id of one that is there
---@param index any
---@return boolean done there is such an article
function Tasks:delete(id, index)
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
---@param record table { task }, { publication } or { deleted = an article_id, index }
function Tasks:apply(record)
  if record.task then
    put_task(self, record.task)
  elseif record.publication then
    put_publication(self, record.publication)
  elseif self.by_article[record.deleted] then
    delete(self.by_article[record.deleted], record.index)
  end
end

--- Gives records that make the same of an empty store.
---@param emit fun(record: table)
function Tasks:snapshot(emit)
  for _, task in ipairs(self.task_order) do
    emit{ task = task }
  end
  for _, publication in ipairs(self.order) do
    emit{ publication = publication }
  end
end

-- The newest of an order, as they are at this moment.
local function newest(order, most, answer)
  local list = {}
  for i = #order, max(1, #order - most + 1), -1 do
    list[#list + 1] = answer(order[i])
  end
  return list
end

--- The newest tasks, newest first, as task_fetch has them.
---@param most integer
---@return table[] tasks with task_id
function Tasks:newest_tasks(most)
  return newest(self.task_order, most, function(task)
    local data = self:task(task.id)
    data.task_id = task.id
    return data
  end)
end

--- The newest publications, newest first, as freepublish_get has them.
---@param most integer
---@return table[] publications
function Tasks:newest_publications(most)
  return newest(self.order, most, function(publication)
    return (self:publication(publication.id))
  end)
end

--- A page of what is published, newest first (which is not documented).
---@return table[] item
---@return integer total
function Tasks:articles(offset, count, no_content)
  local item, total = {}, 0
  for i = #self.order, 1, -1 do
    local publication = self.order[i]
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
function Tasks:publication(id)
  local publication = self.publications[id]
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

return M
