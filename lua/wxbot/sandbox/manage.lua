--- What who runs a sandbox may do to it, and see of it.

local article = require "wxbot.api.article"
local chat = require "wxbot.sandbox.chat"
local decided = require "wxbot.sandbox.decided"
local faults = require "wxbot.sandbox.faults"
local fields_of = require "wxbot.call.schema.fields"
local inspect = require "wxbot.sandbox.inspect"
local parts = require "wxbot.sandbox.parts"
local requests = require "wxbot.sandbox.requests"

local ipairs = ipairs

local M = {}

-- Users, tasks and publications that are listed: the newest.
local MOST = 100

--- Methods that take a table: { name, fields, run }, each run
-- (platform, options) -> result | nil, message.
M.methods = {
  --- Starts a task, to be followed by task_fetch.
  -- Result: the task_id.
  { "add_task", {
    { name = "task_id", type = "string", id = true, doc = "Made when nil" },
    { name = "prepare", type = "number",
      doc = "Seconds in state 0 (default 2)" },
    { name = "duration", type = "number",
      doc = "Seconds in state 1 (default 8)" },
    { name = "failure", type = "string", doc = "Message of a task that fails" },
    { name = "url", type = "string", doc = "Download link of an export" },
    { name = "success_skill_info", type = "list", of = "object",
      doc = "Imported skills" },
    { name = "fail_skill_info", type = "list", of = "object",
      doc = "Skills that failed" },
  }, function(platform, options)
    return platform.tasks:add_task(options)
  end },

  --- Starts a publication, to be followed by freepublish_get.
  -- Result: the publish_id.
  { "add_publication", {
    { name = "publish_id", type = "string", id = true, doc = "Made when nil" },
    { name = "duration", type = "number",
      doc = "Seconds in state 1 (default 10)" },
    { name = "publish_status", type = "integer",
      doc = "Final state (default 0)" },
    { name = "article_id", type = "string", id = true,
      doc = "Id of the article" },
    { name = "articles", type = "list", of = "string", doc = "URLs" },
    { name = "fail_idx", type = "list", of = "integer",
      doc = "Numbers of the articles that fail" },
  }, function(platform, options)
    return platform.publications:add(options)
  end },

  --- Keeps a draft, to be submitted by freepublish_submit; its pictures are
  -- material, too. Result: the media_id.
  { "add_draft", {
    { name = "media_id", type = "string", id = true, doc = "Made when nil" },
    { name = "articles", type = "list", of = "object", required = true,
      fields = article.request, doc = "The articles, as of draft_add" },
  }, function(platform, options)
    for _, one in ipairs(options.articles) do
      platform.materials:add_of(one)
    end
    return platform.drafts:add(options.articles, options.media_id)
  end },

  --- Makes the next calls fail, or be late, as told.
  { "fail", faults.fields, function(platform, options)
    return platform.faults:add(options)
  end },

  --- Decides the answer to a query.
  { "answer", decided.fields, function(platform, options)
    return platform.decided:add(options)
  end },

  --- The newest requests that it has answered, of the 1,000 that are kept,
  -- oldest first. Secrets are masked, unless asked for; own credentials always
  -- are. Result: { id, time, client, method, endpoint, url, status, ms, code,
  -- cause_id, cause, cure, values, warnings } each; its field `newest` is the
  -- id of the newest of all, 0 before the first.
  { "requests", requests.fields, function(platform, options)
    local list = { newest = platform.requests.newest }
    for i, entry in ipairs(platform.requests:list(options)) do
      list[i] = inspect.summary(platform, entry, options.secrets)
    end
    return list
  end },

  --- Asks as a user; both stay in the conversation.
  -- Result: tier, answer, text and rich as of bot:ask, and the best five scores.
  { "chat", chat.fields, chat.chat },
}

-- A list that the caller may change.
local function copies_of(list)
  local copied = {}
  for i, item in ipairs(list) do
    copied[i] = M.copy(item)
  end
  return copied
end

--- The other methods, each (platform, argument) -> result.
M.plain = {
  --- All back to the start; what the skills file says stays.
  reset = parts.reset,

  --- Forgets the requests that are kept.
  forget_requests = function(platform)
    platform.requests:clear()
  end,

  --- Is there something to deliver?
  ---@return boolean
  due = function(platform)
    return platform.outbox:due()
  end,

  --- The newest 100 pushes, oldest first. Of each, `push` is what it says,
  -- `state` "waiting", "delivered", "failed" or "dropped".
  ---@return table[] pushes { id, time, kind, url, push, state, tries, status, error, reply }
  pushes = function(platform)
    return platform.pushed:list()
  end,

  --- The faults that are waiting, in their order.
  ---@return table[]
  faults = function(platform)
    return copies_of(platform.faults.list)
  end,

  --- Forgets the faults that are waiting.
  forget_faults = function(platform)
    platform.faults:clear()
  end,

  --- The answers that were decided, in their order.
  ---@return table[]
  answers = function(platform)
    return copies_of(platform.decided.list)
  end,

  --- Forgets the answers that were decided.
  forget_answers = function(platform)
    platform.decided:clear()
  end,

  --- The newest 100 tasks, newest first, as task_fetch has them.
  ---@return table[]
  tasks = function(platform)
    return platform.tasks:newest(MOST)
  end,

  --- The newest 100 publications, newest first, as freepublish_get has them.
  ---@return table[]
  publications = function(platform)
    return platform.publications:newest(MOST)
  end,

  --- The newest 100 drafts, newest first.
  ---@return table[] drafts { media_id, title, articles = how many }
  drafts = function(platform)
    return platform.drafts:newest(MOST)
  end,

  --- The newest 100 materials, newest first.
  ---@return table[] materials { media_id, type }
  materials = function(platform)
    return platform.materials:newest(MOST)
  end,

  --- The tags of a user, newest first.
  ---@param openid string|integer
  ---@return table[] tags { appid, category, label, desc }
  tags = function(platform, openid)
    return platform.tags:of(fields_of.id(openid))
  end,

  --- How many users have a tag.
  ---@return integer
  tagged = function(platform)
    return platform.tags:count()
  end,

  --- Users who have a tag: 100 at most, in no order.
  ---@return string[] openids
  tagged_users = function(platform)
    return platform.tags:openids(MOST)
  end,

  --- What was said in the conversation of a user, the newest 100, oldest first:
  -- by sendmsg (from = "agent"), and in chat (from = "user" and "bot").
  ---@param openid string|integer
  ---@return table[] messages { from, openid, msg, time; of sendmsg appid, channel, event, kefuname, kefuavatar, ans_node_name; of a bot tier, title, env }
  messages = function(platform, openid)
    return platform.kefu:said(fields_of.id(openid))
  end,

  --- The 100 users who have spoken, or were sent something, newest first.
  ---@return table[] users { openid, count, last = the last message }
  conversations = function(platform)
    local list = platform.kefu:newest(MOST)
    for _, conversation in ipairs(list) do
      conversation.last = M.copy(conversation.last)
    end
    return list
  end,
}

return M
