--- A bot: credentials, a transport, and one method per endpoint.

local call = require "wxbot.call"
local client = require "wxbot.call.context"
local endpoints = require "wxbot.api"
local import = require "wxbot.client.import"
local mutex = require "wxbot.util.mutex"
local options_of = require "wxbot.call.schema.options"
local private = require "wxbot.util.class"
local publications = require "wxbot.client.publications"
local fields_of = require "wxbot.call.schema.fields"
local signature = require "wxbot.call.signature"
local tag = require "wxbot.client.tag"
local wait = require "wxbot.client.wait"

local ipairs, pairs, type = ipairs, pairs, type

local M = {}

---@class wxbot.Bot
local _, bots = private.class("bot")

local OPTIONS = client.options{
  { name = "access_token", type = "string", or_type = "function",
    doc = "access token of api.weixin.qq.com, or what gets one" },
  { name = "sign", type = "string", enum = { "local", "remote" },
    doc = "where signatures are made" },
}

-- A source of access tokens is asked by its method get.
local function with_function(options)
  local source = options.access_token
  if type(source) ~= "table" or type(source.get) ~= "function" then
    return options
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.access_token = function(rejected, seconds)
    return source:get(rejected, seconds)
  end
  return copy
end

--- Makes a bot.
---@param options table|nil see README, Options
---@return wxbot.Bot|nil bot
---@return wxbot.Error|nil err kind "invalid": an option's value cannot be used
function M.new(options)
  options = options or {}
  local source = type(options) == "table" and options.access_token
  if type(options) == "table" then
    options = with_function(options)
  end
  options_of.check("wxbot.new", OPTIONS, options, 3)
  local state, err = client.state(OPTIONS, options, bots.noun)
  if state and type(source) == "table" and type(source.report) == "function" then
    state.report_token = function(token, accepted)
      source:report(token, accepted)
    end
  end
  return state and bots:new(state), err
end

-- ------------------------------------------------------------------ methods

local function method(name, fields, run, more)
  client.method(bots, name, fields, run, more)
end

for _, endpoint in ipairs(endpoints.list) do
  method(endpoint.name, endpoint.request, function(state, params, options)
    return call.run(state, endpoint, params, options)
  end)
end

--- Fields of the methods above the endpoints; the command line reads them.
M.fields = {
  ask = client.fields({ "sign", "aibot" }, { signature = true }),
  tag = client.fields({ "label_batchset" }, { list = true }, {
    { name = "list", type = "list", of = "string", id = true,
      or_type = "function", required = true,
      doc = "openids, or a function that returns the next" },
    { name = "batch", type = "integer", exclusive_min = 0,
      doc = "openids in one call, 50" },
    { name = "on_progress", type = "function",
      doc = "called with (done, total) after each batch" },
    { name = "parallel", type = "integer", exclusive_min = 0,
      doc = "batches on their way at once, in a loop; 4" },
  }),
  import = client.fields({ "batchimportskill" }, { skill = true }, {
    { name = "skill", type = "list", of = "object", or_type = "function",
      fields = import.kinds.batchimportskill.field.fields, required = true,
      doc = "questions with their answers, or a function that returns the next" },
    import.batch, import.on_progress,
  }),
  publications = client.fields({ "freepublish_batchget" }, { offset = true,
    count = true }, {
    { name = "offset", type = "integer", min = 0,
      doc = "how many to leave out, 0" },
    { name = "count", type = "integer", min = 1, max = 20,
      doc = "how many to get at once, 20" },
  }),
}

M.fields.wait_task = client.waiting("task_fetch")
M.fields.wait_publication = client.waiting("freepublish_get")
M.fields.wait_bot_publish = client.waiting("publish_progress")

local function question(params, signed)
  local asked = fields_of.pick(endpoints.by_name.aibot.request, params)
  asked.signature = signed
  return asked
end

local function ask_by(ends, state, params)
  local signed, err = signature.of(state, params,
    { timeout = ends - state.now() })
  if not signed then
    return nil, err
  end
  local reply
  reply, err = call.run(state, endpoints.by_name.aibot,
    question(params, signed), {
      timeout = ends - state.now(),
      -- A wrong clock is the usual cause; the platform's own is right.
      renew = function()
        local fresh, why = signature.fetch(state, params,
          { timeout = ends - state.now() })
        if fresh then
          return question(params, fresh)
        end
        return nil, why
      end,
    })
  if not reply then
    return nil, err
  end
  reply.tier = client.tier_of(reply)
  return reply
end

-- The dialogue has a context: where calls may overlap, those of one user
-- go one after another.
local function ask(state, params, options)
  local timeout = options.timeout or state.timeout
  local reply, err = mutex.run(state, params.userid, "aibot", timeout, ask_by,
    state.now() + timeout, state, params)
  return reply, err
end

--- Asks the bot as a user; the signature is made on the way.
---@class wxbot.Ask
---@field userid string|integer id of the user, any value
---@field query string message of the user
---@field username string|nil nickname of the user
---@field avatar string|nil URL of the user's avatar
---@field env string|nil "online" (default) | "debug"
---@field first_priority_skills string[]|nil match only content of these skills
---@field second_priority_skills string[]|nil the same, with lower priority
-- Result: the fields of aibot, text, rich, and tier: "answer" | "recommend"
-- | "miss".
method("ask", M.fields.ask, ask)

--- Tags any number of users, batch by batch.
-- Result: { done, batches }. A failure has done (how many are tagged), next
-- (number of the openid to go on with) and batch (the openids that failed).
method("tag", M.fields.tag, tag.run, { failed = tag.failed })

--- Imports any number of questions, request by request.
-- Result: { done, batches, task_ids }. A failure has done (how many were handed
-- over), next (number of the question to go on with), batch (the questions of
-- the request that failed, and what else an iterator has given) and task_ids.
method("import", M.fields.import, function(state, params, options)
  return import.run(state, "batchimportskill", params, options)
end, { sleeps = true })

--- Iterates over everything that was published, newest or oldest first as the
-- platform has it: for item, err in bot:publications{} do … end. A failure comes
-- as false, err and ends it.
method("publications", M.fields.publications, publications.each)

--- Follows the publishing of the bot until it has ended in success.
-- Result: as publish_progress.
method("wait_bot_publish", M.fields.wait_bot_publish,
  wait.following("publish_progress"), { sleeps = true })

--- Follows a task until it has ended in success.
-- Result: as task_fetch. A task that failed is an error with `result`.
method("wait_task", M.fields.wait_task, wait.following("task_fetch"),
  { sleeps = true })

--- Follows a publication until it has ended in success.
-- Result: as freepublish_get. A publication that failed is an error with
-- `result`.
method("wait_publication", M.fields.wait_publication,
  wait.following("freepublish_get"), { sleeps = true })

client.closes(bots)

return M
