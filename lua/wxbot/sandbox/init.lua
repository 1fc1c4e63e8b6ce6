--- The platform itself, in Lua: a request goes in, a response comes out.
--
-- It speaks the same bytes as the real one and is a transport, so that a bot
-- can be given it instead of a network. Its clock moves by itself and when
-- its `sleep` is called, which returns at once: nothing here ever waits.
--
-- It tells callers apart who seal for another bot, as the real platform does;
-- so never give it keys that are in use elsewhere, and keep it on loopback.

local article = require "wxbot.api.article"
local faults = require "wxbot.sandbox.faults"
local platforms = require "wxbot.sandbox.platform"
local classes = require "wxbot.util.class"
local check = require "wxbot.call.schema.check"
local fields_of = require "wxbot.call.schema.fields"
local router = require "wxbot.sandbox.router"

local error, ipairs, pairs = error, ipairs, pairs
local require, type = require, type
local getmetatable, setmetatable = getmetatable, setmetatable

local M = {}

---@class wxbot.Sandbox
local Sandbox, sandboxes = classes.class("sandbox")

--- Makes an embedded platform.
---@param options table|nil appid, token, aes_key, access_token, secret, expires, skills, admins, apps, approved, authorised, clock, random
---@return wxbot.Sandbox|nil sandbox
---@return wxbot.Error|nil err kind "invalid"
function M.new(options)
  options = options or {}
  local reason = check.argument_error("wxbot.sandbox", platforms.options, options)
  if reason then
    error(reason, 3)
  end
  local platform, err = platforms.new(fields_of.with_ids(platforms.options,
    options))
  if not platform then
    return nil, err
  end
  return sandboxes:new(platform)
end

--- Names the endpoints that a sandbox has no answer for, and says why.
M.unanswered = router.unanswered

--- Answers a request as the platform would.
---@param request table { method, url, headers, body }
---@return table response { status, headers, body }
function Sandbox:handle(request)
  local platform = sandboxes:of(self, "handle")
  if type(request) ~= "table" or type(request.url) ~= "string"
      or type(request.headers or {}) ~= "table"
      or type(request.body or "") ~= "string" then
    error("sandbox:handle: expected { method, url, headers, body }", 2)
  end
  local response = router.handle(platform, request)
  return response
end

-- ------------------------------------------------------------- as a transport

--- Transport: answers in process.
function Sandbox:request(request)
  return self:handle(request)
end

--- Transport: moves the platform's clock; returns at once.
---@param seconds number
function Sandbox:sleep(seconds)
  local platform = sandboxes:of(self, "sleep")
  platform.skipped = platform.skipped + seconds
end

--- Transport: monotonic seconds.
---@return number
function Sandbox:now()
  return sandboxes:of(self, "now").now()
end

--- Transport: the platform's wall clock; bots sign by it.
---@return number unix seconds
function Sandbox:time()
  return sandboxes:of(self, "time").time()
end

-- ------------------------------------------------------------ for who runs it

--- The credentials of its bot, to be given to wxbot.new.
---@return table credentials { appid, token, aes_key, access_token }
function Sandbox:credentials()
  local platform, credentials = sandboxes:of(self, "credentials"), {}
  for name in pairs(platforms.credentials) do
    credentials[name] = platform[name]
  end
  return credentials
end

--- What access tokens are fetched with, to be given to wxbot.access_token.
---@return table account { appid, secret }
function Sandbox:account()
  local platform = sandboxes:of(self, "account")
  return { appid = platform.account, secret = platform.access.secret }
end

--- The tags of a user, newest first.
---@param openid string|integer
---@return table[] tags { appid, category, label, desc }
function Sandbox:tags(openid)
  return sandboxes:of(self, "tags").tags:of(fields_of.id(openid))
end

--- How many users have a tag.
---@return integer
function Sandbox:tagged()
  return sandboxes:of(self, "tagged").tags.count
end

--- The messages that sendmsg has sent to a user, the newest 100, oldest first.
---@param openid string|integer
---@return table[] messages { appid, openid, msg, channel, event, kefuname, kefuavatar, ans_node_name, time }
function Sandbox:messages(openid)
  return sandboxes:of(self, "messages").kefu:sent(fields_of.id(openid))
end

-- The caller may change what it gave, and what is kept here changes too.
local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local copied, meta = {}, getmetatable(value) -- a list may be marked as one
  for name, member in pairs(value) do
    copied[name] = copy(member)
  end
  return type(meta) == "table" and setmetatable(copied, meta) or copied
end

--- What methods take, by name.
M.options = {}

local function method(name, fields, run)
  M.options[name] = fields
  Sandbox[name] = function(self, options)
    local reason = check.argument_error("sandbox:" .. name, fields, options or {})
    if reason then
      error(reason, 2)
    end
    local result, message = run(sandboxes:of(self, name),
      fields_of.with_ids(fields, copy(options or {})))
    if message then
      error("sandbox:" .. name .. ": " .. message, 2)
    end
    return result
  end
end

--- Starts a task, to be followed by task_fetch.
-- Result: the task_id.
method("add_task", {
  { name = "task_id", type = "string", id = true, doc = "Made when nil" },
  { name = "prepare", type = "number", doc = "Seconds in state 0 (default 2)" },
  { name = "duration", type = "number", doc = "Seconds in state 1 (default 8)" },
  { name = "failure", type = "string", doc = "Message of a task that fails" },
  { name = "url", type = "string", doc = "Download link of an export" },
  { name = "success_skill_info", type = "list", of = "object",
    doc = "Imported skills" },
  { name = "fail_skill_info", type = "list", of = "object",
    doc = "Skills that failed" },
}, function(platform, options)
  return platform.tasks:add_task(options)
end)

--- Starts a publication, to be followed by freepublish_get.
-- Result: the publish_id.
method("add_publication", {
  { name = "publish_id", type = "string", id = true, doc = "Made when nil" },
  { name = "duration", type = "number", doc = "Seconds in state 1 (default 10)" },
  { name = "publish_status", type = "integer", doc = "Final state (default 0)" },
  { name = "article_id", type = "string", id = true,
    doc = "Id of the article" },
  { name = "articles", type = "list", of = "string", doc = "URLs" },
  { name = "fail_idx", type = "list", of = "integer",
    doc = "Numbers of the articles that fail" },
}, function(platform, options)
  return platform.tasks:add_publication(options)
end)

--- Keeps a draft, to be submitted by freepublish_submit; its pictures are
--- material, too. Result: the media_id.
method("add_draft", {
  { name = "media_id", type = "string", id = true, doc = "Made when nil" },
  { name = "articles", type = "list", of = "object", required = true,
    fields = article.request, doc = "The articles, as of draft_add" },
}, function(platform, options)
  for _, one in ipairs(options.articles) do
    platform.materials:add_of(one)
  end
  return platform.drafts:add(options.articles, options.media_id)
end)

--- Makes the next calls fail as told.
method("fail", faults.fields, faults.add)

--- Pushes what a user, the bot or an agent says to a receiver, as the platform
-- does to the callback address. One try: the real one repeats what fails.
---@param params table url, userid, msg, msgtype, event, from, kfstate, channel, appid, assessment, customer_info, createtime, transport, timeout
---@return table|nil response { status, headers, body }
---@return any err as the transport returns it
function Sandbox:push(params)
  local platform, push = sandboxes:of(self, "push"), require "wxbot.sandbox.push"
  local reason = check.argument_error("sandbox:push", push.fields, params)
  local request
  if not reason then
    request, reason = push.request(platform, params)
  end
  if reason then
    error(reason, 2)
  end
  local response, err = push.send(request, params)
  return response, err
end

function Sandbox:__tostring()
  return "wxbot.sandbox (" .. sandboxes:of(self, "tostring").appid .. ")"
end

return M
